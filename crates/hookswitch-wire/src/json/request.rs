//! What a person wishes, as a JSON body, and its parse into model types.

use core::fmt;

use hookswitch_model::{
    AccountId, AnswerMode, AppId, ButtonId, CallId, Callee, CallerChange, Digits, EndpointId,
    Handle, HandleKind, HeadsetGesture, Language, NumberPattern, OnAnswer, Privacy, RingOn,
    RuleChange, SecondCalls, Translation, Wall, post_dial,
};
use serde::{Deserialize, Serialize};

mod callers;

pub use callers::{
    CallBackBody, CallerRuleBody, ListBody, ListChange, ListOrderBody, ListToggleBody, PatternBody,
};

/// The body of `POST /api/v1/requests`, and the request that a button of the view carries.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RequestBody {
    /// Answer a ringing call.
    Answer {
        /// The call.
        call: String,
        /// What happens to the other calls.
        mode: AnswerModeName,
    },
    /// Decline a ringing call.
    Decline {
        /// The call.
        call: String,
    },
    /// End, cancel or decline a call.
    End {
        /// The call.
        call: String,
    },
    /// Stop the ringing, keep the call.
    Silence {
        /// The call.
        call: String,
    },
    /// Bring the app's own window to the front.
    OpenApp {
        /// The call.
        call: String,
    },
    /// Hold or resume.
    Hold {
        /// The call.
        call: String,
        /// On hold afterwards.
        on: bool,
    },
    /// Mute or unmute.
    Mute {
        /// The call.
        call: String,
        /// Muted afterwards.
        on: bool,
    },
    /// Hold the call on the line and resume the held one.
    Swap {},
    /// Join two conversations of one app.
    Merge {
        /// A call of the one.
        call: String,
        /// A call of the other.
        with: String,
    },
    /// Talk to one call of a group alone; the rest is held.
    Split {
        /// The call.
        call: String,
    },
    /// End a call and all others of its group.
    EndGroup {
        /// A call of the group.
        call: String,
    },
    /// Send digits.
    Digits {
        /// The call.
        call: String,
        /// The tones.
        digits: String,
    },
    /// Send the digits that wait behind a hard pause.
    SendRest {
        /// The call.
        call: String,
    },
    /// Forget the digits that wait behind a pause.
    DropRest {
        /// The call.
        call: String,
    },
    /// Call someone.
    Dial {
        /// The app that dials.
        app: String,
        /// Whom.
        handle: String,
        /// The kind of the handle; without it the form of the handle decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle_kind: Option<String>,
        /// With video.
        #[serde(default)]
        video: bool,
        /// The app's account; without it the system chooses one that can.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
    /// Use another audio device.
    Route {
        /// The device.
        endpoint: String,
    },
    /// Switch video on (also accepting an offer) or off.
    Video {
        /// The call.
        call: String,
        /// With video afterwards.
        on: bool,
    },
    /// Turn down an offer of video.
    DeclineVideo {
        /// The call.
        call: String,
    },
    /// Translate the call, or stop it when the languages are left out.
    Translate {
        /// The call.
        call: String,
        /// What the user speaks, a language tag such as `en`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<String>,
        /// What the other party speaks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remote: Option<String>,
    },
    /// Press one of the app's own buttons.
    Press {
        /// The call.
        call: String,
        /// The button's id.
        button: String,
    },
    /// Set the user's rule for the front.
    OnAnswer {
        /// `stay`, `open-app` or `open-if-video`; without it each app decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
    },
    /// Choose where it rings.
    RingOn {
        /// `default`, `all`, or the id of a device.
        device: String,
    },
    /// Say whether the user drives.
    Driving {
        /// Driving.
        on: bool,
    },
    /// Switch do-not-disturb.
    DoNotDisturb {
        /// On afterwards.
        on: bool,
        /// When it ends by itself, milliseconds since the Unix epoch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until_ms: Option<i64>,
    },
    /// Block someone, or not any more.
    Block {
        /// Whom.
        handle: String,
        /// The kind of the handle; without it the form of the handle decides, and a pattern of
        /// numbers is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle_kind: Option<String>,
        /// Blocked afterwards.
        on: bool,
    },
    /// Let someone ring in spite of do-not-disturb, or not any more.
    Allow {
        /// Whom.
        handle: String,
        /// The kind of the handle; without it the form of the handle decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle_kind: Option<String>,
        /// Allowed afterwards.
        on: bool,
    },
    /// Whether the second call of one person within minutes rings in spite of do-not-disturb.
    RepeatedCallers {
        /// It does.
        on: bool,
    },
    /// Whether the screen is shared or lent: nobody rings then.
    Restrict {
        /// It is.
        on: bool,
    },
    /// Whether an app is locked or hidden: its calls neither ring nor start then.
    Protect {
        /// The app's id.
        app: String,
        /// It is.
        on: bool,
    },
    /// How much is shown of the calls of an app.
    Privacy {
        /// The app's id.
        app: String,
        /// `"full"` or `"name-hidden"`.
        level: String,
    },
    /// What a call does that comes while another one is there.
    SecondCalls {
        /// `"ring"`, `"busy"` or `"missed"`; for one app also nothing: as for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        /// The app's id, if it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        app: Option<String>,
    },
    /// Block numbers that fit a pattern, or not any more.
    BlockPattern(PatternBody),
    /// Let numbers that fit a pattern ring though they are blocked, or not any more.
    ExceptPattern(PatternBody),
    /// Switch a rule about callers.
    CallerRule(CallerRuleBody),
    /// Say how long one may call back.
    CallBack(CallBackBody),
    /// Switch a list of the call directory.
    ListSwitch(ListToggleBody),
    /// Put lists in order.
    ListOrder(ListOrderBody),
    /// Remove a list and what it holds.
    ListRemove(ListBody),
    /// Ask an app to load its list again.
    ListReload(ListBody),
    /// A gesture at the button of a headset.
    Headset {
        /// `press` or `hold`.
        gesture: String,
        /// The headset, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<String>,
    },
}

