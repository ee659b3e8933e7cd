//! Mapping files into memory: the only `unsafe` of the crate.
//!
//! # Why it is sound
//!
//! A map is only wrong if the file changes or gets shorter while it is mapped. Image files are
//! written under another name, synced and renamed; after that nobody opens them for writing (P5),
//! and removing their name leaves the mapped bytes. The directory belongs to the user and is
//! readable and writable by nobody else; whoever can cut these files as the same user can do
//! anything to the daemon anyway.
#![allow(unsafe_code, reason = "a read-only map; the argument stands above")]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// The bytes of a mapped file.
pub(crate) struct Mapped(Option<Mmap>);

impl Mapped {
    /// Maps a file that nobody changes any more.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self(None));
        }
        // SAFETY: image files are never changed or cut after they have their name; see above.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self(Some(map)))
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(&[])
    }
}
