//! Addresses that are no numbers with a country code, in the form in which they are compared.
//!
//! # Promises
//!
//! - **AD1** what its app spells `sip:Ana@Example.org;transport=tls`, `SIPS:ana@example.org` and
//!   `ana@example.org` is one address: scheme, parameters (RFC 3261, section 19.1.1) and letter
//!   case do not count. Letter case counts in the user part by RFC 3261, section 19.1.4, and RFC
//!   5321, section 2.4; nobody gives two people addresses that differ by it alone.
//! - **AD2** digits are compared without what people put between them.

use hookswitch_model::Text;

/// Schemes that say how to reach somebody, and not who it is.
const SCHEMES: &[&str] = &["sip", "sips", "tel", "mailto", "xmpp", "im"];

/// The form in which an address is compared; none if there is nothing in it.
#[must_use]
pub fn comparable(address: &str) -> Option<Text> {
    let text = without_scheme(address.trim());
    let dialed: String = text.chars().filter(|c| !super::is_filler(*c)).collect();
    let is_dialed = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
    let text = match dialed.chars().all(is_dialed) {
        true => dialed,
        false => text.to_lowercase(),
    };
    Text::cut(&text).ok()
}

fn without_scheme(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text;
    };
    match SCHEMES.iter().any(|own| scheme.eq_ignore_ascii_case(own)) {
        true => rest.split([';', '?']).next().unwrap_or_default(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        let table: &[&[&str]] = &[
            &[
                "ana@example.org",
                "sip:Ana@Example.org;transport=tls",
                "SIPS:ana@example.org?subject=x",
                "mailto:ana@example.org",
                " ana@EXAMPLE.org ",
            ],
            &["07911 123456", "07911-123456", "tel:(07911) 123456"],
            &["100", "sip:100", "tel:100"],
            &["*100#", "tel:*100#"],
            &["@omar:example.org", "@Omar:example.org"],
            &["ana@other.example"],
            &["anonymous"],
        ];
        for (at, same) in table.iter().enumerate() {
            let want = comparable(same[0]);
            assert!(want.is_some());
            for text in *same {
                assert_eq!(comparable(text), want, "{text}");
            }
            for other in &table[at + 1..] {
                assert_ne!(comparable(other[0]), want, "{} {}", other[0], same[0]);
            }
        }
        assert_eq!(comparable(" "), None);
        assert_eq!(comparable("sip:"), None);
    }
}
