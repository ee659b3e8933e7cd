//! When two addresses mean the same person: by their form alone, without any numbering plan.
//!
//! Sources: RFC 3966, section 5.1.1 (visual separators of a number do not count); RFC 3261,
//! section 19.1.4 (scheme and host of a SIP address are compared without regard to case, the user
//! part with it).
//!
//! # Promises
//!
//! - **SA1** an address is the same as itself, and what is the same as a third is the same.
//! - **SA2** neither the kind that an app gives it counts, nor the scheme, nor parameters.
//!
//! # Not here
//!
//! Which numbers a number without country code may be (`hookswitch-number`).

use crate::handle::{Handle, HandleKind};

/// Schemes that a person does not say, as they are compared.
const SCHEMES: [&str; 4] = ["tel:", "sip:", "sips:", "mailto:"];

impl Handle {
    /// The one form in which addresses are compared. For comparing only: dialing and showing take
    /// the address as it is.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let bare = without_scheme(self.value().trim());
        // The context of a local number says which network's it is (RFC 3966, section 5.1.5).
        let bare = match bare.contains(";phone-context=") {
            true => bare,
            false => bare.split([';', '?']).next().unwrap_or(bare),
        };
        let (kind, value) = match as_number(bare) {
            Some(number) => (HandleKind::PhoneNumber, number),
            None => (HandleKind::Generic, with_small_host(bare)),
        };
        Self::new(kind, &value).unwrap_or_else(|_| self.clone())
    }

    /// Whether both mean the same person.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self == other || self.canonical() == other.canonical()
    }

    /// Country code and national number as one number, if it comes with its country code.
    #[must_use]
    pub fn whole_number(&self) -> Option<u64> {
        let form = self.canonical();
        form.value().strip_prefix('+')?.parse().ok()
    }
}

fn without_scheme(value: &str) -> &str {
    let bare = SCHEMES.iter().find_map(|scheme| {
        let head = value.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme)
            .then(|| &value[scheme.len()..])
    });
    bare.filter(|rest| !rest.is_empty()).unwrap_or(value)
}

/// A number without what only makes it easier to read; nothing if it is none.
fn as_number(text: &str) -> Option<String> {
    let is_separator = |c: char| matches!(c, '-' | '.' | '(' | ')' | ' ' | '\u{a0}');
    let number: String = text.chars().filter(|c| !is_separator(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
    (!digits.is_empty() && digits.chars().all(is_number)).then_some(number)
}

/// `Ana@Example.ORG` as `Ana@example.org`, `@ana:Example.org` as `@ana:example.org`.
fn with_small_host(text: &str) -> String {
    let split = match text.starts_with('@') {
        true => text.find(':'),
        false => text.rfind('@'),
    };
    match split {
        Some(at) => {
            let (user, host) = text.split_at(at);
            format!("{user}{}", host.to_ascii_lowercase())
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(kinds: (HandleKind, HandleKind), left: &str, right: &str) -> bool {
        let left = Handle::new(kinds.0, left).expect("valid");
        let right = Handle::new(kinds.1, right).expect("valid");
        assert_eq!(left.is_same(&right), right.is_same(&left));
        left.is_same(&right)
    }

    #[test]
    fn one_person_has_many_spellings() {
        use HandleKind::{EmailAddress, Generic, PhoneNumber};
        let phone = (PhoneNumber, PhoneNumber);
        let sip = (Generic, Generic);
        for (kinds, left, right, want) in [
            (phone, "+44 20 7946 0958", "tel:+442079460958", true),
            (phone, "TEL:+44-20-7946-0958", "+44.20.79460958", true),
            (phone, "+442079460958;ext=1", "+442079460958", true),
            (
                (PhoneNumber, Generic),
                "+442079460958",
                "tel:+442079460958",
                true,
            ),
            (phone, "02079460958", "+442079460958", false),
            (phone, "+12025550101", "+12025550102", false),
            (phone, "863-1234;phone-context=+1-914", "8631234", false),
            (sip, "sip:Bob@Example.ORG", "SIP:Bob@example.org", true),
            (
                sip,
                "sip:Bob@example.org;transport=tcp",
                "Bob@example.org",
                true,
            ),
            (sip, "sip:Bob@example.org", "sip:bob@example.org", false),
            (
                sip,
                "sip:bob@example.org:5060",
                "sip:bob@example.org",
                false,
            ),
            (
                (EmailAddress, Generic),
                "mailto:a@B.org",
                "sip:a@b.org",
                true,
            ),
            (sip, "@omar:Example.org", "@omar:example.org", true),
            (sip, "Omar", "omar", false),
            (sip, "sip:", "sip:", true),
        ] {
            assert_eq!(same(kinds, left, right), want, "{left} {right}");
        }
    }

    #[test]
    fn a_whole_number_has_its_country_code() {
        let whole = |text| {
            let handle = Handle::new(HandleKind::PhoneNumber, text);
            handle.expect("valid").whole_number()
        };
        assert_eq!(whole("tel:+44 20 7946 0958"), Some(442_079_460_958));
        assert_eq!(whole("02079460958"), None);
        assert_eq!(whole("+*31#"), None);
    }
}
