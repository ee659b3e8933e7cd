//! One leg: a call's signalling state, and the descriptions it sends.

use std::net::SocketAddr;

use rsipstack::dialog::invite_dialog::InviteDialog;
use tokio::time::Instant;

use crate::sdp::{self, Agreed, Direction, Local, SdpError, Session};

use super::{HoldWish, LegId};

/// Which side began the call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// We called.
    Caller,
    /// We were called.
    Called,
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Incoming; the phone has not said what to do.
    Deciding,
    /// Incoming; 180 was sent.
    RingingIn,
    /// Incoming; 200 was sent, its ACK is awaited.
    Answering,
    /// Outgoing; no final answer yet.
    Dialing,
    /// Answered and acknowledged.
    Up,
}

/// A leg's state; owned by the signalling task.
pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) dialog: InviteDialog,
    pub(super) role: Role,
    pub(super) stage: Stage,
    /// When the present stage is given up.
    pub(super) deadline: Option<Instant>,
    /// True once the called side was reported to ring.
    pub(super) rang: bool,
    /// Outgoing: somebody at the address has said anything at all.
    pub(super) reached: bool,
    /// Our RTP address, once known.
    pub(super) rtp: Option<SocketAddr>,
    /// The caller's offer, until it is answered.
    pub(super) offered: Option<Session>,
    /// What is agreed.
    pub(super) agreed: Option<Agreed>,
    /// True while our own offer waits for an answer in an ACK.
    pub(super) answer_in_ack: bool,
    /// The hold or resume under way.
    pub(super) changing: Option<HoldWish>,
    wish: Direction,
    version: u64,
}

impl Leg {
    /// A leg at its beginning.
    pub(super) fn new(
        id: LegId,
        dialog: InviteDialog,
        role: Role,
        stage: Stage,
        deadline: Instant,
    ) -> Self {
        Self {
            id,
            dialog,
            role,
            stage,
            deadline: Some(deadline),
            rang: false,
            reached: false,
            rtp: None,
            offered: None,
            agreed: None,
            answer_in_ack: false,
            changing: None,
            wish: Direction::SendRecv,
            version: 1,
        }
    }

    /// The names that find this leg again from any message of its dialog.
    pub(super) fn key(&self) -> (String, String) {
        let id = self.dialog.id();
        (id.call_id, id.local_tag)
    }

    /// Our side for the next description; none before the audio address is known.
    pub(super) fn next_local(&mut self) -> Option<Local> {
        self.version += 1;
        let address = self.rtp?;
        Some(Local {
            address,
            id: self.id.0,
            version: self.version,
        })
    }

    /// The offer for a hold or resume, and for an INVITE without one.
    pub(super) fn offer(&mut self, wish: Direction) -> Option<String> {
        let local = self.next_local()?;
        Some(sdp::offer(&local, wish))
    }

    /// Answers the peer's description within what we wish.
    pub(super) fn answer(&mut self, offer: &Session) -> Option<Result<String, SdpError>> {
        let local = self.next_local()?;
        Some(sdp::answer(offer, &local, self.wish).map(|(text, agreed)| {
            self.settle(agreed);
            text
        }))
    }

    /// Reads the peer's answer to our offer, which wished for `wish`.
    pub(super) fn accept(&mut self, body: &[u8], wish: Direction) -> Result<Agreed, SdpError> {
        let agreed = sdp::accept_answer(&sdp::parse(body)?, wish)?;
        self.wish = wish;
        Ok(self.settle(agreed))
    }

    /// What we wish for as long as nothing else is asked.
    pub(super) fn wish(&self) -> Direction {
        self.wish
    }

    /// Keeps what was agreed. While we hold, nothing flows, whatever the words allow.
    fn settle(&mut self, mut agreed: Agreed) -> Agreed {
        if self.wish != Direction::SendRecv {
            agreed.direction = Direction::Inactive;
        }
        self.agreed = Some(agreed);
        agreed
    }
}

/// The direction we offer for a hold or resume.
pub(super) fn direction_of(wish: HoldWish) -> Direction {
    match wish {
        HoldWish::Hold => Direction::SendOnly,
        HoldWish::Resume => Direction::SendRecv,
    }
}
