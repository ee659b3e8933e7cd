//! Actions on calls: choose the call, wish it, wait for the outcome, say it.

use std::time::Duration;

use hookswitch::document::{Call, Provider, RecentsFilter, State, guess_handle_kind};
use hookswitch::{
    Controller, Error, Handle, HeadsetGesture, Occupant, Occupied, RecentsEntry, Transaction,
};
use serde_json::json;

use crate::args::{Action, CallAction, Dial, End, Gesture, VideoSwitch};
use crate::choose::{self, Fit};
use crate::failure::Failure;
use crate::party;
use crate::screen::{Screen, wrapped};
use crate::sound;

/// A little longer than the longest time an app may take for an action.
const OUTCOME_MAX: Duration = Duration::from_secs(65);

/// Former calls that are looked through for one to call back.
const REDIAL_MAX: u32 = 200;

/// Carries an action out and says what came of it.
pub async fn run(controller: &Controller, screen: &Screen, action: Action) -> Result<(), Failure> {
    let done = match action {
        Action::Dial(dial) => wish_dial(controller, &dial).await?,
        Action::Redial { call } => wish_redial(controller, call.as_deref()).await?,
        Action::Swap => Wished {
            call: None,
            sentence: "The held call is on the line, the other one on hold.".into(),
            transaction: Some(controller.swap().await?),
        },
        Action::Headset { gesture, on } => wish_headset(controller, gesture, on.as_deref()).await?,
        Action::Merge { call, with } => {
            wish_merge(controller, call.as_deref(), with.as_deref()).await?
        }
        Action::On(action) => wish_on_call(controller, &action).await?,
    };
    if let Some(transaction) = &done.transaction {
        outcome(controller, transaction, done.call.as_deref()).await?;
    }
    if screen.is_json() {
        screen.document(&json!({
            "call": done.call,
            "transaction": done.transaction.as_ref().map(Transaction::id),
            "complete": true,
        }));
    } else {
        screen.line(&wrapped(&done.sentence, 0));
    }
    Ok(())
}

/// What the daemon accepted, and what to say when it is done.
struct Wished {
    call: Option<String>,
    sentence: String,
    transaction: Option<Transaction>,
}

/// The call that is named, what it must be like if none is, and the beginning of the answer.
fn target(action: &CallAction) -> (Option<&str>, Fit, &'static str) {
    let (call, fit, verb) = match action {
        CallAction::Answer(answer) => (&answer.call, Fit::Unanswered, "Answered"),
        CallAction::Decline(one) => (&one.call, Fit::Ringing, "Declined"),
        CallAction::End(end) if end.force => (&end.call, Fit::There, "Ended here, with"),
        CallAction::End(end) if end.all => (&end.call, Fit::Live, "Ended the group of"),
        CallAction::End(end) => (&end.call, Fit::Live, "Ended the call with"),
        CallAction::Split(one) => (&one.call, Fit::Grouped, "You talk alone to"),
        CallAction::Hold(one) => (&one.call, Fit::Active, "On hold:"),
        CallAction::Resume(one) => (&one.call, Fit::Held, "On the line again:"),
        CallAction::Mute(one) => (&one.call, Fit::NotMuted, "Muted the call with"),
        CallAction::Unmute(one) => (&one.call, Fit::Muted, "Unmuted the call with"),
        CallAction::Silence(one) => (&one.call, Fit::Ringing, "Silenced"),
        CallAction::Digits { call, .. } => (call, Fit::Active, "Sent the digits to"),
        CallAction::SendRest(one) => (&one.call, Fit::Active, "Sent the rest of the digits to"),
        CallAction::DropRest(one) => (&one.call, Fit::Live, "Dropped the rest of the digits to"),
        CallAction::Video { switch, call } => match switch {
            VideoSwitch::On => (call, Fit::Active, "Video is on with"),
            VideoSwitch::Off => (call, Fit::Active, "Video is off with"),
            VideoSwitch::Decline => (call, Fit::VideoOffered, "No video with"),
        },
        CallAction::Translate(to) if to.stop => (&to.call, Fit::Active, "Not translated:"),
        CallAction::Translate(to) => (&to.call, Fit::Active, "Translating the call with"),
        CallAction::Press { call, .. } => (call, Fit::Live, "Pressed, for"),
    };
    (call.as_deref(), fit, verb)
}

