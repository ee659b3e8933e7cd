//! How a call ended, from what the daemon says and where the call was.
//!
//! ModemManager's reasons: <https://www.freedesktop.org/software/ModemManager/api/latest/>,
//! `MMCallStateReason`. oFono's: `DisconnectReason` of its call interface, `local`, `remote` or
//! `network`. Neither tells a declined call from an unanswered one, so a call that ended while the
//! other side rang counts as declined by them.

use crate::words::{CellState, End, Why};

/// The end of a call that was in `state`, dialed here or not.
pub fn end(state: CellState, outgoing: bool, why: Why) -> End {
    match (why, state) {
        (Why::Failed | Why::ModemGone, _) => End::Failed,
        (Why::Busy, CellState::Active | CellState::Held) => End::RemoteHangup,
        (Why::Busy, _) if outgoing => End::Busy,
        (Why::Deflected, CellState::Incoming | CellState::Waiting) => End::DeclinedElsewhere,
        (Why::Deflected, _) => End::LocalHangup,
        (Why::Local, CellState::Incoming | CellState::Waiting) => End::DeclinedElsewhere,
        (Why::Local, _) => End::LocalHangup,
        (_, CellState::Incoming | CellState::Waiting) => End::CanceledByCaller,
        (_, CellState::Alerting) => End::DeclinedByRemote,
        (_, CellState::Dialing) => End::Failed,
        (Why::Unknown | Why::Remote, CellState::Active | CellState::Held) => End::RemoteHangup,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_named() {
        use CellState::{Active, Alerting, Dialing, Held, Incoming, Waiting};
        for (state, outgoing, why, want) in [
            (Incoming, false, Why::Unknown, End::CanceledByCaller),
            (Waiting, false, Why::Remote, End::CanceledByCaller),
            (Waiting, false, Why::Busy, End::CanceledByCaller),
            (Incoming, false, Why::Local, End::DeclinedElsewhere),
            (Incoming, false, Why::Failed, End::Failed),
            (Dialing, true, Why::Busy, End::Busy),
            (Dialing, true, Why::Unknown, End::Failed),
            (Alerting, true, Why::Remote, End::DeclinedByRemote),
            (Alerting, true, Why::Busy, End::Busy),
            (Active, true, Why::Remote, End::RemoteHangup),
            (Active, false, Why::Unknown, End::RemoteHangup),
            (Held, false, Why::Local, End::LocalHangup),
            (Active, false, Why::ModemGone, End::Failed),
            (Active, false, Why::Deflected, End::LocalHangup),
        ] {
            assert_eq!(end(state, outgoing, why), want, "{state:?} {why:?}");
        }
    }
}
