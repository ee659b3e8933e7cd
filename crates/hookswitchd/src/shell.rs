//! The loop that owns the core: events in, effects out.
//!
//! Input: parsed messages of the edges, in bounded inboxes; deadlines.
//! Output: replies at once, all other effects through the [`Runner`].
//!
//! # Promises
//!
//! - **O1** the core is called by this task alone; nothing here waits for an edge.
//! - **O2** each report and request is answered in the step that handles it; only an incoming call
//!   may have to wait for a verdict first.
//! - **O3** a broken law of the core is written down with the events that led to it.
//! - **O4** what changed about live calls is kept before anybody is told of it, so that a daemon
//!   that is killed at any instant comes back with every call it had told anyone about.
//! - **O5** the record of a call that ended is kept with that, until the recents confirm it; the
//!   next daemon hands over what they did not.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use hookswitch_bus::{Input, ReplyTo, settled};
use hookswitch_core::{
    Accepted, AnomalyKind, Core, Effect, Effects, Environment, Event, Report, Request, Requester,
};
use hookswitch_http::HttpCommand;
use hookswitch_model::{
    Amendment, ClientId, Handle, Limits, RecentsEntry, Refusal, RequestId, RuleChange, SavedChange,
};
use hookswitch_store::{Kept, LiveCalls, LiveError};
use hookswitch_wire::dbus::WhatIf;
use hookswitch_wire::view::DecisionView;
use tokio::sync::{mpsc, oneshot};

use crate::boundary::Boundary;
use crate::clock;
use crate::directory::Directory;
use crate::journal::{self, Journal};
use crate::recents::Recorded;
use crate::runner::Runner;

/// Most messages that wait for the core; one more is refused as busy.
pub const INBOX_MAX: usize = 256;

/// The loop's state.
#[derive(Debug)]
pub struct Shell {
    core: Core,
    runner: Runner,
    journal: Journal,
    journal_dir: PathBuf,
    live: LiveCalls,
    live_fails: bool,
    records_drop: bool,
    /// What the recents have kept.
    recorded: mpsc::Receiver<Recorded>,
    /// How many calls had ended when the log was written last.
    ends_kept: u64,
    last_request: u64,
    boundary: Boundary,
    effects: Effects,
    directory: Directory,
    known: Vec<Environment>,
    /// Who waits for the replies of the core.
    replies: BTreeMap<RequestId, (ReplyTo, Requester)>,
    sleep: clock::Sleep,
}

/// What else the loop is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Write the journal to its file.
    DumpJournal,
    /// Leave the loop.
    Stop,
}

/// Where the answer of a step goes.
enum Waiting {
    Settled(ReplyTo),
    Nobody,
}

impl Shell {
    /// A system with the live calls of the former daemon, if there were any.
    #[must_use]
    pub fn new(
        limits: Limits,
        runner: Runner,
        recorded: mpsc::Receiver<Recorded>,
        journal_dir: PathBuf,
        live_file: PathBuf,
    ) -> Self {
        let (live, saved) = LiveCalls::open(live_file);
        if !saved.calls.is_empty() {
            tracing::info!(count = saved.calls.len(), "live calls wait for their apps");
        }
        let inherited = saved.calls.len();
        let core = Core::restore(limits, clock::stamp(), saved);
        Self {
            ends_kept: core.ended_since(0).1,
            core,
            runner,
            journal: Journal::new(inherited),
            journal_dir,
            live,
            live_fails: false,
            records_drop: false,
            recorded,
            last_request: 0,
            boundary: Boundary::from_environment(),
            effects: Effects::new(),
            directory: Directory::default(),
            known: Vec::new(),
            replies: BTreeMap::new(),
            sleep: clock::Sleep::new(),
        }
    }

    /// What is known of the world before anything happens in it.
    #[must_use]
    pub fn with_known(mut self, known: Vec<Environment>) -> Self {
        self.known = known;
        self
    }

    /// What decides about callers.
    #[must_use]
    pub fn with_directory(mut self, directory: Directory) -> Self {
        self.directory = directory;
        self
    }

