//! Which numbers a caller may have: an edge around a port of libphonenumber.
//!
//! Input: the address as an app reports it, and the regions of the user's lines. Output:
//! candidates for the decision of the call directory, and numbers of lists completed.
//!
//! # Promises
//!
//! - **NP1** a number with its country code is read without the library
//!   ([`hookswitch_directory::number`]).
//! - **NP2** a national number is completed with each active region; a trunk zero behind a country
//!   code is left out where it does not belong.
//! - **NP3** the library lives in a value, not in global state; what it keeps is bounded by the
//!   number of regions in the world.
//!
//! # Not here
//!
//! Emergency numbers and the decision (`hookswitch-directory`), contacts.

mod identity;

use core::fmt;
use std::collections::BTreeSet;

use hookswitch_directory::decide::{OwnBlocks, Presented};
use hookswitch_directory::lists::NumberingPlan;
use hookswitch_directory::number::{self, Spelling};
use hookswitch_model::{Formed, Handle, HandleKind, Text};
use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, PhoneNumberUtil, Region};

pub use identity::Identity;

/// Most regions at once: the lines of one user.
pub const REGIONS_MAX: usize = 8;

/// Fewest digits of a number that may lack its plus sign.
const BARE_MIN: usize = 11;

/// Why regions were refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegionError {
    /// Not a region of the numbering plans.
    #[error("`{0}` is no region: use the two letters of ISO 3166, such as GB or US")]
    Unknown(String),
    /// Too many.
    #[error("more than {REGIONS_MAX} regions: name those of your own lines only")]
    TooMany,
    /// The tables of the library cannot be read; a build that is not whole.
    #[error("the numbering plans cannot be read: build hookswitch again")]
    Tables,
}

/// The numbering plans, and the regions of the user's lines.
pub struct Numbers {
    plans: PhoneNumberUtil,
    regions: Vec<(Region, [u8; 2])>,
}

impl Numbers {
    /// Takes the regions of the user's lines (ISO 3166, two letters), the main one first.
    ///
    /// # Errors
    ///
    /// [`RegionError`] when one is not known.
    pub fn new<S: AsRef<str>>(regions: &[S]) -> Result<Self, RegionError> {
        if regions.len() > REGIONS_MAX {
            return Err(RegionError::TooMany);
        }
        let plans = PhoneNumberUtil::new().map_err(|_| RegionError::Tables)?;
        let regions = regions
            .iter()
            .map(|region| read_region(&plans, region.as_ref()));
        let regions = regions.collect::<Result<_, _>>()?;
        Ok(Self { plans, regions })
    }

    /// The regions of the user's lines.
    #[must_use]
    pub fn regions(&self) -> Vec<[u8; 2]> {
        self.regions.iter().map(|(_, code)| *code).collect()
    }

    /// What a handle of a call says; none: the number is hidden.
    #[must_use]
    pub fn identify(&self, handle: Option<&Handle>) -> Identity {
        match handle {
            None => self.identify_text(""),
            Some(handle) => match handle.kind() {
                HandleKind::PhoneNumber | HandleKind::Generic => self.identify_text(handle.value()),
                HandleKind::EmailAddress => {
                    Identity::of(Presented::Address).spelled(handle.value())
                }
            },
        }
    }

    /// The same for an address as text.
    #[must_use]
    pub fn identify_text(&self, address: &str) -> Identity {
        let mut identity = Identity::of(Presented::Number);
        match number::read(address) {
            Spelling::Withheld => identity.presented = Presented::Withheld,
            Spelling::Address => identity.presented = Presented::Address,
            Spelling::International { number, zero } => {
                identity.push(number, Formed::International);
                let plain = zero.then(|| self.without_trunk(number)).flatten();
                if let Some(plain) = plain {
                    identity.push(plain, Formed::WithoutTrunk);
                }
            }
            Spelling::National(text) => self.complete_all(text, &mut identity),
            Spelling::Short(text) => {
                identity.short = Text::new(text).ok();
                let mut long = Identity::of(Presented::Number);
                for (region, code) in &self.regions {
                    if let Some((number, true)) = self.parse(text, *region) {
                        long.push(number, Formed::National(*code));
                    }
                }
                identity.candidates = long.candidates;
            }
        }
        identity.spelled(address)
    }

