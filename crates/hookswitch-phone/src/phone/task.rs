//! The phone's task: one loop over what signalling, audio, system and page say.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::config::Account;
use crate::dtmf::DIGITS_MAX;
use crate::media::{self, Endpoint, Gate, MediaCommand, MediaEvent, MediaHandle, OpenEnd};
use crate::sdp::Agreed;
use crate::sip::{
    EndedBy, HoldWish, LegId, Party, Refusal, RegistrationState, SipCommand, SipEvent, SipHandle,
    dial_target,
};
use crate::system::{Action, AskId, CallKey, SystemCommand, SystemEvent};

use super::status::{
    AccountStatus, CallDirection, CallStage, CallStatus, PhoneStatus, endpoint_name,
};
use super::{DialRefused, PhoneCommand, PhoneParts};

/// How often levels and counts are looked at.
const STATUS_EVERY: Duration = Duration::from_millis(100);
/// How long a call's audio may take to accept digits.
const DIGITS_ACCEPT: Duration = Duration::from_secs(1);
/// Media events that may wait.
const MEDIA_EVENTS_MAX: usize = 128;
/// How long the goodbye may take, all calls and accounts together.
const GOODBYE: Duration = Duration::from_millis(1800);

/// One call and what was asked for it.
struct Call {
    key: CallKey,
    direction: CallDirection,
    stage: CallStage,
    party: Party,
    media: MediaHandle,
    held: bool,
    held_by_peer: bool,
    digits: String,
    answer: Option<AskId>,
    end: Option<AskId>,
    hold: Option<AskId>,
}

/// The phone's state; lives in one task.
pub(super) struct Phone {
    sip: SipHandle,
    accounts: Vec<Account>,
    display_name: Option<String>,
    open: OpenEnd,
    system: mpsc::Sender<SystemCommand>,
    media_outbox: mpsc::Sender<MediaEvent>,
    calls: BTreeMap<LegId, Call>,
    dialing: BTreeMap<CallKey, oneshot::Sender<Result<(), DialRefused>>>,
    endpoint: Endpoint,
    status: PhoneStatus,
    status_outbox: watch::Sender<PhoneStatus>,
}

