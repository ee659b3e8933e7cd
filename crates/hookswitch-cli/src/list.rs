//! The live calls, as a table.

use std::time::SystemTime;

use hookswitch::Controller;
use hookswitch::document::{Call, State};

use crate::choose::short_id;
use crate::failure::Failure;
use crate::party;
use crate::screen::{Mark, Screen, column, wrapped};

const WHO: usize = 26;
const APP: usize = 14;
const WHAT: usize = 18;

/// Shows the state once.
pub async fn run(controller: &Controller, screen: &Screen) -> Result<(), Failure> {
    let state = controller.state().await?;
    if screen.is_json() {
        screen.document(&state);
        return Ok(());
    }
    if state.calls.is_empty() {
        screen.line("No calls.");
        return Ok(());
    }
    let head = row("ID", "WHO", "APP", "STATE", "TIME");
    screen.line(&screen.marked(Mark::Strong, head.trim_end()));
    let now = now_ms();
    for call in &state.calls {
        show(screen, &state, call, now);
    }
    Ok(())
}

fn show(screen: &Screen, state: &State, call: &Call, now_ms: i64) {
    let condition = party::condition(call);
    // What does not fit is told in a line of its own: it must not be lost.
    let (first, rest) = match condition.split_once(", ") {
        Some((first, rest)) => (first, Some(rest)),
        None => (condition.as_str(), None),
    };
    screen.line(&row(
        short_id(state, call),
        party::title(call),
        party::app_name(state, call),
        first,
        &party::span(now_ms - party::since_ms(call)),
    ));
    if let Some(rest) = rest {
        screen.line(&format!("{}{}", " ".repeat(9), wrapped(rest, 9)));
    }
}

fn row(id: &str, who: &str, app: &str, what: &str, time: &str) -> String {
    format!(
        "{} {} {} {} {time}",
        column(id, 8.max(id.len())),
        column(who, WHO),
        column(app, APP),
        column(what, WHAT)
    )
}

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
