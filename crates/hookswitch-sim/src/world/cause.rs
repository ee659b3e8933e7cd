//! Which line of the trace a deadline goes back to.

use core::time::Duration;

use hookswitch_core::{Core, DeadlineReason};
use hookswitch_model::{Limit, Limits, Phase, Timestamp};

use crate::describe;
use crate::trace::Entry;

/// The line that set the deadline that is due next.
pub(super) fn of_deadline(
    core: &Core,
    limits: &Limits,
    entries: &[Entry],
    last_sleep: Duration,
) -> Option<u64> {
    let (due, reason) = core.next_deadline()?;
    let set_by = |due: Timestamp| of_due(core, limits, entries, due, reason);
    let before_sleep = || {
        let due = due.since(Timestamp::ZERO).checked_sub(last_sleep)?;
        set_by(Timestamp::ZERO.after(due))
    };
    set_by(due).or_else(before_sleep)
}

fn of_due(
    core: &Core,
    limits: &Limits,
    entries: &[Entry],
    due: Timestamp,
    reason: DeadlineReason,
) -> Option<u64> {
    let by = describe::time(due);
    let begins = |entry: &&Entry, words: &[&str]| {
        let said = entry.what.iter().map(String::as_str);
        said.take(words.len()).eq(words.iter().copied())
    };
    let set_at = |limit: Limit| {
        let since = due.since(Timestamp::ZERO).checked_sub(limits.time(limit));
        since.map(|at| Timestamp::ZERO.after(at))
    };
    let last = |limit: Limit, words: &[&str]| {
        let at = set_at(limit)?;
        let mut then = entries.iter().rev().filter(|entry| entry.at.at == at);
        then.find(|entry| begins(entry, words))
    };
    let found = match reason {
        DeadlineReason::SoftPause => last(Limit::SoftPause, &["fulfills", "digits"]),
        DeadlineReason::Slow => last(Limit::Slow, &["ask"]),
        DeadlineReason::Ask => {
            let asks = entries.iter().rev().filter(|entry| entry.what[0] == "ask");
            let mut due = asks.filter(|entry| entry.what.contains(&by));
            due.next()
        }
        DeadlineReason::Ring => {
            let calls = core.snapshot().calls;
            let over =
                |phase: &Phase| matches!(phase, Phase::Ringing { until, .. } if *until == due);
            let id = calls.iter().find(|call| over(&call.phase))?.id;
            let about = |entry: &&Entry| entry.call.as_ref().is_some_and(|(call, _)| *call == id);
            let mut reports = entries.iter().rev().filter(about);
            reports.find(|entry| begins(entry, &["reports", "incoming"]))
        }
        DeadlineReason::DialRing => last(Limit::DialRing, &["fulfills", "start"]),
        DeadlineReason::Stage => last(Limit::Stage, &["ask"]),
        DeadlineReason::Orphan => {
            let gone = |verb| last(Limit::Orphan, &[verb]);
            gone("crashes").or_else(|| gone("disconnects"))
        }
        DeadlineReason::VideoOffer => last(Limit::VideoOffer, &["reports", "video-offered"]),
        DeadlineReason::Unlock => last(Limit::Unlock, &["unlock"]),
        DeadlineReason::Voicemail => last(Limit::Voicemail, &["declines"]),
        DeadlineReason::Launch => last(Limit::Launch, &["launch"]),
        DeadlineReason::Verdict => {
            let mut screens = entries.iter().rev();
            screens.find(|entry| entry.what[0] == "screen" && entry.what.last() == Some(&by))
        }
        DeadlineReason::Relaunch => last(Limit::Relaunch, &["launch-failed"]),
        DeadlineReason::Route => last(Limit::Route, &["use-route"]),
        DeadlineReason::Grant => last(Limit::Grant, &[]),
        DeadlineReason::Tone => last(Limit::Tone, &["start-tone"]),
    };
    found.map(|entry| entry.seq)
}
