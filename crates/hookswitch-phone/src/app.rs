//! The phone as an app of the calling system: carries [`crate::system`]'s messages by the SDK.
//!
//! Input: [`SystemCommand`]s of the phone, events of the SDK. Output: the other of the two.
//!
//! # Promises
//!
//! - **A1** reports and settled asks reach the daemon in the order in which the phone said them.
//! - **A2** a daemon that is away is looked for until it is there; after that the SDK keeps the
//!   link.
//! - **A3** calls that a former process of the phone left behind are reported as failed: their
//!   SIP dialogs died with it.
//!
//! # Not here
//!
//! Any decision: every message is translated one to one.

use std::collections::BTreeMap;
use std::time::Duration;

use hookswitch::{
    Action as AskedAction, Ask, BusAddress, Call, CallTone, CallUpdate, Configuration, EndReason,
    Error, ErrorCode, Handle, HandleKind, Provider, ProviderEvent, ProviderEvents, Request,
};
use tokio::sync::mpsc;

use crate::media::{Gate, Mute};
use crate::sip::{EndedBy, HoldWish, Party, Refusal};
use crate::system::{Action, AskId, CallKey, MESSAGES_MAX, SystemCommand, SystemEvent};

/// The phone's identity on the bus.
pub const APP_ID: &str = "org.hookswitch.Phone";
/// Groups of calls the phone takes: one active, the others held or ringing.
const GROUPS_MAX: u32 = 4;
/// The pause between two attempts to reach the daemon for the first time.
const RETRY: Duration = Duration::from_secs(1);

/// How the phone presents itself.
#[derive(Clone, Debug)]
pub struct AppConfig {
    /// Which bus.
    pub bus: BusAddress,
    /// The phone's page, with its token.
    pub page: String,
    /// Whether numbers without a host can be dialed, which takes an account.
    pub numbers: Numbers,
}

/// Whether a plain number is an address here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Numbers {
    /// An account's server understands numbers.
    Dialable,
    /// Without an account only full addresses can be called.
    NotDialable,
}

/// The two ends of the way to the system, for [`crate::phone::PhoneParts`].
pub struct SystemLink {
    /// To the system.
    pub commands: mpsc::Sender<SystemCommand>,
    /// From the system.
    pub events: mpsc::Receiver<SystemEvent>,
}

/// Starts looking for the daemon and carries messages from then on.
pub fn start(config: AppConfig) -> SystemLink {
    let (commands, command_inbox) = mpsc::channel(MESSAGES_MAX);
    let (event_outbox, events) = mpsc::channel(MESSAGES_MAX);
    tokio::spawn(run(config, command_inbox, event_outbox));
    SystemLink { commands, events }
}

async fn run(
    config: AppConfig,
    mut commands: mpsc::Receiver<SystemCommand>,
    events: mpsc::Sender<SystemEvent>,
) {
    let Some((provider, from_daemon)) = connect(&config, &mut commands, &events).await else {
        return;
    };
    let (asks, ask_inbox) = mpsc::channel(MESSAGES_MAX);
    tokio::spawn(listen(provider.clone(), from_daemon, asks, events.clone()));
    let speaker = Speaker {
        provider,
        events,
        asks: BTreeMap::new(),
        numbers: config.numbers,
    };
    speaker.run(commands, ask_inbox).await;
}

/// Tries until the daemon takes the phone; none if the phone stops before.
async fn connect(
    config: &AppConfig,
    commands: &mut mpsc::Receiver<SystemCommand>,
    events: &mpsc::Sender<SystemEvent>,
) -> Option<(Provider, ProviderEvents)> {
    loop {
        let attempt = Provider::connect_at(config.bus.clone(), APP_ID, configuration(&config.page));
        tokio::select! {
            connected = attempt => match connected {
                Ok(connected) => return Some(connected),
                Err(error) => events.send(SystemEvent::Away(error.to_string())).await.ok()?,
            },
            () = stopped(commands, events) => return None,
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY) => {}
            () = stopped(commands, events) => return None,
        }
    }
}

/// Refuses what the phone wants while there is no daemon; resolves when the phone stops.
async fn stopped(commands: &mut mpsc::Receiver<SystemCommand>, events: &mpsc::Sender<SystemEvent>) {
    while let Some(command) = commands.recv().await {
        let refusal = match command {
            SystemCommand::ReportIncoming(key, _) => {
                SystemEvent::Refused(key, Refusal::Unavailable)
            }
            SystemCommand::RequestStart(key, _) => {
                SystemEvent::StartRefused(key, "the calling system is away".to_owned())
            }
            SystemCommand::Shutdown => return,
            SystemCommand::ReportConnecting(_)
            | SystemCommand::ReportConnected(_)
            | SystemCommand::ReportRemoteHold(..)
            | SystemCommand::ReportEnded(..)
            | SystemCommand::Settle(..) => continue,
        };
        if events.send(refusal).await.is_err() {
            return;
        }
    }
}

