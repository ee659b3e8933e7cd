//! Dictionaries of the bus (`a{sv}`), read key by key.

use std::collections::BTreeMap;

use zbus::{OwnedVariant, Variant};

use super::argument::{self, ArgumentError, Problem};
use hookswitch_model::{AccountId, ButtonId, Handle, Language, Text};

/// An `a{sv}`, in the order of its keys, so that the same message gives the same error.
pub type Dict = BTreeMap<String, OwnedVariant>;

/// Reads one key after another; the first problem decides.
pub(super) struct Reader<'a>(pub(super) &'a Dict);

impl<'a> Reader<'a> {
    fn value(&self, key: &'static str) -> Option<&'a Variant<'static>> {
        self.0.get(key).map(|value| {
            let variant: &Variant<'static> = value;
            variant
        })
    }

    /// A string.
    pub(super) fn string(&self, key: &'static str) -> Result<Option<&'a str>, ArgumentError> {
        self.read(key, "s", string)
    }

    /// A boolean.
    pub(super) fn boolean(&self, key: &'static str) -> Result<Option<bool>, ArgumentError> {
        self.read(key, "b", |value| {
            let Variant::Bool(on) = value else {
                return None;
            };
            Some(*on)
        })
    }

    /// A count that must be at least one.
    pub(super) fn count(&self, key: &'static str) -> Result<Option<u32>, ArgumentError> {
        let found = self.read(key, "u", |value| {
            let Variant::U32(count) = value else {
                return None;
            };
            Some(*count)
        })?;
        let max = u64::from(u32::MAX);
        match found {
            Some(0) => Err(ArgumentError::new(key, Problem::OutOfRange { min: 1, max })),
            other => Ok(other),
        }
    }

    /// A number within bounds.
    pub(super) fn number(
        &self,
        key: &'static str,
        (min, max): (u64, u64),
    ) -> Result<Option<u64>, ArgumentError> {
        let found = self.read(key, "t", |value| {
            let Variant::U64(number) = value else {
                return None;
            };
            Some(*number)
        })?;
        match found {
            Some(number) if number < min || number > max => {
                Err(ArgumentError::new(key, Problem::OutOfRange { min, max }))
            }
            other => Ok(other),
        }
    }

    /// A number that may be negative.
    pub(super) fn signed(&self, key: &'static str) -> Result<Option<i64>, ArgumentError> {
        self.read(key, "x", |value| {
            let Variant::I64(number) = value else {
                return None;
            };
            Some(*number)
        })
    }

    /// A list of strings.
    pub(super) fn strings(&self, key: &'static str) -> Result<Option<Vec<&'a str>>, ArgumentError> {
        self.read(key, "as", |value| {
            let Variant::Array(array) = value else {
                return None;
            };
            array.inner().iter().map(string).collect()
        })
    }

    /// A pair of strings.
    pub(super) fn pair(
        &self,
        key: &'static str,
    ) -> Result<Option<(&'a str, &'a str)>, ArgumentError> {
        self.read(key, "(ss)", |value| {
            let Variant::Structure(pair) = value else {
                return None;
            };
            let [first, second] = pair.fields() else {
                return None;
            };
            Some((string(first)?, string(second)?))
        })
    }

    /// A text that must not be empty.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<Text>, ArgumentError> {
        let found = self.string(key)?;
        found.map(|text| argument::text(key, text)).transpose()
    }

    /// An account.
    pub(super) fn account(&self) -> Result<Option<AccountId>, ArgumentError> {
        let found = self.string("account")?;
        found.map(|id| argument::account("account", id)).transpose()
    }

    /// A button.
    pub(super) fn button_id(&self) -> Result<Option<ButtonId>, ArgumentError> {
        let found = self.string("button")?;
        found.map(|id| argument::button("button", id)).transpose()
    }

    /// A language that must be given.
    pub(super) fn language(&self, key: &'static str) -> Result<Language, ArgumentError> {
        argument::language(key, required(key, self.string(key)?)?)
    }

    /// A list of dictionaries.
    pub(super) fn dicts(&self, key: &'static str) -> Result<Vec<Dict>, ArgumentError> {
        let found = self.read(key, "aa{sv}", |value| {
            let Variant::Array(array) = value else {
                return None;
            };
            array.inner().iter().map(nested).collect()
        })?;
        Ok(found.unwrap_or_default())
    }

    /// A handle that must be given.
    pub(super) fn handle(&self) -> Result<Handle, ArgumentError> {
        let (kind, value) = required("handle", self.pair("handle")?)?;
        argument::handle(kind, value)
    }

    fn read<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        take: impl FnOnce(&'a Variant<'static>) -> Option<T>,
    ) -> Result<Option<T>, ArgumentError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        match take(unwrapped(value)) {
            Some(found) => Ok(Some(found)),
            None => Err(ArgumentError::new(key, Problem::WrongType { wanted })),
        }
    }
}

/// A dictionary inside a list.
fn nested(value: &Variant<'static>) -> Option<Dict> {
    let Variant::Dict(dict) = value else {
        return None;
    };
    let entry = |(key, value): (&Variant<'static>, &Variant<'static>)| {
        let value = OwnedVariant::try_from(unwrapped(value).try_clone().ok()?).ok()?;
        Some((string(key)?.to_owned(), value))
    };
    dict.iter().map(entry).collect()
}

/// Some bindings wrap a variant once more; one such layer is looked through.
fn unwrapped<'a>(value: &'a Variant<'static>) -> &'a Variant<'static> {
    if let Variant::Variant(inner) = value {
        inner
    } else {
        value
    }
}

fn string<'a>(value: &'a Variant<'static>) -> Option<&'a str> {
    let Variant::Str(text) = value else {
        return None;
    };
    Some(text.as_str())
}

/// Insists on a value.
pub(super) fn required<T>(key: &'static str, value: Option<T>) -> Result<T, ArgumentError> {
    value.ok_or_else(|| ArgumentError::new(key, Problem::Missing))
}

/// Puts a value into a dictionary.
pub(super) fn put<'v>(dict: &mut Dict, key: &str, value: impl Into<Variant<'v>>) {
    let owned = value
        .into()
        .try_into_owned()
        .expect("only file descriptors can fail to be copied, and none is sent");
    dict.insert(key.to_owned(), owned);
}

/// Puts a value into a dictionary if there is one.
pub(super) fn put_some<'v>(dict: &mut Dict, key: &str, value: Option<impl Into<Variant<'v>>>) {
    if let Some(value) = value {
        put(dict, key, value);
    }
}
