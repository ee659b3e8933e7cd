//! The bus as a simulated world sees it: events of apps, effects for apps, and waits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookswitch_bus::{Input, Outbound, ReplyTo, finished, outbound, settled};
use hookswitch_core::{Core, Effect, Environment, Event, Report, Requester};
use hookswitch_model::{AppId, ClientId, Refusal, RequestId, Snapshot, Stamp, Timestamp};
use hookswitch_sim::outside::{Outside, OutsideApp, Pace};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::QUIET;
use crate::program::Program;
use crate::serve::Served;

/// Numbers from here on are of apps on the bus; a simulated world never counts that far.
const BASE: u64 = 1 << 40;

/// How often a start looks whether the process has ended meanwhile.
const GLANCE: Duration = Duration::from_millis(50);

/// A private bus with the apps of one story.
#[derive(Debug)]
pub(crate) struct Host {
    programs: Vec<Program>,
    pace: Pace,
    patience: Duration,
    /// What apps said before somebody waited for it.
    early: VecDeque<Event>,
    mailboxes: BTreeMap<ClientId, mpsc::Sender<Outbound>>,
    replies: BTreeMap<RequestId, (ReplyTo, Requester)>,
    /// Who settled an ask in the step that is under way.
    settles: Option<ReplyTo>,
    settlers: VecDeque<ReplyTo>,
    last_request: u64,
    served: Served,
    runtime: Runtime,
}

impl Host {
    /// Starts a bus; no app runs so far.
    pub(crate) fn open(
        apps: &[OutsideApp],
        pace: Pace,
        patience: Duration,
    ) -> Result<Self, String> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|why| why.to_string())?;
        Ok(Self {
            programs: apps.iter().cloned().map(Program::new).collect(),
            pace,
            patience,
            early: VecDeque::new(),
            mailboxes: BTreeMap::new(),
            replies: BTreeMap::new(),
            settles: None,
            settlers: VecDeque::new(),
            last_request: BASE,
            served: Served::open(&runtime)?,
            runtime,
        })
    }

    /// The next event within a time.
    fn next(&mut self, span: Duration) -> Option<Event> {
        let until = Instant::now() + span;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let inbox = &mut self.served.inbox;
            let input = self.runtime.block_on(async {
                match left.is_zero() {
                    true => inbox.try_recv().ok(),
                    false => timeout(left, inbox.recv()).await.ok().flatten(),
                }
            })?;
            if let Some(event) = self.event(input) {
                return Some(event);
            }
        }
    }

    /// A message of the bus as an event; none if it needs no step.
    fn event(&mut self, input: Input) -> Option<Event> {
        match input {
            Input::Joined { client, mailbox } => {
                self.mailboxes.insert(numbered(client), mailbox);
                None
            }
            Input::Report {
                client,
                report,
                reply,
            } => {
                let client = numbered(client);
                Some(Event::Report {
                    client,
                    request: self.request(reply, Requester::App(client)),
                    report,
                })
            }
            Input::Request { from, wish, reply } => {
                let from = match from {
                    Requester::User => Requester::User,
                    Requester::App(client) => Requester::App(numbered(client)),
                };
                Some(Event::Request {
                    from,
                    request: self.request(reply, from),
                    wish,
                })
            }
            Input::Settled {
                client,
                ask,
                outcome,
                reply,
            } => {
                self.settlers.push_back(reply);
                Some(Event::Settled {
                    client: numbered(client),
                    ask,
                    outcome,
                })
            }
            Input::Acknowledged { client, cursor } => Some(Event::Acknowledged {
                client: numbered(client),
                cursor,
            }),
            Input::Environment(Environment::ClientGone(client)) => {
                let client = numbered(client);
                self.mailboxes.remove(&client);
                Some(Event::Environment(Environment::ClientGone(client)))
            }
            Input::Environment(change) => Some(Event::Environment(change)),
            // Dropping the reply says that there is none.
            Input::Recording { .. } | Input::Explain { .. } | Input::ExplainCall { .. } => None,
        }
    }

    fn request(&mut self, reply: ReplyTo, from: Requester) -> RequestId {
        self.last_request += 1;
        let request = RequestId(self.last_request);
        self.replies.insert(request, (reply, from));
        request
    }

    /// Hands an event over; its settlement is answered with the step that follows.
    fn hand_over(&mut self, event: Event) -> Event {
        if matches!(event, Event::Settled { .. }) {
            self.settles = self.settlers.pop_front();
        }
        event
    }
}

