//! All extensions, each on its own.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use hookswitch_directory::load::{Limits, LoadError, Why};

use crate::error::StoreError;
use crate::extension::{Extension, Note, Opened};
use crate::loading::{Committed, Loading};
use crate::real::RealFiles;
use crate::view::View;

/// The longest name of an extension, in bytes.
pub const NAME_BYTES_MAX: usize = 100;

/// One extension of the store, whole or not.
pub struct Slot {
    extension: Extension<RealFiles>,
    is_damaged: bool,
    notes: Vec<Note>,
}

impl Slot {
    /// What lookups see; none if nothing was loaded, or nothing whole is left.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.extension.view()
    }

    /// Whether nothing of its data was whole when it was opened, and nothing was loaded since.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// What was wrong when it was opened.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether a load goes on.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.extension.is_loading()
    }
}

/// All extensions: a directory with a directory for each.
pub struct DirectoryStore {
    root: PathBuf,
    slots: BTreeMap<String, Slot>,
    /// Those whose directory cannot be read, and why.
    unreadable: BTreeMap<String, io::ErrorKind>,
}

impl DirectoryStore {
    /// Opens all extensions. What is wrong with one is noted in its slot.
    ///
    /// # Errors
    ///
    /// If the directory of them all cannot be made or read.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        RealFiles::open(root)?;
        let mut store = Self {
            root: root.to_owned(),
            slots: BTreeMap::new(),
            unreadable: BTreeMap::new(),
        };
        for entry in std::fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().into_string();
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if let Ok(name) = name
                && is_directory
                && is_name(&name)
            {
                match store.open_slot(&name) {
                    Ok(slot) => drop(store.slots.insert(name, slot)),
                    Err(StoreError::Io(error)) => {
                        store.unreadable.insert(name, error.kind());
                    }
                    Err(StoreError::Load(_) | StoreError::Format(_) | StoreError::Damaged) => {
                        store.unreadable.insert(name, io::ErrorKind::InvalidData);
                    }
                }
            }
        }
        Ok(store)
    }

    /// The extensions, by name.
    pub fn slots(&self) -> impl Iterator<Item = (&str, &Slot)> {
        self.slots.iter().map(|(name, slot)| (name.as_str(), slot))
    }

    /// One extension.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.get(name)
    }

    /// Those that cannot be read at all, and why.
    pub fn unreadable(&self) -> impl Iterator<Item = (&str, io::ErrorKind)> {
        let all = self.unreadable.iter();
        all.map(|(name, why)| (name.as_str(), *why))
    }

    /// How many entries there are in all extensions but one.
    #[must_use]
    pub fn entries_beside(&self, name: &str) -> u64 {
        let others = self.slots.iter().filter(|(other, _)| *other != name);
        let views = others.filter_map(|(_, slot)| slot.view());
        views.map(|view| view.entries()).sum()
    }

    /// Begins a load; the extension is made if it is not there.
    ///
    /// # Errors
    ///
    /// If the name is none ([`Why::NoExtension`]), a load of it goes on, or the disk fails.
    pub fn begin(&mut self, name: &str, limits: Limits) -> Result<Loading<RealFiles>, StoreError> {
        if !is_name(name) {
            return Err(LoadError::of(Why::NoExtension).into());
        }
        if !self.slots.contains_key(name) {
            let slot = self.open_slot(name)?;
            self.unreadable.remove(name);
            self.slots.insert(name.to_owned(), slot);
        }
        match self.slots.get_mut(name) {
            Some(slot) => slot.extension.begin(limits),
            None => Err(LoadError::of(Why::NoExtension).into()),
        }
    }

    /// Keeps a load. See [`Extension::commit`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn commit(
        &mut self,
        name: &str,
        loading: Loading<RealFiles>,
        loaded: i64,
    ) -> Result<Committed, StoreError> {
        let others = self.entries_beside(name);
        let Some(slot) = self.slots.get_mut(name) else {
            return Err(LoadError::of(Why::NoExtension).into());
        };
        let committed = slot.extension.commit(loading, loaded, others)?;
        slot.is_damaged = false;
        slot.notes.clear();
        Ok(committed)
    }

    /// Makes a new image of an extension that has many changes.
    ///
    /// # Errors
    ///
    /// If a load of it goes on, or the disk fails; then nothing changes.
    pub fn rebuild(&mut self, name: &str) -> Result<(), StoreError> {
        match self.slots.get_mut(name) {
            Some(slot) => slot.extension.rebuild(),
            None => Err(LoadError::of(Why::NoExtension).into()),
        }
    }

    /// Removes an extension and its data.
    ///
    /// # Errors
    ///
    /// If there is none, a load of it goes on, or the disk fails.
    pub fn remove(&mut self, name: &str) -> Result<(), StoreError> {
        match self.slots.get(name) {
            None => return Err(LoadError::of(Why::NoExtension).into()),
            Some(slot) if slot.is_loading() => return Err(LoadError::of(Why::Loading).into()),
            Some(_) => {}
        }
        std::fs::remove_dir_all(self.root.join(name))?;
        self.slots.remove(name);
        Ok(())
    }

    fn open_slot(&self, name: &str) -> Result<Slot, StoreError> {
        let files = RealFiles::open(&self.root.join(name))?;
        match Extension::open(files.clone()) {
            Ok(Opened { extension, notes }) => Ok(Slot {
                extension,
                is_damaged: false,
                notes,
            }),
            Err(StoreError::Damaged) => Ok(Slot {
                extension: Extension::empty(files)?,
                is_damaged: true,
                notes: Vec::new(),
            }),
            Err(other) => Err(other),
        }
    }
}

/// Whether it can be the name of an extension: letters, digits, dots, dashes and underscores, and
/// no dot in front.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !name.starts_with('.')
        && name.bytes().all(is_fine)
}
