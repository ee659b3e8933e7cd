//! The table that a database is built from.
//!
//! Comma-separated values with a header: `number` (with the plus sign), `name`, `block` (`yes`,
//! `true` or `1`), `category` (`person` or `business`), `expiry` (minutes that a device may keep
//! the answer). Only `number` must be there.

use std::io::Read;

use anyhow::{Context, Result, bail};
use hookswitch_lookup_wire::Message;
use hookswitch_lookup_wire::identity::{CallIdentity, Category};
use serde::Deserialize;

/// One row of the table. `Debug` is left out on purpose: it is somebody's name and number.
#[derive(Clone, Deserialize)]
pub struct Record {
    /// The number, with the plus sign.
    pub number: String,
    /// The name to show; empty for none.
    #[serde(default)]
    pub name: String,
    /// Whether a call is blocked.
    #[serde(default)]
    block: String,
    /// Person or business.
    #[serde(default)]
    category: String,
    /// How long a device may keep the answer, in minutes.
    #[serde(default)]
    expiry: Option<u32>,
}

impl Record {
    /// A row of a name.
    pub fn named(number: &str, name: &str) -> Self {
        Self {
            number: number.to_owned(),
            name: name.to_owned(),
            block: String::new(),
            category: String::new(),
            expiry: None,
        }
    }

    /// The value of the use case that blocks: one byte, 0 or 1.
    pub fn block_value(&self) -> Vec<u8> {
        vec![u8::from(matches!(&self.block[..], "yes" | "true" | "1"))]
    }

    /// The value of the use case that identifies, if there is a name.
    pub fn identity_value(&self) -> Option<Vec<u8>> {
        let category = match &self.category[..] {
            "person" => Category::Person,
            "business" => Category::Business,
            _ => Category::Unspecified,
        };
        let identity = CallIdentity {
            name: self.name.clone(),
            icon: None,
            cache_expiry_minutes: self.expiry.unwrap_or_default(),
            category: category.into(),
        };
        (!self.name.is_empty()).then(|| identity.encode_to_vec())
    }

    fn check(&self) -> Result<()> {
        if !is_number(&self.number) {
            bail!("a number is a plus sign and up to 15 digits");
        }
        if !matches!(
            &self.block[..],
            "" | "yes" | "no" | "true" | "false" | "1" | "0"
        ) {
            bail!("`block` is yes or no");
        }
        if !matches!(&self.category[..], "" | "person" | "business") {
            bail!("`category` is person or business");
        }
        Ok(())
    }
}

/// Whether this is a number as the protocol spells it: a plus sign and up to 15 digits (E.164).
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads the table.
///
/// # Errors
///
/// Says which line is wrong, and why.
pub fn read(table: impl Read) -> Result<Vec<Record>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(table);
    let mut records = Vec::new();
    for (index, record) in reader.deserialize::<Record>().enumerate() {
        let line = index + 2;
        let record = record.with_context(|| format!("line {line}"))?;
        record.check().with_context(|| format!("line {line}"))?;
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_lines_are_named() {
        let head = "number,name,block,category,expiry\n";
        check(
            &format!("{head}+14085551212,Johnny Appleseed,no,person,60\n"),
            None,
        );
        check("number\n+14085551212\n", None);
        check(
            &format!("{head}+1,A,no,person,\n14085551212,B,no,person,\n"),
            Some("line 3"),
        );
        check(&format!("{head}+1,A,maybe,person,\n"), Some("line 2"));
        check(&format!("{head}+1,A,no,robot,\n"), Some("line 2"));
        check("name\nA\n", Some("line 2"));
    }

    #[track_caller]
    fn check(table: &str, refused: Option<&str>) {
        let error = read(table.as_bytes()).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), refused);
    }
}
