//! The calls that were.

use hookswitch::document::RecentsFilter;
use hookswitch::{Controller, RecentsDirection, RecentsEntry};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::args::Recents;
use crate::failure::Failure;
use crate::party;
use crate::screen::{Mark, Screen, column, wrapped};

/// Where the sentence begins, below the name.
const SENTENCE_AT: usize = 16;

/// How much of an id is shown.
const SHORT_ID: usize = 8;

/// Shows recents.
pub async fn run(controller: &Controller, screen: &Screen, what: Recents) -> Result<(), Failure> {
    let (filter, none) = if what.missed {
        (RecentsFilter::Missed, "No missed calls.")
    } else if what.blocked {
        (RecentsFilter::Blocked, "No blocked calls.")
    } else {
        (RecentsFilter::All, "No calls yet.")
    };
    let entries = controller.recents(filter, what.limit).await?;
    if screen.is_json() {
        screen.document(&json!({ "entries": entries }));
    } else if entries.is_empty() {
        screen.line(none);
    } else {
        entries.iter().for_each(|entry| show(screen, entry));
    }
    Ok(())
}

fn show(screen: &Screen, entry: &RecentsEntry) {
    let arrow = match entry.direction {
        RecentsDirection::Incoming => "<-",
        RecentsDirection::Outgoing => "->",
    };
    let mark = if entry.missed { Mark::Bad } else { Mark::Plain };
    let time = entry
        .duration_ms
        .map(|ms| i64::try_from(ms).unwrap_or(i64::MAX));
    screen.line(&format!(
        "{} {arrow} {} {} {}",
        day_and_time(entry.started_ms),
        screen.marked(mark, &column(&entry.party.title, 30)),
        column(&entry.party.app.name, 20),
        time.map(party::span).unwrap_or_default()
    ));
    let sentence = wrapped(&entry.sentence, SENTENCE_AT);
    screen.line(&screen.marked(
        Mark::Faint,
        &format!("{}{sentence}", column(&short_id(&entry.call), SENTENCE_AT)),
    ));
}

/// What "hookswitch directory why" takes.
fn short_id(call: &str) -> String {
    call.chars().take(SHORT_ID).collect()
}

/// "Nov 22 13:05", in the user's time zone.
pub fn day_and_time(millis: i64) -> String {
    format_time(millis, "%b %d %H:%M", &TimeZone::system())
}

/// "13:05:09", in the user's time zone.
pub fn clock_time(millis: i64) -> String {
    format_time(millis, "%H:%M:%S", &TimeZone::system())
}

fn format_time(millis: i64, format: &str, zone: &TimeZone) -> String {
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    time.to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_zone() {
        let at = 1_700_000_000_000;
        assert_eq!(
            format_time(at, "%b %d %H:%M", &TimeZone::UTC),
            "Nov 14 22:13"
        );
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(format_time(at, "%b %d %H:%M", &zone), "Nov 15 00:13");
    }
}
