//! D-Bus edge: serves `org.hookswitch.Calls1` and talks to apps, notification servers and media
//! players.
//!
//! Layer 3. Input: method calls and signals of the bus. Output: [`Input`] for the shell, and
//! messages to apps ([`Outbound`]), signals of published states, notifications, app starts.
//!
//! # Promises
//!
//! - **G1** no call state lives here: only who is connected, and what was published last.
//! - **G2** each method returns when the core has accepted or refused, within
//!   [`REPLY_MAX`]; none waits for an app.
//! - **G3** signals are emitted by one task from published states, never from inside a method.
//! - **G4** each method is behind the check of its caller's right; names and addresses are sent to
//!   those who have it, never broadcast.
//! - **G5** every queue has a bound with a name; a full inbox is told as the error `Busy`.
//!
//! # Not here
//!
//! Decisions (that is `hookswitch-core`), names of fields and errors (`hookswitch-wire`).

mod access;
mod app;
mod clients;
mod controller;
mod directory;
mod error;
mod find;
mod flood;
mod identity;
mod keys;
mod launch;
mod lock;
mod materials;
mod mpris;
mod names;
mod needs;
mod notify;
mod observer;
mod paused;
mod players;
mod port;
mod private_bus;
mod projector;
mod provider;
mod published;
mod push;
mod rights;
mod runtime;
mod session;
mod told;
mod watchers;

pub use app::{MAILBOX_MAX, Outbound, Told};
pub use clients::{Client, Clients};
pub use directory::{
    Begun, DirectoryFault, DirectoryPort, DirectoryReply, Entries, KeptLoad, LOAD_ASKS_MAX,
    LOAD_REPLY_MAX, ListWish, LoadAsk, NUMBERS_MAX, WISHES_MAX,
};
pub use error::{BusError, EdgeError};
pub use find::{Source, find};
pub use flood::DOOR;
pub use keys::{ACTIONS_MAX, call_of_key, new_call_id};
pub use launch::{LAUNCH_MAX, LAUNCHES_MAX, Starts};
pub use lock::UNLOCKS_MAX;
pub use materials::{KeepError, Keeper, Kept, READ_MAX, READERS_MAX};
pub use mpris::{MediaPolicy, PLAYER_ASKS_MAX, PLAYER_MAX};
pub use names::DRIVER_MAX;
pub use notify::{Card, CardAction};
pub use players::{PLAYERS_MAX, RESUME_AFTER};
pub use port::{Inbox, Input, PortError, REPLY_MAX, ReplyTo};
pub use private_bus::PrivateBus;
pub use projector::{FINISHED_MAX, Finished};
pub use published::{Published, RecentsPages};
pub use push::{
    PUSH_REPLY_MAX, PUSH_WISHES_MAX, PushFault, PushPort, PushReply, PushTold, PushWish,
};
pub use rights::{Grants, Right, Rights};
pub use runtime::RuntimeDir;
pub use session::{CONNECT_MAX, Links, Session, connect};
pub use told::{finished, outbound, settled};
pub use watchers::WATCHERS_MAX;
