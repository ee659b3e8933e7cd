//! Calls and dictionaries of the bus, in short.

use serde::de::DeserializeOwned;
use zbus::{Connection, Message, OwnedVariant, Variant};

use super::Dict;

/// One object of a daemon.
pub(super) struct Object<'a> {
    pub(super) connection: &'a Connection,
    pub(super) daemon: &'static str,
    pub(super) path: &'a str,
}

impl Object<'_> {
    /// Calls a method.
    pub(super) async fn call<B>(
        &self,
        interface: &str,
        method: &str,
        body: &B,
    ) -> zbus::Result<Message>
    where
        B: serde::Serialize + zbus::Type,
    {
        let daemon = Some(self.daemon);
        self.connection
            .call_method(daemon, self.path, Some(interface), method, body)
            .await
    }

    /// Calls a method and reads its answer.
    pub(super) async fn ask<B, R>(&self, interface: &str, method: &str, body: &B) -> zbus::Result<R>
    where
        B: serde::Serialize + zbus::Type,
        R: DeserializeOwned + zbus::Type,
    {
        self.call(interface, method, body)
            .await?
            .body()
            .deserialize()
    }
}

/// A string, or an object path; empty if it is not there.
pub(super) fn text(dict: &Dict, key: &str) -> String {
    dict.get(key).map(read_text).unwrap_or_default()
}

/// A string, or an object path; empty for anything else.
pub(super) fn read_text(value: &OwnedVariant) -> String {
    word(value).unwrap_or_default()
}

/// A number; none for anything else.
pub(super) fn number(dict: &Dict, key: &str) -> Option<i64> {
    let value: &Variant<'static> = dict.get(key)?;
    if let Variant::I32(number) = value {
        Some(i64::from(*number))
    } else if let Variant::U32(number) = value {
        Some(i64::from(*number))
    } else {
        None
    }
}

/// Whether a boolean is there and true.
pub(super) fn is_true(dict: &Dict, key: &str) -> bool {
    dict.get(key).is_some_and(is_boolean_true)
}

/// Whether it is a boolean, and true.
pub(super) fn is_boolean_true(value: &OwnedVariant) -> bool {
    let value: &Variant<'static> = value;
    matches!(value, Variant::Bool(true))
}

/// A list of strings or object paths.
pub(super) fn list(value: &OwnedVariant) -> Vec<String> {
    let value: &Variant<'static> = value;
    let Variant::Array(array) = value else {
        return Vec::new();
    };
    array.inner().iter().filter_map(word).collect()
}

fn word(value: &Variant<'_>) -> Option<String> {
    if let Variant::Str(text) = value {
        Some(text.to_string())
    } else if let Variant::ObjectPath(path) = value {
        Some(path.to_string())
    } else {
        None
    }
}

/// An error without what it is about: messages of daemons may name numbers.
pub(super) fn describe(error: &zbus::Error) -> String {
    if let zbus::Error::MethodError(name, _, _) = error {
        name.to_string()
    } else {
        error.to_string()
    }
}