    /// Runs until it is told to stop or nobody can send any more.
    pub async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Input>,
        mut commands: mpsc::Receiver<HttpCommand>,
        mut orders: mpsc::Receiver<Order>,
    ) {
        for record in self.live.records() {
            self.runner.record(Box::new(record.clone()));
        }
        for amendment in self.live.amendments() {
            self.runner.amend(amendment.clone());
        }
        for known in std::mem::take(&mut self.known) {
            self.step(Event::Environment(known), Waiting::Nobody);
        }
        // Calls of the former daemon show at once, though their apps are not back yet.
        self.step(Event::Tick, Waiting::Nobody);
        loop {
            let due = self.core.next_deadline().map(|(due, _why)| due);
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::DumpJournal) => self.dump("asked by SIGUSR1"),
                    Some(Order::Stop) | None => return,
                },
                input = inbox.recv() => match input {
                    Some(input) => self.take(input),
                    None => return,
                },
                Some(HttpCommand { wish, reply }) = commands.recv() => {
                    let from = Requester::User;
                    self.take(Input::Request { from, wish, reply });
                }
                Some(recorded) = self.recorded.recv() => self.forget_record(recorded),
                () = clock::until(due) => self.step(Event::Tick, Waiting::Nobody),
            }
        }
    }

    fn take(&mut self, input: Input) {
        let (event, waiting) = match input {
            Input::Joined { client, mailbox } => {
                self.runner.join(client, mailbox);
                return;
            }
            Input::Report {
                client,
                report,
                reply,
            } => {
                self.decide_about(client, &report);
                let request = self.new_request(reply, Requester::App(client));
                let event = Event::Report {
                    client,
                    request,
                    report,
                };
                (event, Waiting::Nobody)
            }
            Input::Request { from, wish, reply } => {
                let mut wish = wish;
                if let Request::ChangeRule(change) = wish {
                    wish = Request::ChangeRule(self.directory.understood(change));
                }
                self.unblock_spellings(from, &wish);
                let request = self.new_request(reply, from);
                let event = Event::Request {
                    from,
                    request,
                    wish,
                };
                (event, Waiting::Nobody)
            }
            Input::Settled {
                client,
                ask,
                outcome,
                reply,
            } => {
                let event = Event::Settled {
                    client,
                    ask,
                    outcome,
                };
                (event, Waiting::Settled(reply))
            }
            Input::Acknowledged { client, cursor } => {
                (Event::Acknowledged { client, cursor }, Waiting::Nobody)
            }
            Input::Environment(environment) => (Event::Environment(environment), Waiting::Nobody),
            Input::Explain {
                handle,
                what,
                reply,
            } => {
                self.explain(handle.as_ref(), &what, reply);
                return;
            }
            Input::ExplainCall { call, reply } => {
                self.runner.explain_call(call, reply);
                return;
            }
            Input::Recording { with_names, reply } => {
                self.hand_recording(with_names, reply);
                return;
            }
        };
        self.step(event, waiting);
    }

    /// What the call directory says of a caller, before the core hears of the call. What is refused
    /// as too fast costs no look into the lists.
    fn decide_about(&mut self, client: ClientId, report: &Report) {
        let now = clock::stamp();
        if self.core.is_flooded_by(client, now.at) {
            return;
        }
        let decided = self.directory.ask(report, self.core.policy(), now.wall);
        if let Some(decided) = decided {
            self.step(Event::Environment(decided), Waiting::Nobody);
        }
    }

    /// Who is taken out of the block list is out of it in every spelling: the others go first.
    fn unblock_spellings(&mut self, from: Requester, wish: &Request) {
        let Request::ChangeRule(RuleChange::Block(handle, false)) = wish else {
            return;
        };
        if from != Requester::User {
            return;
        }
        for other in self.directory.same_in(&self.core.policy().blocked, handle) {
            self.last_request += 1;
            let event = Event::Request {
                from,
                request: RequestId(self.last_request),
                wish: Request::ChangeRule(RuleChange::Block(other, false)),
            };
            self.step(event, Waiting::Nobody);
        }
    }

    /// Says what would be decided about a call.
    fn explain(
        &mut self,
        handle: Option<&Handle>,
        what: &WhatIf,
        reply: oneshot::Sender<DecisionView>,
    ) {
        let (policy, now) = (self.core.policy(), clock::stamp().wall);
        let view = self.directory.explain(handle, policy, what, now);
        if reply.send(view).is_err() {
            tracing::debug!("whoever asked what would happen does not wait any more");
        }
    }

    fn new_request(&mut self, reply: ReplyTo, from: Requester) -> RequestId {
        self.last_request += 1;
        let request = RequestId(self.last_request);
        self.replies.insert(request, (reply, from));
        request
    }

    /// Hands out the replies of a step.
    fn reply(&mut self, effects: &Effects) {
        for effect in effects {
            if let Effect::Reply { request, result } = effect
                && let Some((reply, from)) = self.replies.remove(request)
            {
                let told = |why| self.core.refusal(why, from);
                hand_over(reply, result.clone().map_err(told));
            }
        }
        if !self.core.awaits_verdicts() && !self.replies.is_empty() {
            tracing::error!("the core gave no reply; this is a defect");
            self.replies.clear();
        }
    }

    /// One event, and whatever it makes happen at once (a full mailbox is a client that is gone).
    fn step(&mut self, event: Event, waiting: Waiting) {
        // Nobody else may expire what a sleep has made late.
        if let Some(span) = self.sleep.fresh() {
            tracing::info!(?span, "the machine has slept");
            let slept = Event::Environment(Environment::Slept(span));
            self.steps(VecDeque::from([slept]), Waiting::Nobody);
        }
        self.steps(VecDeque::from([event]), waiting);
    }

    fn steps(&mut self, mut events: VecDeque<Event>, mut waiting: Waiting) {
        while let Some(event) = events.pop_front() {
            let at = clock::stamp();
            tracing::trace!(?event, "event");
            self.journal.record(at, &event);
            let left = leaver(&event);
            let mut effects = std::mem::take(&mut self.effects);
            self.core.handle(at, event, &mut effects);
            self.boundary.cross();
            let live = self.keep_live_calls(&effects);
            self.journal.followed(&effects, live);
            self.boundary.cross();
            self.reply(&effects);
            match std::mem::replace(&mut waiting, Waiting::Nobody) {
                Waiting::Nobody => {}
                Waiting::Settled(reply) => {
                    hand_over(reply, settled(&effects).map_err(Refusal::from));
                }
            }
            for effect in effects.drain(..) {
                self.boundary.cross();
                if let Effect::Anomaly(anomaly) = &effect
                    && let AnomalyKind::LawBroken(law) = anomaly.kind
                {
                    self.dump(&format!("law broken: {law}"));
                }
                let follow_up = self.runner.start(at, effect, &mut self.core);
                events.extend(follow_up.map(Event::Environment));
            }
            self.effects = effects;
            if let Some(client) = left {
                self.runner.leave(client);
            }
        }
        self.runner.end_step();
    }

    /// A disk that does not take them is told once; calls go on without this safety. Gives their
    /// number, if it may have changed.
    fn keep_live_calls(&mut self, effects: &Effects) -> Option<usize> {
        let published = matches!(effects.last(), Some(Effect::Publish { .. }));
        let (ended, ends) = self.core.ended_since(self.ends_kept);
        let kept = Kept {
            calls: if published {
                self.core.take_saved()
            } else {
                SavedChange::default()
            },
            letters: self.core.saved_letters(),
            ended,
            records: records(effects),
            amendments: amendments(effects),
            emergency: self.core.saved_numbers(),
        };
        self.ends_kept = ends;
        let written = self.live.keep(&kept);
        if let Some(dropped) = self.tell_live(written).filter(|dropped| *dropped > 0)
            && !self.records_drop
        {
            self.records_drop = true;
            tracing::error!(
                dropped,
                "too many ended calls wait for the recents; the oldest are given up"
            );
        }
        published.then_some(kept.calls.live)
    }

    /// The recents have it: the log need not keep it any more.
    fn forget_record(&mut self, recorded: Recorded) {
        self.boundary.cross();
        let Recorded {
            call,
            began,
            amended,
        } = recorded;
        let written = match amended {
            true => self.live.amended(call, began),
            false => self.live.recorded(call, began),
        };
        self.tell_live(written);
        self.records_drop = false;
    }

    fn tell_live<T>(&mut self, written: Result<T, LiveError>) -> Option<T> {
        match written {
            Ok(value) => {
                self.live_fails = false;
                Some(value)
            }
            Err(error) => {
                if !self.live_fails {
                    self.live_fails = true;
                    tracing::warn!(%error, "live calls are not kept");
                }
                None
            }
        }
    }

    /// Writing many lines is slow, and no call may wait for it.
    fn hand_recording(&self, with_names: bool, reply: oneshot::Sender<String>) {
        let (tape, limits) = (self.journal.tape(), self.core.limits().clone());
        tokio::task::spawn_blocking(move || {
            if reply.send(tape.trace(&limits, with_names)).is_err() {
                tracing::debug!("whoever wanted the recording does not wait for it any more");
            }
        });
    }

    fn dump(&self, cause: &str) {
        let text = self.journal.text(cause);
        let dir = self.journal_dir.clone();
        // Writing may be slow, and no call may wait for it.
        tokio::task::spawn_blocking(move || match journal::write(&dir, &text) {
            Ok(path) => tracing::warn!(path = %path.display(), "journal written"),
            Err(error) => tracing::warn!(dir = %dir.display(), %error, "journal not written"),
        });
    }
}