async fn wish_on_call(controller: &Controller, action: &CallAction) -> Result<Wished, Failure> {
    let state = controller.state().await?;
    let (named, fit, verb) = target(action);
    let call = choose::call(&state, named, fit)?;
    let mut sentence = format!("{verb} {}.", party::title(call));
    if let CallAction::End(End { force: true, .. }) = action {
        sentence = format!("{sentence} {}", app_after_force(&state, call));
    }
    Ok(Wished {
        call: Some(call.id.clone()),
        sentence,
        transaction: wish(controller, action, &call.id).await?,
    })
}

/// What the app knows of a call that was ended without it.
fn app_after_force(state: &State, call: &Call) -> String {
    let app = party::app_name(state, call);
    let is_it = |provider: &&Provider| provider.app == call.app && provider.connected;
    match state.providers.iter().any(|provider| is_it(&provider)) {
        true => format!("{app} was not waited for, and is told; look there if the line is free."),
        false => format!("{app} is not running, and is told when it comes back."),
    }
}

/// Some wishes are done at once; everything else is done by the app.
async fn wish(
    controller: &Controller,
    action: &CallAction,
    call: &str,
) -> Result<Option<Transaction>, Error> {
    let accepted = match action {
        CallAction::Answer(answer) => controller.answer(call, answer.mode()).await,
        CallAction::Decline(_) => controller.decline(call).await,
        CallAction::End(end) if end.force => {
            return controller.force_end(call).await.map(|()| None);
        }
        CallAction::End(end) if end.all => controller.end_group(call).await,
        CallAction::End(_) => controller.end(call).await,
        CallAction::Split(_) => controller.split(call).await,
        CallAction::Hold(_) => controller.hold(call).await,
        CallAction::Resume(_) => controller.resume(call).await,
        CallAction::Mute(_) => controller.set_muted(call, true).await,
        CallAction::Unmute(_) => controller.set_muted(call, false).await,
        CallAction::Digits { digits, .. } => controller.play_digits(call, digits).await,
        CallAction::SendRest(_) => controller.send_rest(call).await,
        CallAction::DropRest(_) => return controller.drop_rest(call).await.map(|()| None),
        CallAction::Press { button, .. } => {
            let pressed = controller.press(call, button).await?;
            // Behind a locked screen there is no transaction yet.
            return Ok(Some(pressed).filter(|transaction| !transaction.id().is_empty()));
        }
        CallAction::Video { switch, .. } => match switch {
            VideoSwitch::On => controller.set_video(call, true).await,
            VideoSwitch::Off => controller.set_video(call, false).await,
            VideoSwitch::Decline => controller.decline_video(call).await,
        },
        CallAction::Translate(to) => {
            let languages = to.local.as_deref().zip(to.remote.as_deref());
            controller.translate(call, languages).await
        }
        CallAction::Silence(_) => return controller.silence(call).await.map(|()| None),
    };
    accepted.map(Some)
}

async fn wish_headset(
    controller: &Controller,
    gesture: Gesture,
    on: Option<&str>,
) -> Result<Wished, Failure> {
    let state = controller.state().await?;
    let device = on.map(|named| sound::device(&state, named)).transpose()?;
    let device = device.map(|device| device.id.as_str());
    let (gesture, sentence) = match gesture {
        Gesture::Press => (HeadsetGesture::Press, "Pressed."),
        Gesture::Hold => (HeadsetGesture::Hold, "Pressed and held."),
    };
    let pressed = controller.headset(gesture, device).await?;
    Ok(Wished {
        call: None,
        sentence: sentence.into(),
        // A press that waits for the unlocked screen has no transaction yet.
        transaction: Some(pressed).filter(|transaction| !transaction.id().is_empty()),
    })
}

