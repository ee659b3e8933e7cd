//! What apps have to be told still, and calls that ended, as they are kept for the next daemon.
//!
//! Version 1, as [`SavedCall`](super::SavedCall): read only by the daemon, in the same boot.

use hookswitch_model::{
    self as model, AppId, CallKey, Cursor, EndReason, Origin, Stamp, Text, Timestamp, Wall,
};
use serde::{Deserialize, Serialize};

use super::saved::{KindAndValue, read_handle, saved_handle};

/// A letter to an app, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SavedLetter {
    app: String,
    cursor: u64,
    at: (u64, i64),
    call: String,
    key: String,
    ended: Option<String>,
}

/// A call that ended, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SavedEnd {
    /// Nothing in a file of before.
    #[serde(default)]
    app: String,
    call: String,
    reason: String,
    connected: bool,
    #[serde(default = "unknown")]
    at: (u64, i64),
    #[serde(default)]
    early: bool,
    #[serde(default)]
    quieted: Option<KindAndValue>,
    /// App, beginning, end.
    #[serde(default)]
    missed: Option<(String, i64, u64)>,
}

/// The emergency numbers of an app, kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SavedNumbers {
    app: String,
    numbers: Vec<String>,
}

impl From<&model::SavedNumbers> for SavedNumbers {
    fn from(told: &model::SavedNumbers) -> Self {
        let numbers = told.numbers.iter().map(|number| number.as_str().to_owned());
        Self {
            app: told.app.as_str().to_owned(),
            numbers: numbers.collect(),
        }
    }
}

impl SavedNumbers {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(self) -> Option<model::SavedNumbers> {
        let numbers = self.numbers.iter().map(|number| Text::new(number).ok());
        Some(model::SavedNumbers {
            app: AppId::new(&self.app)?,
            numbers: numbers.collect::<Option<_>>()?,
        })
    }
}

/// The end of a call in a file that has no times of ends: as late as can be.
fn unknown() -> (u64, i64) {
    (u64::MAX, i64::MAX)
}

/// The change of a record, kept until the recents have it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SavedAmendment {
    call: String,
    app: String,
    began: i64,
    reason: String,
    origin: String,
}

impl From<&model::Amendment> for SavedAmendment {
    fn from(amendment: &model::Amendment) -> Self {
        Self {
            call: amendment.call.to_string(),
            app: amendment.app.as_str().to_owned(),
            began: amendment.began.as_millis(),
            reason: amendment.reason.name().to_owned(),
            origin: amendment.origin.name().to_owned(),
        }
    }
}

impl SavedAmendment {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(self) -> Option<model::Amendment> {
        Some(model::Amendment {
            call: self.call.parse().ok()?,
            app: AppId::new(&self.app)?,
            began: Wall::from_millis(self.began),
            reason: EndReason::from_name(&self.reason)?,
            origin: Origin::from_name(&self.origin)?,
        })
    }
}

impl From<&model::SavedLetter> for SavedLetter {
    fn from(letter: &model::SavedLetter) -> Self {
        Self {
            app: letter.app.as_str().to_owned(),
            cursor: letter.cursor.0,
            at: (letter.at.at.as_nanos(), letter.at.wall.as_millis()),
            call: letter.call.to_string(),
            key: letter.key.as_str().to_owned(),
            ended: letter.ended.map(|reason| reason.name().to_owned()),
        }
    }
}

impl SavedLetter {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(self) -> Option<model::SavedLetter> {
        let (at, wall) = self.at;
        Some(model::SavedLetter {
            app: AppId::new(&self.app)?,
            cursor: Cursor(self.cursor),
            at: Stamp::new(Timestamp::from_nanos(at), Wall::from_millis(wall)),
            call: self.call.parse().ok()?,
            key: CallKey::new(&self.key).ok()?,
            ended: match self.ended {
                Some(reason) => Some(EndReason::from_name(&reason)?),
                None => None,
            },
        })
    }
}

