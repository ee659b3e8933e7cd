//! What takes up the places of a limit: said with a refusal, so that whoever meets a limit knows
//! which calls to end.
//!
//! # Promises
//!
//! - **OC1** an app is told of its own calls; of those of others it learns how many there are.
//! - **OC2** no list is longer than the limit `calls` lets it be.

use core::fmt;
use core::time::Duration;

use crate::id::{CallId, CallKey};
use crate::limits::Limit;
use crate::phase::PhaseKind;
use crate::rejection::Rejection;

/// A live call that takes up a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Occupant {
    /// Which call.
    pub call: CallId,
    /// The own name that its app gave it, for that app alone.
    pub key: Option<CallKey>,
    /// Where it is in its life.
    pub phase: PhaseKind,
    /// How long it has been there.
    pub span: Duration,
    /// Its app stopped; it ends soon if the app does not come back.
    pub orphaned: bool,
}

/// The calls that take up the places of a limit.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Occupied {
    /// Those of whoever asks, in order of arrival.
    pub calls: Vec<Occupant>,
    /// How many there are of other apps.
    pub others: usize,
    /// How many places there are.
    pub max: u64,
}

/// What calls take up the places of. All other limits have no places for calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Places {
    /// Calls in all.
    Calls,
    /// Ringing calls.
    Ringing,
    /// Groups, where a call alone is one too.
    Groups,
    /// One group.
    Group,
}

impl Places {
    /// The places that this limit counts.
    #[must_use]
    pub fn of(limit: Limit) -> Option<Self> {
        let all = [
            (Limit::Calls, Self::Calls),
            (Limit::Ringing, Self::Ringing),
            (Limit::Groups, Self::Groups),
            (Limit::CallsPerGroup, Self::Group),
        ];
        let found = all.into_iter().find(|(known, _)| *known == limit);
        found.map(|(_, places)| places)
    }
}

/// A refusal as it is told: why, and what takes up the places if it is for a limit of calls.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Why.
    pub why: Rejection,
    /// What takes up the places; none if calls do not.
    pub occupied: Option<Occupied>,
}

impl From<Rejection> for Refusal {
    fn from(why: Rejection) -> Self {
        Self {
            why,
            occupied: None,
        }
    }
}

impl Occupied {
    /// Whether nothing takes up a place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.others == 0
    }
}

impl fmt::Display for Occupant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (phase, seconds) = (self.phase.name(), self.span.as_secs());
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        write!(f, "call {} ({phase} {minutes:02}:{seconds:02}", self.call)?;
        match self.orphaned {
            true => f.write_str(", its app stopped)"),
            false => f.write_str(")"),
        }
    }
}

impl fmt::Display for Occupied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, occupant) in self.calls.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{occupant}")?;
        }
        let and = if self.calls.is_empty() { "" } else { " and " };
        match self.others {
            0 => Ok(()),
            1 => write!(f, "{and}a call of another app"),
            others => write!(f, "{and}{others} calls of other apps"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)?;
        match self.occupied.as_ref().filter(|places| !places.is_empty()) {
            Some(places) => write!(f, " by {places}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn occupant(call: u128, phase: PhaseKind, seconds: u64) -> Occupant {
        Occupant {
            call: CallId(call),
            key: CallKey::new("own").ok(),
            phase,
            span: Duration::from_secs(seconds),
            orphaned: false,
        }
    }

    #[test]
    fn a_refusal_names_the_calls_and_counts_those_of_others() {
        let mut refusal = Refusal::from(Rejection::LimitReached {
            limit: Limit::Groups,
            max: 2,
            of: None,
        });
        let plain = "no more than 2: the limit \"groups\" is reached";
        assert_eq!(refusal.to_string(), plain);
        let (first, second) = (CallId(1), CallId(2));
        let says = |refusal: &Refusal, what: &str| {
            assert_eq!(refusal.to_string(), format!("{plain}{what}"));
        };
        refusal.occupied = Some(Occupied::default());
        says(&refusal, "");
        let calls = vec![
            occupant(1, PhaseKind::Active, 72),
            Occupant {
                orphaned: true,
                ..occupant(2, PhaseKind::Held, 3)
            },
        ];
        let one = format!("call {first} (active 01:12)");
        let two = format!("call {second} (held 00:03, its app stopped)");
        refusal.occupied = Some(Occupied {
            calls,
            others: 0,
            max: 2,
        });
        says(&refusal, &format!(" by {one}, {two}"));
        if let Some(places) = &mut refusal.occupied {
            places.others = 1;
        }
        says(
            &refusal,
            &format!(" by {one}, {two} and a call of another app"),
        );
        refusal.occupied = Some(Occupied {
            calls: Vec::new(),
            others: 3,
            max: 2,
        });
        says(&refusal, " by 3 calls of other apps");
    }
}
