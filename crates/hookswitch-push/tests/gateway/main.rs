//! The gateway as processes: senders and devices that are programs of their own.

#![allow(
    clippy::unwrap_used,
    reason = "a bed that cannot be made fails its test"
)]

mod bed;
mod faults;
mod lab;
mod proxy;
mod senders;
mod table;
mod vertical;
