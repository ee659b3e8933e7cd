//! Requests and dialog states from the network. See the parent's promises I1, I2 and I4.

use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::{Dialog, DialogState, TerminatedReason, TransactionHandle};
use rsipstack::sip::prelude::{HeadersExt as _, ToTypedHeader as _};
use rsipstack::sip::{Method, Request, Response, StatusCode};
use rsipstack::transaction::Transaction;
use tokio::time::Instant;

use super::leg::{Leg, Role, Stage};
use super::message::{
    called_user, caller_of, info_digit, offer_in, outcome_of, refusal_of, sdp_headers,
};
use super::task::Signalling;
use super::{EndedBy, LEGS_MAX, LegId, SipEvent, deadlines};

impl Signalling {
    /// Takes one new transaction from the network.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a library's enum of all methods"
    )]
    pub(super) async fn transaction(&mut self, transaction: Transaction) {
        if let Some(dialog) = self.dialogs.match_dialog(&transaction) {
            return self.drive(dialog, transaction);
        }
        let in_dialog = has_to_tag(&transaction.original);
        match transaction.original.method {
            Method::Ack | Method::Cancel => {} // answered or dropped by the transaction layer
            Method::Invite if !in_dialog => self.invite(transaction).await,
            Method::Options if !in_dialog => reply(transaction, StatusCode::OK),
            _ if in_dialog => reply(transaction, StatusCode::CallTransactionDoesNotExist),
            _ => reply(transaction, StatusCode::MethodNotAllowed),
        }
    }

    /// Takes one change of a dialog.
    pub(super) async fn dialog_state(&mut self, state: DialogState) {
        match state {
            DialogState::Calling(_) | DialogState::WaitAck(..) => {}
            DialogState::Trying(id) => self.reached(&id),
            DialogState::Early(id, _) => {
                self.reached(&id);
                self.early(&id).await;
            }
            DialogState::Confirmed(id, response) => self.confirmed(&id, &response).await,
            DialogState::Updated(id, request, handle) => {
                self.remote_change(&id, &request, handle).await;
            }
            DialogState::Info(id, request, handle) => self.info(&id, &request, handle).await,
            DialogState::Options(_, _, handle) => respond(&handle, StatusCode::OK, None).await,
            DialogState::Publish(_, _, handle)
            | DialogState::Notify(_, _, handle)
            | DialogState::Refer(_, _, handle)
            | DialogState::Message(_, _, handle) => {
                respond(&handle, StatusCode::NotImplemented, None).await;
            }
            DialogState::Terminated(id, reason) => {
                if let Some(leg) = self.leg_of(&id) {
                    let by = ended_by(leg.role, &reason);
                    let leg = leg.id;
                    self.end(leg, by).await;
                }
            }
        }
    }

    /// Somebody is at the address we call: now it may ring for its whole time.
    fn reached(&mut self, id: &DialogId) {
        if let Some(leg) = self.leg_of(id)
            && leg.stage == Stage::Dialing
            && !std::mem::replace(&mut leg.reached, true)
        {
            leg.deadline = Some(Instant::now() + deadlines::RING);
        }
    }

    fn leg_of(&mut self, id: &DialogId) -> Option<&mut Leg> {
        self.legs.values_mut().find(|leg| {
            let (call_id, local_tag) = leg.key();
            call_id == id.call_id && local_tag == id.local_tag
        })
    }

    async fn invite(&mut self, transaction: Transaction) {
        let request = &transaction.original;
        if self.legs.len() >= LEGS_MAX {
            return reply(transaction, StatusCode::BusyHere);
        }
        let offered = match offer_in(request) {
            Ok(offered) => offered,
            Err(status) => return reply(transaction, status),
        };
        if let Some(Err(error)) = offered.as_ref().map(crate::sdp::check) {
            return reply(transaction, refusal_of(&error));
        }
        let (from, to_user) = (caller_of(request), called_user(request));
        let over = transaction.connection.as_ref().map(|way| way.transport());
        let contact = self.direct_contact(over).ok();
        let created = self.dialogs.get_or_create_server_invite(
            &transaction,
            self.states.clone(),
            None,
            contact,
        );
        let dialog = match created {
            Ok(dialog) => dialog,
            Err(error) => {
                tracing::debug!(%error, "an INVITE could not become a call");
                return reply(transaction, StatusCode::BadRequest);
            }
        };
        let id = self.new_leg();
        let deadline = Instant::now() + deadlines::DECIDE;
        let mut leg = Leg::new(id, dialog.clone(), Role::Called, Stage::Deciding, deadline);
        leg.offered = offered;
        self.legs.insert(id, leg);
        self.drive(Dialog::Invite(dialog), transaction);
        self.say(SipEvent::Incoming {
            leg: id,
            from,
            to_user,
        })
        .await;
    }

    /// Lets the dialog handle a transaction, and forgets the dialog once it is over.
    fn drive(&self, mut dialog: Dialog, mut transaction: Transaction) {
        let dialogs = self.dialogs.clone();
        tokio::spawn(async move {
            if let Err(error) = dialog.handle(&mut transaction).await {
                tracing::debug!(%error, "a request could not be handled");
            }
            if matches!(dialog.state(), DialogState::Terminated(..)) {
                dialogs.remove_dialog(&dialog.id());
            }
        });
    }

    async fn early(&mut self, id: &DialogId) {
        let Some(leg) = self.leg_of(id) else { return };
        if leg.role == Role::Caller && !leg.rang {
            leg.rang = true;
            let id = leg.id;
            self.say(SipEvent::Ringing(id)).await;
        }
    }

    /// A call was answered, or a later request in it was finished.
    async fn confirmed(&mut self, id: &DialogId, response: &Response) {
        let Some(leg) = self.leg_of(id) else { return };
        let leg_id = leg.id;
        match leg.stage {
            Stage::Dialing => {
                let wish = leg.wish();
                let outcome = leg.accept(&response.body, wish).map(Some);
                self.connect(leg_id, outcome.map_err(|error| error.to_string()))
                    .await;
            }
            Stage::Answering => {
                let outcome = answer_of(leg).map(|_late| leg.agreed);
                self.connect(leg_id, outcome).await;
            }
            Stage::Up if leg.answer_in_ack => match answer_of(leg) {
                Ok(Some(agreed)) => self.say(SipEvent::MediaChanged(leg_id, agreed)).await,
                Ok(None) => {}
                Err(why) => self.hang_up(leg_id, EndedBy::Failed(why)).await,
            },
            Stage::Deciding | Stage::RingingIn | Stage::Up => {}
        }
    }

    async fn connect(&mut self, id: LegId, agreed: Result<Option<crate::sdp::Agreed>, String>) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        leg.stage = Stage::Up;
        leg.deadline = None;
        match agreed {
            Ok(Some(agreed)) => self.say(SipEvent::Connected(id, agreed)).await,
            Ok(None) => {
                let why = "the other side described no audio".to_owned();
                self.hang_up(id, EndedBy::Failed(why)).await;
            }
            Err(why) => self.hang_up(id, EndedBy::Failed(why)).await,
        }
    }

    /// The peer's re-INVITE or UPDATE: its hold, its resume, a new address.
    async fn remote_change(&mut self, id: &DialogId, request: &Request, handle: TransactionHandle) {
        let Some(leg) = self.leg_of(id) else {
            return respond(&handle, StatusCode::CallTransactionDoesNotExist, None).await;
        };
        if leg.changing.is_some() {
            return respond(&handle, StatusCode::RequestPending, None).await;
        }
        let leg_id = leg.id;
        match offer_in(request) {
            Err(status) => respond(&handle, status, None).await,
            Ok(None) if request.method == Method::Update => {
                respond(&handle, StatusCode::OK, None).await;
            }
            Ok(None) => {
                leg.answer_in_ack = true;
                let wish = leg.wish();
                let offer = leg.offer(wish);
                respond(&handle, StatusCode::OK, offer).await;
            }
            Ok(Some(session)) => match leg.answer(&session) {
                Some(Ok(text)) => {
                    let agreed = leg.agreed;
                    respond(&handle, StatusCode::OK, Some(text)).await;
                    if let Some(agreed) = agreed {
                        self.say(SipEvent::MediaChanged(leg_id, agreed)).await;
                    }
                }
                Some(Err(error)) => respond(&handle, refusal_of(&error), None).await,
                None => respond(&handle, StatusCode::ServerInternalError, None).await,
            },
        }
    }

    async fn info(&mut self, id: &DialogId, request: &Request, handle: TransactionHandle) {
        respond(&handle, StatusCode::OK, None).await;
        let digit = info_digit(&request.body);
        if let (Some(leg), Some(digit)) = (self.leg_of(id), digit) {
            let leg = leg.id;
            self.say(SipEvent::Digit(leg, digit)).await;
        }
    }
}

