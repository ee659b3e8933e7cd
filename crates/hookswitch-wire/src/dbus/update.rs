//! What an app reports about a call.

use hookswitch_model::{ButtonId, CallUpdate, Patch, Text, Wall};

use super::argument::{self, ArgumentError, Problem};
use super::dict::{Dict, Reader, put, put_some};

/// Reads a sparse update. What is not given stays; an empty name or handle value clears.
///
/// # Errors
///
/// [`ArgumentError`] names the first key that is wrong.
pub fn update_from_dict(dict: &Dict) -> Result<CallUpdate, ArgumentError> {
    let read = Reader(dict);
    let handle = match read.pair("handle")? {
        None => Patch::Keep,
        Some((kind, "")) => {
            argument::handle_kind("handle", kind)?;
            Patch::Clear
        }
        Some((kind, value)) => Patch::Set(argument::handle(kind, value)?),
    };
    let name = match read.string("name")? {
        None => Patch::Keep,
        Some("") => Patch::Clear,
        Some(name) => Patch::Set(argument::text("name", name)?),
    };
    Ok(CallUpdate {
        handle,
        name,
        holding: read.boolean("holding")?,
        grouping: read.boolean("grouping")?,
        ungrouping: read.boolean("ungrouping")?,
        digits: read.boolean("digits")?,
        video: read.boolean("video")?,
        emergency: read.boolean("emergency")?,
        called_at: wall(&read, "called_at")?,
        ring_until: wall(&read, "ring_until")?,
        early_media: read.boolean("early_media")?,
        account: match read.string("account")? {
            None => Patch::Keep,
            Some("") => Patch::Clear,
            Some(id) => Patch::Set(argument::account("account", id)?),
        },
        buttons: match read.strings("buttons")? {
            None => None,
            Some(ids) => {
                let ids = ids.into_iter().map(|id| argument::button("buttons", id));
                Some(ids.collect::<Result<_, _>>()?)
            }
        },
    })
}

/// Writes a sparse update.
#[must_use]
pub fn update_to_dict(update: &CallUpdate) -> Dict {
    let mut dict = Dict::new();
    match &update.handle {
        Patch::Keep => {}
        Patch::Clear => put(&mut dict, "handle", ("generic", "")),
        Patch::Set(handle) => {
            let kind = handle.kind().name();
            put(&mut dict, "handle", (kind, handle.value()));
        }
    }
    match &update.name {
        Patch::Keep => {}
        Patch::Clear => put(&mut dict, "name", ""),
        Patch::Set(name) => put(&mut dict, "name", Text::as_str(name)),
    }
    put_some(&mut dict, "holding", update.holding);
    put_some(&mut dict, "grouping", update.grouping);
    put_some(&mut dict, "ungrouping", update.ungrouping);
    put_some(&mut dict, "digits", update.digits);
    put_some(&mut dict, "video", update.video);
    put_some(&mut dict, "emergency", update.emergency);
    put_some(&mut dict, "early_media", update.early_media);
    put_some(
        &mut dict,
        "called_at",
        update.called_at.map(Wall::as_millis),
    );
    put_some(
        &mut dict,
        "ring_until",
        update.ring_until.map(Wall::as_millis),
    );
    match &update.account {
        Patch::Keep => {}
        Patch::Clear => put(&mut dict, "account", ""),
        Patch::Set(id) => put(&mut dict, "account", id.as_str()),
    }
    if let Some(ids) = &update.buttons {
        let ids: Vec<&str> = ids.iter().map(ButtonId::as_str).collect();
        put(&mut dict, "buttons", ids);
    }
    dict
}

/// A time: milliseconds since the Unix epoch.
fn wall(read: &Reader<'_>, key: &'static str) -> Result<Option<Wall>, ArgumentError> {
    match read.signed(key)? {
        None => Ok(None),
        Some(millis @ 1..) => Ok(Some(Wall::from_millis(millis))),
        Some(..1) => {
            let wanted = "milliseconds since the Unix epoch";
            Err(ArgumentError::new(key, Problem::Malformed { wanted }))
        }
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_model::{AccountId, Handle, HandleKind};
    use zbus::Variant;

    use super::*;

    #[test]
    fn an_update_reads_back() {
        let handle = Handle::new(HandleKind::PhoneNumber, "+48600000000").unwrap();
        let full = CallUpdate {
            handle: Patch::Set(handle),
            name: Patch::Set(Text::new("Ana").unwrap()),
            holding: Some(false),
            grouping: Some(true),
            ungrouping: Some(false),
            digits: Some(true),
            video: Some(false),
            emergency: Some(true),
            called_at: Some(Wall::from_millis(1_700_000_000_000)),
            ring_until: Some(Wall::from_millis(1_700_000_060_000)),
            early_media: Some(true),
            account: Patch::Set(AccountId::new("work").unwrap()),
            buttons: Some(vec![ButtonId::new("door").unwrap()]),
        };
        let clearing = CallUpdate {
            handle: Patch::Clear,
            name: Patch::Clear,
            account: Patch::Clear,
            buttons: Some(Vec::new()),
            ..CallUpdate::default()
        };
        for update in [full, clearing, CallUpdate::default()] {
            assert_eq!(update_from_dict(&update_to_dict(&update)), Ok(update));
        }
        assert!(update_to_dict(&CallUpdate::default()).is_empty());
    }

    #[test]
    fn a_wrong_key_is_named() {
        check("handle", "+48", "handle: must be of D-Bus type (ss)");
        check(
            "handle",
            ("generic", 5u32),
            "handle: must be of D-Bus type (ss)",
        );
        check(
            "handle",
            ("fax", ""),
            "handle: must be one of: generic, phone-number, email-address",
        );
        let long = "x".repeat(257);
        check(
            "handle",
            ("generic", long.as_str()),
            "handle: must not be longer than 256",
        );
        check("name", long.as_str(), "name: must not be longer than 256");
        check("name", true, "name: must be of D-Bus type s");
        check(
            "account",
            "a\nb",
            "account: must be 1 to 128 bytes without control characters",
        );
        check(
            "buttons",
            vec!["Door"],
            "buttons: must be 1 to 32 of a-z 0-9 -",
        );
        check("digits", 1u32, "digits: must be of D-Bus type b");
        check("early_media", 1u32, "early_media: must be of D-Bus type b");
        check("ring_until", 1u32, "ring_until: must be of D-Bus type x");
        check(
            "called_at",
            -1i64,
            "called_at: must be milliseconds since the Unix epoch",
        );
    }

    #[test]
    fn keys_of_tomorrow_are_ignored() {
        let mut dict = Dict::new();
        put(&mut dict, "avatar", "x");
        assert_eq!(update_from_dict(&dict), Ok(CallUpdate::default()));
    }

    #[track_caller]
    fn check<'v>(key: &str, value: impl Into<Variant<'v>>, want: &str) {
        let mut dict = Dict::new();
        put(&mut dict, key, value);
        assert_eq!(update_from_dict(&dict).unwrap_err().to_string(), want);
    }
}
