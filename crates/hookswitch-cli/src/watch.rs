//! Calls as they come, change and go.

use std::collections::BTreeMap;
use std::sync::Arc;

use hookswitch::Controller;
use hookswitch::document::{Call, State};

use crate::choose::short_id;
use crate::failure::Failure;
use crate::party;
use crate::recents::clock_time;
use crate::screen::{Mark, Screen, column};

/// Shows changes until interrupted.
pub async fn run(controller: &Controller, screen: &Screen) -> Result<(), Failure> {
    let mut states = controller.watch();
    let mut before = Arc::new(State::default());
    if !screen.is_json() {
        screen.line(&screen.marked(Mark::Faint, "Watching calls; end with Ctrl+C."));
    }
    loop {
        let Some(state) = states.next().await else {
            return Ok(());
        };
        if screen.is_json() {
            screen.document(&*state);
        } else {
            for line in changes(&before, &state) {
                screen.line(&format!("{} {line}", clock_time(state.at_ms)));
            }
        }
        before = state;
    }
}

/// One line for each call that came, changed or went.
fn changes(before: &State, now: &State) -> Vec<String> {
    let known: BTreeMap<&str, &Call> = index(before);
    let live: BTreeMap<&str, &Call> = index(now);
    let changed = now.calls.iter().filter(|call| {
        let old = known.get(call.id.as_str());
        old.is_none_or(|old| party::condition(old) != party::condition(call))
    });
    let gone = before
        .calls
        .iter()
        .filter(|call| !live.contains_key(call.id.as_str()));
    let changed = changed.map(|call| line(now, call, &party::condition(call)));
    let gone = gone.map(|call| line(before, call, &ending(now, call)));
    changed.chain(gone).collect()
}

fn index(state: &State) -> BTreeMap<&str, &Call> {
    state
        .calls
        .iter()
        .map(|call| (call.id.as_str(), call))
        .collect()
}

fn line(state: &State, call: &Call, what: &str) -> String {
    format!(
        "{} {} {} {what}",
        short_id(state, call),
        column(party::title(call), 22),
        column(party::app_name(state, call), 10)
    )
}

/// That it ended, and why if that was told.
fn ending(now: &State, call: &Call) -> String {
    match party::end_of(now, &call.id) {
        Some(end) => format!("ended ({})", party::reason(end)),
        None => "ended".to_owned(),
    }
}
