//! Who and how: words of the list, the watch and the answers of the command line.

use hookswitch::document::{Call, End, Handle, NoticeKind, Phase, State};

/// Whether the caller leaves a message.
pub fn is_at_voicemail(call: &Call) -> bool {
    matches!(&call.phase, Phase::Held { by, .. } if by == "voicemail")
}

/// The name, else the address, else "Unknown".
pub fn title(call: &Call) -> &str {
    let address = call
        .handle
        .as_ref()
        .map(|handle: &Handle| handle.value.as_str());
    call.name.as_deref().or(address).unwrap_or("Unknown")
}

/// The name of the call's app, as the user knows it.
pub fn app_name<'a>(state: &'a State, call: &'a Call) -> &'a str {
    let provider = state
        .providers
        .iter()
        .find(|provider| provider.app == call.app);
    provider.map_or(&call.app, |provider| &provider.name)
}

/// What the call does, with all that is not visible otherwise.
pub fn condition(call: &Call) -> String {
    let mut words = vec![under_way(call).unwrap_or_else(|| phase(call)).to_owned()];
    if call.silenced {
        words.push("silenced".into());
    }
    if call.muted {
        words.push("muted".into());
    }
    if call.remote_hold {
        words.push("on hold by them".into());
    }
    if call.orphaned {
        words.push("app stopped".into());
    }
    if call.digits_waiting.is_some() {
        words.push("digits wait".into());
    }
    if call.slow.is_some() {
        words.push("taking longer than usual".into());
    }
    words.join(", ")
}

fn phase(call: &Call) -> &'static str {
    match &call.phase {
        Phase::Ringing { .. } => "ringing",
        Phase::Dialing { stage, .. } if stage == "connecting" => "connecting",
        Phase::Dialing { .. } => "dialing",
        Phase::Active { .. } => "active",
        Phase::Held { .. } if is_at_voicemail(call) => "leaving a message",
        Phase::Held { .. } => "on hold",
        Phase::Ending { .. } => "ending",
    }
}

/// The action the app is busy with, if that is not plain from the phase.
fn under_way(call: &Call) -> Option<&'static str> {
    let held = matches!(call.phase, Phase::Held { .. });
    if is_at_voicemail(call) && call.pending.as_deref() == Some("set-held") {
        return None;
    }
    match call.pending.as_deref()? {
        "answer" => Some("answering"),
        "set-held" if held => Some("resuming"),
        "set-held" => Some("going on hold"),
        _ => None,
    }
}

/// How a call ended, if that was told of late.
pub fn end_of<'a>(state: &'a State, call: &str) -> Option<&'a End> {
    let newest_first = state.notices.iter().rev();
    newest_first
        .filter_map(|notice| match &notice.kind {
            NoticeKind::Ended {
                call: ended, end, ..
            } => (ended == call).then_some(end),
            NoticeKind::HoldSlow { .. }
            | NoticeKind::HoldRefused { .. }
            | NoticeKind::LineTaken { .. }
            | NoticeKind::NotDone { .. }
            | NoticeKind::AppGone => None,
        })
        .next()
}

/// The reason in words.
pub fn reason(end: &End) -> String {
    end.reason.replace('-', " ")
}

/// Since when the call is in this phase; a call that was active counts from there.
pub fn since_ms(call: &Call) -> i64 {
    call.connected_at_ms.unwrap_or(call.began_ms)
}

/// A time span as `m:ss` or `h:mm:ss`.
pub fn span(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_a_clock() {
        for (millis, want) in [
            (-5, "0:00"),
            (61_500, "1:01"),
            (3_600_000, "1:00:00"),
            (59_999, "0:59"),
        ] {
            assert_eq!(span(millis), want);
        }
    }
}
