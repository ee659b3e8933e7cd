//! Which media players make room for a call, and which of them play again afterwards.
//!
//! Input: what is seen on the bus, and how much other sound has to make room.
//! Output: [`Order`]s to pause and to play. Pure: time is an argument.
//!
//! # Promises
//!
//! - **PL1** only a player that played when the call came is paused, and only one that was paused
//!   here is told to play again.
//! - **PL2** whatever the user does with a player during a call stays so: one that is started then
//!   plays on, and one that is stopped stays stopped.
//! - **PL3** the players play again [`RESUME_AFTER`] after the last call; a call that comes before
//!   that keeps them paused.
//! - **PL4** at most [`PLAYERS_MAX`] names are followed; further ones are left alone.
//! - **PL5** players that the daemon before this one paused count as paused by us.
//!
//! # Not here
//!
//! The bus (`mpris`). MPRIS has a method that toggles; it is never used, since it starts a player
//! that the user pauses in the same moment.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hookswitch_model::MediaHush;

/// Most names of players that are followed.
pub const PLAYERS_MAX: usize = 32;
/// How long after the last call the players play again.
pub const RESUME_AFTER: Duration = Duration::from_millis(500);
/// How long players that the daemon before paused wait for its calls to come back: longer than
/// the three seconds that apps have for that.
pub(crate) const INHERITED_AFTER: Duration = Duration::from_secs(5);

/// What a player does; `PlaybackStatus` of MPRIS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Playback {
    Playing,
    Paused,
    Stopped,
}

impl Playback {
    /// Reads a name of MPRIS.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "Playing" => Some(Self::Playing),
            "Paused" => Some(Self::Paused),
            "Stopped" => Some(Self::Stopped),
            _ => None,
        }
    }
}

/// What a player is to be told. Players are named by their connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    Pause(String),
    Play(String),
}

/// What we have done to a player.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ours {
    /// Nothing that counts any more.
    No,
    /// It was told to pause and has not said that it does.
    Pausing,
    /// It is paused by us.
    Paused,
    /// It was told to play again and has not said that it does.
    Resuming,
}

#[derive(Debug)]
struct Player {
    /// Nothing until it has said so.
    seen: Option<Playback>,
    /// The question to it whose answer counts: what it says by itself later is newer.
    question: Option<u64>,
    /// The call came before it could say what it does.
    is_due: bool,
    ours: Ours,
}

/// All players of a bus.
#[derive(Debug, Default)]
pub(crate) struct Players {
    pause_on_ring: bool,
    is_hushed: bool,
    /// Names of players, and the connections that own them.
    names: BTreeMap<String, String>,
    players: BTreeMap<String, Player>,
    questions: u64,
    resume_at: Option<Instant>,
    /// Connections that the daemon before paused, and that have not said what they do.
    inherited: BTreeSet<String>,
}

impl Players {
    /// Pauses players when a call begins, or as soon as it rings.
    pub(crate) fn new(pause_on_ring: bool) -> Self {
        Self {
            pause_on_ring,
            ..Self::default()
        }
    }

    /// The daemon before this one paused these connections.
    pub(crate) fn inherit(&mut self, owners: &BTreeSet<String>, now: Instant) {
        if !owners.is_empty() {
            self.inherited.clone_from(owners);
            self.is_hushed = true;
            self.resume_at = Some(now + INHERITED_AFTER);
        }
    }

    /// All players that are there are known: those that went away meanwhile are forgotten.
    pub(crate) fn listed(&mut self) {
        let players = &self.players;
        let was = self.inherited.len();
        self.inherited.retain(|owner| players.contains_key(owner));
        if was > 0 && self.inherited.is_empty() {
            self.is_hushed = false;
            self.resume_at = None;
        }
    }

    /// The connections that are paused by us, or may be.
    pub(crate) fn paused(&self) -> BTreeSet<String> {
        let ours = |player: &Player| player.ours != Ours::No;
        let paused = self.players.iter().filter(|(_, player)| ours(player));
        let paused = paused.map(|(owner, _)| owner);
        paused.chain(&self.inherited).cloned().collect()
    }

    /// A name has an owner. Returns whether it is a player that was not known before.
    pub(crate) fn appeared(&mut self, name: &str, owner: &str) -> bool {
        if !self.names.contains_key(name) && self.names.len() == PLAYERS_MAX {
            return false;
        }
        if self.names.get(name).is_some_and(|known| known == owner) {
            return false;
        }
        self.gone(name);
        self.names.insert(name.to_owned(), owner.to_owned());
        if self.players.contains_key(owner) {
            return false;
        }
        let player = Player {
            seen: None,
            question: None,
            is_due: false,
            ours: Ours::No,
        };
        self.players.insert(owner.to_owned(), player);
        true
    }