/// The call on the line, or the one that is named, with the other one that is meant.
async fn wish_merge(
    controller: &Controller,
    call: Option<&str>,
    with: Option<&str>,
) -> Result<Wished, Failure> {
    let state = controller.state().await?;
    let call = choose::call(&state, call, Fit::Active)?;
    let other = match (with, &call.merge_with) {
        (None, Some(other)) => other.as_str(),
        (with, _) => &choose::call(&state, with, Fit::Held)?.id,
    };
    Ok(Wished {
        call: Some(call.id.clone()),
        sentence: "The conversations are one.".into(),
        transaction: Some(controller.merge(&call.id, other).await?),
    })
}

async fn wish_dial(controller: &Controller, dial: &Dial) -> Result<Wished, Failure> {
    let state = controller.state().await?;
    let app = choose_app(&state, dial.app.as_deref())?;
    let kind = match dial.kind {
        Some(kind) => kind.handle_kind(),
        None => guess_handle_kind(&dial.address),
    };
    let handle = Handle {
        kind,
        value: dial.address.clone(),
    };
    let account = dial.account.as_deref();
    let dialed = controller
        .dial_with(&app, &handle, dial.video, account)
        .await;
    let (call, transaction) = dialed.map_err(|error| in_the_way(&state, error))?;
    Ok(Wished {
        call: Some(call),
        sentence: format!("Calling {}.", dial.address),
        transaction: Some(transaction),
    })
}

/// The newest former call that fits, whoever called whom.
async fn wish_redial(controller: &Controller, named: Option<&str>) -> Result<Wished, Failure> {
    let state = controller.state().await?;
    let former = controller.recents(RecentsFilter::All, REDIAL_MAX).await?;
    let fits = |entry: &&RecentsEntry| match named {
        Some(named) => entry.call.starts_with(named),
        None => entry.redial.is_some(),
    };
    let entry = former.iter().find(fits).ok_or_else(|| {
        let text = "no such call to call back; see \"hookswitch recents --json\"";
        Failure::NoSuchCall(text.into())
    })?;
    let dialed = controller.redial(entry).await;
    let (call, transaction) = dialed.map_err(|error| in_the_way(&state, error))?;
    Ok(Wished {
        call: Some(call),
        sentence: format!("Calling {}.", entry.party.title),
        transaction: Some(transaction),
    })
}

/// The id of the app: given by id or name, or the only one there is.
fn choose_app(state: &State, named: Option<&str>) -> Result<String, Failure> {
    let Some(named) = named else {
        return match state.providers.as_slice() {
            [only] => Ok(only.app.clone()),
            [] => Err(Failure::NoSuchCall(
                "no calling app is registered; start one, or name it by its id with --app, such as \
                 --app org.example.Phone"
                    .into(),
            )),
            [_, ..] => Err(Failure::Ambiguous(format!(
                "several apps could call; name one with --app: {}",
                app_names(&state.providers)
            ))),
        };
    };
    let is_meant = |provider: &&Provider| {
        provider.app == named || provider.name.to_lowercase() == named.to_lowercase()
    };
    let found: Vec<&Provider> = state.providers.iter().filter(is_meant).collect();
    match found.as_slice() {
        [only] => Ok(only.app.clone()),
        // An app that is not running is started by its id.
        [] => Ok(named.to_owned()),
        [_, ..] => Err(Failure::Ambiguous(format!(
            "several apps are called {named}; name one by its id: {}",
            app_names(&state.providers)
        ))),
    }
}

