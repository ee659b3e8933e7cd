//! What an address says about its caller.

use hookswitch_directory::decide::Presented;
use hookswitch_directory::number::{self, Spelling};
use hookswitch_model::{Candidate, Formed, Handle, HandleKind, Text};

/// What an address says about its caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// How it presents itself.
    pub presented: Presented,
    /// The numbers that it may have, most certain first.
    pub candidates: Vec<Candidate>,
    /// Digits as they came, if they are too few for a number of a person.
    pub short: Option<Text>,
}

impl Identity {
    /// What can be said without numbering plans: numbers with country code, hidden and short ones.
    #[must_use]
    pub fn by_hand(handle: Option<&Handle>) -> Self {
        match handle {
            Some(handle) if handle.kind() == HandleKind::EmailAddress => {
                Self::of(Presented::Address)
            }
            handle => Self::text_by_hand(handle.map_or("", Handle::value)),
        }
    }

    fn text_by_hand(address: &str) -> Self {
        let mut identity = Self::of(Presented::Number);
        match number::read(address) {
            Spelling::Withheld => identity.presented = Presented::Withheld,
            Spelling::Address => identity.presented = Presented::Address,
            Spelling::International { number, .. } => identity.push(number, Formed::International),
            Spelling::National(_) => {}
            Spelling::Short(digits) => identity.short = Text::new(digits).ok(),
        }
        identity
    }

    /// The numbers of all candidates, a short one as it is.
    pub fn whole(self) -> impl Iterator<Item = u64> {
        let short = self.short.and_then(|short| short.as_str().parse().ok());
        self.candidates.into_iter().map(|c| c.number).chain(short)
    }

    pub(crate) fn of(presented: Presented) -> Self {
        Self {
            presented,
            candidates: Vec::new(),
            short: None,
        }
    }

    pub(crate) fn push(&mut self, number: u64, formed: Formed) {
        if self.candidates.iter().all(|known| known.number != number) {
            self.candidates.push(Candidate { number, formed });
        }
    }
}
