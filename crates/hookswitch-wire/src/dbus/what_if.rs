//! The options of `Directory.Explain`: what is supposed of a call that has not come.

use hookswitch_model::{Text, Wall};

use super::argument::ArgumentError;
use super::dict::{Dict, Reader, put_some};

/// What is supposed; what is left out is as it is now.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WhatIf {
    /// When it calls.
    pub at: Option<Wall>,
    /// Under which name it is in the contacts.
    pub contact: Option<Text>,
    /// When the user called it last.
    pub called: Option<Wall>,
}

/// Writes the options.
#[must_use]
pub fn what_if_options(what: &WhatIf) -> Dict {
    let mut dict = Dict::new();
    put_some(&mut dict, "at", what.at.map(Wall::as_millis));
    put_some(
        &mut dict,
        "contact",
        what.contact.as_ref().map(Text::as_str),
    );
    put_some(&mut dict, "called", what.called.map(Wall::as_millis));
    dict
}

/// Reads the options.
///
/// # Errors
///
/// [`ArgumentError`] names the first key that is wrong.
pub fn what_if(options: &Dict) -> Result<WhatIf, ArgumentError> {
    let read = Reader(options);
    Ok(WhatIf {
        at: read.signed("at")?.map(Wall::from_millis),
        contact: read.text("contact")?,
        called: read.signed("called")?.map(Wall::from_millis),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_back() {
        let full = WhatIf {
            at: Some(Wall::from_millis(1_700_000_000_000)),
            contact: Text::new("Ana").ok(),
            called: Some(Wall::from_millis(1_700_000_000_001)),
        };
        for what in [WhatIf::default(), full] {
            assert_eq!(what_if(&what_if_options(&what)), Ok(what));
        }
    }
}
