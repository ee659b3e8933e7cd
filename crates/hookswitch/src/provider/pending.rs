//! What an app has been asked and has not settled.

use hookswitch_wire::dbus::words::ActionKind;

use crate::call::Call;

/// A transaction with open asks (CallKit `CXTransaction` of `CXProvider.pendingTransactions`).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PendingTransaction {
    /// Its id (`CXTransaction.uuid`).
    pub id: String,
    /// What has not been settled of it, in the order of asking; never empty.
    pub actions: Vec<PendingAction>,
}

/// One open ask.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PendingAction {
    /// Its id; see [`Ask::id`](crate::Ask::id).
    pub ask: String,
    /// The call it is about.
    pub call: Call,
    /// What is asked; `None` is something that only a newer SDK knows.
    pub kind: Option<ActionKind>,
}