    /// A name has no owner any more.
    pub(crate) fn gone(&mut self, name: &str) {
        if let Some(owner) = self.names.remove(name)
            && !self.names.values().any(|other| *other == owner)
        {
            self.players.remove(&owner);
            self.inherited.remove(&owner);
        }
    }

    /// Whether this connection is a player.
    pub(crate) fn knows(&self, owner: &str) -> bool {
        self.players.contains_key(owner)
    }

    /// A player is asked what it does; returns the number of the question.
    pub(crate) fn ask(&mut self, owner: &str) -> Option<u64> {
        let player = self.players.get_mut(owner)?;
        self.questions += 1;
        player.question = Some(self.questions);
        player.question
    }

    /// A player answered. An answer that something newer has overtaken does not count.
    pub(crate) fn answer(
        &mut self,
        owner: &str,
        question: u64,
        playback: Playback,
    ) -> Option<Order> {
        let player = self.players.get(owner)?;
        let counts = player.question == Some(question);
        counts.then(|| self.said(owner, playback)).flatten()
    }

    /// A player said what it does.
    pub(crate) fn said(&mut self, owner: &str, playback: Playback) -> Option<Order> {
        let player = self.players.get_mut(owner)?;
        player.seen = Some(playback);
        player.question = None;
        if self.inherited.remove(owner) && playback == Playback::Paused {
            player.ours = Ours::Paused;
            // It was asked too late to play again with the others.
            return (!self.is_hushed).then(|| player.play(owner));
        }
        player.ours = match (player.ours, playback) {
            (Ours::Pausing, Playback::Playing) => Ours::Pausing,
            (Ours::Pausing | Ours::Paused, Playback::Paused) => Ours::Paused,
            // It plays again as it should, or somebody else had their way.
            (Ours::No | Ours::Resuming, _)
            | (Ours::Paused, Playback::Playing)
            | (Ours::Pausing | Ours::Paused, Playback::Stopped) => Ours::No,
        };
        let is_due = std::mem::take(&mut player.is_due);
        (is_due && playback == Playback::Playing).then(|| player.pause(owner))
    }

    /// A player refused the last order, or did not answer to it.
    pub(crate) fn failed(&mut self, order: &Order, has_refused: bool) {
        let (Order::Pause(owner) | Order::Play(owner)) = order;
        let Some(player) = self.players.get_mut(owner) else {
            return;
        };
        match (order, player.ours) {
            // What it does not answer to may still be done later, and is put right then.
            (Order::Pause(_), Ours::Pausing) if has_refused => player.ours = Ours::No,
            (Order::Play(_), Ours::Resuming) => player.ours = Ours::No,
            (Order::Pause(_) | Order::Play(_), _) => {}
        }
    }

    /// Other sound has to make room, or need not any more.
    pub(crate) fn hush(&mut self, hush: MediaHush, now: Instant) -> Vec<Order> {
        let hushed = match hush {
            MediaHush::Off => false,
            MediaHush::Ring => self.pause_on_ring,
            MediaHush::Call => true,
        };
        match (self.is_hushed, hushed) {
            (false, true) => self.make_room(),
            (true, false) if self.resume_at.is_none() => {
                self.resume_at = Some(now + RESUME_AFTER);
                Vec::new()
            }
            (true, true) => {
                self.resume_at = None;
                Vec::new()
            }
            (false, false) | (true, false) => Vec::new(),
        }
    }

    /// When [`Players::tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.resume_at
    }

    /// Lets the players play again when it is time.
    pub(crate) fn tick(&mut self, now: Instant) -> Vec<Order> {
        if self.resume_at.is_none_or(|at| now < at) {
            return Vec::new();
        }
        self.resume_at = None;
        self.is_hushed = false;
        let mut orders = Vec::new();
        for (owner, player) in &mut self.players {
            player.is_due = false;
            match player.ours {
                // One that has not said that it pauses may still do so: it gets both orders.
                Ours::Pausing | Ours::Paused => {
                    orders.push(player.play(owner));
                }
                Ours::No | Ours::Resuming => {}
            }
        }
        orders
    }

    fn make_room(&mut self) -> Vec<Order> {
        self.is_hushed = true;
        let mut orders = Vec::new();
        for (owner, player) in &mut self.players {
            player.is_due = player.seen.is_none();
            if player.seen == Some(Playback::Playing) || player.ours == Ours::Resuming {
                orders.push(player.pause(owner));
            }
        }
        orders
    }
}

impl Player {
    fn pause(&mut self, owner: &str) -> Order {
        self.ours = Ours::Pausing;
        Order::Pause(owner.to_owned())
    }

    fn play(&mut self, owner: &str) -> Order {
        self.ours = Ours::Resuming;
        Order::Play(owner.to_owned())
    }
}

#[cfg(test)]
#[path = "players_tests.rs"]
mod tests;