/// The name of an answer mode.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerModeName {
    /// Hold what is on the line if that needs no choice.
    Auto,
    /// Hold the call on the line.
    Hold,
    /// End the call on the line.
    End,
    /// End the held call, hold the one on the line.
    EndHeld,
}

/// A valid wish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wish {
    /// Answer a ringing call.
    Answer {
        /// The call.
        call: CallId,
        /// What happens to the other calls.
        mode: AnswerMode,
    },
    /// Decline a ringing call.
    Decline(CallId),
    /// End, cancel or decline a call.
    End(CallId),
    /// Stop the ringing, keep the call.
    Silence(CallId),
    /// Bring the app's own window to the front.
    OpenApp(CallId),
    /// Hold or resume.
    SetHeld(CallId, bool),
    /// Mute or unmute.
    SetMuted(CallId, bool),
    /// Hold the call on the line and resume the held one.
    Swap,
    /// Join two conversations of one app.
    Merge(CallId, CallId),
    /// Talk to one call of a group alone; the rest is held.
    Split(CallId),
    /// End a call and all others of its group.
    EndGroup(CallId),
    /// Send digits.
    Digits(CallId, Digits),
    /// Send the digits that wait behind a hard pause.
    SendRest(CallId),
    /// Forget the digits that wait behind a pause.
    DropRest(CallId),
    /// Call someone.
    Dial {
        /// The app that dials.
        app: AppId,
        /// Whom and how.
        to: Callee,
    },
    /// Use another audio device.
    Route(EndpointId),
    /// Switch video on or off.
    SetVideo(CallId, bool),
    /// Turn down an offer of video.
    DeclineVideo(CallId),
    /// Translate, or stop it.
    SetTranslating(CallId, Option<Translation>),
    /// Press one of the app's own buttons.
    Press(CallId, ButtonId),
    /// Set the user's rule for the front.
    OnAnswer(Option<OnAnswer>),
    /// Choose where it rings.
    RingOn(RingOn),
    /// Say whether the user drives.
    Driving(bool),
    /// Change who may ring.
    Rule(RuleChange),
    /// Change the lists of the call directory.
    List(ListChange),
    /// A gesture at the button of a headset.
    Headset {
        /// Which.
        gesture: HeadsetGesture,
        /// The headset, if it is known.
        endpoint: Option<EndpointId>,
    },
}

