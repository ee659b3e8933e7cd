//! A real SIP phone whose ringing, answering and holding are the system's.
//!
//! The phone speaks SIP and RTP to the outside and the Hookswitch SDK to the inside. It never
//! draws a ringing screen: it reports a call, and does what it is asked.
//!
//! # Parts
//!
//! - pure: [`sdp`], [`rtp`], [`jitter`], [`g711`], [`dtmf`], [`tone`];
//! - edges, one task each with bounded channels: [`sip`] (signalling), [`media`] (one per call).
//!
//! # Not here
//!
//! Who may ring, who is held and who owns the microphone: `hookswitchd` decides.

pub mod app;
pub mod browser;
pub mod call_me;
pub mod config;
pub mod dtmf;
pub mod ends;
pub mod g711;
pub mod jitter;
pub mod media;
pub mod page;
pub mod phone;
pub mod rtp;
pub mod run;
pub mod sdp;
pub mod sip;
pub mod system;
pub mod tone;
