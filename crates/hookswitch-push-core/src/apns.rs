//! The APNs provider API, as far as it is text and numbers.
//!
//! Decides what one request of a sender is: which path, who sent it, which push with which rules,
//! or which of the published complaints. Input: method, path, headers, what the edge verified
//! about the sender, the body's size and shape. Output: a [`request::Posted`] or a
//! [`reason::Reason`].
//!
//! Rules and reasons follow Apple's pages "Sending notification requests to APNs", "Handling
//! notification responses from APNs" and "Establishing a token-based connection to APNs". Where
//! they leave the answer open, the choice is named in `docs/push.md`. The order of checks: method
//! and path, sender, headers, token, topic, body.
//!
//! # Not here
//!
//! HTTP/2, TLS, JSON, signatures.

pub mod reason;
pub mod request;
pub mod sender;
pub mod topic;
