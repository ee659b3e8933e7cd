//! The options of `Controller.Dial`.

use super::argument::ArgumentError;
use super::dict::{Dict, Reader, put, put_some};
use hookswitch_model::{AccountId, Callee, Handle, Text};

/// Writes the options.
#[must_use]
pub fn dial_options(to: &Callee) -> Dict {
    let mut dict = Dict::new();
    put(&mut dict, "video", to.video);
    put_some(
        &mut dict,
        "account",
        to.account.as_ref().map(AccountId::as_str),
    );
    put_some(&mut dict, "contact", to.contact.as_ref().map(Text::as_str));
    dict
}

/// Reads the options of a call to `handle`; without a key there is no video, and the system
/// chooses the account.
///
/// # Errors
///
/// [`ArgumentError`] names the first key that is wrong.
pub fn dial_to(handle: Handle, options: &Dict) -> Result<Callee, ArgumentError> {
    let read = Reader(options);
    Ok(Callee {
        handle,
        video: read.boolean("video")?.unwrap_or(false),
        account: read.account()?,
        contact: read.text("contact")?,
    })
}

#[cfg(test)]
mod tests {
    use hookswitch_model::HandleKind;

    use super::*;

    #[test]
    fn options_read_back() {
        let handle = || Handle::new(HandleKind::Generic, "ana").unwrap();
        let full = Callee {
            account: AccountId::new("work").ok(),
            contact: Text::new("contact-7").ok(),
            ..Callee::new(handle(), true)
        };
        for to in [Callee::new(handle(), false), full] {
            assert_eq!(dial_to(handle(), &dial_options(&to)), Ok(to));
        }
        let none = dial_to(handle(), &Dict::new());
        assert_eq!(none, Ok(Callee::new(handle(), false)));
        let mut wrong = Dict::new();
        put(&mut wrong, "video", "yes");
        let error = dial_to(handle(), &wrong).unwrap_err();
        assert_eq!(error.to_string(), "video: must be of D-Bus type b");
    }
}