impl Phone {
    /// Runs until told to stop.
    pub(super) async fn run(
        parts: PhoneParts,
        mut inbox: mpsc::Receiver<PhoneCommand>,
        status_outbox: watch::Sender<PhoneStatus>,
    ) {
        let (mut sip_events, mut system_events) = (parts.sip.events, parts.system_events);
        let (media_outbox, mut media_events) = mpsc::channel(MEDIA_EVENTS_MAX);
        let mut status = PhoneStatus::new(parts.sip.address);
        status.accounts = parts.accounts.iter().map(account_status).collect();
        let mut phone = Self {
            sip: parts.sip.handle,
            accounts: parts.accounts,
            display_name: parts.display_name,
            open: parts.open,
            system: parts.system,
            media_outbox,
            calls: BTreeMap::new(),
            dialing: BTreeMap::new(),
            endpoint: Endpoint::default(),
            status,
            status_outbox,
        };
        let mut clock = tokio::time::interval(STATUS_EVERY);
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(PhoneCommand::Dial(to, answer)) => phone.dial(&to, answer).await,
                    Some(PhoneCommand::Use(endpoint)) => phone.use_endpoint(endpoint),
                    Some(PhoneCommand::Shutdown) | None => break,
                },
                event = sip_events.recv() => match event {
                    Some(event) => phone.sip_event(event).await,
                    None => break,
                },
                Some(event) = system_events.recv() => phone.system_event(event).await,
                Some(event) = media_events.recv() => phone.media_event(event),
                _ = clock.tick() => {}
            }
            phone.publish();
        }
        phone.goodbye(sip_events).await;
    }

    async fn say(&self, command: SystemCommand) {
        if self.system.send(command).await.is_err() {
            tracing::debug!("the way to the calling system is closed");
        }
    }

    async fn settle(&self, ask: Option<AskId>, outcome: Result<(), String>) {
        if let Some(ask) = ask {
            self.say(SystemCommand::Settle(ask, outcome)).await;
        }
    }

    fn sip(&self, command: SipCommand) -> Result<(), String> {
        self.sip.send(command).map_err(|error| error.to_string())
    }

    fn leg_of(&self, key: &CallKey) -> Option<LegId> {
        self.calls
            .iter()
            .find(|(_, call)| call.key == *key)
            .map(|(leg, _)| *leg)
    }

    // What signalling says.

    async fn sip_event(&mut self, event: SipEvent) {
        match event {
            SipEvent::Incoming { leg, from, .. } => self.incoming(leg, from).await,
            SipEvent::Ringing(leg) => {
                if let Some(call) = self.calls.get(&leg) {
                    self.say(SystemCommand::ReportConnecting(call.key.clone()))
                        .await;
                }
            }
            SipEvent::Connected(leg, agreed) => self.connected(leg, agreed).await,
            SipEvent::HoldDone(leg, wish, agreed) => self.hold_done(leg, wish, agreed).await,
            SipEvent::HoldFailed(leg, _, why) => {
                let ask = self.calls.get_mut(&leg).and_then(|call| call.hold.take());
                self.settle(ask, Err(why)).await;
            }
            SipEvent::MediaChanged(leg, agreed) => self.media_changed(leg, agreed).await,
            SipEvent::Digit(leg, digit) => self.heard_digit(leg, digit),
            SipEvent::Ended(leg, by) => self.ended(leg, by).await,
            SipEvent::Registration { account, state } => self.registration(&account, &state),
        }
    }

    async fn incoming(&mut self, leg: LegId, from: Party) {
        let media = match self.status.system.ready {
            true => self.open_media(leg).await,
            false => Err("the calling system is away".to_owned()),
        };
        let call = match media {
            Ok(media) => Call::new(CallDirection::Incoming, CallStage::Reported, from, media),
            Err(why) => {
                tracing::warn!(why, "an incoming call was refused");
                // A failure means that signalling stopped: the caller is told by nobody.
                self.sip(SipCommand::Refuse(leg, Refusal::Unavailable)).ok();
                return;
            }
        };
        let report = SystemCommand::ReportIncoming(call.key.clone(), call.party.clone());
        self.calls.insert(leg, call);
        self.say(report).await;
    }

    async fn open_media(&self, leg: LegId) -> Result<MediaHandle, String> {
        let ip = self.status.sip.ip();
        let media = media::start(leg, ip, self.open.clone(), self.media_outbox.clone()).await;
        let media = media.map_err(|error| format!("no port for audio: {error}"))?;
        media.send(MediaCommand::Use(self.endpoint));
        Ok(media)
    }

    async fn connected(&mut self, leg: LegId, agreed: Agreed) {
        let Some(call) = self.calls.get_mut(&leg) else {
            return;
        };
        call.stage = CallStage::Connected;
        call.media.send(MediaCommand::Agreed(agreed));
        call.held_by_peer = agreed.remote_hold;
        let (key, ask, direction) = (call.key.clone(), call.answer.take(), call.direction);
        // An answered call is connected by its settled ask.
        match direction {
            CallDirection::Incoming => self.settle(ask, Ok(())).await,
            CallDirection::Outgoing => self.say(SystemCommand::ReportConnected(key)).await,
        }
    }

    async fn hold_done(&mut self, leg: LegId, wish: HoldWish, agreed: Agreed) {
        let Some(call) = self.calls.get_mut(&leg) else {
            return;
        };
        call.media.send(MediaCommand::Agreed(agreed));
        call.held = wish == HoldWish::Hold;
        let ask = call.hold.take();
        self.settle(ask, Ok(())).await;
        if wish == HoldWish::Resume {
            self.peer_hold(leg, agreed).await;
        }
    }

    async fn media_changed(&mut self, leg: LegId, agreed: Agreed) {
        let Some(call) = self.calls.get(&leg) else {
            return;
        };
        call.media.send(MediaCommand::Agreed(agreed));
        if !call.held {
            self.peer_hold(leg, agreed).await;
        }
    }

    async fn peer_hold(&mut self, leg: LegId, agreed: Agreed) {
        let Some(call) = self.calls.get_mut(&leg) else {
            return;
        };
        if call.held_by_peer == agreed.remote_hold {
            return;
        }
        call.held_by_peer = agreed.remote_hold;
        let wish = if agreed.remote_hold {
            HoldWish::Hold
        } else {
            HoldWish::Resume
        };
        let report = SystemCommand::ReportRemoteHold(call.key.clone(), wish);
        self.say(report).await;
    }

    async fn ended(&mut self, leg: LegId, by: EndedBy) {
        let Some(call) = self.calls.remove(&leg) else {
            return;
        };
        let over = || Err("the call is over".to_owned());
        self.settle(call.answer, over()).await;
        self.settle(call.hold, over()).await;
        match call.end {
            Some(ask) => self.settle(Some(ask), Ok(())).await,
            None => self.say(SystemCommand::ReportEnded(call.key, by)).await,
        }
    }

    fn registration(&mut self, account: &str, state: &RegistrationState) {
        let mut accounts = self.status.accounts.iter_mut();
        if let Some(status) = accounts.find(|status| status.name == account) {
            status.set(state);
        }
    }

    // What the system says.

    async fn system_event(&mut self, event: SystemEvent) {
        match event {
            SystemEvent::Ready => {
                self.status.system.ready = true;
                "Connected to the calling system.".clone_into(&mut self.status.system.text);
            }
            SystemEvent::Away(why) => {
                self.status.system.ready = false;
                self.status.system.text = format!("The calling system is away: {why}");
            }
            SystemEvent::Accepted(key) => self.accepted(&key),
            SystemEvent::Refused(key, refusal) => self.refused(&key, refusal),
            SystemEvent::StartRefused(key, why) => {
                if let Some(answer) = self.dialing.remove(&key) {
                    answer.send(Err(DialRefused::Address(why))).ok(); // the page may be gone
                }
            }
            SystemEvent::Ask(ask, key, action) => self.ask(ask, key, action).await,
            SystemEvent::Expired(ask) => self.expired(&ask),
            SystemEvent::CallEnded(key) => self.system_ended(&key),
            SystemEvent::Audio(key, gate) => self.gate(&key, gate),
            SystemEvent::Open => {}
        }
    }

    fn accepted(&mut self, key: &CallKey) {
        let Some(leg) = self.leg_of(key) else { return };
        // A failure means that signalling stopped, which ends the phone.
        self.sip(SipCommand::Ring(leg)).ok();
        if let Some(call) = self.calls.get_mut(&leg)
            && call.stage == CallStage::Reported
        {
            call.stage = CallStage::Ringing;
        }
    }

    fn refused(&mut self, key: &CallKey, refusal: Refusal) {
        let Some(leg) = self.leg_of(key) else { return };
        self.calls.remove(&leg);
        // A failure means that signalling stopped, which ends the phone.
        self.sip(SipCommand::Refuse(leg, refusal)).ok();
    }

    fn system_ended(&mut self, key: &CallKey) {
        let Some(leg) = self.leg_of(key) else { return };
        self.calls.remove(&leg);
        // A failure means that signalling stopped, which ends the phone.
        self.sip(SipCommand::End(leg)).ok();
    }

    fn gate(&mut self, key: &CallKey, gate: Gate) {
        if let Some(call) = self.leg_of(key).and_then(|leg| self.calls.get(&leg)) {
            call.media.send(MediaCommand::Gate(gate));
        }
    }

    fn expired(&mut self, ask: &AskId) {
        for call in self.calls.values_mut() {
            for slot in [&mut call.answer, &mut call.end, &mut call.hold] {
                if slot.as_ref() == Some(ask) {
                    *slot = None;
                }
            }
        }
    }

    async fn ask(&mut self, ask: AskId, key: CallKey, action: Action) {
        if let Action::Start(to) = action {
            let outcome = self.start_call(key, &to).await;
            return self.settle(Some(ask), outcome).await;
        }
        let leg = self.leg_of(&key);
        let Some((leg, call)) = leg.and_then(|leg| Some((leg, self.calls.get_mut(&leg)?))) else {
            return self
                .settle(Some(ask), Err("the phone has no such call".to_owned()))
                .await;
        };
        // What is done at once is settled here; the rest when the peer has acknowledged.
        let outcome = match action {
            Action::Start(_) => return, // taken above
            Action::Answer if call.direction == CallDirection::Outgoing => {
                Err("an outgoing call cannot be answered here".to_owned())
            }
            Action::Answer => {
                call.stage = CallStage::Answering;
                call.answer = Some(ask.clone());
                let rtp = call.media.address;
                return self.or_fail(ask, SipCommand::Answer { leg, rtp }).await;
            }
            Action::End => {
                call.end = Some(ask.clone());
                let command = end_of(leg, call.stage);
                return self.or_fail(ask, command).await;
            }
            Action::Hold(_) if call.hold.is_some() => {
                Err("another hold or resume is under way".to_owned())
            }
            Action::Hold(wish) => {
                call.hold = Some(ask.clone());
                return self.or_fail(ask, SipCommand::Hold(leg, wish)).await;
            }
            Action::Mute(mute) => {
                call.media.send(MediaCommand::Mute(mute));
                Ok(())
            }
            Action::Digits(digits) => {
                let taken = tokio::time::timeout(DIGITS_ACCEPT, call.media.digits(&digits)).await;
                match taken {
                    Ok(taken) => taken.map_err(|error| error.to_string()),
                    Err(_elapsed) => Err("the call's audio does not answer".to_owned()),
                }
            }
        };
        self.settle(Some(ask), outcome).await;
    }

    async fn or_fail(&mut self, ask: AskId, command: SipCommand) {
        if let Err(why) = self.sip(command) {
            self.expired(&ask);
            self.settle(Some(ask), Err(why)).await;
        }
    }

    async fn start_call(&mut self, key: CallKey, to: &str) -> Result<(), String> {
        if let Some(answer) = self.dialing.remove(&key) {
            answer.send(Ok(())).ok(); // the page may be gone
        }
        let account = account_for(&self.accounts, to);
        dial_target(to, account).map_err(|error| error.to_string())?;
        let account = account.map(|account| account.name.clone());
        let leg = self.sip.new_leg();
        let media = self.open_media(leg).await?;
        self.sip(SipCommand::Dial {
            leg,
            to: to.to_owned(),
            account,
            display_name: self.display_name.clone(),
            rtp: media.address,
        })?;
        let party = Party {
            address: to.to_owned(),
            name: None,
        };
        let mut call = Call::new(CallDirection::Outgoing, CallStage::Dialing, party, media);
        call.key = key;
        self.calls.insert(leg, call);
        Ok(())
    }

    // What audio and page say.

    fn media_event(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Digit(leg, digit) => self.heard_digit(leg, digit),
            MediaEvent::DeviceFailed(leg, why) => {
                tracing::warn!(leg = leg.0, why, "a call goes on without an audio device");
            }
        }
    }

    fn heard_digit(&mut self, leg: LegId, digit: char) {
        if let Some(call) = self.calls.get_mut(&leg) {
            if call.digits.len() >= DIGITS_MAX {
                call.digits.remove(0);
            }
            call.digits.push(digit);
        }
    }

    async fn dial(&mut self, to: &str, answer: oneshot::Sender<Result<(), DialRefused>>) {
        let refusal = if self.status.system.ready {
            dial_target(to, account_for(&self.accounts, to))
                .err()
                .map(|error| DialRefused::Address(error.to_string()))
        } else {
            Some(DialRefused::SystemAway(self.status.system.text.clone()))
        };
        if let Some(refusal) = refusal {
            answer.send(Err(refusal)).ok(); // the page may be gone
            return;
        }
        let key = new_key();
        self.dialing.insert(key.clone(), answer);
        self.say(SystemCommand::RequestStart(key, to.trim().to_owned()))
            .await;
    }

    fn use_endpoint(&mut self, endpoint: Endpoint) {
        self.endpoint = endpoint;
        for call in self.calls.values() {
            call.media.send(MediaCommand::Use(endpoint));
        }
    }

    fn publish(&mut self) {
        self.dialing.retain(|_, answer| !answer.is_closed());
        self.status.endpoint = endpoint_name(self.endpoint);
        self.status.calls = self.calls.values().map(Call::status).collect();
        if *self.status_outbox.borrow() != self.status {
            self.status_outbox.send_replace(self.status.clone());
        }
    }

    async fn goodbye(&mut self, mut sip_events: mpsc::Receiver<SipEvent>) {
        let done = async {
            // A failure means that signalling stopped already.
            self.sip(SipCommand::Shutdown).ok();
            while let Some(event) = sip_events.recv().await {
                self.sip_event(event).await;
            }
            self.say(SystemCommand::Shutdown).await;
        };
        if tokio::time::timeout(GOODBYE, done).await.is_err() {
            tracing::warn!("the phone stopped before every peer had answered");
        }
    }
}