/// The body of every refusal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ErrorBody {
    /// A stable name for programs.
    pub error: String,
    /// A sentence for a person.
    pub message: String,
}

/// A field of a request that is not valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestFault {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it, and what would be right. Never repeats the value.
    pub problem: String,
}

impl fmt::Display for RequestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The field \"{}\" {}.", self.field, self.problem)
    }
}

impl core::error::Error for RequestFault {}

impl RequestBody {
    /// Checks every field.
    ///
    /// # Errors
    ///
    /// [`RequestFault`] names the first field that is not valid.
    pub fn parse(&self) -> Result<Wish, RequestFault> {
        Ok(match self {
            Self::Answer { call, mode } => Wish::Answer {
                call: parse_call(call)?,
                mode: (*mode).into(),
            },
            Self::Decline { call } => Wish::Decline(parse_call(call)?),
            Self::End { call } => Wish::End(parse_call(call)?),
            Self::Silence { call } => Wish::Silence(parse_call(call)?),
            Self::OpenApp { call } => Wish::OpenApp(parse_call(call)?),
            Self::Hold { call, on } => Wish::SetHeld(parse_call(call)?, *on),
            Self::Mute { call, on } => Wish::SetMuted(parse_call(call)?, *on),
            Self::Swap {} => Wish::Swap,
            Self::Merge { call, with } => Wish::Merge(parse_call(call)?, parse_with(with)?),
            Self::Split { call } => Wish::Split(parse_call(call)?),
            Self::EndGroup { call } => Wish::EndGroup(parse_call(call)?),
            Self::Digits { call, digits } => Wish::Digits(parse_call(call)?, parse_digits(digits)?),
            Self::SendRest { call } => Wish::SendRest(parse_call(call)?),
            Self::DropRest { call } => Wish::DropRest(parse_call(call)?),
            Self::Dial {
                app,
                handle,
                handle_kind,
                video,
                account,
            } => {
                let callee = Callee::new(parse_handle(handle, handle_kind.as_deref())?, *video);
                dial(app, account.as_deref(), callee)?
            }
            Self::Route { endpoint } => Wish::Route(parse_endpoint(endpoint)?),
            Self::Video { call, on } => Wish::SetVideo(parse_call(call)?, *on),
            Self::DeclineVideo { call } => Wish::DeclineVideo(parse_call(call)?),
            Self::Translate {
                call,
                local,
                remote,
            } => translating(call, local.as_deref(), remote.as_deref())?,
            Self::Press { call, button } => Wish::Press(parse_call(call)?, parse_button(button)?),
            Self::OnAnswer { rule } => Wish::OnAnswer(parse_on_answer(rule.as_deref())?),
            Self::RingOn { device } => Wish::RingOn(parse_ring_on(device)?),
            Self::Driving { on } => Wish::Driving(*on),
            Self::DoNotDisturb { on, until_ms } => do_not_disturb(*on, *until_ms),
            Self::Block {
                handle,
                handle_kind,
                on,
            } => parse_block(handle, handle_kind.as_deref(), *on)?,
            Self::Allow {
                handle,
                handle_kind,
                on,
            } => parse_person(RuleChange::Allow, handle, handle_kind.as_deref(), *on)?,
            Self::RepeatedCallers { on } => Wish::Rule(RuleChange::RepeatedCallers(*on)),
            Self::Restrict { on } => Wish::Rule(RuleChange::Restrict(*on)),
            Self::Protect { app, on } => Wish::Rule(RuleChange::Protect(parse_app(app)?, *on)),
            Self::Privacy { app, level } => privacy(app, level)?,
            Self::SecondCalls { rule, app } => second_calls(rule.as_deref(), app.as_deref())?,
            Self::BlockPattern(body) => body.parse(CallerChange::Block)?,
            Self::ExceptPattern(body) => body.parse(CallerChange::Except)?,
            Self::CallerRule(body) => body.parse()?,
            Self::CallBack(body) => body.parse(),
            Self::ListSwitch(body) => body.parse()?,
            Self::ListOrder(body) => body.parse()?,
            Self::ListRemove(body) => body.parse(ListChange::Remove)?,
            Self::ListReload(body) => body.parse(ListChange::Reload)?,
            Self::Headset { gesture, endpoint } => parse_headset(gesture, endpoint.as_deref())?,
        })
    }
}

