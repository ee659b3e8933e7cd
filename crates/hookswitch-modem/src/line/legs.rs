//! The calls of a line: what the daemon shows, matched to what was reported.

use std::time::Instant;

use crate::ends;
use crate::words::{CallKey, CallPath, CellState, Do, Number, Report, Seen, Why, Wish};

use super::asks::{Batch, is_reached};
use super::{Line, RING_AGAIN};

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) key: CallKey,
    pub(super) path: CallPath,
    pub(super) state: CellState,
    /// When it came into this state.
    pub(super) since: Instant,
    number: Number,
    outgoing: bool,
    emergency: bool,
    pub(super) multiparty: bool,
    /// What the call system knows of an outgoing call.
    told: Told,
    /// The call system takes it; nothing is told of others.
    pub(super) wanted: bool,
    /// The daemon ended it while it waited; it may ring again until then.
    pub(super) rings_again_until: Option<Instant>,
}

/// How far an outgoing call was told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Told {
    Nothing,
    Started,
    Connecting,
    Connected,
}

impl Line {
    pub(super) fn leg(&self, key: &CallKey) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.key == *key)
    }

    /// Keys of the calls in a state.
    pub(super) fn keys(&self, state: CellState) -> Vec<CallKey> {
        let live = |leg: &&Leg| leg.state == state && leg.rings_again_until.is_none();
        self.legs
            .iter()
            .filter(live)
            .map(|leg| leg.key.clone())
            .collect()
    }

    pub(super) fn seen(&mut self, seen: Seen) {
        let known = self.legs.iter().position(|leg| leg.path == seen.path);
        let orphan = self.orphans.iter().position(|(path, _)| *path == seen.path);
        let index = known.or_else(|| self.same_call_again(&seen));
        match (index, orphan) {
            (Some(index), _) => self.changed(index, seen),
            (None, Some(orphan)) => self.adopted(orphan, seen),
            (None, None) if seen.outgoing => self.appeared_outgoing(seen),
            (None, None) => self.appeared(seen),
        }
    }

    /// The call that ModemManager shows again under a new object (N1).
    fn same_call_again(&mut self, seen: &Seen) -> Option<usize> {
        if seen.outgoing || !seen.state.is_ringing() {
            return None;
        }
        let same = |leg: &Leg| {
            let number = seen.number.0.is_empty() || leg.number == seen.number;
            number && leg.state == CellState::Waiting && !leg.outgoing
        };
        let index = self.legs.iter().position(same)?;
        self.legs[index].path = seen.path.clone();
        Some(index)
    }

    /// A call of a former run of this program: the call system knows it.
    fn adopted(&mut self, orphan: usize, seen: Seen) {
        let (_, key) = self.orphans.remove(orphan);
        self.done
            .push_back(Do::Report(Report::Adopted(key.clone())));
        if !seen.outgoing {
            let number = Report::Number(key.clone(), seen.number.clone());
            self.done.push_back(Do::Report(number));
        }
        let (outgoing, state) = (seen.outgoing, seen.state);
        let mut leg = Leg::of(key.clone(), seen, self.now);
        leg.told = Told::Started;
        self.legs.push(leg);
        self.progress(self.legs.len() - 1);
        if !outgoing {
            self.tell_connected(&key, state);
        }
    }

    /// An incoming call that nobody asked us to answer is talked on, or was and is held.
    fn tell_connected(&mut self, key: &CallKey, state: CellState) {
        let is_held = match state {
            CellState::Active => false,
            CellState::Held => true,
            CellState::Dialing | CellState::Alerting | CellState::Incoming | CellState::Waiting => {
                return;
            }
        };
        let connected = Report::Connected(key.clone());
        self.done.push_back(Do::Report(connected));
        if is_held {
            let held = Report::Held(key.clone(), true);
            self.done.push_back(Do::Report(held));
        }
    }

    pub(super) fn tell_ringing(&mut self) {
        let ringing = |leg: &&Leg| leg.wanted && leg.state.is_ringing();
        for leg in self.legs.iter().filter(ringing) {
            self.done.push_back(Do::Report(Report::Incoming {
                key: leg.key.clone(),
                number: leg.number.clone(),
                emergency: leg.emergency,
            }));
        }
    }

    fn appeared(&mut self, seen: Seen) {
        let key = self.keys.make(&seen.path);
        let report = Report::Incoming {
            key: key.clone(),
            number: seen.number.clone(),
            emergency: seen.emergency,
        };
        self.done.push_back(Do::Report(report));
        self.tell_connected(&key, seen.state);
        self.legs.push(Leg::of(key, seen, self.now));
    }

    /// A call that was dialed: by us, if a dial is under way.
    fn appeared_outgoing(&mut self, seen: Seen) {
        if let Some(key) = self.dialing_key(&seen.number) {
            self.legs.push(Leg::of(key, seen, self.now));
            return;
        }
        let key = self.keys.make(&seen.path);
        let report = Report::StartedOutside(key.clone(), seen.number.clone());
        self.done.push_back(Do::Report(report));
        self.legs.push(Leg::of(key, seen, self.now));
    }

    fn changed(&mut self, index: usize, seen: Seen) {
        let leg = &mut self.legs[index];
        leg.rings_again_until = None;
        leg.multiparty = seen.multiparty;
        let was = std::mem::replace(&mut leg.state, seen.state);
        if was != seen.state {
            leg.since = self.now;
        }
        let key = leg.key.clone();
        if !seen.number.0.is_empty() && leg.number != seen.number {
            leg.number = seen.number.clone();
            if !leg.outgoing && leg.wanted {
                self.done
                    .push_back(Do::Report(Report::Number(key.clone(), seen.number)));
            }
        }
        if was != seen.state && self.legs[index].wanted {
            self.progress(index);
            self.notice_others(&key, was, seen.state);
        }
    }

    /// Tells how far an outgoing call is, once its start is settled.
    pub(super) fn progress(&mut self, index: usize) {
        let leg = &mut self.legs[index];
        if !leg.outgoing || !leg.wanted || leg.told == Told::Nothing {
            return;
        }
        let (reached, report) = match leg.state {
            CellState::Alerting => (Told::Connecting, Report::Connecting(leg.key.clone())),
            CellState::Active => (Told::Connected, Report::Connected(leg.key.clone())),
            CellState::Dialing | CellState::Incoming | CellState::Waiting | CellState::Held => {
                return;
            }
        };
        if leg.told < reached {
            leg.told = reached;
            self.done.push_back(Do::Report(report));
        }
    }

    /// The start of an outgoing call was settled: from here on it is told.
    pub(super) fn started(&mut self, key: &CallKey) {
        if let Some(index) = self.legs.iter().position(|leg| leg.key == *key) {
            let leg = &mut self.legs[index];
            leg.told = leg.told.max(Told::Started);
            self.progress(index);
        }
    }

    /// Someone else answered, held or resumed here: a headset of the modem, another program.
    fn notice_others(&mut self, key: &CallKey, was: CellState, is: CellState) {
        let asked = |wish: &Wish| self.is_asked(key, wish);
        let report = match (was, is) {
            (CellState::Incoming | CellState::Waiting, CellState::Active | CellState::Held)
                if !asked(&Wish::Answer) =>
            {
                return self.tell_connected(key, is);
            }
            (CellState::Active, CellState::Held) if !asked(&Wish::Hold) => {
                Report::Held(key.clone(), true)
            }
            (CellState::Held, CellState::Active) if !asked(&Wish::Resume) => {
                Report::Held(key.clone(), false)
            }
            _ => return,
        };
        self.done.push_back(Do::Report(report));
    }

    pub(super) fn gone(&mut self, path: &CallPath, why: Why) {
        let Some(index) = self.legs.iter().position(|leg| leg.path == *path) else {
            return;
        };
        let leg = &mut self.legs[index];
        let ends_itself = leg.state == CellState::Waiting && why == Why::Unknown;
        if ends_itself && !self.is_asked(&self.legs[index].key, &Wish::End) {
            let until = self.now + RING_AGAIN;
            self.legs[index].rings_again_until = Some(until);
            return;
        }
        self.ended(index, why);
    }

    /// Removes a call and tells its end, unless the call system asked for it.
    fn ended(&mut self, index: usize, why: Why) {
        let leg = self.legs.remove(index);
        let path = leg.path.clone();
        self.drop_tones(&path);
        if !leg.wanted || self.is_asked(&leg.key, &Wish::End) {
            return; // settling the ask says it
        }
        self.settle_start(&leg.key); // it was dialed, however short
        let end = ends::end(leg.state, leg.outgoing, why);
        self.done.push_back(Do::Report(Report::Ended(leg.key, end)));
    }

    /// The call system does not know this call (any more): it ends here too, if it rings or was
    /// the system's; a call that another program dialed goes on without it.
    pub(super) fn unwanted(&mut self, key: &CallKey, system_ended_it: bool) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.key == *key) else {
            return;
        };
        leg.wanted = false;
        if leg.state.is_ringing() || system_ended_it {
            self.batches.push(Batch::end(key.clone()));
        }
    }

    pub(super) fn lost(&mut self) {
        while !self.legs.is_empty() {
            self.ended(0, Why::ModemGone);
        }
        self.fail_everything("the modem is gone");
    }

    pub(super) fn end_what_did_not_ring_again(&mut self) {
        let now = self.now;
        let over = |leg: &Leg| leg.rings_again_until.is_some_and(|until| until <= now);
        while let Some(index) = self.legs.iter().position(over) {
            self.ended(index, Why::Unknown);
        }
    }

    /// Whether the call is what a wish wants.
    pub(super) fn reached(&self, key: &CallKey, wish: &Wish) -> Option<Result<(), &'static str>> {
        if *wish == Wish::End && self.is_dialing_blind(key) {
            return None; // it is about to be there
        }
        let leg = self.leg(key).filter(|leg| leg.rings_again_until.is_none());
        is_reached(wish, leg.map(|leg| (leg.state, leg.multiparty)))
    }
}

impl Leg {
    fn of(key: CallKey, seen: Seen, now: Instant) -> Self {
        Self {
            key,
            path: seen.path,
            state: seen.state,
            since: now,
            number: seen.number,
            outgoing: seen.outgoing,
            emergency: seen.emergency,
            multiparty: seen.multiparty,
            told: Told::Nothing,
            wanted: true,
            rings_again_until: None,
        }
    }
}
