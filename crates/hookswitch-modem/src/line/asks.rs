//! The asks of a line: gathered, planned, carried out move by move, settled.

use std::collections::VecDeque;
use std::time::Instant;

use crate::plan::{self, Act, Gathered, Move, Picture, Plan, Wanted};
use crate::words::{AskNumber, CallKey, CallPath, CellState, Number, Seen, Verb, VerbNumber, Wish};

use super::legs::Leg;
use super::{GATHER_MAX, Line, MOVE_MAX};

/// An ask that is not settled.
#[derive(Clone, Debug)]
pub(super) struct OpenAsk {
    pub(super) number: AskNumber,
    pub(super) transaction: String,
    pub(super) key: CallKey,
    pub(super) wish: Wish,
    /// It waits for others of its transaction; none once it is planned.
    pub(super) gather_until: Option<Instant>,
}

/// What is left of a planned transaction.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    moves: VecDeque<Move>,
    /// The first move is under way.
    running: Option<Running>,
    /// The first move waits until then.
    not_before: Option<Instant>,
    /// It is carried out without an ask.
    unasked: bool,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    verb: VerbNumber,
    until: Instant,
}

impl Batch {
    fn of(moves: Vec<Move>) -> Self {
        Self {
            moves: moves.into(),
            running: None,
            not_before: None,
            unasked: false,
        }
    }

    /// Ends a call that the call system does not want.
    pub(super) fn end(key: CallKey) -> Self {
        let act = Act::HangUp(key);
        let settles = Vec::new();
        Self {
            unasked: true,
            ..Self::of(vec![Move { act, settles }])
        }
    }

    pub(super) fn until(&self) -> Option<Instant> {
        self.running
            .map(|running| running.until)
            .or(self.not_before)
    }

    /// Only ends calls, and so waits for nobody (N5).
    fn only_ends(&self) -> bool {
        self.moves
            .iter()
            .all(|one| matches!(one.act, Act::HangUp(_)))
    }
}

/// Whether a call in this state, or gone, is what the wish wants. A start is reached by its verb.
pub(super) fn is_reached(
    wish: &Wish,
    state: Option<(CellState, bool)>,
) -> Option<Result<(), &'static str>> {
    let in_group = state.is_some_and(|(_, multiparty)| multiparty);
    match (wish, state.map(|(state, _)| state)) {
        (Wish::End, None)
        | (Wish::Answer | Wish::Resume, Some(CellState::Active))
        | (Wish::Hold, Some(CellState::Held)) => Some(Ok(())),
        (Wish::Join, Some(CellState::Active)) if in_group => Some(Ok(())),
        (Wish::Part, Some(CellState::Active)) if !in_group => Some(Ok(())),
        (Wish::Answer | Wish::Resume | Wish::Hold | Wish::Join | Wish::Part, None) => {
            Some(Err("the call is gone"))
        }
        (Wish::Start(_) | Wish::Digits(_), _)
        | (
            Wish::End | Wish::Answer | Wish::Resume | Wish::Hold | Wish::Join | Wish::Part,
            Some(_),
        ) => None,
    }
}

impl Line {
    pub(super) fn open(&mut self, mut ask: OpenAsk) {
        ask.gather_until = Some(self.now + GATHER_MAX);
        // A call that another program dialed is there already.
        if matches!(ask.wish, Wish::Start(_)) && self.leg(&ask.key).is_some() {
            self.settle(ask.number, Ok(()));
            self.started(&ask.key);
            return;
        }
        self.asks.push(ask);
    }

    /// Whether an ask of this kind is open for the call.
    pub(super) fn is_asked(&self, key: &CallKey, wish: &Wish) -> bool {
        let kind = std::mem::discriminant(wish);
        let asked = |ask: &OpenAsk| ask.key == *key && std::mem::discriminant(&ask.wish) == kind;
        self.asks.iter().any(asked)
    }

    /// Settles every ask whose goal is reached (N2).
    pub(super) fn settle_what_is_reached(&mut self) {
        let reached: Vec<_> = self
            .asks
            .iter()
            .filter_map(|ask| Some((ask.number, self.reached(&ask.key, &ask.wish)?)))
            .collect();
        for (ask, result) in reached {
            self.close(ask, result);
        }
    }