/// Guesses what kind of address a person typed: a number if it is made of digits and the marks
/// people write between them, with or without digits behind a pause, else whatever the app makes of
/// it.
#[must_use]
pub fn guess_handle_kind(text: &str) -> HandleKind {
    let (number, _sent_later) = post_dial(text.trim());
    let number = number.strip_prefix("tel:").unwrap_or(&number);
    let rest = number.strip_prefix('+').unwrap_or(number);
    let is_mark = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '/');
    let is_number = rest.chars().all(is_mark) && rest.chars().any(|c| c.is_ascii_digit());
    if is_number || is_service_code(rest) {
        HandleKind::PhoneNumber
    } else {
        HandleKind::Generic
    }
}

/// Service codes such as `*100#`.
fn is_service_code(text: &str) -> bool {
    let dialable = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
    text.chars().all(dialable) && text.chars().any(|c| c.is_ascii_digit())
}

fn parse_call(text: &str) -> Result<CallId, RequestFault> {
    let problem = "is not a call id: take one from the view";
    text.parse().map_err(|_| fault("call", problem))
}

fn parse_with(text: &str) -> Result<CallId, RequestFault> {
    let problem = "is not a call id: take one from the view";
    text.parse().map_err(|_| fault("with", problem))
}

fn parse_digits(text: &str) -> Result<Digits, RequestFault> {
    Digits::new(text).map_err(|error| fault("digits", &format!("is not valid: {error}")))
}

fn parse_block(handle: &str, kind: Option<&str>, on: bool) -> Result<Wish, RequestFault> {
    match kind.is_none() && NumberPattern::is_meant(handle) {
        true => callers::block("handle", handle, on),
        false => parse_person(RuleChange::Block, handle, kind, on),
    }
}

fn parse_person(
    change: fn(Handle, bool) -> RuleChange,
    handle: &str,
    kind: Option<&str>,
    on: bool,
) -> Result<Wish, RequestFault> {
    let handle = parse_handle(handle, kind)?;
    Ok(Wish::Rule(change(handle, on)))
}

fn parse_app(text: &str) -> Result<AppId, RequestFault> {
    let problem = "is not an app id such as org.example.Phone";
    AppId::new(text).ok_or_else(|| fault("app", problem))
}

fn parse_endpoint(text: &str) -> Result<EndpointId, RequestFault> {
    let problem = "is not an audio device: take one from the view";
    EndpointId::new(text).ok_or_else(|| fault("endpoint", problem))
}

fn parse_headset(gesture: &str, endpoint: Option<&str>) -> Result<Wish, RequestFault> {
    Ok(Wish::Headset {
        gesture: parse_gesture(gesture)?,
        endpoint: endpoint.map(parse_endpoint).transpose()?,
    })
}

fn parse_account(text: &str) -> Result<AccountId, RequestFault> {
    let problem = "is not an account: take one from the view";
    AccountId::new(text).map_err(|_| fault("account", problem))
}

fn parse_button(text: &str) -> Result<ButtonId, RequestFault> {
    let problem = "is not a button: take one from the view";
    ButtonId::new(text).map_err(|_| fault("button", problem))
}

fn privacy(app: &str, level: &str) -> Result<Wish, RequestFault> {
    let level = Privacy::from_name(level);
    let level = level.ok_or_else(|| fault("level", "must be \"full\" or \"name-hidden\""))?;
    Ok(Wish::Rule(RuleChange::Privacy(parse_app(app)?, level)))
}

fn second_calls(rule: Option<&str>, app: Option<&str>) -> Result<Wish, RequestFault> {
    let unknown = || RequestFault {
        field: "rule",
        problem: "must be \"ring\", \"busy\" or \"missed\"".to_owned(),
    };
    let rule = match rule {
        Some(name) => Some(SecondCalls::from_name(name).ok_or_else(unknown)?),
        None => None,
    };
    Ok(Wish::Rule(match (app, rule) {
        (Some(app), rule) => RuleChange::SecondCallsOf(parse_app(app)?, rule),
        (None, Some(rule)) => RuleChange::SecondCalls(rule),
        (None, None) => return Err(unknown()),
    }))
}