    /// The numbers of people in any spelling, as whole numbers.
    #[must_use]
    pub fn whole<'h>(&self, handles: impl IntoIterator<Item = &'h Handle>) -> BTreeSet<u64> {
        let identities = handles
            .into_iter()
            .map(|handle| self.identify(Some(handle)));
        identities.flat_map(Identity::whole).collect()
    }

    /// A number with its country code, if there is but one that it may be; any other address as it
    /// is.
    #[must_use]
    pub fn whole_handle(&self, handle: Handle) -> Handle {
        let identity = self.identify(Some(&handle));
        match identity.candidates.as_slice() {
            [one] => {
                let whole = format!("+{}", one.number);
                Handle::new(HandleKind::PhoneNumber, &whole).unwrap_or(handle)
            }
            _ => handle,
        }
    }

    /// The user's own block list as it is compared.
    #[must_use]
    pub fn own_blocks<'h>(&self, handles: impl IntoIterator<Item = &'h Handle>) -> OwnBlocks {
        let mut blocks = OwnBlocks::default();
        for handle in handles {
            self.identify(Some(handle)).block_in(&mut blocks);
        }
        blocks
    }

    /// A number as people of the world write it: `+44 20 7946 0000`.
    #[must_use]
    pub fn display(&self, number: u64) -> String {
        let plain = format!("+{number}");
        let parsed = self.plans.parse(&plain, None).ok();
        let pretty = parsed.map(|parsed| {
            let form = PhoneNumberFormat::International;
            self.plans.format(&parsed, form).into_owned()
        });
        pretty.unwrap_or(plain)
    }

    fn complete_all(&self, text: &str, identity: &mut Identity) {
        let mut any_valid = false;
        for (region, code) in &self.regions {
            if let Some((number, valid)) = self.parse(text, *region) {
                any_valid |= valid;
                identity.push(number, Formed::National(*code));
            }
        }
        // Gateways leave the plus sign out. Only if no line of the user explains the digits.
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if !any_valid && digits.len() >= BARE_MIN && !digits.starts_with('0') {
            let whole = self.plans.parse(format!("+{digits}"), None).ok();
            let whole = whole.filter(|n| self.plans.is_valid_number(n));
            if let Some(number) = whole.and_then(|number| self.number(&number)) {
                identity.push(number, Formed::International);
            }
        }
    }

    /// The number in a region, and whether the plan of the region has such numbers.
    fn parse(&self, text: &str, region: Region) -> Option<(u64, bool)> {
        let parsed = self.plans.parse(text, Some(region)).ok()?;
        let valid = self.plans.is_valid_number(&parsed);
        Some((self.number(&parsed)?, valid))
    }

    fn without_trunk(&self, number: u64) -> Option<u64> {
        let parsed = self.plans.parse(format!("+{number}"), None).ok()?;
        self.number(&parsed)
    }

    fn number(&self, parsed: &PhoneNumber) -> Option<u64> {
        let text = self.plans.format(parsed, PhoneNumberFormat::E164);
        text.strip_prefix('+')?.parse().ok()
    }
}

impl NumberingPlan for Numbers {
    /// Completes with the first region in which there are such numbers.
    fn complete(&self, national: &str) -> Option<u64> {
        let parsed = self.regions.iter();
        let mut parsed = parsed.filter_map(|(region, _)| self.parse(national, *region));
        parsed.find(|(_, valid)| *valid).map(|(number, _)| number)
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Numbers")
            .field("regions", &self.regions.len())
            .finish_non_exhaustive()
    }
}

fn read_region(plans: &PhoneNumberUtil, text: &str) -> Result<(Region, [u8; 2]), RegionError> {
    let upper = text.trim().to_ascii_uppercase();
    let unknown = || RegionError::Unknown(text.to_owned());
    let code: [u8; 2] = upper.as_bytes().try_into().map_err(|_| unknown())?;
    let region = Region::from_code(&upper).map_err(|_| unknown())?;
    plans
        .get_country_code_for_region(region)
        .ok_or_else(unknown)?;
    Ok((region, code))
}
