//! Who does what: the verbs of the input lines.

use core::time::Duration;
use std::collections::BTreeSet;

use hookswitch_model::{
    AccountId, AnswerMode, AudioUse, Digits, EndReason, Handle, HandleKind, HeadsetGesture,
    MaterialId, Text,
};
use hookswitch_trace::reserved::is_taken;

use super::daemon;
use super::date::date_word;
use super::devices;
use super::extras::{self, EXTRA_VERBS};
use super::header;
use super::lex::{ScenarioError, Word, nearest, read_span};
use super::rules;
use super::vocabulary::reserved;
use super::{
    AppAct, AppAction, AskWord, CallReport, Facts, Input, Scenario, SystemAct, Temper, TemperKind,
    UserAct,
};

/// What the user can do.
pub const USER_VERBS: [&str; 18] = [
    "answers",
    "declines",
    "ends",
    "holds",
    "resumes",
    "swaps",
    "merges",
    "splits",
    "ends-group",
    "force-ends",
    "mutes",
    "unmutes",
    "digits",
    "silences",
    "opens",
    "dials",
    "routes",
    "headset",
];

/// What an app can do.
pub const APP_VERBS: [&str; 17] = [
    "starts",
    "crashes",
    "disconnects",
    "registers",
    "invalidates",
    "goes",
    "acknowledges",
    "becomes",
    "reports",
    "adopts",
    "pulls",
    "requests",
    "fulfills",
    "fails",
    "wants",
    "routes",
    "sets-ringtone",
];

/// Who acts, beside the apps.
pub const ACTORS: [&str; 12] = [
    "user",
    "audio",
    "system",
    "clock",
    "time",
    "daemon",
    "screening",
    "verdict",
    "directory",
    "push",
    "service",
    "network",
];

/// What the machine can do.
pub const SYSTEM_VERBS: [&str; 6] = ["suspends", "jumps", "locks", "unlocks", "ticks", "passes"];

const REPORTS: [&str; 13] = [
    "video-offered",
    "video-withdrawn",
    "incoming",
    "updated",
    "connecting",
    "connected",
    "ended",
    "remote-held",
    "remote-resumed",
    "held",
    "resumed",
    "muted",
    "unmuted",
];

const ACTIONS: [&str; 12] = [
    "group",
    "ungroup",
    "start",
    "answer",
    "end",
    "hold",
    "resume",
    "mute",
    "unmute",
    "digits",
    "translate",
    "stop-translating",
];

/// The words of a line, read one after the other.
pub(super) struct Cursor<'a> {
    line: usize,
    words: &'a [Word],
    next: usize,
}

/// What a reader of words yields.
pub(super) type Read<T> = Result<T, ScenarioError>;

/// A message about an unknown word, with the nearest known ones.
pub(super) fn unknown<'a>(
    what: &str,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let known: BTreeSet<&str> = known.into_iter().collect();
    if let Some(about) = reserved(word) {
        return format!("{word:?} is kept for {about}, which this version does not have");
    }
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("unknown {what} {word:?}; did you mean {near:?}?"),
        None => {
            let known: Vec<&str> = known.into_iter().collect();
            format!("unknown {what} {word:?}; known: {}", known.join(", "))
        }
    }
}

impl<'a> Cursor<'a> {
    /// Starts at the first word.
    pub(super) fn new(line: usize, words: &'a [Word]) -> Self {
        Self {
            line,
            words,
            next: 0,
        }
    }

    /// An error at the word before.
    pub(super) fn error(&self, message: String) -> ScenarioError {
        let index = self.next.saturating_sub(1);
        ScenarioError {
            line: self.line,
            column: self.words.get(index).map_or(1, |word| word.column),
            message,
        }
    }