impl From<&model::SavedEnd> for SavedEnd {
    fn from(end: &model::SavedEnd) -> Self {
        Self {
            app: end.app.as_str().to_owned(),
            call: end.call.to_string(),
            reason: end.reason.name().to_owned(),
            connected: end.connected,
            at: (end.at.at.as_nanos(), end.at.wall.as_millis()),
            early: end.early,
            quieted: end.quieted.as_ref().map(saved_handle),
            missed: end.missed.as_ref().map(|missed| {
                let (began, ended) = (missed.began.as_millis(), missed.ended.as_nanos());
                (missed.app.as_str().to_owned(), began, ended)
            }),
        }
    }
}

impl SavedEnd {
    /// Reads it back; nothing if any part of it is not valid.
    #[must_use]
    pub fn read(self) -> Option<model::SavedEnd> {
        Some(model::SavedEnd {
            app: AppId::new(&self.app)?,
            call: self.call.parse().ok()?,
            reason: EndReason::from_name(&self.reason)?,
            connected: self.connected,
            at: Stamp::new(
                Timestamp::from_nanos(self.at.0),
                Wall::from_millis(self.at.1),
            ),
            early: self.early,
            quieted: read_handle(self.quieted)?,
            // A tombstone that nothing can amend is better than none.
            missed: self.missed.and_then(|(app, began, ended)| {
                Some(model::Missed {
                    app: AppId::new(&app)?,
                    began: Wall::from_millis(began),
                    ended: Timestamp::from_nanos(ended),
                })
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_model::{CallId, Handle, HandleKind};

    #[test]
    fn letters_and_ends_read_back() {
        for ended in EndReason::ALL.map(Some).into_iter().chain([None]) {
            let letter = model::SavedLetter {
                app: AppId::new("org.example.App").expect("valid"),
                cursor: Cursor(9),
                at: Stamp::new(Timestamp::from_nanos(5), Wall::from_millis(6)),
                call: CallId(7),
                key: CallKey::new("k").expect("valid"),
                ended,
            };
            let text = serde_json::to_string(&SavedLetter::from(&letter)).expect("JSON");
            let back: SavedLetter = serde_json::from_str(&text).expect("JSON");
            assert_eq!(back.read(), Some(letter), "{text}");
        }
        let missed = model::Missed {
            app: AppId::new("org.example.App").expect("valid"),
            began: Wall::from_millis(6),
            ended: Timestamp::from_nanos(5),
        };
        for missed in [Some(missed), None] {
            let end = model::SavedEnd {
                app: AppId::new("org.example.App").expect("valid"),
                call: CallId(7),
                reason: EndReason::Busy,
                connected: true,
                at: Stamp::new(Timestamp::from_nanos(5), Wall::from_millis(6)),
                early: true,
                quieted: Handle::new(HandleKind::PhoneNumber, "+12025550101").ok(),
                missed,
            };
            let text = serde_json::to_string(&SavedEnd::from(&end)).expect("JSON");
            let back: SavedEnd = serde_json::from_str(&text).expect("JSON");
            assert_eq!(back.read(), Some(end), "{text}");
        }
    }

    #[test]
    fn an_end_that_an_older_daemon_kept_is_read() {
        let id = CallId(7).to_string();
        let nobody = format!(r#"{{"call":"{id}","reason":"busy","connected":true}}"#);
        let nobody: SavedEnd = serde_json::from_str(&nobody).expect("JSON");
        assert_eq!(nobody.read(), None, "whose call it was is not known");
        let app = "org.example.App";
        let text = format!(r#"{{"app":"{app}","call":"{id}","reason":"busy","connected":true}}"#);
        let older: SavedEnd = serde_json::from_str(&text).expect("JSON");
        let older = older.read().expect("a file of before has no times");
        assert_eq!((older.missed, older.early), (None, false));
        assert_eq!(older.at.at, Timestamp::from_nanos(u64::MAX));
    }
}
