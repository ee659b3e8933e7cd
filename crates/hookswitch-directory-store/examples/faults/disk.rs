//! A disk in memory that loses power, runs full, and decays.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use hookswitch_directory_store::files::{Bytes, Files, Output};

/// A small generator of pseudo-random numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.draw() % end.max(1) as u64) as usize
    }
}

/// What happens at an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The power goes; nothing works any more.
    Power,
    /// There is no space for it; what comes after works.
    Full,
}

/// A file: what a program sees, and what is on the disk.
#[derive(Clone, Debug, Default)]
struct Inode {
    seen: Vec<u8>,
    kept: Vec<u8>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Set(String, usize),
    Remove(String),
}

#[derive(Clone, Debug)]
struct State {
    inodes: Vec<Inode>,
    seen: BTreeMap<String, usize>,
    kept: BTreeMap<String, usize>,
    /// Changes of names that are not on the disk, in order.
    pending: Vec<NameChange>,
    operations: usize,
    fault: Option<(usize, Fault)>,
    is_dead: bool,
    rng: Rng,
}

/// The disk.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<State>>);

/// Bytes that reach the disk together.
const SECTOR: usize = 512;

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            inodes: Vec::new(),
            seen: BTreeMap::new(),
            kept: BTreeMap::new(),
            pending: Vec::new(),
            operations: 0,
            fault: None,
            is_dead: false,
            rng: Rng(1),
        })))
    }

    /// Another disk with the same content; `fault` happens at that operation, counted from 1.
    pub fn copy(&self, fault: Option<(usize, Fault)>, seed: u64) -> Self {
        let mut state = self.state().clone();
        (state.operations, state.fault, state.rng) = (0, fault, Rng(seed));
        Self(Arc::new(Mutex::new(state)))
    }

    /// How many operations there were since it was copied.
    pub fn operations(&self) -> usize {
        self.state().operations
    }

    /// What a loss of power leaves: names that were changed without being synced may be old from
    /// some change on, and each sector that was not synced may be old.
    pub fn without_power(&self, seed: u64) -> Self {
        let mut state = self.state().clone();
        let mut rng = Rng(seed);
        let lasting = rng.below(state.pending.len() + 1);
        let mut names = state.kept.clone();
        for change in state.pending.drain(..).take(lasting) {
            match change {
                NameChange::Set(name, inode) => drop(names.insert(name, inode)),
                NameChange::Remove(name) => drop(names.remove(&name)),
            }
        }
        for inode in &mut state.inodes {
            inode.seen = torn(inode, &mut rng);
            inode.kept = inode.seen.clone();
        }
        state.seen = names.clone();
        state.kept = names;
        (state.operations, state.fault, state.is_dead) = (0, None, false);
        Self(Arc::new(Mutex::new(state)))
    }

    /// A file decays: one bit is another one, or its end is gone.
    pub fn decay(&self, seed: u64) -> Option<Self> {
        let copy = self.copy(None, seed);
        let mut rng = Rng(seed);
        {
            let mut state = copy.state();
            let files: Vec<usize> = state.seen.values().copied().collect();
            let inode = *files.get(rng.below(files.len()))?;
            let bytes = &mut state.inodes[inode].seen;
            if bytes.is_empty() {
                return None;
            }
            let at = rng.below(bytes.len());
            if rng.below(4) == 0 {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << rng.below(8);
            }
            state.inodes[inode].kept = state.inodes[inode].seen.clone();
        }
        Some(copy)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics with the lock")
    }
}

/// Each sector as it is seen or as it was kept, up to a length between both.
fn torn(inode: &Inode, rng: &mut Rng) -> Vec<u8> {
    let (seen, kept) = (&inode.seen, &inode.kept);
    if seen == kept {
        return seen.clone();
    }
    let (least, most) = (seen.len().min(kept.len()), seen.len().max(kept.len()));
    let len = least + rng.below(most - least + 1);
    let mut bytes = vec![0; len];
    for (sector, to) in bytes.chunks_mut(SECTOR).enumerate() {
        let from = if rng.below(2) == 0 { seen } else { kept };
        let from = from.get(sector * SECTOR..).unwrap_or(&[]);
        let many = from.len().min(to.len());
        to[..many].copy_from_slice(&from[..many]);
    }
    bytes
}

impl State {
    /// Counts an operation; whether it happens.
    fn step(&mut self) -> io::Result<()> {
        if self.is_dead {
            return Err(io::Error::other("no power"));
        }
        self.operations += 1;
        match self.fault {
            Some((at, Fault::Power)) if at == self.operations => {
                self.is_dead = true;
                Err(io::Error::other("no power"))
            }
            Some((at, Fault::Full)) if at == self.operations => {
                Err(io::ErrorKind::StorageFull.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn inode(&self, name: &str) -> io::Result<usize> {
        let found = self.seen.get(name).copied();
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn set(&mut self, name: &str, inode: usize) {
        self.seen.insert(name.to_owned(), inode);
        self.pending.push(NameChange::Set(name.to_owned(), inode));
    }

    fn unset(&mut self, name: &str) {
        self.seen.remove(name);
        self.pending.push(NameChange::Remove(name.to_owned()));
    }
}

impl Files for Disk {
    type Output = DiskOutput;

    fn create(&self, name: &str) -> io::Result<DiskOutput> {
        let mut state = self.state();
        state.step()?;
        state.inodes.push(Inode::default());
        let inode = state.inodes.len() - 1;
        state.set(name, inode);
        Ok(DiskOutput(self.clone(), inode))
    }

    fn append(&self, name: &str, len: u64) -> io::Result<DiskOutput> {
        if self.state().inode(name).is_err() {
            return self.create(name);
        }
        let mut state = self.state();
        state.step()?;
        let inode = state.inode(name)?;
        state.inodes[inode].seen.resize(len as usize, 0);
        Ok(DiskOutput(self.clone(), inode))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.state();
        Ok(state.inodes[state.inode(name)?].seen.clone())
    }

    fn map(&self, name: &str) -> io::Result<Bytes> {
        Ok(Arc::new(self.read(name)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        let happens = state.step();
        // When the power goes, a change may have reached the journal of the names.
        if happens.is_ok() || state.is_dead && state.rng.below(2) == 0 {
            let inode = state.inode(from)?;
            state.seen.remove(from);
            state.set(to, inode);
            state.pending.push(NameChange::Remove(from.to_owned()));
        }
        happens
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.inode(name)?;
        state.unset(name);
        Ok(())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.state().seen.keys().cloned().collect())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.state();
        state.step()?;
        state.kept = state.seen.clone();
        state.pending.clear();
        Ok(())
    }
}

/// A file of the disk.
#[derive(Debug)]
pub struct DiskOutput(Disk, usize);

impl Output for DiskOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.0.state();
        let happens = state.step();
        let many = match happens {
            Ok(()) => bytes.len(),
            Err(_) if state.fault.is_some() => state.rng.below(bytes.len() + 1),
            Err(_) => 0,
        };
        state.inodes[self.1].seen.extend_from_slice(&bytes[..many]);
        happens
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.0.state();
        state.step()?;
        let inode = &mut state.inodes[self.1];
        inode.kept = inode.seen.clone();
        Ok(())
    }
}
