//! The messages of the protocol: effects as JSON, and JSON as the words of a scenario line.

use hookswitch_core::{Accepted, AskKind, Letter};
use hookswitch_model::{AskId, Handle, HandleKind, Rejection, Timestamp, Wall};
use serde_json::{Value, json};

use super::PROTOCOL;
use crate::describe::ask_word;
use crate::scenario::{CallReport, Date, Facts, Word};

/// The first message to a process.
#[must_use]
pub fn hello(name: &str, id: &str, now: Timestamp, calls: &[String]) -> Value {
    json!({
        "type": "hello", "protocol": PROTOCOL, "app": name, "id": id,
        "at_ms": now.as_millis(), "calls": calls,
    })
}

/// It is registered; these are calls of its former process.
#[must_use]
pub fn registered(calls: &[String]) -> Value {
    json!({ "type": "registered", "calls": calls })
}

/// It has to do something and settle the ask by then.
#[must_use]
pub fn perform(ask: AskId, kind: &AskKind, call: &str, by: Timestamp) -> Value {
    let mut out = json!({
        "type": "perform", "ask": ask.to_string(), "action": ask_word(kind).name(),
        "call": call, "by_ms": by.as_millis(),
    });
    match kind {
        AskKind::Start(callee) => {
            out["to"] = address(&callee.handle).into();
            out["video"] = callee.video.into();
            if let Some(account) = &callee.account {
                out["account"] = account.as_str().into();
            }
        }
        AskKind::End { reason, .. } => out["reason"] = reason.name().into(),
        AskKind::PlayDigits(tones) => {
            out["digits"] = tones.digits.as_str().into();
            out["type"] = tones.kind.name().into();
        }
        AskKind::Custom(button) => out["button"] = button.to_string().into(),
        AskKind::SetTranslating(Some(languages)) => {
            out["local"] = languages.local.to_string().into();
            out["remote"] = languages.remote.to_string().into();
        }
        AskKind::Answer
        | AskKind::SetHeld(_)
        | AskKind::SetMuted(_)
        | AskKind::SetGroup(_)
        | AskKind::SetVideo(_)
        | AskKind::DeclineVideo
        | AskKind::SetTranslating(None) => {}
    }
    out
}

/// Its time for an ask is over.
#[must_use]
pub fn expired(ask: AskId) -> Value {
    json!({ "type": "expired", "ask": ask.to_string() })
}

/// A call ended by the system's decision.
#[must_use]
pub fn ended(call: &str, reason: &str) -> Value {
    json!({ "type": "ended", "call": call, "reason": reason })
}

/// It may use the call audio, or has to stop.
#[must_use]
pub fn audio(call: &str, on: bool) -> Value {
    json!({ "type": "audio", "call": call, "on": on })
}

/// The call audio is denied for now, and why.
#[must_use]
pub fn audio_denied(call: &str, reason: &str) -> Value {
    json!({ "type": "audio-denied", "call": call, "reason": reason })
}

/// The system needs the audio of a call for something else, or (not `began`) is done with it.
#[must_use]
pub fn audio_interrupted(call: &str, reason: &str, began: bool) -> Value {
    json!({ "type": "audio-interrupted", "call": call, "reason": reason, "began": began })
}

/// A message with its place among all that the app is told, which it acknowledges by.
#[must_use]
pub fn with_letter(mut message: Value, letter: &Letter) -> Value {
    message["letter"] = letter.cursor.0.into();
    if letter.replayed {
        message["replayed"] = true.into();
    }
    message
}

/// It should show its window.
#[must_use]
pub fn open(call: &str) -> Value {
    json!({ "type": "open", "call": call })
}

/// The time it waited for has come.
#[must_use]
pub fn wake() -> Value {
    json!({ "type": "wake" })
}

/// The answer to a report or request of its own.
#[must_use]
pub fn reply(id: &Value, result: &Result<Accepted, Rejection>) -> Value {
    match result {
        Ok(_) => json!({ "type": "reply", "id": id, "ok": true }),
        Err(why) => json!({ "type": "reply", "id": id, "ok": false, "error": why.name() }),
    }
}

