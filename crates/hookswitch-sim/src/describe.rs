//! Effects and states as lines of words: the vocabulary of the checks.
//!
//! Output never holds an address; the words of a line are listed in `docs/scenarios.md`. Those of
//! effects are the words of traces.

use hookswitch_model::{
    ActionKind, AnswerMode, AnswerVerdict, AudioSnapshot, CallId, CallSnapshot, Control,
    EndpointId, Interruption, MaterialId, Notice, NoticeKind, Phase, RecentsEntry, RingState,
    RouteFault, Snapshot, ToneState,
};
pub use hookswitch_trace::effect::{
    Words, ask_word, call_of, digits, effect, end, phase_words, rejection_words, target, time,
    words,
};

use crate::names::Names;

/// All facts of a state, one line each.
pub fn facts(names: &Names, state: &Snapshot, recents: &[RecentsEntry]) -> Vec<Words> {
    let mut out: Vec<String> = Vec::new();
    for call in &state.calls {
        call_facts(names, call, &mut out);
    }
    for (name, id) in names.calls() {
        if !state.live().any(|call| call.id == id) {
            out.push(format!("{name} gone"));
        }
    }
    recents_facts(names, recents, &mut out);
    out.push(format!("recents count {}", recents.len()));
    out.push(format!("calls {}", state.calls.len()));
    group_facts(names, state, &mut out);
    ring_facts(names, state, &mut out);
    rule_facts(names, state, &mut out);
    audio_facts(names, state, &mut out);
    for choice in &state.answers {
        out.push(choice_fact(names, choice.mode, &choice.verdict));
    }
    for mode in ["auto", "hold", "end", "end-held"] {
        if !state
            .answers
            .iter()
            .any(|choice| choice.mode.name() == mode)
        {
            out.push(format!("choice {mode} absent"));
        }
    }
    for provider in &state.providers {
        let word = if provider.connected {
            "connected"
        } else {
            "disconnected"
        };
        out.push(format!("{word} {}", names.app(&provider.app)));
    }
    out.extend(
        state
            .notices
            .iter()
            .map(|notice| notice_fact(names, notice)),
    );
    let mut lines: Vec<Words> = out.iter().map(|line| words(line)).collect();
    for call in &state.calls {
        let name = names.call(call.id);
        if let Some(text) = &call.name {
            lines.push(vec![
                name.clone(),
                "named".to_owned(),
                text.as_str().to_owned(),
            ]);
        }
        if let Some(handle) = &call.handle {
            lines.push(vec![name, "from".to_owned(), handle.value().to_owned()]);
        }
    }
    lines
}

fn recents_facts(names: &Names, recents: &[RecentsEntry], out: &mut Vec<String>) {
    for entry in recents {
        let call = names.call(entry.call);
        out.push(format!("recents {call} {}", end(&entry.end)));
        out.push(format!("{call} ended {}", end(&entry.end)));
        let reasons = entry.missed_reasons.names();
        out.extend(reasons.map(|reason| format!("recents {call} because {reason}")));
        let word = if entry.callable {
            "callable"
        } else {
            "not-callable"
        };
        out.push(format!("recents {call} {word}"));
        if let Some(account) = &entry.account {
            out.push(format!("recents {call} account {}", account.id.as_str()));
        }
    }
}

fn ring_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let presented = state.presented.map(|call| names.call(call));
    out.push(format!(
        "presented {}",
        presented.as_deref().unwrap_or("none")
    ));
    let ringing = |call: &&CallSnapshot| matches!(call.phase, Phase::Ringing { .. });
    let queued = state.live().filter(ringing).count();
    out.push(format!(
        "queued {}",
        queued.saturating_sub(usize::from(presented.is_some()))
    ));
    let ringtone = state.ringtone.as_ref();
    let ringtone = ringtone.map_or("none", MaterialId::as_str);
    out.push(format!("ringtone {ringtone}"));
    out.push(format!("rings-on {}", state.ring_on.name()));
    match state.ring {
        RingState::Quiet => {
            out.push("quiet".to_owned());
            out.push("ringing none".to_owned());
        }
        RingState::Ringing(call) => out.push(format!("ringing {}", names.call(call))),
        RingState::Waiting(call) => out.push(format!("waiting {}", names.call(call))),
    }
    out.push(match state.tone {
        Some(ToneState { call, tone }) => format!("tone {} {}", names.call(call), tone.name()),
        None => "tone none".to_owned(),
    });
}