    /// Plans the transactions whose asks are all there, or have waited long enough (N4).
    pub(super) fn plan_what_is_complete(&mut self) {
        let mut planned: Vec<String> = Vec::new();
        for ask in self.asks.clone() {
            if ask.gather_until.is_none() || planned.contains(&ask.transaction) {
                continue;
            }
            planned.push(ask.transaction.clone());
            self.plan_transaction(&ask.transaction);
        }
    }

    fn plan_transaction(&mut self, transaction: &str) {
        let gathering =
            |ask: &&OpenAsk| ask.transaction == transaction && ask.gather_until.is_some();
        let asks: Vec<OpenAsk> = self.asks.iter().filter(gathering).cloned().collect();
        let to_come = |ask: &OpenAsk| ask.wish == Wish::End && self.is_dialing_blind(&ask.key);
        if asks.iter().any(to_come) {
            return;
        }
        let over = asks.iter().any(|ask| ask.gather_until <= Some(self.now));
        let gathered = if over { Gathered::All } else { Gathered::Some };
        let wanted: Vec<Wanted> = asks
            .iter()
            .map(|ask| Wanted {
                ask: ask.number,
                key: ask.key.clone(),
                wish: ask.wish.clone(),
            })
            .collect();
        match plan::plan(&self.picture(), &wanted, gathered) {
            Plan::More => {}
            Plan::Refuse(why) => asks.iter().for_each(|ask| self.close(ask.number, Err(why))),
            Plan::Go(moves) => {
                for ask in self.asks.iter_mut() {
                    if asks.iter().any(|one| one.number == ask.number) {
                        ask.gather_until = None;
                    }
                }
                self.batches.push(Batch::of(moves));
            }
        }
    }

    /// The line as it will be when what is under way is done.
    fn picture(&self) -> Picture {
        let active = self.keys(CellState::Active);
        let is_party = |key: &CallKey| self.leg(key).is_some_and(|leg| leg.multiparty);
        Picture {
            is_group: active.len() > 1 && active.iter().all(is_party),
            active,
            held: self.keys(CellState::Held),
            waiting: self.keys(CellState::Waiting).pop(),
        }
    }

    /// Starts what may start: ends at once, the rest one after another.
    pub(super) fn run_batches(&mut self) {
        let mut busy = false;
        let mut index = 0;
        while index < self.batches.len() {
            let ends = self.batches[index].only_ends();
            if (ends || !busy) && self.run_batch(index) {
                self.batches.remove(index);
                continue;
            }
            busy |= !ends;
            index += 1;
        }
    }

    /// Goes on with one batch; true when nothing of it is left.
    fn run_batch(&mut self, index: usize) -> bool {
        loop {
            let batch = &mut self.batches[index];
            let Some(first) = batch.moves.front() else {
                return true;
            };
            let (act, settles) = (first.act.clone(), first.settles.clone());
            let asked = settles
                .iter()
                .any(|n| self.asks.iter().any(|ask| ask.number == *n));
            let verb = self.verb_of(&act);
            let batch = &mut self.batches[index];
            if !asked && !batch.unasked {
                batch.moves.pop_front();
                batch.running = None;
                continue;
            }
            if batch.running.is_some() {
                return false;
            }
            let Some(verb) = verb else {
                batch.unasked = false;
                settles
                    .iter()
                    .for_each(|ask| self.close(*ask, Err("the call is gone")));
                continue;
            };
            if let Some(wait) = self.is_too_early(&act) {
                self.batches[index].not_before = Some(wait);
                return false;
            }
            let verb = self.start_verb(verb);
            let until = self.now + MOVE_MAX;
            let batch = &mut self.batches[index];
            batch.not_before = None;
            batch.running = Some(Running { verb, until });
            if std::mem::take(&mut batch.unasked) {
                return true;
            }
            return false;
        }
    }

    /// Until when the end of a waiting or held call has to wait.
    fn is_too_early(&self, act: &Act) -> Option<Instant> {
        let Act::HangUp(key) = act else { return None };
        let by_place = |leg: &&Leg| matches!(leg.state, CellState::Waiting | CellState::Held);
        let from = self.leg(key).filter(by_place)?.since + self.rules.listed_after;
        (from > self.now).then_some(from)
    }

