//! The phone against SIP peers that nobody here wrote: baresip and sipp, both from Debian.
//!
//! The phone is whole, but for two ends: its audio is a tone and a meter, and a scripted system
//! stands where the daemon would be. A missing baresip or sipp is a failure: the tests install
//! what they need, they do not skip.

mod calls;
mod digest;
mod echo;
mod load;
mod malformed;
mod phone;
mod registrar;
mod tcp;