fn group_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let mut groups = std::collections::BTreeSet::new();
    for call in &state.calls {
        let name = names.call(call.id);
        let Some(group) = call.group else {
            out.push(format!("{name} alone"));
            continue;
        };
        groups.insert(group);
        let mates = state.live();
        let mates = mates.filter(|other| other.group == Some(group) && other.id != call.id);
        out.extend(mates.map(|mate| format!("{name} with {}", names.call(mate.id))));
    }
    out.push(format!("groups {}", groups.len()));
}

fn rule_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let on = state.policy.is_quiet(state.at.wall);
    out.push(format!("dnd {}", if on { "on" } else { "off" }));
    for call in &state.awaiting_verdict {
        out.push(format!("screening {}", names.call(*call)));
    }
    if state.awaiting_verdict.is_empty() {
        out.push("screening none".to_owned());
    }
}

fn audio_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    match &state.lease {
        Some(lease) => {
            let call = names.call(lease.call);
            out.push(format!("lease {call} of {}", names.app(&lease.app)));
            out.push(format!("{call} audible"));
        }
        None => out.push("lease none".to_owned()),
    }
    front_facts(names, state, out);
    sound_facts(names, &state.audio, out);
    out.push(format!("control swap {}", control_words(&state.swap)));
}

fn sound_facts(names: &Names, audio: &AudioSnapshot, out: &mut Vec<String>) {
    let route = &audio.route;
    let name = |id: &Option<EndpointId>| id.as_ref().map_or("none".to_owned(), ToString::to_string);
    let (desired, effective) = (name(&route.desired), name(&route.effective));
    let cause = route.cause.name();
    out.push(format!("route {effective}"));
    out.push(format!(
        "route desired {desired} effective {effective} cause {cause}"
    ));
    out.push(format!("route effective {effective} cause {cause}"));
    out.push(format!("route pending {}", name(&route.pending)));
    let fault = route.fault.map_or("none", RouteFault::name);
    out.push(format!("route fault {fault}"));
    out.push(format!("audio server {}", audio.server.name()));
    let reason = audio.interruption.map_or("none", Interruption::name);
    out.push(format!("audio interrupted {reason}"));
    match audio.waiting {
        Some(wait) => {
            let what = if wait.denied { "denied" } else { "waiting" };
            out.push(format!("audio {what} {}", names.call(wait.call)));
        }
        None => out.extend(["audio waiting none", "audio denied none"].map(str::to_owned)),
    }
    out.push(format!("hush {}", audio.hush.name()));
    let microphone = if audio.microphone_muted {
        "muted"
    } else {
        "open"
    };
    out.push(format!("microphone {microphone}"));
}

fn call_facts(names: &Names, call: &CallSnapshot, out: &mut Vec<String>) {
    let name = names.call(call.id);
    out.push(format!("{name} live"));
    out.push(format!("{name} {}", phase_words(&call.phase)));
    let flags = [
        (call.muted, "muted"),
        (!call.muted, "unmuted"),
        (call.silenced, "silenced"),
        (call.remote_hold, "remote-held"),
        (call.orphaned_until.is_some(), "orphaned"),
        (call.slow.is_some(), "slow"),
        (call.has_connected, "connected"),
        (call.video, "video"),
        (call.handle.is_none(), "anonymous"),
        (call.video_offer.is_some(), "video-offered"),
        (call.uplink, "uplink"),
        (call.emergency, "emergency"),
    ];
    for (_, word) in flags.into_iter().filter(|(on, _)| *on) {
        out.push(format!("{name} {word}"));
    }
    extra_facts(&name, call, out);
    out.push(format!("{name} muted-by {}", call.muted_by.name()));
    let pending = call.pending.map_or("none", ActionKind::name);
    out.push(format!("{name} pending {pending}"));
    out.push(format!("control hold {name} {}", control_words(&call.hold)));
    out.push(format!("control mute {name} {}", control_words(&call.mute)));
    out.push(format!(
        "control digits {name} {}",
        control_words(&call.digits)
    ));
    for (what, control) in [
        ("merge", &call.merge),
        ("split", &call.split),
        ("add-call", &call.add_call),
    ] {
        out.push(format!("control {what} {name} {}", control_words(control)));
    }
}

