//! Who may ring: `dnd`, `block`, `allow`, `restrict`, `protect`.

use std::time::{Duration, SystemTime};

use hookswitch::document::{Rules, guess_handle_kind};
use hookswitch::{Controller, Handle};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::json;

use crate::args::{Apps, Dnd, People, Person, Switch};
use crate::failure::Failure;
use crate::screen::Screen;

/// Which list of people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum List {
    /// Those who never ring.
    Blocked,
    /// Those who ring in spite of do-not-disturb.
    Allowed,
}

/// Switches do-not-disturb, or says how it is.
pub async fn dnd(
    controller: &Controller,
    screen: &Screen,
    what: Option<Dnd>,
) -> Result<(), Failure> {
    match what {
        Some(Dnd::On { r#for, until }) => {
            let until = until.and_then(|time| next_after(time, &Zoned::now()));
            let until = until.or(r#for.map(|span| SystemTime::now() + span));
            controller.set_do_not_disturb(true, until).await?;
        }
        Some(Dnd::Off) => controller.set_do_not_disturb(false, None).await?,
        Some(Dnd::Status) | None => {}
    }
    let rules = controller.rules().await?;
    if screen.is_json() {
        screen.document(&json!({
            "do_not_disturb": rules.do_not_disturb,
            "until_ms": rules.until_ms,
        }));
    } else {
        screen.line(&said(&rules, &TimeZone::system()));
    }
    Ok(())
}

fn said(rules: &Rules, zone: &TimeZone) -> String {
    let until = rules
        .until_ms
        .and_then(|at| Timestamp::from_millisecond(at).ok());
    match (rules.do_not_disturb, until) {
        (false, _) => "Do not disturb is off.".to_owned(),
        (true, None) => "Do not disturb is on.".to_owned(),
        (true, Some(until)) => {
            let until = until.to_zoned(zone.clone());
            format!(
                "Do not disturb is on until {}.",
                until.strftime("%Y-%m-%d %H:%M")
            )
        }
    }
}

/// Changes or shows a list of people.
pub async fn people(
    controller: &Controller,
    screen: &Screen,
    list: List,
    what: People,
) -> Result<(), Failure> {
    let (person, on) = match what {
        People::List => return show(screen, list, &controller.rules().await?),
        People::Add(person) => (person, true),
        People::Remove(person) => (person, false),
    };
    let handle = handle(&person);
    let rules = controller.rules().await?;
    let known = match list {
        List::Blocked => &rules.blocked,
        List::Allowed => &rules.allowed,
    };
    match list {
        List::Blocked => controller.set_blocked(&handle, on).await?,
        List::Allowed => controller.set_allowed(&handle, on).await?,
    }
    let after = controller.rules().await?;
    let now = match list {
        List::Blocked => &after.blocked,
        List::Allowed => &after.allowed,
    };
    let had = (now != known) != on;
    let word = match (list, on) {
        (List::Blocked, false) if !had => "was not blocked.",
        (List::Allowed, false) if !had => "was not allowed. Write it as you allowed it.",
        (List::Blocked, true) => "never rings from now on.",
        (List::Blocked, false) => "is not blocked any more.",
        (List::Allowed, true) => "rings in spite of do-not-disturb.",
        (List::Allowed, false) => "is not allowed any more.",
    };
    if screen.is_json() {
        screen.document(&json!({ "address": person.address, "on": on, "changed": had != on }));
    } else {
        screen.line(&format!("{} {word}", person.address));
    }
    Ok(())
}

/// Says that the screen is shared or lent, or asks.
pub async fn restrict(
    controller: &Controller,
    screen: &Screen,
    what: Option<Switch>,
) -> Result<(), Failure> {
    if let Some(what) = what {
        controller.set_restricted(what == Switch::On).await?;
    }
    let restricted = controller.rules().await?.restricted;
    if screen.is_json() {
        screen.document(&json!({ "restricted": restricted }));
    } else if restricted {
        screen.line("The screen is shared or lent: nobody rings.");
    } else {
        screen.line("The screen is not shared or lent.");
    }
    Ok(())
}

/// Changes or shows the list of apps that are locked or hidden.
pub async fn protect(controller: &Controller, screen: &Screen, what: Apps) -> Result<(), Failure> {
    let (app, on) = match what {
        Apps::Add { app } => (app, true),
        Apps::Remove { app } => (app, false),
        Apps::List => return show_apps(screen, &controller.rules().await?.protected),
    };
    let had = controller.rules().await?.protected.contains(&app);
    controller.set_protected(&app, on).await?;
    if screen.is_json() {
        screen.document(&json!({ "app": app, "on": on, "changed": had != on }));
    } else if !on && !had {
        screen.line(&format!("{app} was not locked or hidden."));
    } else if on {
        screen.line(&format!(
            "Calls of {app} neither ring nor start from now on."
        ));
    } else {
        screen.line(&format!("Calls of {app} ring and start again."));
    }
    Ok(())
}

fn show_apps(screen: &Screen, apps: &[String]) -> Result<(), Failure> {
    if screen.is_json() {
        screen.document(&json!(apps));
    } else if apps.is_empty() {
        screen.line("No app.");
    } else {
        for app in apps {
            screen.line(app);
        }
    }
    Ok(())
}

fn show(screen: &Screen, list: List, rules: &Rules) -> Result<(), Failure> {
    let people = match list {
        List::Blocked => &rules.blocked,
        List::Allowed => &rules.allowed,
    };
    if screen.is_json() {
        let people: Vec<_> = people
            .iter()
            .map(|person| json!({ "kind": person.kind, "address": person.value }))
            .collect();
        screen.document(&json!(people));
    } else if people.is_empty() {
        screen.line("Nobody.");
    } else {
        for person in people {
            screen.line(&person.value);
        }
    }
    Ok(())
}

fn handle(person: &Person) -> Handle {
    let kind = match person.kind {
        Some(kind) => kind.handle_kind(),
        None => guess_handle_kind(&person.address),
    };
    Handle {
        kind,
        value: person.address.clone(),
    }
}

/// Reads `07:30`.
pub fn time_of_day(text: &str) -> Result<Time, String> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    read().ok_or_else(|| format!("{text:?} is not a time of day such as 07:30"))
}

/// The next time the clock on the wall shows this.
fn next_after(time: Time, now: &Zoned) -> Option<SystemTime> {
    let at = |date: jiff::civil::Date| date.to_datetime(time).to_zoned(now.time_zone().clone());
    let today = at(now.date()).ok()?;
    let next = if today > *now {
        today
    } else {
        at(now.date().tomorrow().ok()?).ok()?
    };
    Some(next.into())
}

/// Reads `90m`, `8h`, `30s`, `1h30m`.
pub fn span(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time such as 90m or 8h");
    let (mut total, mut number) = (0u64, String::new());
    for letter in text.chars() {
        let seconds = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return Err(wrong()),
        };
        let count: u64 = std::mem::take(&mut number).parse().map_err(|_| wrong())?;
        total = total.saturating_add(count.saturating_mul(seconds));
    }
    let most = 366 * 24 * 3600;
    if number.is_empty() && (1..=most).contains(&total) {
        Ok(Duration::from_secs(total))
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        assert_eq!(span("90m"), Ok(Duration::from_secs(5400)));
        assert_eq!(span("1h30m"), Ok(Duration::from_secs(5400)));
        for bad in ["", "8", "h", "8d", "0s", "9999999h"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_of_day_is_the_next_one() {
        let now: Zoned = "2026-03-01T22:00:00+00:00[UTC]".parse().unwrap();
        let millis = |text: &str| {
            let at = next_after(time_of_day(text).unwrap(), &now).unwrap();
            at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
        };
        assert_eq!(millis("23:00") + 8 * 3600, millis("07:00"));
        assert!(time_of_day("25:00").is_err());
    }
}