fn dial(app: &str, account: Option<&str>, callee: Callee) -> Result<Wish, RequestFault> {
    Ok(Wish::Dial {
        app: parse_app(app)?,
        to: Callee {
            account: account.map(parse_account).transpose()?,
            ..callee
        },
    })
}

fn translating(
    call: &str,
    local: Option<&str>,
    remote: Option<&str>,
) -> Result<Wish, RequestFault> {
    let to = parse_translation(local, remote)?;
    Ok(Wish::SetTranslating(parse_call(call)?, to))
}

fn do_not_disturb(on: bool, until_ms: Option<i64>) -> Wish {
    let until = until_ms.map(Wall::from_millis);
    Wish::Rule(RuleChange::DoNotDisturb { on, until })
}

fn parse_ring_on(text: &str) -> Result<RingOn, RequestFault> {
    let problem = "is none of default, all, or the id of an audio device";
    RingOn::from_name(text).ok_or_else(|| fault("device", problem))
}

fn parse_on_answer(text: Option<&str>) -> Result<Option<OnAnswer>, RequestFault> {
    let problem = "is none of stay, open-app, open-if-video";
    let rule = |text| OnAnswer::from_name(text).ok_or_else(|| fault("rule", problem));
    text.map(rule).transpose()
}

fn parse_translation(
    local: Option<&str>,
    remote: Option<&str>,
) -> Result<Option<Translation>, RequestFault> {
    let language = |field, text: Option<&str>| {
        let problem = "is not a language tag such as en or pt-BR";
        let known = text.and_then(|text| Language::new(text).ok());
        known.ok_or_else(|| fault(field, problem))
    };
    if local.is_none() && remote.is_none() {
        return Ok(None);
    }
    Ok(Some(Translation {
        local: language("local", local)?,
        remote: language("remote", remote)?,
    }))
}

fn parse_gesture(text: &str) -> Result<HeadsetGesture, RequestFault> {
    let problem = "is neither press nor hold";
    HeadsetGesture::from_name(text).ok_or_else(|| fault("gesture", problem))
}

fn parse_handle(text: &str, kind: Option<&str>) -> Result<Handle, RequestFault> {
    let kind = match kind {
        None => guess_handle_kind(text),
        Some(name) => HandleKind::from_name(name).ok_or_else(|| {
            let problem = "is none of generic, phone-number, email-address";
            fault("handle_kind", problem)
        })?,
    };
    Handle::new(kind, text).map_err(|error| fault("handle", &format!("is not valid: {error}")))
}

fn fault(field: &'static str, problem: &str) -> RequestFault {
    RequestFault {
        field,
        problem: problem.to_owned(),
    }
}

impl From<&Wish> for RequestBody {
    fn from(wish: &Wish) -> Self {
        let id = |call: &CallId| call.to_string();
        match wish {
            Wish::Answer { call, mode } => Self::Answer {
                call: call.to_string(),
                mode: (*mode).into(),
            },
            Wish::Decline(call) => Self::Decline { call: id(call) },
            Wish::End(call) => Self::End { call: id(call) },
            Wish::Silence(call) => Self::Silence { call: id(call) },
            Wish::OpenApp(call) => Self::OpenApp { call: id(call) },
            Wish::SetHeld(call, on) => Self::Hold {
                call: call.to_string(),
                on: *on,
            },
            Wish::SetMuted(call, on) => Self::Mute {
                call: call.to_string(),
                on: *on,
            },
            Wish::Swap => Self::Swap {},
            Wish::Merge(call, with) => Self::Merge {
                call: call.to_string(),
                with: with.to_string(),
            },
            Wish::Split(call) => Self::Split { call: id(call) },
            Wish::EndGroup(call) => Self::EndGroup { call: id(call) },
            Wish::SendRest(call) => Self::SendRest { call: id(call) },
            Wish::DropRest(call) => Self::DropRest { call: id(call) },
            Wish::Digits(call, digits) => Self::Digits {
                call: call.to_string(),
                digits: digits.as_str().to_owned(),
            },
            Wish::Dial { app, to } => Self::Dial {
                app: app.to_string(),
                handle: to.handle.value().to_owned(),
                handle_kind: Some(to.handle.kind().name().to_owned()),
                video: to.video,
                account: to.account.as_ref().map(|id| id.as_str().to_owned()),
            },
            Wish::Route(endpoint) => Self::Route {
                endpoint: endpoint.to_string(),
            },
            Wish::SetVideo(call, on) => Self::Video {
                call: call.to_string(),
                on: *on,
            },
            Wish::DeclineVideo(call) => Self::DeclineVideo {
                call: call.to_string(),
            },
            Wish::SetTranslating(call, to) => translate(call, to.as_ref()),
            Wish::Press(call, button) => Self::Press {
                call: call.to_string(),
                button: button.to_string(),
            },
            Wish::OnAnswer(rule) => on_answer(*rule),
            Wish::RingOn(on) => Self::from(on),
            Wish::Driving(on) => Self::Driving { on: *on },
            Wish::Rule(change) => Self::from(change),
            Wish::List(change) => Self::from(change),
            Wish::Headset { gesture, endpoint } => headset(*gesture, endpoint.as_ref()),
        }
    }
}

