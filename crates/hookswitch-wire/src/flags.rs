//! What observers are told of calls: ids and flags, never names or addresses.
//!
//! A program that may only watch the calls of others gets nothing else. A call that is gone is told
//! once more, as ended.

use hookswitch_model::{CallSnapshot, Direction, Phase, PhaseKind, Snapshot};

/// The flags of one call: id, outgoing, on hold, has connected, has ended.
pub type Flags = (String, bool, bool, bool, bool);

/// The flags of all live calls.
#[must_use]
pub fn all_flags(snapshot: &Snapshot) -> Vec<Flags> {
    snapshot.live().map(flags).collect()
}

fn flags(call: &CallSnapshot) -> Flags {
    (
        call.id.to_string(),
        call.direction == Direction::Outgoing,
        call.phase.is_on_hold(),
        call.has_connected || is_connected_to_a_machine(&call.phase),
        false,
    )
}

/// A call that the user declined into a voicemail is connected for the network, and stays so while
/// it ends. No other call is on hold without having been active.
fn is_connected_to_a_machine(phase: &Phase) -> bool {
    match phase {
        Phase::Held(_) => true,
        Phase::Ending { from, .. } => *from == PhaseKind::Held,
        Phase::Ringing { .. } | Phase::Dialing { .. } | Phase::Active { .. } => false,
    }
}

/// The flags that changed between two states; a call that is gone has ended.
#[must_use]
pub fn changes(before: &Snapshot, after: &Snapshot) -> Vec<Flags> {
    let difference = after.difference(before);
    let gone = difference.gone.into_iter();
    let gone = gone.filter_map(|call| change(Some(flags(call)), None));
    let changed = difference.changed.into_iter();
    let changed = changed.filter_map(|(old, new)| change(old.map(flags), Some(flags(new))));
    gone.chain(changed).collect()
}

/// What is told about one call.
fn change(before: Option<Flags>, after: Option<Flags>) -> Option<Flags> {
    match (before, after) {
        (before, Some(after)) => (before.as_ref() != Some(&after)).then_some(after),
        (Some((id, outgoing, _, connected, _)), None) => {
            Some((id, outgoing, false, connected, true))
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_gone_is_told_as_ended_and_one_that_is_the_same_is_not_told() {
        let held = call(true, true);
        let resumed = call(false, true);
        let ended = ("a".to_owned(), false, false, true, true);
        let rows = [
            (None, Some(&held), Some(&held)),
            (Some(&held), Some(&resumed), Some(&resumed)),
            (Some(&held), Some(&held), None),
            (Some(&held), None, Some(&ended)),
        ];
        for (before, after, want) in rows {
            assert_eq!(change(before.cloned(), after.cloned()).as_ref(), want);
        }
    }

    fn call(held: bool, connected: bool) -> Flags {
        ("a".to_owned(), false, held, connected, false)
    }
}
