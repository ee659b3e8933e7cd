//! What an address says about its caller.

use hookswitch_directory::decide::{OwnBlocks, Presented};
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
    /// The address in the form in which such are compared, if it is no number with a country code.
    pub address: Option<Text>,
}

impl Identity {
    /// What can be said without numbering plans: numbers with country code, hidden and short ones.
    #[must_use]
    pub fn by_hand(handle: Option<&Handle>) -> Self {
        match handle {
            Some(handle) if handle.kind() == HandleKind::EmailAddress => {
                Self::of(Presented::Address).spelled(handle.value())
            }
            handle => Self::text_by_hand(handle.map_or("", Handle::value)),
        }
    }

    fn text_by_hand(address: &str) -> Self {
        let mut identity = Self::of(Presented::Number);
        match number::read(address) {
            Spelling::Withheld => identity.presented = Presented::Withheld,
            Spelling::Address => identity.presented = Presented::Address,
            Spelling::International { number, zero } => {
                identity.push(number, Formed::International);
                let plain = zero.then(|| number::without_trunk(number)).flatten();
                if let Some(plain) = plain {
                    identity.push(plain, Formed::WithoutTrunk);
                }
            }
            Spelling::National(_) => {}
            Spelling::Short(digits) => identity.short = Text::new(digits).ok(),
        }
        identity.spelled(address)
    }

    /// With the address, as far as the numbers do not say it.
    pub(crate) fn spelled(mut self, address: &str) -> Self {
        self.address = match self.candidates.is_empty() || self.short.is_some() {
            true => number::comparable(address),
            false => None,
        };
        self
    }

    /// Adds who this is to the user's own block list.
    pub fn block_in(self, blocks: &mut OwnBlocks) {
        blocks.addresses.extend(self.address.clone());
        blocks.numbers.extend(self.whole());
    }

    /// The numbers of all candidates.
    pub fn whole(self) -> impl Iterator<Item = u64> {
        self.candidates.into_iter().map(|c| c.number)
    }

    pub(crate) fn of(presented: Presented) -> Self {
        Self {
            presented,
            candidates: Vec::new(),
            short: None,
            address: None,
        }
    }

    pub(crate) fn push(&mut self, number: u64, formed: Formed) {
        if self.candidates.iter().all(|known| known.number != number) {
            self.candidates.push(Candidate { number, formed });
        }
    }
}
