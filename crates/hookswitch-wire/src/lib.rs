//! Versioned D-Bus and JSON messages.
//!
//! Layer 2: the only place where a field name is frozen. Conversions from the words of
//! `hookswitch-model` to messages and back live here, and so do all words that people read
//! ([`view`]). Nothing here decides anything or does any IO.

pub mod batch;
pub mod dbus;
pub mod flags;
pub mod json;
pub mod privacy;
pub mod trace;
pub mod view;
