//! The modem as an app of the call system: what it says there, in order.
//!
//! Input: reports and settled asks of the lines. Output: calls of the SDK, and which calls the
//! system did not take.
//!
//! # Promises
//!
//! - **A1** everything is said in the order in which the lines decided it.
//! - **A2** a system that cannot be reached is no reason to hang up on anybody.
//! - **A3** what has happened at the modem is reported, never asked for: the system cannot refuse
//!   it. Only a call that another program dials is asked for, as the system has to begin it.

use std::collections::BTreeMap;

use hookswitch::{
    Ask, Call, CallUpdate, Configuration, EndReason, Error, Handle, HandleKind, Provider, Request,
};
use tokio::sync::mpsc;

use crate::words::{CallKey, End, Number, Report};

/// The identity on the bus. The daemon's configuration names it as the cellular app.
pub const APP_ID: &str = "org.hookswitch.Modem";
/// The numbers that every phone knows as emergency numbers (3GPP TS 22.101 section 10.1).
const EMERGENCY: [&str; 2] = ["112", "911"];
/// A modem has one active and one held call or group, and one that waits
/// (3GPP TS 22.083): the last has no group of its own yet.
const GROUPS_MAX: u32 = 3;
/// Parties of one group (3GPP TS 22.084).
const CALLS_PER_GROUP_MAX: u32 = 5;
/// Most emergency numbers that the call system takes.
const EMERGENCY_MAX: usize = 64;

/// What is said to the call system.
#[derive(Debug)]
pub enum Say {
    /// A fact.
    Report(Report),
    /// An ask is settled.
    Settle(Box<Ask>, Result<(), &'static str>),
    /// The emergency numbers have changed.
    Emergency(Vec<String>),
}

/// How the modem presents itself.
pub fn configuration(name: &str, emergency: &[String]) -> Configuration {
    let mut numbers: Vec<String> = EMERGENCY.map(str::to_owned).into();
    for number in emergency {
        if !numbers.contains(number) && numbers.len() < EMERGENCY_MAX && !number.is_empty() {
            numbers.push(number.clone());
        }
    }
    Configuration::new(name)
        .cellular(true)
        .emergency_numbers(numbers)
        .groups_max(GROUPS_MAX)
        .calls_per_group_max(CALLS_PER_GROUP_MAX)
        .handle_kinds([HandleKind::PhoneNumber])
}

/// Says everything in order, until nobody has anything to say.
pub struct Speaker {
    /// The app.
    pub provider: Provider,
    /// Its name for people.
    pub name: String,
    /// Calls of a former run, by key.
    pub orphans: BTreeMap<String, Call>,
    /// Calls that the system did not take.
    pub refused: mpsc::Sender<CallKey>,
}

impl Speaker {
    /// Runs until the queue is closed.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Say>) {
        while let Some(say) = queue.recv().await {
            let said = match say {
                Say::Report(report) => self.report(report).await,
                Say::Settle(ask, Ok(())) => ask.fulfill().await,
                Say::Settle(ask, Err(why)) => {
                    tracing::info!(why, "an ask was not done");
                    ask.fail().await
                }
                Say::Emergency(numbers) => {
                    let configuration = configuration(&self.name, &numbers);
                    let told = self.provider.set_configuration(configuration).await;
                    tracing::info!(count = numbers.len(), "emergency numbers of the cards");
                    told
                }
            };
            if let Err(error) = said {
                tracing::warn!(%error, "the call system did not take a word");
            }
        }
    }

    async fn report(&mut self, report: Report) -> Result<(), Error> {
        let provider = &self.provider;
        match report {
            Report::Incoming {
                key,
                number,
                emergency,
            } => {
                let update = update(&number).emergency(emergency);
                let reported = provider.report_incoming(&key.0, &update).await;
                self.taken(key, reported.map(|_| ())).await
            }
            Report::Adopted(key) => match self.orphans.remove(&key.0) {
                Some(call) => provider.adopt(&call).await,
                None => Ok(()),
            },
            Report::Number(key, number) => provider.report_updated(&key.0, &update(&number)).await,
            Report::StartedOutside(key, number) => {
                let start = Request::start(&key.0, Handle::phone_number(number.0));
                let requested = provider.request([start]).await.map(|_| ());
                self.taken(key, requested).await
            }
            Report::Connecting(key) => provider.report_connecting(&key.0).await,
            Report::Connected(key) => provider.report_connected(&key.0).await,
            Report::Held(key, on) => provider.report_held(&key.0, on).await,
            Report::Ended(key, end) => provider.report_ended(&key.0, reason(end)).await,
        }
    }

    /// Tells the line that the system refused a call; not that it was away (A2).
    async fn taken(&self, key: CallKey, result: Result<(), Error>) -> Result<(), Error> {
        if let Err(error) = &result
            && !error.is_unreachable()
            && error.code().is_some()
            && self.refused.send(key).await.is_err()
        {
            tracing::debug!("the lines are gone");
        }
        result
    }
}

/// What is known of the other side, and what a modem's call can do. Sound is not in our hands, so
/// it cannot be muted here, but that is told when it is asked for.
fn update(number: &Number) -> CallUpdate {
    let update = CallUpdate::new().holding(true).digits(true);
    let update = update.grouping(true).ungrouping(true);
    if number.0.is_empty() {
        update.anonymous()
    } else {
        update.handle(Handle::phone_number(&number.0))
    }
}

fn reason(end: End) -> EndReason {
    match end {
        End::LocalHangup => EndReason::LocalHangup,
        End::RemoteHangup => EndReason::RemoteHangup,
        End::DeclinedByRemote => EndReason::DeclinedByRemote,
        End::CanceledByCaller => EndReason::CanceledByCaller,
        End::DeclinedElsewhere => EndReason::DeclinedElsewhere,
        End::Busy => EndReason::Busy,
        End::Failed => EndReason::Failed,
    }
}
