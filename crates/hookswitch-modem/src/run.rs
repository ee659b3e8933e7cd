//! The loop: one owner of all lines, between the modems and the call system.
//!
//! Input: [`Options`]. Output: runs until the system bus is gone or the app was withdrawn.
//!
//! # Promises
//!
//! - **R1** lines are touched by this loop only, and it waits neither for a modem nor for the
//!   system: verbs run beside it, words to the system go through one queue.
//! - **R2** a call system that is away is looked for; after that the SDK keeps the link.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use hookswitch::{Action, Ask, BusAddress, Call, Provider, ProviderEvent, ProviderEvents};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use zbus::Connection;

use crate::app::{self, APP_ID, Say, Speaker};
use crate::line::{KeyMaker, Line};
use crate::stack::{self, Kind, LineId, LineNews, NEWS_MAX};
use crate::words::{AskNumber, CallKey, CallPath, Digits, Do, News, Number, VerbNumber, Wish};

/// The pause between two attempts to reach the call system for the first time.
const RETRY: Duration = Duration::from_secs(1);
/// How many words to the call system wait.
const SAYS_MAX: usize = 256;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The daemons to look for.
    pub daemons: Vec<Kind>,
    /// The name by which people know the line.
    pub name: String,
    /// The bus of the call system.
    pub session: BusAddress,
}

/// Runs on a system bus.
///
/// # Errors
///
/// When the bus is lost, or nothing can be heard on it.
pub async fn run(options: Options, system: Connection) -> Result<(), String> {
    let (provider, mut events) = connect(&options).await;
    // The first event says which calls a former run has left.
    let orphans = match events.next().await {
        Some(ProviderEvent::Registered { orphans }) => orphans,
        Some(_) | None => Vec::new(),
    };
    let (news_sender, news) = mpsc::channel(NEWS_MAX);
    let mut tasks = JoinSet::new();
    for kind in &options.daemons {
        tasks.spawn(stack::watch(*kind, system.clone(), news_sender.clone()));
    }
    let (refused_sender, refused) = mpsc::channel(SAYS_MAX);
    let (says, queue) = mpsc::channel(SAYS_MAX);
    let key_of = |call: &Call| (call.key().to_owned(), call.clone());
    let speaker = Speaker {
        provider,
        name: options.name,
        orphans: orphans.iter().map(key_of).collect(),
        refused: refused_sender,
    };
    tokio::spawn(speaker.run(queue));
    let (results, results_receiver) = mpsc::channel(NEWS_MAX);
    let bridge = Bridge {
        system,
        salt: salt(),
        orphans: orphans
            .iter()
            .map(|call| CallKey(call.key().to_owned()))
            .collect(),
        lines: BTreeMap::new(),
        lost: Vec::new(),
        emergency: BTreeMap::new(),
        asks: BTreeMap::new(),
        last_ask: 0,
        says,
        results,
    };
    bridge
        .run(
            Inputs {
                events,
                news,
                refused,
                results: results_receiver,
            },
            tasks,
        )
        .await
}

