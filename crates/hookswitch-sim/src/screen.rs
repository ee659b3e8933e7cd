//! What a calling UI would show, as facts: the same view and words that the daemon serves.
//!
//! Not here: how it looks.

use hookswitch_model::{CallId, Limits, RecentsEntry, Snapshot, Wall};
use hookswitch_wire::view::{self, Button, CallView, Incoming, Party, View, ViewInput};

use crate::dates;
use crate::describe::Words;
use crate::names::Names;

/// All that is on the screen, one line each; texts for people are one word.
#[must_use]
pub fn facts(
    names: &Names,
    state: &Snapshot,
    recents: &[RecentsEntry],
    limits: &Limits,
) -> Vec<Words> {
    let view: View = view::view(&ViewInput {
        snapshot: state,
        recents_revision: recents.len() as u64,
        now: state.at.wall,
        limits,
    });
    let mut out = Vec::new();
    match &view.incoming {
        Some(incoming) => incoming_facts(names, incoming, &mut out),
        None => out.push(line(&["incoming", "none"])),
    }
    for call in &view.calls {
        call_facts(names, call, &mut out);
    }
    for message in &view.messages {
        out.push(line(&["message", &message.text]));
    }
    out.push(line(&["audio", &view.audio.label]));
    if let Some(note) = &view.audio.note {
        out.push(line(&["audio-note", note]));
    }
    for (number, entry) in (1u64..).zip(recents) {
        let privacy = state.policy.privacy_in(&entry.app);
        let shown = view::recents_entry_shown(number, entry, privacy);
        let call = names.call(entry.call);
        out.push(line(&["recents-title", &call, &shown.party.title]));
        out.push(line(&["recents", &call, &shown.sentence]));
        let marks = [
            (shown.missed, "missed"),
            (shown.blocked, "blocked"),
            (shown.did_not_ring, "did-not-ring"),
        ];
        for (_, mark) in marks.into_iter().filter(|(on, _)| *on) {
            out.push(line(&[mark, &call]));
        }
        let works = match shown.redial {
            Some(_) => "enabled",
            None => "disabled",
        };
        let mut redial = line(&["redial", &call, works]);
        redial.extend(shown.redial_reason.clone());
        out.push(redial);
    }
    out
}

fn line(words: &[&str]) -> Words {
    let ui = std::iter::once("ui");
    ui.chain(words.iter().copied()).map(str::to_owned).collect()
}

fn call_name(names: &Names, id: &str) -> String {
    let parsed: Result<CallId, _> = id.parse();
    parsed.map_or_else(|_| id.to_owned(), |id| names.call(id))
}

fn incoming_facts(names: &Names, incoming: &Incoming, out: &mut Vec<Words>) {
    let call = call_name(names, &incoming.call);
    let size = if incoming.waiting { "waiting" } else { "full" };
    out.push(line(&["incoming", &call, size]));
    out.push(line(&["title", &call, &incoming.party.title]));
    out.push(line(&["announcement", &incoming.announcement]));
    out.push(line(&["app", &call, &app_line(&incoming.party)]));
    for button in &incoming.buttons {
        out.push(button_fact(&call, button));
    }
    if let Some(text) = &incoming.disclosure {
        out.push(line(&["disclosure", text]));
    }
    for choice in &incoming.choices {
        let works = if choice.enabled {
            "enabled"
        } else {
            "disabled"
        };
        out.push(line(&["choice", &choice.id, works, &choice.label]));
    }
}

/// The app, and its account if it has named ones.
fn app_line(party: &Party) -> String {
    match &party.app.account {
        Some(account) => format!("{} · {account}", party.app.name),
        None => party.app.name.clone(),
    }
}

fn call_facts(names: &Names, shown: &CallView, out: &mut Vec<Words>) {
    let call = call_name(names, &shown.call);
    out.push(line(&["call", &call, &shown.state_text]));
    out.push(line(&["title", &call, &shown.party.title]));
    out.push(line(&["app", &call, &app_line(&shown.party)]));
    if let Some(millis) = shown.timer_ms {
        let from = dates::time(Wall::from_millis(millis));
        out.push(line(&["timer", &call, "from", &from]));
    }
    if let Some(offer) = &shown.offer {
        out.push(line(&["offer", &call, &offer.text]));
        out.push(button_fact(&call, &offer.agree));
        out.push(button_fact(&call, &offer.decline));
    }
    for (word, text) in [("held-reason", &shown.held_reason), ("note", &shown.note)] {
        if let Some(text) = text {
            out.push(line(&[word, &call, text]));
        }
    }
    for button in shown.buttons.iter().chain([&shown.end]) {
        out.push(button_fact(&call, button));
    }
    for member in &shown.members {
        let name = call_name(names, &member.call);
        out.push(line(&["member", &name, &member.party.title]));
        // Their End is called "end-one", for the card's own ends all.
        let end = Button {
            id: "end-one".to_owned(),
            ..member.end.clone()
        };
        out.extend([&member.private, &end].map(|button| button_fact(&name, button)));
    }
}

fn button_fact(call: &str, button: &Button) -> Words {
    let works = match (button.busy, button.enabled) {
        (true, _) => "busy",
        (false, true) => "enabled",
        (false, false) => "disabled",
    };
    let mut words = line(&["button", call, &button.id, works, &button.label]);
    words.extend(button.reason.clone());
    words
}