    fn verb_of(&self, act: &Act) -> Option<Verb> {
        let path = |key: &CallKey| self.leg(key).map(|leg| leg.path.clone());
        match act {
            Act::Answer(key) => path(key).map(Verb::Answer),
            Act::HangUp(key) => path(key).map(Verb::HangUp),
            Act::HoldAndAnswer => Some(Verb::HoldAndAnswer),
            Act::EndAndAnswer => Some(Verb::EndAndAnswer),
            Act::Swap => Some(Verb::Swap),
            Act::Join(key) => path(key).map(Verb::Join),
            Act::Part(key) => path(key).map(Verb::Part),
            Act::Dial(_, number) => Some(Verb::Dial(number.clone())),
        }
    }

    pub(super) fn move_finished(
        &mut self,
        verb: VerbNumber,
        result: Result<Option<CallPath>, String>,
    ) {
        let runs = |batch: &Batch| batch.running.is_some_and(|running| running.verb == verb);
        let Some(index) = self.batches.iter().position(runs) else {
            return;
        };
        let act = self.batches[index].moves.front().map(|one| one.act.clone());
        match (result, act) {
            (Err(_), _) => self.fail_batch(index, "the modem refused"),
            (Ok(Some(path)), Some(Act::Dial(key, number))) => self.dialed(&key, number, path),
            // Its effect is still to be seen (N2).
            (Ok(_), _) => {}
        }
    }

    /// The daemon dials: that fulfills the start.
    fn dialed(&mut self, key: &CallKey, number: Number, path: CallPath) {
        if self.leg(key).is_none() {
            self.seen(Seen {
                path,
                state: CellState::Dialing,
                number,
                outgoing: true,
                emergency: false,
                multiparty: false,
            });
        }
        self.settle_start(key);
        self.started(key);
    }

    /// Fulfills the start of a call, if it is open.
    pub(super) fn settle_start(&mut self, key: &CallKey) {
        let start = |ask: &&OpenAsk| ask.key == *key && matches!(ask.wish, Wish::Start(_));
        if let Some(ask) = self.asks.iter().find(start).map(|ask| ask.number) {
            self.close(ask, Ok(()));
        }
    }

    /// A call that is asked for, and whose object is not there yet.
    pub(super) fn is_dialing_blind(&self, key: &CallKey) -> bool {
        self.leg(key).is_none() && self.is_asked(key, &Wish::Start(Number::default()))
    }

    /// The call for which a dial of this number is under way.
    pub(super) fn dialing_key(&self, number: &Number) -> Option<CallKey> {
        let running = self.batches.iter().filter(|batch| batch.running.is_some());
        running
            .filter_map(|batch| match &batch.moves.front()?.act {
                Act::Dial(key, dialed) => {
                    let ours = number.0.is_empty() || dialed == number;
                    (ours && self.leg(key).is_none()).then(|| key.clone())
                }
                Act::Answer(_)
                | Act::HangUp(_)
                | Act::HoldAndAnswer
                | Act::EndAndAnswer
                | Act::Join(_)
                | Act::Part(_)
                | Act::Swap => None,
            })
            .next()
    }

    pub(super) fn give_up_moves(&mut self) {
        let now = self.now;
        let late = |batch: &Batch| batch.running.is_some_and(|running| running.until <= now);
        while let Some(index) = self.batches.iter().position(late) {
            self.fail_batch(index, "the modem did not do it in time");
        }
    }

    /// Fails what a batch has not reached.
    fn fail_batch(&mut self, index: usize, why: &'static str) {
        let batch = self.batches.remove(index);
        for ask in batch.moves.iter().flat_map(|one| &one.settles) {
            self.close(*ask, Err(why));
        }
    }

    pub(super) fn fail_everything(&mut self, why: &'static str) {
        self.batches.clear();
        for ask in std::mem::take(&mut self.asks) {
            let ended = ask.wish == Wish::End;
            self.settle(ask.number, if ended { Ok(()) } else { Err(why) });
        }
    }

    /// Settles an ask, if it is open.
    fn close(&mut self, number: AskNumber, result: Result<(), &'static str>) {
        if let Some(index) = self.asks.iter().position(|ask| ask.number == number) {
            self.asks.remove(index);
            self.settle(number, result);
        }
    }
}