fn configuration(page: &str) -> Configuration {
    Configuration::new("Phone")
        .groups_max(GROUPS_MAX)
        .calls_per_group_max(1)
        // It takes no early media and brings no tones of its own.
        .tones(CallTone::ALL)
        .handle_kinds([HandleKind::Generic, HandleKind::PhoneNumber])
        .open_url(page)
}

/// An ask on its way to the speaker, or out of it.
enum AskNews {
    Keep(Box<Ask>),
    Forget(String),
}

/// Carries the daemon's events to the phone.
async fn listen(
    provider: Provider,
    mut from_daemon: ProviderEvents,
    asks: mpsc::Sender<AskNews>,
    events: mpsc::Sender<SystemEvent>,
) {
    while let Some(event) = from_daemon.next().await {
        let heard = match event {
            ProviderEvent::Registered { orphans } => {
                end_orphans(&provider, &orphans).await;
                vec![SystemEvent::Ready]
            }
            ProviderEvent::Reconnected { .. } => vec![SystemEvent::Ready],
            ProviderEvent::Perform(ask) => {
                let news = asked(&ask);
                // The speaker has the ask before the phone hears of it.
                match news {
                    Some(news) if asks.send(AskNews::Keep(Box::new(ask))).await.is_ok() => {
                        vec![news]
                    }
                    Some(_) | None => Vec::new(), // dropped, which fails it
                }
            }
            ProviderEvent::TimedOut { ask, .. } => {
                let expired = SystemEvent::Expired(AskId(ask.clone()));
                if asks.send(AskNews::Forget(ask)).await.is_err() {
                    return;
                }
                vec![expired]
            }
            ProviderEvent::AudioActivated(call) => vec![SystemEvent::Audio(key(&call), Gate::Open)],
            ProviderEvent::AudioDeactivated(call) => {
                vec![SystemEvent::Audio(key(&call), Gate::Closed)]
            }
            ProviderEvent::CallEnded { call, .. } => vec![SystemEvent::CallEnded(key(&call))],
            ProviderEvent::Open(_) => vec![SystemEvent::Open],
            ProviderEvent::Reset { calls, .. } => calls
                .iter()
                .map(|call| SystemEvent::CallEnded(key(call)))
                .collect(),
            // Not asked for, or an event of a newer SDK.
            ProviderEvent::Execute { .. } | _ => Vec::new(),
        };
        for event in heard {
            if events.send(event).await.is_err() {
                return;
            }
        }
    }
}

async fn end_orphans(provider: &Provider, orphans: &[Call]) {
    for call in orphans {
        if let Err(error) = provider.report_ended(call, EndReason::Failed).await {
            tracing::debug!(%error, "a call of a former process is gone already");
        }
    }
}

/// What an ask wants, in the phone's words; none for an ask of a newer SDK.
fn asked(ask: &Ask) -> Option<SystemEvent> {
    let action = match ask.action() {
        AskedAction::Start { handle, .. } => Action::Start(handle.value.clone()),
        AskedAction::Answer => Action::Answer,
        AskedAction::End { .. } => Action::End,
        AskedAction::SetHeld(held) => Action::Hold(if *held {
            HoldWish::Hold
        } else {
            HoldWish::Resume
        }),
        AskedAction::SetMuted(muted) => Action::Mute(if *muted { Mute::On } else { Mute::Off }),
        AskedAction::PlayDigits(tones) => Action::Digits(tones.digits.as_str().to_owned()),
        // The phone offers none of these; the rest is of a newer SDK.
        AskedAction::SetGroup(_)
        | AskedAction::SetVideo(_)
        | AskedAction::DeclineVideo
        | AskedAction::SetTranslating(_)
        | AskedAction::Press(_)
        | _ => return None,
    };
    Some(SystemEvent::Ask(
        AskId(ask.id().to_owned()),
        key(ask.call()),
        action,
    ))
}

/// The phone's name for a call: its own where it gave one, the system's otherwise.
fn key(call: &Call) -> CallKey {
    CallKey(call.key_or_id().to_owned())
}

/// Carries the phone's commands to the daemon, in order.
struct Speaker {
    provider: Provider,
    events: mpsc::Sender<SystemEvent>,
    asks: BTreeMap<String, Ask>,
    numbers: Numbers,
}

impl Speaker {
    async fn run(
        mut self,
        mut commands: mpsc::Receiver<SystemCommand>,
        mut asks: mpsc::Receiver<AskNews>,
    ) {
        loop {
            tokio::select! {
                biased; // an ask is known before it can be settled
                Some(news) = asks.recv() => match news {
                    AskNews::Keep(ask) => {
                        self.asks.insert(ask.id().to_owned(), *ask);
                    }
                    AskNews::Forget(ask) => {
                        self.asks.remove(&ask);
                    }
                },
                command = commands.recv() => match command {
                    Some(SystemCommand::Shutdown) | None => return,
                    Some(command) => self.command(command).await,
                },
            }
        }
    }