fn app_names(providers: &[Provider]) -> String {
    let name = |provider: &Provider| format!("{} ({})", provider.app, provider.name);
    providers.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A limit of calls is reached: names those that take up the places.
fn taken(state: &State, places: &Occupied, message: &str) -> String {
    let known = |occupant: &Occupant| state.calls.iter().find(|call| call.id == occupant.call);
    let line = |call: &Call| {
        let id = choose::short_id(state, call);
        format!("{} ({}, {id})", party::title(call), party::condition(call))
    };
    let named: Vec<String> = places.calls.iter().filter_map(known).map(line).collect();
    if named.is_empty() {
        return format!("not called: {message}");
    }
    format!(
        "not called: no more than {} at once, and there are {}; end one with \"hookswitch end ID\"",
        places.max,
        named.join(" and ")
    )
}

/// A second call needs the first one on hold: names the one that stands in the way.
fn in_the_way(state: &State, error: Error) -> Failure {
    let Error::Refused { code, message, .. } = &error else {
        return error.into();
    };
    if let Some(places) = error.occupied() {
        return Failure::InTheWay(*code, taken(state, places, message));
    }
    let obstacle = state.calls.iter().find(|call| message.contains(&call.id));
    let Some(call) = obstacle else {
        return error.into();
    };
    let id = choose::short_id(state, call);
    Failure::InTheWay(
        *code,
        format!(
            "not called: the call with {} ({}) would have to be held for it, and cannot be now; \
             wait, or end it with \"hookswitch end {id}\"",
            party::title(call),
            party::condition(call),
        ),
    )
}

async fn outcome(
    controller: &Controller,
    transaction: &Transaction,
    call: Option<&str>,
) -> Result<(), Failure> {
    match controller.wait_finished(transaction, OUTCOME_MAX).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            if let Some(part) = controller.dropped(transaction).first() {
                return Err(Failure::NotDone(dropped(&part.reason)));
            }
            let now = controller.state().await?;
            Err(Failure::NotDone(not_done(&now, call)))
        }
        Err(Error::TimedOut) => Err(Failure::StillUnderWay(format!(
            "accepted, but not done after {} s; see \"hookswitch watch\"",
            OUTCOME_MAX.as_secs()
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Why something was given up after the app died.
fn dropped(reason: &str) -> String {
    let why = match reason {
        "app-gone" => "it may have been done; look at the app, and try again if not",
        "call-ended" => "the call has ended meanwhile",
        "other-call-ended" => "the other call has ended meanwhile",
        "moved-on" => "another call took the line meanwhile; try again",
        other => return format!("not done: the app stopped ({other})"),
    };
    format!("not done: the app stopped; {why}")
}

/// Why it was not done, as far as the state tells.
fn not_done(now: &State, call: Option<&str>) -> String {
    match call.and_then(|call| party::end_of(now, call)) {
        Some(end) if end.reason == "app-unresponsive" => {
            "not done: the app did not start, or did not answer, and the call has ended; is the \
             app installed? \"hookswitch doctor\" shows the apps"
                .to_owned()
        }
        Some(end) => format!(
            "not done: the call has ended ({}); \"hookswitch recents\" says more",
            party::reason(end)
        ),
        None => "the app did not do it; the call is as \"hookswitch list\" shows it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use hookswitch::document::{End, Notice, NoticeKind};

    use super::*;

    #[test]
    fn a_call_that_came_to_nothing_says_why() {
        let ended = |reason: &str| State {
            notices: vec![Notice {
                id: 1,
                at_ms: 0,
                app: "a.b".into(),
                app_name: "B".into(),
                party: None,
                kind: NoticeKind::Ended {
                    call: "c".into(),
                    end: End {
                        reason: reason.into(),
                        origin: "app".into(),
                        phase: "dialing".into(),
                        at_ms: 0,
                    },
                    connected_ms: None,
                },
            }],
            ..State::default()
        };
        for (state, want) in [
            (ended("app-unresponsive"), "is the app installed?"),
            (ended("setup-failed"), "has ended (setup failed)"),
            (State::default(), "the app did not do it"),
        ] {
            let text = not_done(&state, Some("c"));
            assert!(text.contains(want), "{text}");
        }
    }
}