impl Call {
    fn new(direction: CallDirection, stage: CallStage, party: Party, media: MediaHandle) -> Self {
        Self {
            key: new_key(),
            direction,
            stage,
            party,
            media,
            held: false,
            held_by_peer: false,
            digits: String::new(),
            answer: None,
            end: None,
            hold: None,
        }
    }

    fn status(&self) -> CallStatus {
        CallStatus {
            key: self.key.0.clone(),
            direction: self.direction,
            stage: self.stage,
            address: self.party.address.clone(),
            name: self.party.name.clone(),
            held: self.held,
            held_by_peer: self.held_by_peer,
            digits: self.digits.clone(),
            audio: self.media.status().into(),
        }
    }
}

/// Ringing calls are declined, all others ended.
fn end_of(leg: LegId, stage: CallStage) -> SipCommand {
    match stage {
        CallStage::Reported | CallStage::Ringing => SipCommand::Refuse(leg, Refusal::Declined),
        CallStage::Answering | CallStage::Dialing | CallStage::Connected => SipCommand::End(leg),
    }
}

fn new_key() -> CallKey {
    CallKey(uuid::Uuid::new_v4().to_string())
}

fn account_status(account: &Account) -> AccountStatus {
    let mut status = AccountStatus {
        name: account.name.clone(),
        address: format!("sip:{}@{}", account.user, account.server),
        state: "",
        text: String::new(),
    };
    status.set(&RegistrationState::Registering);
    status
}

/// The account a call to this address goes through: the one of its server, or the first one for
/// an address without a host; none calls directly.
fn account_for<'a>(accounts: &'a [Account], to: &str) -> Option<&'a Account> {
    let to = to.trim();
    let to = to.strip_prefix("sip:").unwrap_or(to);
    match to.split_once('@') {
        Some((_, host)) => accounts.iter().find(|account| account.server == host),
        None if to.contains(['.', ':']) => None,
        None => accounts.first(),
    }
}
