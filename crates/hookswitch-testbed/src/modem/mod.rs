//! A simulated modem of our own, driven by the real ModemManager and the real oFono.
//!
//! Three parts, from pure to wired: the subscriber's calls ([`SubscriberLine`]), the AT commands
//! ([`AtModem`]), and a modem on a socket with a hand for the test ([`SimulatedModem`]). Facts come
//! from 3GPP TS 22.030 (codes for hold, wait, join), TS 27.007 (commands) and ITU-T V.250 (syntax).
//!
//! ```no_run
//! use hookswitch_testbed::modem::{Network, SimulatedModem, start_ofono};
//! use hookswitch_testbed::{Bed, PrivateBus};
//! use std::time::Duration;
//!
//! let bed = Bed::new();
//! let bus = PrivateBus::start(&bed);
//! let modem = SimulatedModem::on_tcp();
//! let ofono = start_ofono(&bed, &bus, &modem);  // then Powered and Online over D-Bus
//! modem.network(Network::Calls("+12025550101".into()));
//! modem.wait("the answer", Duration::from_secs(10), |_, log| log.iter().any(|l| l == "ATA"));
//! ```
//!
//! # Not here
//!
//! Sound, SMS, data connections, and the D-Bus side of either daemon.

mod at;
mod bed;
mod card;
mod daemons;
mod line;

pub use at::{AtModem, Fault, Network};
pub use bed::{ModemPort, RING_EVERY, SimulatedModem};
pub use daemons::{as_system_bus, start_modem_manager, start_ofono};
pub use line::{CALLS_MAX, CallState, NotAllowed, ServiceCode, SimulatedCall, SubscriberLine};
