//! The signalling task: owns the legs, takes commands, dialog states and deadlines.
//!
//! Requests from the network are handled in [`super::uas`]; this file holds the loop, the
//! commands and what comes of our own requests. See the parent's promises I1 to I4.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rsipstack::dialog::dialog::{DialogStateReceiver, DialogStateSender};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::InviteOption;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Param, Response, StatusCodeKind, Transport, Uri};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Account;
use crate::sdp::Direction;

use super::leg::{Leg, Role, Stage, direction_of};
use super::message::{dial_target, outcome_of, refusal_of, sdp_headers, status_of};
use super::{
    DialError, EVENTS_MAX, EndedBy, HoldWish, LEGS_MAX, LegId, Refusal, SipCommand, SipEvent,
    account_named, deadlines, register,
};

/// How often a re-INVITE that met the peer's own is tried (RFC 3261 section 14.1).
const GLARE_TRIES: usize = 2;

/// What came of a request of ours.
pub(super) enum Done {
    /// Our INVITE has a final outcome; none is a transport failure or silence.
    Invite(LegId, Option<Response>),
    /// Our re-INVITE has a final outcome.
    Reinvite(LegId, HoldWish, Result<Response, String>),
}

/// All signalling state; lives in one task.
pub(super) struct Signalling {
    pub(super) endpoint: EndpointInnerRef,
    pub(super) dialogs: Arc<DialogLayer>,
    pub(super) address: SocketAddr,
    pub(super) accounts: Vec<Account>,
    pub(super) legs: BTreeMap<LegId, Leg>,
    pub(super) states: DialogStateSender,
    state_inbox: DialogStateReceiver,
    pub(super) done: mpsc::Sender<Done>,
    done_inbox: mpsc::Receiver<Done>,
    events: mpsc::Sender<SipEvent>,
    next_leg: Arc<AtomicU64>,
    cancel: CancellationToken,
    registrations: JoinSet<()>,
    unregister: CancellationToken,
    farewells: JoinSet<()>,
}

impl Signalling {
    pub(super) fn new(
        endpoint: EndpointInnerRef,
        dialogs: Arc<DialogLayer>,
        address: SocketAddr,
        accounts: Vec<Account>,
        events: mpsc::Sender<SipEvent>,
        next_leg: Arc<AtomicU64>,
        cancel: CancellationToken,
    ) -> Self {
        let (states, state_inbox) = dialogs.new_dialog_state_channel();
        let (done, done_inbox) = mpsc::channel(EVENTS_MAX);
        Self {
            endpoint,
            dialogs,
            address,
            accounts,
            legs: BTreeMap::new(),
            states,
            state_inbox,
            done,
            done_inbox,
            events,
            next_leg,
            cancel,
            registrations: JoinSet::new(),
            unregister: CancellationToken::new(),
            farewells: JoinSet::new(),
        }
    }

    /// Runs until told to stop or until nobody holds the handle.
    pub(super) async fn run(
        mut self,
        mut commands: mpsc::Receiver<SipCommand>,
        mut incoming: TransactionReceiver,
    ) {
        self.register_accounts();
        loop {
            let deadline = self.next_deadline();
            tokio::select! {
                command = commands.recv() => match command {
                    None | Some(SipCommand::Shutdown) => break,
                    Some(command) => self.command(command).await,
                },
                Some(transaction) = incoming.recv() => self.transaction(transaction).await,
                Some(state) = self.state_inbox.recv() => self.dialog_state(state).await,
                Some(done) = self.done_inbox.recv() => self.request_done(done).await,
                () = wait_until(deadline) => self.expire(Instant::now()).await,
            }
            while self.farewells.try_join_next().is_some() {}
        }
        self.shut_down().await;
    }

