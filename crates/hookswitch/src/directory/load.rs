//! One load: entries in, files of them out, all or nothing.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;

use hookswitch_wire::batch::{BatchEntry, BatchList, BatchWriter};
use rustix::fs::{MemfdFlags, SealFlags};

use super::{LOAD_REPLY_MAX, method};
use crate::error::Error;
use crate::link::{Link, Repeat};

/// So many bytes of entries go out at once.
const FILE_BYTES: usize = 4 * 1024 * 1024;

/// One entry of a list. Numbers are country code and national number as one, without plus sign.
#[derive(Clone, Eq, PartialEq)]
pub struct DirectoryEntry {
    list: BatchList,
    first: i64,
    last: i64,
    line: Option<u64>,
    label: String,
}

impl DirectoryEntry {
    /// Blocks a number (`addBlockingEntry`).
    #[must_use]
    pub fn block(number: i64) -> Self {
        Self::block_range(number, number)
    }

    /// Blocks all numbers from the first to the last one.
    #[must_use]
    pub fn block_range(first: i64, last: i64) -> Self {
        Self::of(BatchList::Blocking, first, last)
    }

    /// Gives a number a label (`addIdentificationEntry`).
    #[must_use]
    pub fn name(number: i64, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::of(BatchList::Identification, number, number)
        }
    }

    /// Blocks a number no longer (`removeBlockingEntry`); for changes only.
    #[must_use]
    pub fn unblock(number: i64) -> Self {
        Self::of(BatchList::BlockingRemovals, number, number)
    }

    /// Takes all labels of a number (`removeIdentificationEntry`); for changes only.
    #[must_use]
    pub fn unname(number: i64) -> Self {
        Self::of(BatchList::IdentificationRemovals, number, number)
    }

    /// Says where it stands in a file, counted from 1: what is wrong with it is told with that.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    fn of(list: BatchList, first: i64, last: i64) -> Self {
        Self {
            list,
            first,
            last,
            line: None,
            label: String::new(),
        }
    }
}

/// Without the number: it is somebody's.
impl std::fmt::Debug for DirectoryEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectoryEntry")
            .field("list", &self.list)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// A load that was kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Loaded {
    /// Its number.
    pub generation: u64,
    /// How many entries the list has now; a range is one.
    pub entries: u64,
}

/// Sends a load: to `begin` with, its method and the list; nothing is given back if changes are
/// wanted and there is nothing to change.
pub(super) async fn send(
    link: &Link,
    begin: (&'static str, &str),
    changes: bool,
    entries: impl IntoIterator<Item = DirectoryEntry>,
) -> Result<Option<Loaded>, Error> {
    let (name, list) = begin;
    let begin = method(name, Repeat::Never);
    let body = (list, changes);
    let begun = link.call_within(LOAD_REPLY_MAX, begin, &body).await;
    let (load, incremental): (u64, bool) = begun?;
    if changes && !incremental {
        let cancel = method("Cancel", Repeat::Never);
        let () = link.call(cancel, &(load,)).await?;
        return Ok(None);
    }
    let filled = fill(link, load, entries).await;
    if let Err(error) = filled {
        // What is wrong with an entry has ended the load already.
        let cancel = method("Cancel", Repeat::Never);
        let _ = link.call::<_, ()>(cancel, &(load,)).await;
        return Err(error);
    }
    let commit = method("Commit", Repeat::Never);
    let committed = link.call_within(LOAD_REPLY_MAX, commit, &(load,)).await;
    let (generation, entries) = committed?;
    Ok(Some(Loaded {
        generation,
        entries,
    }))
}

async fn fill(
    link: &Link,
    load: u64,
    entries: impl IntoIterator<Item = DirectoryEntry>,
) -> Result<(), Error> {
    let mut batch = BatchWriter::new();
    for entry in entries {
        batch.push(&BatchEntry {
            list: entry.list,
            first: entry.first,
            last: entry.last,
            line: entry.line,
            label: &entry.label,
        });
        if batch.bytes().len() >= FILE_BYTES {
            add(link, load, batch.bytes()).await?;
            batch = BatchWriter::new();
        }
    }
    add(link, load, batch.bytes()).await
}

async fn add(link: &Link, load: u64, bytes: &[u8]) -> Result<(), Error> {
    let file = sealed(bytes).map_err(|error| Error::NoMemory(error.to_string()))?;
    let body = (load, zbus::Fd::from(file.as_fd()));
    let add = method("AddFile", Repeat::Never);
    link.call_within(LOAD_REPLY_MAX, add, &body).await
}

/// A file in memory that nobody can change any more.
fn sealed(bytes: &[u8]) -> std::io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(rustix::fs::memfd_create("hookswitch-batch", flags)?);
    file.write_all(bytes)?;
    let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&file, seals)?;
    Ok(file)
}