    /// The word to come.
    pub(super) fn peek(&self) -> Option<&'a Word> {
        self.words.get(self.next)
    }

    /// The next word, which must be there.
    pub(super) fn word(&mut self, what: &str) -> Read<&'a Word> {
        let Some(word) = self.peek() else {
            let end = self.words.last().map_or(1, |w| w.column + w.text.len());
            return Err(ScenarioError {
                line: self.line,
                column: end,
                message: format!("the line ends where {what} should follow"),
            });
        };
        self.next += 1;
        Ok(word)
    }

    /// Takes the word to come if it is this one.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.is(text));
        self.next += usize::from(found);
        found
    }

    /// The words that were not read yet; takes them all.
    pub(super) fn rest(&mut self) -> &'a [Word] {
        let rest = self.words.get(self.next..).unwrap_or_default();
        self.next = self.words.len();
        rest
    }

    /// Nothing more may follow.
    pub(super) fn end(&mut self) -> Read<()> {
        match self.peek() {
            None => Ok(()),
            Some(word) => {
                self.next += 1;
                Err(self.error(format!(
                    "nothing should follow here, but {:?} does",
                    word.text
                )))
            }
        }
    }

    /// The number of a call.
    pub(super) fn call(&mut self, scenario: &Scenario) -> Read<usize> {
        let word = self.word("the name of a call")?;
        scenario.call(&word.text).ok_or_else(|| {
            let known = scenario.calls.iter().map(String::as_str);
            self.error(unknown("call", &word.text, known))
        })
    }

    /// The name of a call, which may be new.
    pub(super) fn new_call(&mut self, scenario: &mut Scenario) -> Read<usize> {
        let word = self.word("a name for the call")?;
        declare_call(scenario, &word.text)
            .ok_or_else(|| self.error(format!("{:?} cannot be the name of a call", word.text)))
    }

    /// The other of two calls, after "with".
    fn other_call(&mut self, scenario: &Scenario) -> Read<usize> {
        if !self.take("with") {
            self.word("\"with\" and the other call")?;
            return Err(self.error("\"with\" and the other call should follow".to_owned()));
        }
        self.call(scenario)
    }

    /// The number of an app.
    pub(super) fn app(&mut self, scenario: &Scenario) -> Read<usize> {
        let word = self.word("the name of an app")?;
        scenario.app(&word.text).ok_or_else(|| {
            let known = scenario.apps.iter().map(|app| app.name.as_str());
            self.error(unknown("app", &word.text, known))
        })
    }

    /// An address.
    pub(super) fn handle(&mut self) -> Read<Handle> {
        let word = self.word("an address")?;
        read_handle(&word.text).map_err(|why| self.error(why))
    }

    /// A time.
    pub(super) fn span(&mut self) -> Read<Duration> {
        let word = self.word("a time")?;
        read_span(&word.text)
            .ok_or_else(|| self.error(format!("{:?} is not a time such as 50ms", word.text)))
    }

    fn digits_word(&mut self) -> Read<Digits> {
        let word = self.word("digits")?;
        Digits::new(&word.text).map_err(|why| self.error(why.to_string()))
    }
}

/// Registers the name of a call; `None` if the name is taken otherwise.
pub(super) fn declare_call(scenario: &mut Scenario, name: &str) -> Option<usize> {
    if let Some(known) = scenario.call(name) {
        return Some(known);
    }
    let good = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !is_taken(name)
        && scenario.app(name).is_none()
        && scenario.device(name).is_none();
    good.then(|| {
        scenario.calls.push(name.to_owned());
        scenario.calls.len() - 1
    })
}

fn read_handle(text: &str) -> Result<Handle, String> {
    let (kind, value) = match text.split_once(':') {
        Some(("tel", number)) => (HandleKind::PhoneNumber, number),
        Some(("mailto", address)) => (HandleKind::EmailAddress, address),
        _ => (HandleKind::Generic, text),
    };
    Handle::new(kind, value).map_err(|why| why.to_string())
}

/// Reads who does what.
pub(super) fn read_input(
    scenario: &mut Scenario,
    cursor: &mut Cursor<'_>,
) -> Read<(Option<usize>, Input)> {
    let device = devices::read_place(scenario, cursor)?;
    let input = read_actor(scenario, cursor)?;
    cursor.end()?;
    let everywhere = match &input {
        Input::Service(..) | Input::System(SystemAct::Pass) => true,
        Input::User(_)
        | Input::App(..)
        | Input::Audio(_)
        | Input::System(_)
        | Input::Daemon(_)
        | Input::Screening(_)
        | Input::Directory(_)
        | Input::Push(_)
        | Input::Network(_) => false,
    };
    match device {
        Some(_) if everywhere => Err(cursor.error("this is of no single device".to_owned())),
        None if !everywhere && !scenario.devices.is_empty() => {
            Err(cursor.error(devices::needs_device(scenario)))
        }
        device => Ok((device, input)),
    }
}

