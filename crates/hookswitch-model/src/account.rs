//! Named accounts of an app, and whom a call goes to through one of them.

use crate::config::HandleKinds;
use crate::handle::Handle;
use crate::text::Text;
use crate::word::{bounded_word, is_printable};

bounded_word!(
    /// The app's own name for one of its accounts: 1 to 128 bytes without control characters.
    ///
    /// Apps put addresses into it, so `Debug` shows its length only.
    AccountId, 128 bytes, is_printable, hidden
);

/// One account of an app: a line, a number, a workspace (Android Telecom `PhoneAccount`; CallKit
/// knows one nameless account per app).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// The app's own name for it.
    pub id: AccountId,
    /// Its name for people, such as "Work".
    pub label: Text,
    /// What it can dial.
    pub handle_kinds: HandleKinds,
    /// Whether calls can be started through it at all.
    pub dials: bool,
    /// Whether its calls can have video.
    pub video: bool,
}

impl Account {
    /// Whether this handle can be dialed through it.
    #[must_use]
    pub fn can_dial(&self, handle: &Handle) -> bool {
        self.dials && self.handle_kinds.contains(handle.kind())
    }
}

/// Whom to call and how (CallKit `CXStartCallAction`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Callee {
    /// Whom.
    pub handle: Handle,
    /// With video.
    pub video: bool,
    /// Through which account of the app; `None` leaves the choice to the system.
    pub account: Option<AccountId>,
    /// The app's or the address book's own name for the person (`contactIdentifier`).
    pub contact: Option<Text>,
}

impl Callee {
    /// A call without a chosen account and without a contact.
    #[must_use]
    pub fn new(handle: Handle, video: bool) -> Self {
        Self {
            handle,
            video,
            account: None,
            contact: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::HandleKind;

    #[test]
    fn account_ids_are_bounded_and_not_shown() {
        assert!(AccountId::new(&"a".repeat(128)).is_ok());
        for bad in ["", "a\nb", &"a".repeat(129)] {
            assert!(AccountId::new(bad).is_err(), "{bad:?}");
        }
        let id = AccountId::new("ana@example.org").expect("valid");
        assert!(!format!("{id:?}").contains("ana"));
    }

    #[test]
    fn an_account_dials_what_it_says() {
        let mut account = Account {
            id: AccountId::new("work").expect("valid"),
            label: Text::new("Work").expect("printable"),
            handle_kinds: HandleKinds {
                phone_number: true,
                ..HandleKinds::default()
            },
            dials: true,
            video: false,
        };
        let number = Handle::new(HandleKind::PhoneNumber, "112").expect("a handle");
        let other = Handle::new(HandleKind::Generic, "112").expect("a handle");
        assert!(account.can_dial(&number) && !account.can_dial(&other));
        account.dials = false;
        assert!(!account.can_dial(&number));
    }
}