/// Tries until the call system takes the app.
async fn connect(options: &Options) -> (Provider, ProviderEvents) {
    loop {
        let configuration = app::configuration(&options.name, &[]);
        let session = options.session.clone();
        match Provider::connect_at(session, APP_ID, configuration).await {
            Ok(connected) => return connected,
            Err(error) => tracing::info!(%error, "the call system is not there yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Differs from run to run, so that keys of calls do.
fn salt() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    format!("{millis:x}-{:x}-", std::process::id())
}

/// What comes in.
struct Inputs {
    events: ProviderEvents,
    news: mpsc::Receiver<LineNews>,
    refused: mpsc::Receiver<CallKey>,
    results: mpsc::Receiver<Outcome>,
}

/// How a verb went.
struct Outcome {
    line: LineId,
    verb: VerbNumber,
    result: Result<Option<CallPath>, String>,
}

/// All lines and what is open for them.
struct Bridge {
    system: Connection,
    salt: String,
    orphans: Vec<CallKey>,
    lines: BTreeMap<LineId, Line>,
    /// Lines whose last words are still to be carried out.
    lost: Vec<LineId>,
    emergency: BTreeMap<LineId, Vec<String>>,
    asks: BTreeMap<AskNumber, Ask>,
    last_ask: u64,
    says: mpsc::Sender<Say>,
    results: mpsc::Sender<Outcome>,
}

impl Bridge {
    async fn run(
        mut self,
        mut inputs: Inputs,
        mut watchers: JoinSet<zbus::Result<()>>,
    ) -> Result<(), String> {
        loop {
            let deadline = self.lines.values().filter_map(Line::deadline).min();
            tokio::select! {
                event = inputs.events.next() => match event {
                    Some(event) => self.event(event),
                    None => return Ok(()),
                },
                Some(news) = inputs.news.recv() => self.news(news),
                Some(key) = inputs.refused.recv() => {
                    self.each_line(|line, now| line.refused(now, &key));
                }
                Some(outcome) = inputs.results.recv() => {
                    if let Some(line) = self.lines.get_mut(&outcome.line) {
                        line.finished(Instant::now(), outcome.verb, outcome.result);
                    }
                }
                () = wait_until(deadline) => self.each_line(Line::tick),
                Some(ended) = watchers.join_next() => return Err(why_ended(ended)),
            }
            self.carry_out();
        }
    }

    fn each_line(&mut self, mut what: impl FnMut(&mut Line, Instant)) {
        let now = Instant::now();
        self.lines.values_mut().for_each(|line| what(line, now));
    }

    /// Something of a modem.
    fn news(&mut self, news: LineNews) {
        let now = Instant::now();
        match news {
            LineNews::Found(id) => {
                tracing::info!(kind = ?id.kind, "a modem with voice");
                let keys = KeyMaker::new(&id.run, &self.salt);
                let line = Line::new(id.kind.rules(), keys, self.orphans.clone(), now);
                self.lines.insert(id, line);
            }
            LineNews::Listed(id) => {
                if let Some(line) = self.lines.get_mut(&id) {
                    line.listed(now);
                }
            }
            LineNews::Emergency(id, numbers) => {
                self.emergency.insert(id, numbers);
                let all: Vec<String> = self.emergency.values().flatten().cloned().collect();
                self.say(Say::Emergency(all));
            }
            LineNews::Call(id, news) => {
                if news == News::Lost {
                    self.lost.push(id.clone());
                }
                if let Some(line) = self.lines.get_mut(&id) {
                    line.news(now, news);
                }
            }
        }
    }

    /// Something of the call system.
    fn event(&mut self, event: ProviderEvent) {
        match event {
            ProviderEvent::Perform(ask) => self.perform(ask),
            ProviderEvent::TimedOut { ask, .. } => {
                let late = |(_, open): &(&AskNumber, &Ask)| open.id() == ask;
                if let Some(number) = self.asks.iter().find(late).map(|(number, _)| *number) {
                    self.asks.remove(&number);
                    self.each_line(|line, now| line.forget(now, number));
                }
            }
            ProviderEvent::CallEnded { call, .. } => {
                let key = key(&call);
                self.each_line(|line, now| line.system_ended(now, &key));
            }
            ProviderEvent::Reset { calls, .. } => {
                for call in &calls {
                    let key = key(call);
                    self.each_line(|line, now| line.system_ended(now, &key));
                }
            }
            ProviderEvent::Reconnected { .. } => self.each_line(|line, _| line.tell_again()),
            // The sound of the call is not ours, and there is no window.
            ProviderEvent::Registered { .. }
            | ProviderEvent::AudioActivated(_)
            | ProviderEvent::AudioDeactivated(_)
            | ProviderEvent::Open(_)
            | _ => {}
        }
    }

    fn perform(&mut self, ask: Ask) {
        let wish = match ask.action() {
            Action::Start { handle, .. } => Wish::Start(Number(handle.value.clone())),
            Action::Answer => Wish::Answer,
            Action::End { .. } => Wish::End,
            Action::SetHeld(true) => Wish::Hold,
            Action::SetHeld(false) => Wish::Resume,
            Action::SetGroup(Some(_)) => Wish::Join,
            Action::SetGroup(None) => Wish::Part,
            Action::PlayDigits(tones) => Wish::Digits(Digits(tones.digits.as_str().to_owned())),
            Action::SetMuted(_) | _ => {
                return self.say(Say::Settle(
                    Box::new(ask),
                    Err("the sound of the modem is not ours"),
                ));
            }
        };
        let key = key(ask.call());
        let transaction = ask.transaction().to_owned();
        let known = self.lines.iter().find(|(_, line)| line.knows(&key));
        let id = known
            .or_else(|| self.lines.iter().next())
            .map(|(id, _)| id.clone());
        let Some(line) = id.and_then(|id| self.lines.get_mut(&id)) else {
            let gone = matches!(wish, Wish::End);
            let result = if gone {
                Ok(())
            } else {
                Err("there is no modem")
            };
            return self.say(Say::Settle(Box::new(ask), result));
        };
        self.last_ask += 1;
        let number = AskNumber(self.last_ask);
        self.asks.insert(number, ask);
        line.ask(Instant::now(), &transaction, number, key, wish);
    }

    /// Does what the lines have decided.
    fn carry_out(&mut self) {
        let mut says = Vec::new();
        for (id, line) in &mut self.lines {
            while let Some(one) = line.take_next() {
                match one {
                    Do::Verb(verb, what) => {
                        let (system, id) = (self.system.clone(), id.clone());
                        let results = self.results.clone();
                        tokio::spawn(async move {
                            let result = stack::perform(&system, &id, what).await;
                            if let Err(error) = &result {
                                tracing::info!(error, "the modem's daemon refused");
                            }
                            let line = id;
                            // An error means that the loop has ended.
                            let _ = results.send(Outcome { line, verb, result }).await;
                        });
                    }
                    Do::Report(report) => says.push(Say::Report(report)),
                    Do::Settle(number, result) => {
                        if let Some(ask) = self.asks.remove(&number) {
                            says.push(Say::Settle(Box::new(ask), result));
                        }
                    }
                }
            }
        }
        for id in std::mem::take(&mut self.lost) {
            self.lines.remove(&id);
            self.emergency.remove(&id);
        }
        says.into_iter().for_each(|say| self.say(say));
    }

    /// Queues a word. A full queue means that the system has been away for long: what does not fit
    /// is dropped and told in the log; an ask that is dropped fails.
    fn say(&self, say: Say) {
        if self.says.try_send(say).is_err() {
            tracing::warn!("too many words wait for the call system; one was dropped");
        }
    }
}

/// Our name for a call: our key where we gave one, the system's id otherwise.
fn key(call: &Call) -> CallKey {
    CallKey(call.key_or_id().to_owned())
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn why_ended(ended: Result<zbus::Result<()>, tokio::task::JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "the system bus is gone".to_owned(),
        Ok(Err(error)) => format!("the system bus cannot be heard: {error}"),
        Err(error) => format!("a watcher broke: {error}"),
    }
}