impl Outside for Host {
    fn start(&mut self, app: &AppId) -> Result<(), String> {
        let address = self.served.address.clone();
        let mut programs = self.programs.iter();
        let number = programs.position(|program| program.app.id == *app);
        let number = number.ok_or("nothing starts this app; give it with --app")?;
        self.programs[number].start(&address)?;
        let until = Instant::now() + self.patience;
        let mut other = None;
        while Instant::now() < until {
            if let Some(event) = self.next(GLANCE) {
                let is_there = registered(&event) == Some(app);
                other = other.or(registered(&event).filter(|id| *id != app).cloned());
                self.early.push_back(event);
                if is_there {
                    return Ok(());
                }
            } else if let Some(how) = self.programs[number].ended() {
                return Err(format!("{how} before it registered"));
            }
        }
        let advice = match other {
            None => "does it use the session bus, and is this its bus name?".to_owned(),
            Some(id) => {
                format!("it registered {id}; say \"app NAME {{ id={id} }}\" in the story")
            }
        };
        let patience = self.patience;
        Err(format!(
            "it did not register {app} within {patience:?}; {advice}"
        ))
    }

    fn how_it_ended(&mut self, app: &AppId) -> String {
        let mut programs = self.programs.iter_mut();
        let program = programs.find(|program| program.app.id == *app);
        program.map_or_else(|| "it is gone".to_owned(), Program::how_it_ended)
    }

    fn stop(&mut self, app: &AppId) {
        let mut programs = self.programs.iter_mut();
        if let Some(program) = programs.find(|program| program.app.id == *app) {
            program.stop();
        }
    }

    fn wait(&mut self, now: Timestamp, until: Timestamp) -> Option<(Timestamp, Event)> {
        if let Some(event) = self.early.pop_front() {
            return Some((now, self.hand_over(event)));
        }
        let began = Instant::now();
        let span = match self.pace {
            Pace::Real => until.since(now),
            Pace::Quiet => QUIET,
        };
        let event = self.next(span)?;
        let at = match self.pace {
            Pace::Real => now.after(began.elapsed()),
            Pace::Quiet => now,
        };
        Some((at, self.hand_over(event)))
    }

    fn follow(&mut self, at: Stamp, effects: &[Effect], state: &Snapshot, core: &Core) {
        for effect in effects {
            if let Effect::Reply { request, result } = effect {
                if let Some((reply, from)) = self.replies.remove(request) {
                    let told = result.clone().map_err(|why| core.refusal(why, from));
                    // Whoever asked may not wait for it any more.
                    let _ = reply.send(told);
                }
            } else if let Some((client, message)) = outbound(at, effect.clone()) {
                let mailbox = self.mailboxes.get(&client);
                let lost = |mailbox: &mpsc::Sender<Outbound>| mailbox.try_send(message).is_err();
                if mailbox.is_some_and(lost) {
                    // As in the daemon: an app that does not take what it is told counts as gone.
                    self.mailboxes.remove(&client);
                    let gone = Environment::ClientGone(client);
                    self.early.push_back(Event::Environment(gone));
                }
            }
        }
        if let Some(reply) = self.settles.take() {
            let _ = reply.send(settled(effects).map_err(Refusal::from));
        }
        if matches!(effects.last(), Some(Effect::Publish { .. })) {
            self.served.state.send_replace(Arc::new(state.clone()));
        }
        for effect in effects {
            if let Some(over) = finished(effect) {
                // An app that does not listen loses the news, as with the daemon.
                let _ = self.served.finished.try_send(over);
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        for program in &mut self.programs {
            program.stop();
        }
        self.served.close(&self.runtime);
    }
}

fn numbered(client: ClientId) -> ClientId {
    ClientId(client.0 + BASE)
}

/// The app that an event registers.
fn registered(event: &Event) -> Option<&AppId> {
    let Event::Report {
        report: Report::Register { app, .. },
        ..
    } = event
    else {
        return None;
    };
    Some(app)
}