fn read_actor(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<Input> {
    let actor = cursor.word("user, audio, system, daemon or an app")?;
    Ok(match actor.text.as_str() {
        "user" => Input::User(read_user(scenario, cursor)?),
        "audio" => Input::Audio(super::audio::read(cursor)?),
        "system" | "clock" | "time" => Input::System(read_system(cursor)?),
        "screening" => Input::Screening(rules::read_screening(cursor)?),
        "verdict" if scenario.app("verdict").is_none() => {
            Input::Screening(rules::read_verdict(scenario, cursor)?)
        }
        "directory" => Input::Directory(super::directory::read(scenario, cursor)?),
        "push" if scenario.app("push").is_none() => {
            Input::Push(super::push::read(scenario, cursor)?)
        }
        // Apps of stories that were written before could have these names.
        "service" if scenario.app("service").is_none() => {
            let (service, act) = devices::read_service_act(scenario, cursor)?;
            Input::Service(service, act)
        }
        "network" if scenario.app("network").is_none() => {
            Input::Network(devices::read_network(cursor)?)
        }
        // Apps of stories that were written before could have this name.
        "daemon" if scenario.app("daemon").is_none() => {
            Input::Daemon(daemon::read(scenario, cursor)?)
        }
        name => {
            let Some(app) = scenario.app(name) else {
                let known = ACTORS
                    .into_iter()
                    .chain(scenario.apps.iter().map(|app| app.name.as_str()));
                return Err(cursor.error(unknown("actor", name, known)));
            };
            Input::App(app, read_app(scenario, app, cursor)?)
        }
    })
}

fn read_user(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<UserAct> {
    let verb = cursor.word("what the user does")?;
    Ok(match verb.text.as_str() {
        "answers" => {
            let call = cursor.call(scenario)?;
            UserAct::Answer(call, read_mode(cursor)?)
        }
        "declines" => UserAct::Decline(cursor.call(scenario)?),
        "ends" => UserAct::End(cursor.call(scenario)?),
        "holds" => UserAct::SetHeld(cursor.call(scenario)?, true),
        "resumes" => UserAct::SetHeld(cursor.call(scenario)?, false),
        "swaps" => UserAct::Swap,
        "merges" => UserAct::Merge(cursor.call(scenario)?, cursor.other_call(scenario)?),
        "splits" => UserAct::Split(cursor.call(scenario)?),
        "ends-group" => UserAct::EndGroup(cursor.call(scenario)?),
        "force-ends" => UserAct::ForceEnd(cursor.call(scenario)?),
        "mutes" => UserAct::SetMuted(cursor.call(scenario)?, true),
        "unmutes" => UserAct::SetMuted(cursor.call(scenario)?, false),
        "digits" => {
            let digits = cursor.digits_word()?;
            UserAct::Digits(cursor.call(scenario)?, digits)
        }
        "silences" => UserAct::Silence(cursor.call(scenario)?),
        "opens" => UserAct::Open(cursor.call(scenario)?),
        "dials" => read_dial(scenario, cursor)?,
        "routes" => UserAct::Route(cursor.word("an audio device")?.text.clone()),
        "headset" => read_headset(cursor)?,
        other => match rules::read_rule(scenario, other, cursor)? {
            Some(rule) => UserAct::Rule(rule),
            None if EXTRA_VERBS.contains(&other) => {
                UserAct::Extra(extras::read_user(scenario, cursor, other)?)
            }
            None => {
                let known = USER_VERBS
                    .into_iter()
                    .chain(rules::RULE_VERBS)
                    .chain(EXTRA_VERBS);
                return Err(cursor.error(unknown("verb of the user", other, known)));
            }
        },
    })
}

fn read_headset(cursor: &mut Cursor<'_>) -> Read<UserAct> {
    let word = cursor.word("press or hold")?;
    let gesture = HeadsetGesture::from_name(&word.text)
        .ok_or_else(|| cursor.error(unknown("gesture", &word.text, ["press", "hold"])))?;
    let on = match cursor.peek() {
        Some(_) => Some(cursor.word("the headset")?.text.clone()),
        None => None,
    };
    Ok(UserAct::Headset { gesture, on })
}

fn read_mode(cursor: &mut Cursor<'_>) -> Read<AnswerMode> {
    if cursor.peek().is_none() {
        return Ok(AnswerMode::Auto);
    }
    let word = cursor.word("a way to answer")?;
    AnswerMode::from_name(&word.text).ok_or_else(|| {
        let known = ["auto", "hold", "end", "end-held"];
        cursor.error(unknown("way to answer", &word.text, known))
    })
}

/// A name for the new call, after "as".
fn read_as(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<usize> {
    if !cursor.take("as") {
        cursor.word("\"as\" and a name for the call")?;
        return Err(cursor.error("\"as\" and a name for the call should follow".to_owned()));
    }
    cursor.new_call(scenario)
}

fn read_dial(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<UserAct> {
    let app = cursor.app(scenario)?;
    let handle = cursor.handle()?;
    let call = read_as(scenario, cursor)?;
    let video = cursor.take("video");
    let account = extras::account_word(cursor)?;
    Ok(UserAct::Dial {
        app,
        handle,
        call,
        video,
        account,
    })
}

/// Reads what an app does from words that a program made.
///
/// # Errors
///
/// What is wrong, in a sentence.
pub fn read_app_act(scenario: &mut Scenario, app: usize, words: &[Word]) -> Result<AppAct, String> {
    let mut cursor = Cursor::new(0, words);
    let act = read_app(scenario, app, &mut cursor).map_err(|why| why.message)?;
    cursor.end().map_err(|why| why.message)?;
    Ok(act)
}

fn read_app(scenario: &mut Scenario, app: usize, cursor: &mut Cursor<'_>) -> Read<AppAct> {
    let verb = cursor.word("what the app does")?;
    Ok(match verb.text.as_str() {
        "starts" => AppAct::Start,
        "crashes" => AppAct::Crash,
        "disconnects" => AppAct::Disconnect,
        "registers" => AppAct::Register(header::read_configuration(&scenario.apps[app], cursor)?),
        "invalidates" => AppAct::Invalidate,
        "goes" => AppAct::Foreground(read_place(cursor)?),
        "acknowledges" => AppAct::Acknowledge,
        "becomes" => AppAct::Become(read_temper(cursor)?),
        "reports" => read_report(scenario, cursor)?,
        "adopts" => AppAct::Report(cursor.call(scenario)?, CallReport::Adopt),
        "pulls" => {
            let call = cursor.call(scenario)?;
            AppAct::Pull(call, read_as(scenario, cursor)?)
        }
        "requests" => AppAct::Request(read_actions(scenario, cursor)?),
        "fulfills" => read_settle(scenario, cursor, true)?,
        "fails" => read_settle(scenario, cursor, false)?,
        "wants" => read_wants(cursor)?,
        "sets-ringtone" => AppAct::SetRingtone(read_ringtone(cursor)?),
        "routes" => {
            let call = cursor.call(scenario)?;
            AppAct::Route(call, cursor.word("the name of a device")?.text.clone())
        }
        other => return Err(cursor.error(unknown("verb of an app", other, APP_VERBS))),
    })
}

fn read_place(cursor: &mut Cursor<'_>) -> Read<bool> {
    let word = cursor.word("foreground or background")?;
    match word.text.as_str() {
        "foreground" => Ok(true),
        "background" => Ok(false),
        other => Err(cursor.error(unknown("place", other, ["foreground", "background"]))),
    }
}

/// Reads a way to behave, with its latency if one follows.
pub(super) fn read_temper(cursor: &mut Cursor<'_>) -> Read<Temper> {
    let word = cursor.word("a way to behave")?;
    let mut temper = temper_named(&word.text).map_err(|why| cursor.error(why))?;
    if cursor.peek().is_some() {
        let span = cursor.word("a time")?;
        temper.latency = read_span(&span.text)
            .ok_or_else(|| cursor.error(format!("{:?} is not a time such as 50ms", span.text)))?;
    }
    Ok(temper)
}

/// The way to behave with this name, with its usual latency.
pub(super) fn temper_named(name: &str) -> Result<Temper, String> {
    let found = TemperKind::ALL
        .into_iter()
        .find(|(_, known, _)| *known == name);
    match found {
        Some((kind, _, millis)) => Ok(Temper {
            kind,
            latency: Duration::from_millis(millis),
        }),
        None => {
            let known = TemperKind::ALL.map(|(_, known, _)| known);
            Err(unknown("way to behave", name, known))
        }
    }
}

fn read_report(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<AppAct> {
    let what = cursor.word("what the app reports")?;
    if what.is("incoming") {
        let call = cursor.new_call(scenario)?;
        return Ok(AppAct::Report(
            call,
            CallReport::Incoming(read_facts(cursor)?),
        ));
    }
    if !REPORTS.contains(&what.text.as_str()) {
        return Err(cursor.error(unknown("report", &what.text, REPORTS)));
    }
    let call = cursor.call(scenario)?;
    let report = match what.text.as_str() {
        "updated" => CallReport::Updated(read_facts(cursor)?),
        "connecting" => CallReport::Connecting(date_word(cursor)?),
        "connected" => CallReport::Connected(date_word(cursor)?),
        "remote-held" => CallReport::RemoteHeld(true),
        "remote-resumed" => CallReport::RemoteHeld(false),
        "held" => CallReport::Held(true),
        "resumed" => CallReport::Held(false),
        "muted" => CallReport::Muted(true),
        "unmuted" => CallReport::Muted(false),
        "video-offered" => CallReport::VideoOffer(true),
        "video-withdrawn" => CallReport::VideoOffer(false),
        _ => CallReport::Ended(read_reason(cursor)?, date_word(cursor)?),
    };
    Ok(AppAct::Report(call, report))
}

fn read_reason(cursor: &mut Cursor<'_>) -> Read<EndReason> {
    let word = cursor.word("an end reason")?;
    EndReason::from_name(&word.text).ok_or_else(|| {
        let known = EndReason::ALL.map(EndReason::name);
        cursor.error(unknown("end reason", &word.text, known))
    })
}

/// What may be said about a call.
const FACTS: [&str; 23] = [
    "from",
    "name",
    "no-name",
    "video",
    "no-video",
    "holding",
    "no-holding",
    "grouping",
    "no-grouping",
    "ungrouping",
    "no-ungrouping",
    "dialpad",
    "no-dialpad",
    "account",
    "no-account",
    "buttons",
    "no-buttons",
    "emergency",
    "no-emergency",
    "early-media",
    "no-early-media",
    "called-ago",
    "rings-for",
];

/// What is so, or with `no-` before it is not.
fn flag_named<'f>(facts: &'f mut Facts, name: &str) -> Option<&'f mut Option<bool>> {
    Some(match name {
        "video" => &mut facts.video,
        "holding" => &mut facts.holding,
        "grouping" => &mut facts.grouping,
        "ungrouping" => &mut facts.ungrouping,
        "dialpad" => &mut facts.digits,
        "emergency" => &mut facts.emergency,
        "early-media" => &mut facts.early_media,
        _ => return None,
    })
}

pub(super) fn read_facts(cursor: &mut Cursor<'_>) -> Read<Facts> {
    let mut facts = Facts::default();
    while cursor.peek().is_some() {
        let word = cursor.word("what is known")?;
        match word.text.as_str() {
            "from" | "to" if cursor.take("anonymous") => facts.from = Some(None),
            "from" | "to" => facts.from = Some(Some(cursor.handle()?)),
            "name" => {
                let name = cursor.word("a name")?;
                let text = Text::new(&name.text).map_err(|why| cursor.error(why.to_string()))?;
                facts.name = Some(Some(text));
            }
            "no-name" => facts.name = Some(None),
            "account" => {
                let word = cursor.word("the name of an account")?;
                let id = AccountId::new(&word.text);
                let id = id.map_err(|_| cursor.error("not an account".to_owned()))?;
                facts.account = Some(Some(id));
            }
            "no-account" => facts.account = Some(None),
            "buttons" => {
                let word = cursor.word("names of buttons")?;
                let ids = extras::button_list(&word.text);
                facts.buttons = Some(ids.map_err(|why| cursor.error(why))?);
            }
            "no-buttons" => facts.buttons = Some(Vec::new()),
            "called-ago" => facts.called_ago = Some(cursor.span()?),
            "rings-for" => facts.rings_for = Some(cursor.span()?),
            other => {
                let (flag, on) = other
                    .strip_prefix("no-")
                    .map_or((other, true), |f| (f, false));
                let Some(flag) = flag_named(&mut facts, flag) else {
                    return Err(cursor.error(unknown("fact about a call", other, FACTS)));
                };
                *flag = Some(on);
            }
        }
    }
    Ok(facts)
}

fn read_actions(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<Vec<AppAction>> {
    let mut actions = Vec::new();
    if cursor.take("nothing") {
        return Ok(actions);
    }
    loop {
        actions.push(read_action(scenario, cursor)?);
        if !cursor.take(",") {
            return Ok(actions);
        }
    }
}

fn read_action(scenario: &mut Scenario, cursor: &mut Cursor<'_>) -> Read<AppAction> {
    let verb = cursor.word("an action")?;
    Ok(match verb.text.as_str() {
        "start" => {
            let call = cursor.new_call(scenario)?;
            cursor.take("to");
            let handle = cursor.handle()?;
            AppAction::Start {
                call,
                handle,
                video: cursor.take("video"),
                account: extras::account_word(cursor)?,
                contact: extras::contact_word(cursor)?,
            }
        }
        "translate" => extras::read_translate(scenario, cursor)?,
        "stop-translating" => AppAction::Translate(cursor.call(scenario)?, None),
        "answer" => AppAction::Answer(cursor.call(scenario)?),
        "end" => AppAction::End(cursor.call(scenario)?),
        "hold" => AppAction::SetHeld(cursor.call(scenario)?, true),
        "resume" => AppAction::SetHeld(cursor.call(scenario)?, false),
        "mute" => AppAction::SetMuted(cursor.call(scenario)?, true),
        "unmute" => AppAction::SetMuted(cursor.call(scenario)?, false),
        "group" => {
            let call = cursor.call(scenario)?;
            AppAction::SetGroup(call, Some(cursor.other_call(scenario)?))
        }
        "ungroup" => AppAction::SetGroup(cursor.call(scenario)?, None),
        "digits" => {
            let digits = cursor.digits_word()?;
            AppAction::Digits(cursor.call(scenario)?, digits)
        }
        other => return Err(cursor.error(unknown("action", other, ACTIONS))),
    })
}

fn read_ringtone(cursor: &mut Cursor<'_>) -> Read<Option<MaterialId>> {
    let word = cursor.word("the name of a sound, or none")?;
    if word.is("none") {
        return Ok(None);
    }
    let id = MaterialId::new(&word.text);
    id.map(Some)
        .map_err(|_| cursor.error("not the name of a sound: a-z 0-9 -".to_owned()))
}

fn read_wants(cursor: &mut Cursor<'_>) -> Read<AppAct> {
    let word = cursor.word("record or playback")?;
    let wanted = AudioUse::from_name(&word.text);
    wanted.map(AppAct::Wants).ok_or_else(|| {
        let known = ["record", "playback"];
        cursor.error(unknown("use of the audio", &word.text, known))
    })
}

fn read_settle(scenario: &Scenario, cursor: &mut Cursor<'_>, fulfilled: bool) -> Read<AppAct> {
    let word = cursor.word("what was asked")?;
    let ask = ask_named(&word.text).map_err(|why| cursor.error(why))?;
    let call = cursor.call(scenario)?;
    let engine = extras::engine_word(cursor)?;
    let dated = fulfilled && engine.is_none();
    Ok(AppAct::Settle {
        ask,
        call,
        fulfilled,
        engine,
        date: if dated { date_word(cursor)? } else { None },
    })
}

/// The kind of ask with this name.
pub(super) fn ask_named(name: &str) -> Result<AskWord, String> {
    let found = AskWord::ALL.into_iter().find(|ask| ask.name() == name);
    found.ok_or_else(|| unknown("kind of ask", name, AskWord::ALL.map(AskWord::name)))
}

fn read_system(cursor: &mut Cursor<'_>) -> Read<SystemAct> {
    let verb = cursor.word("what the machine does")?;
    match verb.text.as_str() {
        "suspends" => {
            cursor.take("for");
            let word = cursor.word("a time")?;
            let span = read_span(&word.text).ok_or_else(|| {
                cursor.error(format!("{:?} is not a time such as 10s", word.text))
            })?;
            Ok(SystemAct::Suspend(span))
        }
        "jumps" => {
            let word = cursor.word("a signed time such as +1h")?;
            let millis = read_jump(&word.text).ok_or_else(|| {
                cursor.error(format!("{:?} is not a time such as +1h", word.text))
            })?;
            Ok(SystemAct::JumpWall(millis))
        }
        "locks" => Ok(SystemAct::Lock(true)),
        "unlocks" => Ok(SystemAct::Lock(false)),
        "ticks" => Ok(SystemAct::Tick),
        "passes" => Ok(SystemAct::Pass),
        other => Err(cursor.error(unknown("verb of the system", other, SYSTEM_VERBS))),
    }
}

/// Reads a signed time such as `+1h`, in milliseconds.
pub(super) fn read_jump(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(back) => (-1, back),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let millis = i64::try_from(read_span(text)?.as_millis()).ok()?;
    Some(sign * millis)
}