impl From<&RingOn> for RequestBody {
    fn from(on: &RingOn) -> Self {
        let device = on.name().to_owned();
        Self::RingOn { device }
    }
}

impl From<&RuleChange> for RequestBody {
    fn from(change: &RuleChange) -> Self {
        let kind = |handle: &Handle| Some(handle.kind().name().to_owned());
        match change {
            RuleChange::DoNotDisturb { on, until } => Self::DoNotDisturb {
                on: *on,
                until_ms: until.map(Wall::as_millis),
            },
            RuleChange::Block(handle, on) => Self::Block {
                handle: handle.value().to_owned(),
                handle_kind: kind(handle),
                on: *on,
            },
            RuleChange::Allow(handle, on) => Self::Allow {
                handle: handle.value().to_owned(),
                handle_kind: kind(handle),
                on: *on,
            },
            RuleChange::RepeatedCallers(on) => Self::RepeatedCallers { on: *on },
            RuleChange::Restrict(on) => Self::Restrict { on: *on },
            RuleChange::Protect(app, on) => Self::Protect {
                app: app.to_string(),
                on: *on,
            },
            RuleChange::Privacy(app, level) => Self::Privacy {
                app: app.to_string(),
                level: level.name().to_owned(),
            },
            RuleChange::SecondCalls(rule) => Self::SecondCalls {
                rule: Some(rule.name().to_owned()),
                app: None,
            },
            RuleChange::SecondCallsOf(app, rule) => Self::SecondCalls {
                rule: rule.map(|rule| rule.name().to_owned()),
                app: Some(app.to_string()),
            },
            RuleChange::Caller(change) => Self::from(change),
        }
    }
}

fn on_answer(rule: Option<OnAnswer>) -> RequestBody {
    RequestBody::OnAnswer {
        rule: rule.map(|rule| rule.name().to_owned()),
    }
}

fn headset(gesture: HeadsetGesture, endpoint: Option<&EndpointId>) -> RequestBody {
    RequestBody::Headset {
        gesture: gesture.name().to_owned(),
        endpoint: endpoint.map(ToString::to_string),
    }
}

fn translate(call: &CallId, to: Option<&Translation>) -> RequestBody {
    RequestBody::Translate {
        call: call.to_string(),
        local: to.map(|to| to.local.to_string()),
        remote: to.map(|to| to.remote.to_string()),
    }
}

impl From<AnswerMode> for AnswerModeName {
    fn from(mode: AnswerMode) -> Self {
        match mode {
            AnswerMode::Auto => Self::Auto,
            AnswerMode::HoldAndAnswer => Self::Hold,
            AnswerMode::EndAndAnswer => Self::End,
            AnswerMode::EndHeldAndAnswer => Self::EndHeld,
        }
    }
}

impl From<AnswerModeName> for AnswerMode {
    fn from(name: AnswerModeName) -> Self {
        match name {
            AnswerModeName::Auto => Self::Auto,
            AnswerModeName::Hold => Self::HoldAndAnswer,
            AnswerModeName::End => Self::EndAndAnswer,
            AnswerModeName::EndHeld => Self::EndHeldAndAnswer,
        }
    }
}

#[cfg(test)]
mod tests;
