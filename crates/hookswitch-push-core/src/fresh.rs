//! The proof of freshness: a deadline on the device's own clock, from facts that the device knows.
//!
//! The gateway says how much life was left when it granted a push. The device knows an instant of
//! its own clock that lies *before* that grant: when it sent the claim that the grant answers, or
//! when it sent heartbeat *k* (the gateway adds how long ago it heard it). That instant plus the
//! life left lies before E, whatever happened between. The proof errs towards dropping only.
//!
//! Two clocks may run at different rates: `drift` takes off what 500 ppm can amount to, the most
//! that NTP lets a clock be slewed (RFC 5905, section 12).

use crate::time::Boot;

/// What proves when a grant was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// It answers this device's claim.
    Claim,
    /// It left at least `ago_ms` after the device sent this heartbeat.
    Beat {
        /// The number of the heartbeat.
        beat: u32,
        /// How long before the grant the gateway heard it.
        ago_ms: u64,
    },
}

/// The last instant, by the device's boot clock, at which a callback may begin.
///
/// `sent` is when the device sent the claim or heartbeat, `ago_ms` the time that the gateway
/// adds, `left_ms` the life that was left at the grant.
#[must_use]
pub fn deadline(sent: Boot, ago_ms: u64, left_ms: u64) -> Boot {
    let span = ago_ms.saturating_add(left_ms);
    sent.plus(span - drift(span))
}

/// Whether a callback may begin: the check right before it, in the process of the app.
#[must_use]
pub fn may_begin(now: Boot, deadline: Boot) -> bool {
    now < deadline
}

/// What two clocks can differ by over a span: 500 ppm, rounded up.
fn drift(span_ms: u64) -> u64 {
    span_ms.div_ceil(2_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_counts_from_what_the_device_sent() {
        assert_eq!(deadline(Boot(10_000), 0, 2_000), Boot(11_999));
        assert_eq!(deadline(Boot(10_000), 30_000, 2_000), Boot(41_984));
        assert!(may_begin(Boot(11_998), Boot(11_999)));
        assert!(!may_begin(Boot(11_999), Boot(11_999)));
    }
}
