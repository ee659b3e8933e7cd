//! What takes up the places of a limit, behind the sentence of the error `LimitReached`.

use std::time::Duration;

use hookswitch_model as model;

/// The second to fourth value of the error reply: the calls of whoever asked, each with its id, its
/// own name (empty for the user), its phase and how long it has been there in milliseconds, and
/// whether its app stopped; how many calls of other apps there are; and how many places.
pub type PlacesRow = (Vec<(String, String, String, u64, bool)>, u32, u32);

/// A live call of the app itself that takes up a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Occupant {
    /// Which call.
    pub call: String,
    /// The name that its app gave it; empty for whoever acts for the user.
    pub key: String,
    /// `ringing`, `dialing`, `active`, `held` or `ending`; a newer daemon may know others.
    pub phase: String,
    /// How long it has been there, to the millisecond.
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
    pub others: u32,
    /// How many places there are: the limit.
    pub max: u32,
}

/// Writes the places.
#[must_use]
pub fn places_row(places: &model::Occupied) -> PlacesRow {
    let row = |occupant: &model::Occupant| {
        let key = occupant.key.as_ref().map(|key| key.as_str().to_owned());
        (
            occupant.call.to_string(),
            key.unwrap_or_default(),
            occupant.phase.name().to_owned(),
            u64::try_from(occupant.span.as_millis()).unwrap_or(u64::MAX),
            occupant.orphaned,
        )
    };
    let others = u32::try_from(places.others).unwrap_or(u32::MAX);
    let max = u32::try_from(places.max).unwrap_or(u32::MAX);
    (places.calls.iter().map(row).collect(), others, max)
}

/// Reads them.
#[must_use]
pub fn places_from_row((calls, others, max): PlacesRow) -> Occupied {
    let occupant = |(call, key, phase, span_ms, orphaned)| Occupant {
        call,
        key,
        phase,
        span: Duration::from_millis(span_ms),
        orphaned,
    };
    Occupied {
        calls: calls.into_iter().map(occupant).collect(),
        others,
        max,
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_model::{CallId, CallKey, PhaseKind};

    use super::*;

    #[test]
    fn places_read_back() {
        let occupant = model::Occupant {
            call: CallId(7),
            key: CallKey::new("own").ok(),
            phase: PhaseKind::Held,
            span: Duration::from_millis(1_200),
            orphaned: true,
        };
        let places = model::Occupied {
            calls: vec![occupant],
            others: 3,
            max: 4,
        };
        let read = places_from_row(places_row(&places));
        let call = Occupant {
            call: CallId(7).to_string(),
            key: "own".to_owned(),
            phase: "held".to_owned(),
            span: Duration::from_millis(1_200),
            orphaned: true,
        };
        let calls = vec![call];
        let (others, max) = (3, 4);
        assert_eq!(read, Occupied { calls, others, max });
    }
}