/// What a step wants in the recents.
fn records(effects: &Effects) -> Vec<RecentsEntry> {
    let mut records = Vec::new();
    for effect in effects {
        if let Effect::Record(entry) = effect {
            records.push(RecentsEntry::clone(entry));
        }
    }
    records
}

/// What a step changes in the recents.
fn amendments(effects: &Effects) -> Vec<Amendment> {
    let mut amendments = Vec::new();
    for effect in effects {
        if let Effect::Amend(amendment) = effect {
            amendments.push(amendment.clone());
        }
    }
    amendments
}

fn leaver(event: &Event) -> Option<ClientId> {
    if let Event::Environment(Environment::ClientGone(client)) = event {
        Some(*client)
    } else {
        None
    }
}

fn hand_over(reply: ReplyTo, result: Result<Accepted, Refusal>) {
    if reply.send(result).is_err() {
        tracing::debug!("whoever asked does not wait for the reply any more");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hookswitch_bus::Outbound;
    use hookswitch_model::Snapshot;
    use tokio::sync::watch;

    use super::*;
    use crate::materials::Materials;
    use crate::runner::Outlets;
    use crate::sound::Sound;

    fn shell(dir: &std::path::Path) -> Shell {
        let runner = Runner::new(Outlets {
            state: watch::channel(Arc::new(Snapshot::default())).0,
            told: mpsc::channel(1).0,
            finished: mpsc::channel(1).0,
            unlocks: mpsc::channel(1).0,
            launches: mpsc::channel(1).0,
            records: std::sync::mpsc::sync_channel(1).0,
            sound: Sound::nowhere(),
            materials: Arc::new(Materials::open(dir.join("apps"), Limits::default())),
        });
        let (journal, live) = (dir.to_owned(), dir.join("live"));
        Shell::new(Limits::default(), runner, mpsc::channel(1).1, journal, live)
    }

    fn joined(client: ClientId) -> (Input, mpsc::Receiver<Outbound>) {
        let (mailbox, messages) = mpsc::channel(1);
        (Input::Joined { client, mailbox }, messages)
    }

    #[test]
    fn the_mailbox_of_an_app_that_left_is_closed() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut shell = shell(dir.path());
        let client = ClientId(1);
        let (input, mut messages) = joined(client);
        shell.take(input);
        assert_eq!(messages.try_recv(), Err(mpsc::error::TryRecvError::Empty));
        shell.take(Input::Environment(Environment::ClientGone(client)));
        let closed = Err(mpsc::error::TryRecvError::Disconnected);
        assert_eq!(messages.try_recv(), closed);
    }

    #[test]
    fn an_app_that_registers_again_keeps_its_mailbox_or_gets_another() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut shell = shell(dir.path());
        let client = ClientId(1);
        let (first, mut kept) = joined(client);
        shell.take(first);
        let (again, mut unused) = joined(client);
        shell.take(again);
        assert_eq!(kept.try_recv(), Err(mpsc::error::TryRecvError::Empty));
        let closed = Err(mpsc::error::TryRecvError::Disconnected);
        assert_eq!(unused.try_recv(), closed);
        shell.take(Input::Environment(Environment::ClientGone(client)));
        let (anew, mut fresh) = joined(client);
        shell.take(anew);
        assert_eq!(fresh.try_recv(), Err(mpsc::error::TryRecvError::Empty));
    }
}
