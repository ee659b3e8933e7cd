//! Storage edge of the call directory: each extension in a directory of its own.
//!
//! Layer 3. Input: loads, full or incremental, checked by [`hookswitch_directory::load`]. Output:
//! views for lookups, which keep their data while others are written.
//!
//! # Promises
//!
//! - **P1** a load is kept as a whole or not at all. When [`Extension::commit`] has returned, it
//!   survives a crash of the process or the machine; before that, the data before it counts.
//! - **P2** nothing that is damaged is answered from: what does not fit its checksum is refused
//!   when it is opened, and the generation before it is used ([`Opened::notes`]).
//! - **P3** what happens to one extension touches no other one.
//! - **P4** a lookup never waits for a load: a [`View`] holds its generation as long as it lives.
//! - **P5** an image file is written once and never changed or cut after it has its name.
//!
//! # Files of an extension
//!
//! `manifest`, `image-N` and `log-N`, where N is the generation of the image. The manifest is
//! replaced by writing `manifest.new`, syncing, renaming and syncing the directory. See
//! `docs/directory-format.md`.
//!
//! # Not here
//!
//! Who may load, which extension is switched on, and threads: the caller keeps these blocking
//! calls off its event loop.

mod error;
mod extension;
pub mod files;
mod loading;
mod manifest;
mod map;
mod real;
mod store;
mod view;
mod writer;

pub use error::StoreError;
pub use extension::{Extension, Note, Opened};
pub use loading::{Committed, Loading};
pub use real::RealFiles;
pub use store::{DirectoryStore, NAME_BYTES_MAX, Slot, is_name};
pub use view::{Listed, View};
