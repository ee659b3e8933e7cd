//! Who is connected, as whom, and what each of them may do.

use serde::{Deserialize, Serialize};

/// A program that has called a method since it connected.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Caller {
    /// Its connection, a unique bus name.
    pub connection: String,
    /// The app that it is registered as.
    pub app: Option<String>,
    /// `flatpak:ID` or `snap:NAME`, if it lives in a sandbox.
    pub sandbox: Option<String>,
    /// Its process.
    pub process: Option<u32>,
    /// The file it runs, as far as it may be seen.
    pub program: Option<String>,
    /// `provider`, `controller`, `observer`, `ui`.
    pub rights: Vec<String>,
    /// Why: `own-program` (outside of a sandbox: all rights), `sandbox` (in one: offers and sees
    /// its own calls, and the flags of others), or `grant` (the user said so).
    pub because: String,
    /// The app that the grant is for.
    pub grant: Option<String>,
}