/// Account, video, translation and the app's own buttons.
fn extra_facts(name: &str, call: &CallSnapshot, out: &mut Vec<String>) {
    let account = call.account.as_ref().map_or("none", |a| a.id.as_str());
    out.push(format!("{name} account {account}"));
    let digits = call.digits_waiting.as_ref().map_or("none".into(), digits);
    out.push(format!("{name} digits-waiting {digits}"));
    if let Some(runs) = &call.translating {
        let (local, remote) = (&runs.languages.local, &runs.languages.remote);
        let engine = runs.engine.name();
        out.push(format!("{name} translating {local} {remote} {engine}"));
    }
    for (what, control) in [
        ("video", &call.video_control),
        ("translate", &call.translate),
    ] {
        out.push(format!("control {what} {name} {}", control_words(control)));
    }
    for shown in &call.buttons {
        let (id, control) = (&shown.button.id, control_words(&shown.control));
        out.push(format!("control button {name} {id} {control}"));
    }
}

/// The lock, and what comes to the front.
fn front_facts(names: &Names, state: &Snapshot, out: &mut Vec<String>) {
    let unlocking = state.unlocking.map(|call| names.call(call));
    out.push(format!(
        "unlocking {}",
        unlocking.as_deref().unwrap_or("none")
    ));
    let rule = state.front.on_answer.map_or("app", |rule| rule.name());
    out.push(format!("front {rule}"));
    let flags = [
        (state.locked, "locked"),
        (!state.locked, "unlocked"),
        (state.front.driving, "driving"),
    ];
    let set = flags.into_iter().filter(|(on, _)| *on);
    out.extend(set.map(|(_, word)| word.to_owned()));
}

fn control_words(control: &Control) -> String {
    match control {
        Control::Ready => "ready".to_owned(),
        Control::Busy => "busy".to_owned(),
        Control::Refused(why) => format!("refused {}", rejection_words(why)),
        Control::Absent => "absent".to_owned(),
    }
}

fn choice_fact(names: &Names, mode: AnswerMode, verdict: &AnswerVerdict) -> String {
    let mode = mode.name();
    match verdict {
        AnswerVerdict::Allowed { ends, holds } => {
            let list = |word: &str, calls: &[CallId]| -> String {
                let calls = calls.iter().map(|call| names.call(*call));
                calls.map(|call| format!(" {word} {call}")).collect()
            };
            let (ends, holds) = (list("ends", ends), list("holds", holds));
            format!("choice {mode} allowed{ends}{holds}")
        }
        AnswerVerdict::Refused(why) => format!("choice {mode} refused {}", rejection_words(why)),
    }
}

fn notice_fact(names: &Names, notice: &Notice) -> String {
    match notice.kind {
        NoticeKind::Ended { call, end, .. } => {
            format!("notice ended {} {}", names.call(call), end.reason.name())
        }
        NoticeKind::HoldSlow(call) => format!("notice hold-slow {}", names.call(call)),
        NoticeKind::HoldRefused(call) => format!("notice hold-refused {}", names.call(call)),
        NoticeKind::LineTaken(call) => format!("notice line-taken {}", names.call(call)),
        NoticeKind::NotDone(call, kind) => {
            format!("notice not-done {} {}", names.call(call), kind.name())
        }
        NoticeKind::AppGone => format!("notice app-gone {}", names.app(&notice.app)),
    }
}

/// The state in one line, as `=` lines write it.
#[must_use]
pub fn summary(names: &Names, state: &Snapshot) -> String {
    let mut parts: Vec<String> = Vec::new();
    for call in &state.calls {
        let name = names.call(call.id);
        parts.push(format!("{name} {}", phase_words(&call.phase)));
        if let Some(pending) = call.pending {
            parts.push(format!("{name} pending {}", pending.name()));
        }
        if let Some(group) = call.group {
            let mut mates = state.live();
            let first = mates.find(|mate| mate.group == Some(group));
            let first = first.filter(|first| first.id != call.id);
            parts.extend(first.map(|first| format!("{name} with {}", names.call(first.id))));
        }
        for (on, word) in [(call.muted, "muted"), (call.remote_hold, "remote-held")] {
            if on {
                parts.push(format!("{name} {word}"));
            }
        }
    }
    match state.ring {
        RingState::Quiet => {}
        RingState::Ringing(call) => parts.push(format!("ringing {}", names.call(call))),
        RingState::Waiting(call) => parts.push(format!("waiting {}", names.call(call))),
    }
    for call in &state.awaiting_verdict {
        parts.push(format!("screening {}", names.call(*call)));
    }
    let lease = state.lease.as_ref().map(|lease| names.call(lease.call));
    parts.push(format!("lease {}", lease.as_deref().unwrap_or("none")));
    parts.join(", ")
}
