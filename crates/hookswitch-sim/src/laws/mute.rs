//! The law of two wishes to mute (MU4): the newer one counts, in whatever order an app gets them
//! done.

use std::collections::BTreeMap;

use hookswitch_core::{Effect, Event, Outcome, Report};
use hookswitch_model::{AskId, CallId, CallSnapshot, Phase};

use super::{Laws, OpenAsk, Step};
use crate::scenario::AskWord;

/// The newest wish of each call that its app has fulfilled.
pub(super) type Words = BTreeMap<CallId, (AskId, bool)>;

impl Laws {
    /// Learns what this step settles. Before the asks of the step are counted.
    pub(super) fn hear_mutes(&mut self, step: &Step<'_>) {
        match step.event {
            Event::Settled {
                client,
                ask,
                outcome,
            } => {
                let open = self.open.get(ask).filter(|open| open.client == *client);
                if let Some((call, on)) = open.copied().and_then(mute_of) {
                    self.hear_mute(step, (*ask, call, on), outcome);
                }
            }
            // The app has changed it by itself.
            Event::Report {
                report: Report::Muted { call, .. },
                ..
            } => {
                self.words.remove(call);
            }
            Event::Report { .. }
            | Event::Request { .. }
            | Event::Acknowledged { .. }
            | Event::Environment(_)
            | Event::Tick => {}
        }
        for effect in step.effects {
            if let Effect::AskExpired { ask, .. } = effect
                && let Some((call, _)) = self.open.get(ask).copied().and_then(mute_of)
            {
                self.words.remove(&call);
            }
        }
    }

    fn hear_mute(
        &mut self,
        step: &Step<'_>,
        (ask, call, on): (AskId, CallId, bool),
        outcome: &Outcome,
    ) {
        let talks = |other: &CallSnapshot| {
            other.id == call && (matches!(other.phase, Phase::Active { .. } | Phase::Held(_)))
        };
        let counts = step.after.live().any(talks) && !step.after.audio.microphone_muted;
        if *outcome == Outcome::Failed || !counts {
            self.words.remove(&call);
        } else if self.words.get(&call).is_none_or(|(word, _)| *word < ask) {
            self.words.insert(call, (ask, on));
        }
    }

    /// MU4. After the asks of the step are counted.
    pub(super) fn mutes(&mut self, step: &Step<'_>) {
        let live = |call: &CallId| step.after.live().any(|c| c.id == *call);
        self.words.retain(|call, _| live(call));
        let is_asked = |id: CallId| {
            let mut open = self.open.values().copied().filter_map(mute_of);
            open.any(|(call, _)| call == id)
        };
        let broken = step.after.live().find(|call| {
            let wanted = self.words.get(&call.id).map(|(_, on)| *on);
            wanted.is_some_and(|on| on != call.muted) && !is_asked(call.id)
        });
        if let Some(call) = broken {
            let text = format!("{} is as an older wish wants it: {}", call.id, call.muted);
            self.words.remove(&call.id);
            self.report("MU4", text);
        }
    }
}

/// The call and the wish of an ask to mute or unmute.
fn mute_of(ask: OpenAsk) -> Option<(CallId, bool)> {
    match ask.word {
        AskWord::Mute => Some((ask.call, true)),
        AskWord::Unmute => Some((ask.call, false)),
        AskWord::Start
        | AskWord::Answer
        | AskWord::End
        | AskWord::Hold
        | AskWord::Resume
        | AskWord::Group
        | AskWord::Ungroup
        | AskWord::Digits
        | AskWord::VideoOn
        | AskWord::VideoOff
        | AskWord::VideoDeclined
        | AskWord::Translate
        | AskWord::StopTranslating
        | AskWord::Press => None,
    }
}
