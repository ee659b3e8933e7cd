//! Files of secrets, read without showing them.

use anyhow::{Result, anyhow};
use serde::de::DeserializeOwned;

/// Reads TOML; what is wrong is said by the line alone, because the parser quotes values.
///
/// # Errors
///
/// When it is none, or not of this form.
pub fn toml_of_secrets<T: DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| 1 + before.matches('\n').count());
        anyhow!("line {line} is not as the documentation of lookup says")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read only")]
    struct Secrets {
        seeds: Vec<u8>,
    }

    #[test]
    fn what_is_wrong_is_said_without_what_is_there() {
        for (text, line) in [
            ("# a file\nseeds = \"hunter2\"", 2),
            ("seeds = [\"hunter2\"]", 1),
            ("seeds = []\nhunter2 = 1", 2),
            ("\n\nhunter2", 3),
        ] {
            let error = toml_of_secrets::<Secrets>(text).expect_err("it is none");
            let said = format!("{error:#} {error:?}");
            assert!(!said.contains("hunter2"), "{said}");
            assert!(said.contains(&format!("line {line} ")), "{said}");
        }
    }
}