    async fn command(&mut self, command: SystemCommand) {
        let outcome = match command {
            SystemCommand::ReportIncoming(key, party) => return self.incoming(key, &party).await,
            SystemCommand::RequestStart(key, to) => return self.request_start(key, to).await,
            SystemCommand::ReportConnecting(key) => self.provider.report_connecting(&key.0).await,
            SystemCommand::ReportConnected(key) => self.provider.report_connected(&key.0).await,
            SystemCommand::ReportRemoteHold(key, wish) => {
                let held = wish == HoldWish::Hold;
                self.provider.report_remote_held(&key.0, held).await
            }
            SystemCommand::ReportEnded(key, by) => {
                self.provider.report_ended(&key.0, reason(&by)).await
            }
            SystemCommand::Settle(ask, outcome) => self.settle(&ask, outcome).await,
            SystemCommand::Shutdown => Ok(()), // taken by the loop
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "the calling system did not take a report");
        }
    }

    async fn settle(&mut self, ask: &AskId, outcome: Result<(), String>) -> Result<(), Error> {
        let Some(ask) = self.asks.remove(&ask.0) else {
            return Ok(());
        };
        match outcome {
            Ok(()) => ask.fulfill().await,
            Err(why) => {
                tracing::info!(why, "an ask failed");
                ask.fail().await
            }
        }
    }

    async fn incoming(&mut self, key: CallKey, party: &Party) {
        let update = self.update(party);
        let event = match self.provider.report_incoming(&key.0, &update).await {
            Ok(_call) => SystemEvent::Accepted(key),
            Err(error) => {
                tracing::info!(%error, "an incoming call was not taken");
                SystemEvent::Refused(key, refusal(&error))
            }
        };
        self.tell(event).await;
    }

    async fn request_start(&mut self, key: CallKey, to: String) {
        let start = Request::start(&key.0, self.handle(&to));
        if let Err(error) = self.provider.request([start]).await {
            self.tell(SystemEvent::StartRefused(key, error.to_string()))
                .await;
        }
    }

    async fn tell(&self, event: SystemEvent) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("the phone is stopping");
        }
    }

    fn update(&self, party: &Party) -> CallUpdate {
        let update = CallUpdate::new()
            .handle(self.handle(&party.address))
            .holding(true)
            // It cannot mix.
            .grouping(false)
            .digits(true)
            .grouping(false)
            .ungrouping(false);
        match &party.name {
            Some(name) => update.name(name),
            None => update,
        }
    }

    fn handle(&self, address: &str) -> Handle {
        let address = address.strip_prefix("sip:").unwrap_or(address);
        let user = address.split('@').next().unwrap_or(address);
        match self.numbers {
            Numbers::Dialable if is_number(user) => Handle::phone_number(user),
            Numbers::Dialable | Numbers::NotDialable => Handle::generic(address),
        }
    }
}

/// True for what a telephone keypad can dial.
fn is_number(user: &str) -> bool {
    let digits = user.strip_prefix('+').unwrap_or(user);
    digits.len() >= 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn refusal(error: &Error) -> Refusal {
    match error.code() {
        Some(
            ErrorCode::LimitReached
            | ErrorCode::RateLimited
            | ErrorCode::Busy
            | ErrorCode::NotNow
            | ErrorCode::UserBusy,
        ) => Refusal::Busy,
        Some(ErrorCode::AlreadyEnded | ErrorCode::CallExists) => Refusal::Declined,
        Some(_) | None => Refusal::Unavailable,
    }
}

fn reason(by: &EndedBy) -> EndReason {
    match by {
        EndedBy::Us => EndReason::LocalHangup,
        EndedBy::Peer => EndReason::RemoteHangup,
        EndedBy::CanceledByCaller => EndReason::CanceledByCaller,
        EndedBy::Busy => EndReason::Busy,
        EndedBy::Declined => EndReason::DeclinedByRemote,
        EndedBy::Unanswered => EndReason::Unanswered,
        EndedBy::Failed(_) => EndReason::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_names() {
        for (user, want) in [
            ("+15550100", true),
            ("112", true),
            ("11", false),
            ("ana", false),
            ("+", false),
        ] {
            assert_eq!(is_number(user), want, "{user}");
        }
    }

    #[test]
    fn a_daemon_that_is_away_is_no_declined_call() {
        assert_eq!(refusal(&Error::DaemonGone), Refusal::Unavailable);
        assert_eq!(refusal(&Error::TimedOut), Refusal::Unavailable);
    }
}