/// What the far end does, as the story says it of this app.
#[must_use]
pub fn far_end(call: &str, report: &CallReport, now: Timestamp) -> Value {
    let what = match report {
        CallReport::Incoming(_) => "incoming",
        CallReport::Updated(_) => "updated",
        CallReport::Connecting(_) => "connecting",
        CallReport::Connected(_) => "connected",
        CallReport::Ended(..) => "ended",
        CallReport::RemoteHeld(true) => "remote-held",
        CallReport::RemoteHeld(false) => "remote-resumed",
        CallReport::Held(true) => "held",
        CallReport::Held(false) => "resumed",
        CallReport::Muted(true) => "muted",
        CallReport::Muted(false) => "unmuted",
        CallReport::VideoOffer(true) => "video-offered",
        CallReport::VideoOffer(false) => "video-withdrawn",
        CallReport::Adopt => "adopt",
    };
    let mut out = json!({ "type": "far-end", "what": what, "call": call });
    match report {
        CallReport::Incoming(facts) | CallReport::Updated(facts) => add_facts(&mut out, facts),
        CallReport::Ended(reason, date) => {
            out["reason"] = reason.name().into();
            add_date(&mut out, *date, now);
        }
        CallReport::Connecting(date) | CallReport::Connected(date) => {
            add_date(&mut out, *date, now);
        }
        CallReport::RemoteHeld(_)
        | CallReport::Held(_)
        | CallReport::Muted(_)
        | CallReport::VideoOffer(_)
        | CallReport::Adopt => {}
    }
    out
}

/// A date in virtual time, as all times of the protocol.
fn add_date(out: &mut Value, date: Option<Date>, now: Timestamp) {
    if let Some(date) = date {
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        out["date_ms"] = date.wall(Wall::from_millis(now)).as_millis().into();
    }
}

/// The date of a message: when what it tells took effect, as a distance from now.
#[must_use]
pub fn date(message: &Value, now: Timestamp) -> Option<Date> {
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    let at = message["date_ms"].as_i64()?;
    Some(Date::from_now(at.saturating_sub(now)))
}

fn add_facts(out: &mut Value, facts: &Facts) {
    if let Some(Some(handle)) = &facts.from {
        out["from"] = address(handle).into();
    }
    if let Some(Some(name)) = &facts.name {
        out["name"] = name.as_str().into();
    }
    if let Some(video) = facts.video {
        out["video"] = video.into();
    }
}

/// An address as scenario files write it.
fn address(handle: &Handle) -> String {
    let value = handle.value();
    match handle.kind() {
        HandleKind::PhoneNumber => format!("tel:{value}"),
        HandleKind::EmailAddress => format!("mailto:{value}"),
        HandleKind::Generic => value.to_owned(),
    }
}

/// What a message of an app says in the words of a scenario line; settlements stand apart.
///
/// # Errors
///
/// What is missing or unknown.
pub fn words(message: &Value, now: Timestamp) -> Result<Vec<Word>, String> {
    let mut out = Vec::new();
    match field(message, "type")? {
        "report" => {
            out.extend([Word::new("reports"), Word::new(field(message, "report")?)]);
            out.push(Word::new(field(message, "call")?));
            add_words(&mut out, message);
            out.extend(date(message, now).map(|date| Word::new(&date.to_string())));
        }
        "adopt" => out.extend([Word::new("adopts"), Word::new(field(message, "call")?)]),
        "register" => out.push(Word::new("registers")),
        "request" => {
            out.push(Word::new("requests"));
            let actions = message["actions"].as_array();
            let actions = actions.ok_or("\"request\" needs \"actions\", a list")?;
            if actions.is_empty() {
                out.push(Word::new("nothing"));
            }
            for (number, action) in actions.iter().enumerate() {
                if number > 0 {
                    out.push(Word::new(","));
                }
                add_action(&mut out, action)?;
            }
        }
        other => {
            return Err(format!(
                "unknown type {other:?}; known: report, fulfill, fail, request, adopt, register, \
                 acknowledge, idle"
            ));
        }
    }
    Ok(out)
}

fn add_words(out: &mut Vec<Word>, message: &Value) {
    for key in ["from", "to", "name", "reason"] {
        if let Some(text) = message[key].as_str() {
            if key != "reason" {
                out.push(Word::new(key));
            }
            out.push(Word::new(text));
        }
    }
    if let Some(video) = message["video"].as_bool() {
        out.push(Word::new(if video { "video" } else { "no-video" }));
    }
}

fn add_action(out: &mut Vec<Word>, action: &Value) -> Result<(), String> {
    let verb = field(action, "action")?;
    out.push(Word::new(verb));
    if verb == "digits" {
        out.push(Word::new(field(action, "digits")?));
    }
    out.push(Word::new(field(action, "call")?));
    if verb == "start" {
        out.push(Word::new(field(action, "to")?));
        if action["video"].as_bool() == Some(true) {
            out.push(Word::new("video"));
        }
    }
    if let Some(with) = action["with"].as_str() {
        out.extend([Word::new("with"), Word::new(with)]);
    }
    Ok(())
}

/// A text that must be there.
pub(crate) fn field<'a>(message: &'a Value, name: &str) -> Result<&'a str, String> {
    message[name]
        .as_str()
        .ok_or_else(|| format!("a message without {name:?}, which must be a text"))
}
