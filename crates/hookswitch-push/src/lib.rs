//! The push gateway: senders of APNs pushes on one side, devices on the other.
//!
//! Wraps the pure push core into processes, sockets and a file: HTTP/2 for senders, the device
//! link for devices, an engine that keeps tokens and stored pushes. Input: a [`config::Config`].
//! Output: a running [`serve::Gateway`] with its addresses.
//!
//! # Promises
//!
//! - A sender always gets an answer: what cannot be decided in time is 503.
//! - Each wait has a deadline, each queue a bound: [`bounds`].
//! - No token, secret, payload, team or name of an app is ever logged.
//! - A stop drains: GOAWAY to senders, "come again" to devices, then the end.
//!
//! # Not here
//!
//! Every decision about pushes: `hookswitch-push-core`. The device: `hookswitch-push-link`.

pub mod bounds;
pub mod check;
mod clock;
pub mod config;
mod delivery;
pub mod dev;
mod device;
pub mod device_program;
mod engine;
pub mod keys;
mod metrics;
mod pages;
mod registry;
mod sender;
pub mod serve;
mod shard;
mod tls;