/// Reads the answer that an ACK brought, if one was awaited.
fn answer_of(leg: &mut Leg) -> Result<Option<crate::sdp::Agreed>, String> {
    if !leg.answer_in_ack {
        return Ok(None);
    }
    leg.answer_in_ack = false;
    let ack = leg
        .dialog
        .last_remote_ack()
        .ok_or("the ACK brought no description")?;
    let wish = leg.wish();
    leg.accept(&ack.body, wish)
        .map(Some)
        .map_err(|error| error.to_string())
}

fn ended_by(role: Role, reason: &TerminatedReason) -> EndedBy {
    match (role, reason) {
        (Role::Called, TerminatedReason::UacCancel) => EndedBy::CanceledByCaller,
        (Role::Called, TerminatedReason::UacBye) | (Role::Caller, TerminatedReason::UasBye) => {
            EndedBy::Peer
        }
        (_, TerminatedReason::Timeout) => {
            EndedBy::Failed("the other side stopped answering".to_owned())
        }
        (_, TerminatedReason::UacBusy | TerminatedReason::UasBusy) => EndedBy::Busy,
        (Role::Caller, TerminatedReason::UasDecline) => EndedBy::Declined,
        (_, TerminatedReason::ProxyAuthRequired) => {
            EndedBy::Failed("the server did not accept the account".to_owned())
        }
        (
            _,
            TerminatedReason::ProxyError(status)
            | TerminatedReason::UacOther(status)
            | TerminatedReason::UasOther(status),
        ) => outcome_of(status),
        (
            _,
            TerminatedReason::UacCancel
            | TerminatedReason::UacBye
            | TerminatedReason::UasBye
            | TerminatedReason::UasDecline,
        ) => EndedBy::Us,
    }
}

fn has_to_tag(request: &Request) -> bool {
    let to = request.to_header().ok().and_then(|to| to.typed().ok());
    to.is_some_and(|to| to.tag().is_some())
}

/// Answers a transaction that becomes no call, and stays until the peer has the answer.
fn reply(mut transaction: Transaction, status: StatusCode) {
    tokio::spawn(async move {
        let answered = async {
            if transaction.reply(status).await.is_ok() {
                while transaction.receive().await.is_some() {}
            }
        };
        if tokio::time::timeout(deadlines::REGISTER, answered)
            .await
            .is_err()
        {
            tracing::debug!("a peer did not acknowledge a refusal");
        }
    });
}

async fn respond(handle: &TransactionHandle, status: StatusCode, body: Option<String>) {
    let headers = if body.is_some() { sdp_headers() } else { None };
    // A failure means that the transaction is over: the peer gave up.
    handle
        .respond(status, headers, body.map(String::into_bytes))
        .await
        .ok();
}
