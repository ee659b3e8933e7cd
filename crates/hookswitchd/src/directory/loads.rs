//! The loads that go on: whose they are, what came in them, and when they have to be over.
//!
//! # Promises
//!
//! - **LO1** a load answers to the connection that began it, and to no other.
//! - **LO2** at most [`LOADS_MAX`] go on; one without a message for [`IDLE_MAX`], or longer than
//!   [`LOAD_MAX`], is interrupted.
//! - **LO3** a load in which something is wrong is over at once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use hookswitch_bus::Entries;
use hookswitch_directory::load::{Entry, Why};
use hookswitch_directory_store::{Loading, RealFiles, StoreError};
use hookswitch_wire::batch::{BatchEntry, BatchList, BatchReader};

use super::faults::Fault;

/// Most loads at once, of all lists.
pub const LOADS_MAX: usize = 16;
/// Longest time between two messages of a load.
pub const IDLE_MAX: Duration = Duration::from_secs(60);
/// Longest time of a load.
pub const LOAD_MAX: Duration = Duration::from_secs(15 * 60);
/// Most bytes of one file; bigger loads come in several.
pub const FILE_MAX: u64 = 64 * 1024 * 1024;
const PIECE: usize = 64 * 1024;

/// A load that goes on.
pub struct OpenLoad {
    owner: String,
    /// Its list.
    pub id: String,
    /// What came so far.
    pub loading: Loading<RealFiles>,
    began: Instant,
    touched: Instant,
}

/// The loads that go on.
#[derive(Default)]
pub struct Loads {
    last: u64,
    open: BTreeMap<u64, OpenLoad>,
}

impl Loads {
    /// Whether one more may begin.
    pub fn has_room(&self) -> Result<(), Fault> {
        let (what, max) = ("loads at once; try again when one is done", LOADS_MAX);
        match self.open.len() < max {
            true => Ok(()),
            false => Err(Fault::TooMany { what, max }),
        }
    }

    /// Enters a load that began; gives its number.
    pub fn enter(&mut self, owner: String, id: String, loading: Loading<RealFiles>) -> u64 {
        self.last += 1;
        let now = Instant::now();
        let load = OpenLoad {
            owner,
            id,
            loading,
            began: now,
            touched: now,
        };
        self.open.insert(self.last, load);
        self.last
    }

    /// Takes a load out, for its owner.
    pub fn take(&mut self, owner: &str, load: u64) -> Result<OpenLoad, Fault> {
        let known = self.open.get(&load);
        match known.is_some_and(|known| known.owner == owner) {
            true => self.open.remove(&load).ok_or(Why::Interrupted.into()),
            false => Err(Why::Interrupted.into()),
        }
    }

    /// Puts a load back that goes on.
    pub fn put_back(&mut self, load: u64, mut open: OpenLoad) {
        open.touched = Instant::now();
        self.open.insert(load, open);
    }

    /// Takes out all that fit; their lists.
    pub fn end_all(&mut self, is_over: impl Fn(&OpenLoad) -> bool) -> Vec<String> {
        let over = self.open.extract_if(.., |_, load| is_over(load));
        over.map(|(_, load)| load.id).collect()
    }

    /// When the next one has to be over.
    pub fn deadline(&self) -> Option<Instant> {
        self.open.values().map(OpenLoad::deadline).min()
    }
}

impl OpenLoad {
    /// Whether it belongs to a connection.
    pub fn is_of(&self, owner: &str) -> bool {
        self.owner == owner
    }

    /// When it has to be over.
    pub fn deadline(&self) -> Instant {
        (self.touched + IDLE_MAX).min(self.began + LOAD_MAX)
    }

    /// Takes entries.
    pub fn add(&mut self, list: BatchList, entries: Entries) -> Result<(), Fault> {
        match entries {
            Entries::Numbers(numbers) => {
                for number in numbers {
                    self.take_entry(list, Entry::number(number), "")?;
                }
                Ok(())
            }
            Entries::Labeled(numbers) => {
                for (number, label) in numbers {
                    self.take_entry(list, Entry::number(number), &label)?;
                }
                Ok(())
            }
            Entries::File(file) => self.take_file(file),
            Entries::All => {
                match list {
                    BatchList::Blocking | BatchList::BlockingRemovals => {
                        self.loading.unblock_all()?;
                    }
                    BatchList::Identification | BatchList::IdentificationRemovals => {
                        self.loading.unlabel_all()?;
                    }
                }
                Ok(())
            }
        }
    }

    /// The file is sealed: it is memory, and reading it never waits.
    fn take_file(&mut self, file: OwnedFd) -> Result<(), Fault> {
        let file = File::from(file);
        let too_big = file.metadata().map_err(StoreError::Io)?.len() > FILE_MAX;
        if too_big {
            let (what, max) = ("bytes in one file; send several", FILE_MAX as usize);
            return Err(Fault::TooMany { what, max });
        }
        let mut input = Whole { file, at: 0 };
        let mut reader = BatchReader::new();
        let mut piece = vec![0; PIECE];
        loop {
            let read = input.read(&mut piece).map_err(StoreError::Io)?;
            if read == 0 {
                reader.finish()?;
                return Ok(());
            }
            reader.feed(&piece[..read], &mut |entry: BatchEntry<'_>| {
                let numbers = Entry {
                    first: entry.first,
                    last: entry.last,
                    line: entry.line,
                };
                self.take_entry(entry.list, numbers, entry.label)
            })?;
        }
    }

    fn take_entry(&mut self, list: BatchList, entry: Entry, label: &str) -> Result<(), Fault> {
        match list {
            BatchList::Blocking => self.loading.block(entry)?,
            BatchList::Identification => self.loading.identify(entry, label)?,
            BatchList::BlockingRemovals => self.loading.unblock(entry)?,
            BatchList::IdentificationRemovals => self.loading.unlabel(entry)?,
        }
        Ok(())
    }
}

/// A file from its beginning, wherever its owner's hand stands in it.
struct Whole {
    file: File,
    at: u64,
}

impl io::Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::os::unix::fs::FileExt as _;
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