    /// Tells the phone. A phone that is gone hears nothing, and the loop ends by the handle.
    pub(super) async fn say(&self, event: SipEvent) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("the phone no longer listens to signalling");
        }
    }

    /// Takes the leg out and says so: the only place where a leg ends (I2).
    pub(super) async fn end(&mut self, leg: LegId, by: EndedBy) -> Option<Leg> {
        let removed = self.legs.remove(&leg)?;
        tracing::debug!(leg = leg.0, "leg ended");
        self.say(SipEvent::Ended(leg, by)).await;
        Some(removed)
    }

    pub(super) fn new_leg(&self) -> LegId {
        LegId(self.next_leg.fetch_add(1, Ordering::Relaxed))
    }

    /// Where calls without an account reach us. A peer that came over TCP must come back that way
    /// (RFC 3261, 12.1.1 and 19.1.1: without a parameter an address means UDP).
    pub(super) fn direct_contact(&self, over: Option<Transport>) -> Result<Uri, String> {
        let uri = Uri::try_from(format!("sip:phone@{}", self.address));
        let mut uri = uri.map_err(|error| error.to_string())?;
        if over == Some(Transport::Tcp) {
            uri.params.push(Param::Transport(Transport::Tcp));
        }
        Ok(uri)
    }

    fn register_accounts(&mut self) {
        for account in self.accounts.clone() {
            self.registrations.spawn(register::keep(
                account,
                self.endpoint.clone(),
                self.address,
                self.events.clone(),
                self.unregister.clone(),
            ));
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.legs.values().filter_map(|leg| leg.deadline).min()
    }

    async fn command(&mut self, command: SipCommand) {
        match command {
            SipCommand::Dial {
                leg,
                to,
                account,
                display_name,
                rtp,
            } => {
                if let Err(why) = self.dial(leg, &to, account.as_deref(), display_name, rtp) {
                    self.say(SipEvent::Ended(leg, EndedBy::Failed(why))).await;
                }
            }
            SipCommand::Ring(leg) => self.ring(leg),
            SipCommand::Answer { leg, rtp } => self.answer(leg, rtp).await,
            SipCommand::Refuse(leg, refusal) => self.refuse(leg, refusal, EndedBy::Us).await,
            SipCommand::Hold(leg, wish) => self.hold(leg, wish).await,
            SipCommand::End(leg) => self.hang_up(leg, EndedBy::Us).await,
            SipCommand::Shutdown => {} // taken by the loop
        }
    }

    fn dial(
        &mut self,
        id: LegId,
        to: &str,
        account: Option<&str>,
        display_name: Option<String>,
        rtp: SocketAddr,
    ) -> Result<(), String> {
        if self.legs.len() >= LEGS_MAX {
            return Err(format!("the phone has {LEGS_MAX} calls, the most it takes"));
        }
        let account = match account {
            None => None,
            Some(name) => Some(
                account_named(&self.accounts, name)
                    .ok_or_else(|| DialError::NoAccount(name.to_owned()).to_string())?,
            ),
        };
        let callee = dial_target(to, account).map_err(|error| error.to_string())?;
        let contact = match account {
            Some(account) => register::contact(account, self.address)?,
            None => self.direct_contact(None)?,
        };
        let caller = match account {
            Some(account) => Uri::try_from(format!("sip:{}@{}", account.user, account.server))
                .map_err(|error| error.to_string())?,
            None => contact.clone(),
        };
        let offer = crate::sdp::offer(
            &crate::sdp::Local {
                address: rtp,
                id: id.0,
                version: 1,
            },
            Direction::SendRecv,
        );
        let option = InviteOption {
            caller_display_name: display_name,
            caller,
            callee,
            contact,
            credential: account.map(register::credential),
            content_type: Some("application/sdp".to_owned()),
            offer: Some(offer.into_bytes()),
            ..InviteOption::default()
        };
        self.invite_out(id, option, rtp)
    }

    fn invite_out(
        &mut self,
        id: LegId,
        option: InviteOption,
        rtp: SocketAddr,
    ) -> Result<(), String> {
        let (dialog, outcome) = self
            .dialogs
            .do_invite_async(option, self.states.clone())
            .map_err(|error| error.to_string())?;
        let deadline = Instant::now() + deadlines::FIRST_WORD;
        let mut leg = Leg::new(id, dialog, Role::Caller, Stage::Dialing, deadline);
        leg.rtp = Some(rtp);
        self.legs.insert(id, leg);
        let done = self.done.clone();
        tokio::spawn(async move {
            let response = match outcome.await {
                Ok(Ok((_dialog, response))) => response,
                Ok(Err(_)) | Err(_) => None,
            };
            // The task may have ended: then nobody waits for the outcome.
            done.send(Done::Invite(id, response)).await.ok();
        });
        Ok(())
    }

    fn ring(&mut self, leg: LegId) {
        let Some(leg) = self.legs.get_mut(&leg) else {
            return;
        };
        if leg.stage == Stage::Deciding && leg.dialog.ringing(None, None).is_ok() {
            leg.stage = Stage::RingingIn;
            leg.deadline = Some(Instant::now() + deadlines::RING);
        }
    }

    async fn answer(&mut self, id: LegId, rtp: SocketAddr) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if !matches!(leg.stage, Stage::Deciding | Stage::RingingIn) {
            return;
        }
        leg.rtp = Some(rtp);
        let body = match leg.offered.take() {
            Some(offer) => leg.answer(&offer),
            None => {
                leg.answer_in_ack = true;
                leg.offer(Direction::SendRecv).map(Ok)
            }
        };
        match body.expect("the audio address was set above") {
            Ok(text) => {
                leg.stage = Stage::Answering;
                leg.deadline = None; // the SIP stack ends a call whose ACK never comes
                let sent = leg.dialog.accept(sdp_headers(), Some(text.into_bytes()));
                if let Err(error) = sent {
                    self.end(id, EndedBy::Failed(error.to_string())).await;
                }
            }
            Err(error) => {
                leg.dialog.reject(Some(refusal_of(&error)), None).ok();
                self.end(id, EndedBy::Failed(error.to_string())).await;
            }
        }
    }

    async fn refuse(&mut self, id: LegId, refusal: Refusal, by: EndedBy) {
        let Some(leg) = self.legs.get(&id) else {
            return;
        };
        if matches!(leg.stage, Stage::Deciding | Stage::RingingIn) {
            // A failure here means that the caller is gone already.
            leg.dialog.reject(Some(status_of(refusal)), None).ok();
            self.end(id, by).await;
        }
    }

    async fn hold(&mut self, id: LegId, wish: HoldWish) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let refusal = match (leg.stage, leg.changing) {
            (Stage::Up, None) => None,
            (Stage::Up, Some(_)) => Some("another hold or resume is under way"),
            _ => Some("the call is not connected"),
        };
        if let Some(why) = refusal {
            return self
                .say(SipEvent::HoldFailed(id, wish, why.to_owned()))
                .await;
        }
        let offer = leg
            .offer(direction_of(wish))
            .expect("a connected leg has an audio address");
        leg.changing = Some(wish);
        let (dialog, done) = (leg.dialog.clone(), self.done.clone());
        tokio::spawn(async move {
            let outcome = reinvite(&dialog, offer).await;
            // The task may have ended: then nobody waits for the outcome.
            done.send(Done::Reinvite(id, wish, outcome)).await.ok();
        });
    }

    /// Ends a leg in the way its stage asks for; the network part goes on in the background.
    pub(super) async fn hang_up(&mut self, id: LegId, by: EndedBy) {
        let Some(stage) = self.legs.get(&id).map(|leg| leg.stage) else {
            return;
        };
        if matches!(stage, Stage::Deciding | Stage::RingingIn) {
            return self.refuse(id, Refusal::Declined, by).await;
        }
        let Some(leg) = self.end(id, by).await else {
            return;
        };
        let dialogs = self.dialogs.clone();
        self.farewells.spawn(async move {
            let goodbye = async {
                match stage {
                    Stage::Dialing => leg.dialog.cancel().await,
                    Stage::Answering | Stage::Up => leg.dialog.bye().await,
                    Stage::Deciding | Stage::RingingIn => Ok(()),
                }
            };
            if tokio::time::timeout(deadlines::GOODBYE, goodbye)
                .await
                .is_err()
            {
                tracing::debug!("the peer did not acknowledge the end of the call in time");
            }
            if stage != Stage::Dialing {
                dialogs.remove_dialog(&leg.dialog.id());
            }
        });
    }

    async fn request_done(&mut self, done: Done) {
        match done {
            // Every other outcome also arrives as a dialog state.
            Done::Invite(id, None) => {
                let why = "the other side could not be reached".to_owned();
                self.end(id, EndedBy::Failed(why)).await;
            }
            Done::Invite(id, Some(response)) => {
                if response.status_code.kind() != StatusCodeKind::Successful {
                    self.end(id, outcome_of(&response.status_code)).await;
                }
            }
            Done::Reinvite(id, wish, outcome) => self.reinvite_done(id, wish, outcome).await,
        }
    }

    async fn reinvite_done(&mut self, id: LegId, wish: HoldWish, answer: Result<Response, String>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.changing = None;
        let outcome = answer.and_then(|response| {
            if response.status_code.kind() != StatusCodeKind::Successful {
                let code = response.status_code.code();
                return Err(format!("the other side refused (SIP {code})"));
            }
            let agreed = leg.accept(&response.body, direction_of(wish));
            agreed.map_err(|error| error.to_string())
        });
        self.say(match outcome {
            Ok(agreed) => SipEvent::HoldDone(id, wish, agreed),
            Err(why) => SipEvent::HoldFailed(id, wish, why),
        })
        .await;
    }

    async fn expire(&mut self, now: Instant) {
        let due = self
            .legs
            .values()
            .filter(|leg| leg.deadline.is_some_and(|at| at <= now));
        let due: Vec<_> = due.map(|leg| (leg.id, leg.stage, leg.reached)).collect();
        for (id, stage, reached) in due {
            match stage {
                Stage::Deciding => {
                    let why = EndedBy::Failed("nobody decided about the call in time".to_owned());
                    self.refuse(id, Refusal::Unavailable, why).await;
                }
                Stage::RingingIn => {
                    self.refuse(id, Refusal::Unavailable, EndedBy::Unanswered)
                        .await;
                }
                Stage::Dialing if reached => self.hang_up(id, EndedBy::Unanswered).await,
                Stage::Dialing => {
                    let why = EndedBy::Failed("nobody answers at that address".to_owned());
                    self.hang_up(id, why).await;
                }
                Stage::Answering | Stage::Up => {}
            }
        }
    }

    async fn shut_down(&mut self) {
        for id in self.legs.keys().copied().collect::<Vec<_>>() {
            self.hang_up(id, EndedBy::Us).await;
        }
        self.unregister.cancel();
        let all_done = async {
            while self.farewells.join_next().await.is_some() {}
            while self.registrations.join_next().await.is_some() {}
        };
        if tokio::time::timeout(deadlines::SHUTDOWN, all_done)
            .await
            .is_err()
        {
            tracing::warn!("some SIP servers did not answer while stopping");
        }
        self.cancel.cancel();
    }
}

async fn reinvite(dialog: &InviteDialog, offer: String) -> Result<Response, String> {
    let request =
        dialog.reinvite_with_glare_retry(sdp_headers(), Some(offer.into_bytes()), GLARE_TRIES);
    match tokio::time::timeout(deadlines::REINVITE, request).await {
        Ok(Ok(Some(response))) => Ok(response),
        Ok(Ok(None)) => Err("the call is not connected".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_elapsed) => Err("the other side does not answer".to_owned()),
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
