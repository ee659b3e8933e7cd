//! One extension: its files, and what counts of them.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Weak};

use hookswitch_directory::delta::{Change, Overlay, Record, merge, read_log, write_record};
use hookswitch_directory::image::{Facts, Image};
use hookswitch_directory::load::{Limits, Load, LoadError, Mode, Why};

use crate::error::StoreError;
use crate::files::{Files, Output};
use crate::loading::{Committed, Loading};
use crate::manifest::{self, Manifest};
use crate::view::View;
use crate::writer::ImageWriter;

/// A change with more numbers than this makes a new image at once.
const CHANGE_MAX: usize = 1 << 16;

/// So many changed numbers are fine however small the image is.
const CHANGES_LEAST: u64 = 1024;

/// What was found wrong when an extension was opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Note {
    /// The manifest was damaged; the newest image that is whole counts.
    Manifest,
    /// The image of this generation was damaged.
    Image(u64),
    /// So many bytes at the end of the log were not whole: a load that was not finished, or
    /// damage.
    Log(u64),
}

/// An extension that was opened, with what was wrong.
pub struct Opened<F: Files> {
    /// The extension.
    pub extension: Extension<F>,
    /// What was wrong, if anything.
    pub notes: Vec<Note>,
}

/// One extension.
pub struct Extension<F: Files> {
    files: F,
    /// The image that counts and what changed since.
    current: Option<Current>,
    /// The largest generation that any file has.
    newest: u64,
    /// The manifest does not say what counts: only a new image puts that right.
    must_rebuild: bool,
    loading: Weak<()>,
}

#[derive(Clone)]
struct Current {
    view: View,
    /// The generation of the image.
    image: u64,
    /// Bytes of the log that are whole; none if there is no log.
    log: Option<u64>,
}

impl<F: Files> Extension<F> {
    /// Opens an extension: reads and checks what is there. An empty directory is an extension
    /// without data.
    ///
    /// # Errors
    ///
    /// If the disk fails, or [`StoreError::Damaged`] if there is data and none of it is whole.
    pub fn open(files: F) -> Result<Opened<F>, StoreError> {
        let mut notes = Vec::new();
        let names = files.names()?;
        let mut images: Vec<u64> = names
            .iter()
            .filter_map(|name| manifest::generation_of(name))
            .collect();
        images.sort_unstable_by(|a, b| b.cmp(a));
        let read = match files.read(manifest::NAME) {
            Ok(bytes) => {
                let read = Manifest::read(&bytes);
                if read.is_none() {
                    notes.push(Note::Manifest);
                }
                read
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let candidates = match read {
            Some(manifest) => [Some(manifest.image), manifest.before]
                .into_iter()
                .flatten()
                .collect(),
            None => images.clone(),
        };
        let mut current = None;
        for generation in &candidates {
            match Current::open(&files, *generation, &mut notes) {
                Ok(found) => {
                    current = Some(found);
                    break;
                }
                Err(_) => notes.push(Note::Image(*generation)),
            }
        }
        if current.is_none() && (read.is_some() || notes.contains(&Note::Manifest)) {
            return Err(StoreError::Damaged);
        }
        let generation = current
            .as_ref()
            .map_or(0, |current| current.view.generation);
        let extension = Self {
            must_rebuild: read.map(|manifest| manifest.image)
                != current.as_ref().map(|current| current.image),
            newest: images.first().copied().unwrap_or(0).max(generation),
            files,
            current,
            loading: Weak::new(),
        };
        extension.clean(&names, |name| name.ends_with(".new"));
        Ok(Opened { extension, notes })
    }

    /// Begins anew after damage: the files stay until the first load is kept.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn empty(files: F) -> Result<Self, StoreError> {
        let names = files.names()?;
        let generations = names
            .iter()
            .filter_map(|name| manifest::generation_of(name));
        Ok(Self {
            newest: generations.max().unwrap_or(0) + CHANGE_MAX as u64,
            files,
            current: None,
            must_rebuild: true,
            loading: Weak::new(),
        })
    }

    /// What lookups see; none if nothing was loaded yet.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.current.as_ref().map(|current| current.view.clone())
    }

    /// Whether a load goes on.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.loading.strong_count() > 0
    }

    /// Begins a load.
    ///
    /// # Errors
    ///
    /// If one goes on ([`Why::Loading`]).
    pub fn begin(&mut self, limits: Limits) -> Result<Loading<F>, StoreError> {
        if self.is_loading() {
            return Err(LoadError::of(Why::Loading).into());
        }
        let token = Arc::new(());
        self.loading = Arc::downgrade(&token);
        Ok(Loading {
            load: Load::new(self.current.is_some(), limits),
            files: self.files.clone(),
            name: IMAGE_NEW.to_owned(),
            image: None,
            change: Change::default(),
            change_texts: 0,
            token,
        })
    }

    /// Keeps a load: when this returns, it is on the disk, and [`Extension::view`] has it.
    ///
    /// `loaded` is the time in milliseconds since 1970, `others` how many entries all other
    /// extensions have.
    ///
    /// # Errors
    ///
    /// If the load broke a rule or the disk failed; then the data before it counts.
    pub fn commit(
        &mut self,
        mut loading: Loading<F>,
        loaded: i64,
        others: u64,
    ) -> Result<Committed, StoreError> {
        let is_ours = self.loading.ptr_eq(&Arc::downgrade(&loading.token));
        if !is_ours {
            return Err(LoadError::of(Why::Interrupted).into());
        }
        match (loading.load.mode(), self.current.clone()) {
            (Mode::Incremental, Some(current)) => {
                loading.load.finish(0, others)?;
                let change = core::mem::take(&mut loading.change);
                let removes_all = change.unblock_all || change.unlabel_all;
                if change.len() > CHANGE_MAX || removes_all || self.must_rebuild {
                    self.make_image(&current, &change, Some(&loading.load), loaded, others)
                } else {
                    self.append(&current, change, &loading.load, loaded, others)
                }
            }
            (Mode::Full, _) | (Mode::Incremental, None) => {
                use hookswitch_directory::load::List::{Blocking, Identification};
                let entries = loading.count(Blocking) + loading.count(Identification);
                loading.load.finish(entries, others)?;
                loading.image()?;
                let Some(image) = loading.image.take() else {
                    return Err(StoreError::Damaged);
                };
                self.keep(image, entries, loaded)
            }
        }
    }

    /// Makes a new image of the image and its changes.
    ///
    /// # Errors
    ///
    /// If a load goes on or the disk failed; then nothing changes.
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        if self.is_loading() {
            return Err(LoadError::of(Why::Loading).into());
        }
        if let Some(current) = self.current.clone() {
            let loaded = current.view.loaded;
            self.make_image(&current, &Change::default(), None, loaded, 0)?;
        }
        Ok(())
    }

    /// Logs a change.
    fn append(
        &mut self,
        current: &Current,
        change: Change,
        load: &Load,
        loaded: i64,
        others: u64,
    ) -> Result<Committed, StoreError> {
        let view = &current.view;
        let image = view.image();
        let mut overlay = (*view.overlay).clone();
        overlay.apply(&change, &image);
        let entries = overlay.count_entries(&image);
        load.finish(entries, others)?;
        let generation = view.generation + 1;
        let record = Record {
            generation,
            loaded,
            change,
        };
        let mut bytes = Vec::new();
        write_record(&record, &mut bytes);
        let (name, len) = (manifest::log(current.image), current.log.unwrap_or(0));
        let mut log = self.files.append(&name, len)?;
        log.write(&bytes)?;
        log.sync()?;
        if current.log.is_none() {
            self.files.sync_names()?;
        }
        let many = (image.facts().blocked + image.facts().labeled) / 100;
        let many = many.max(CHANGES_LEAST).min(CHANGE_MAX as u64);
        let wants_rebuild = overlay.len() as u64 > many;
        let mut next = current.clone();
        next.log = Some(len + bytes.len() as u64);
        next.view.overlay = Arc::new(overlay);
        (next.view.generation, next.view.loaded) = (generation, loaded);
        self.newest = self.newest.max(generation);
        self.current = Some(next);
        Ok(Committed {
            generation,
            entries,
            wants_rebuild,
        })
    }

    /// Writes what there is with a change as a new image.
    fn make_image(
        &mut self,
        current: &Current,
        change: &Change,
        load: Option<&Load>,
        loaded: i64,
        others: u64,
    ) -> Result<Committed, StoreError> {
        let mut image = ImageWriter::create(&self.files, IMAGE_NEW)?;
        let view = &current.view;
        let merged = merge(&view.image(), &view.overlay, change, &mut image);
        let checked = merged.map_err(StoreError::from).and_then(|entries| {
            if let Some(load) = load {
                load.finish(entries, others)?;
            }
            Ok(entries)
        });
        match checked {
            Ok(entries) => self.keep(image, entries, loaded),
            Err(error) => {
                image.discard();
                Err(error)
            }
        }
    }

    /// Completes an image and makes it the one that counts.
    fn keep(
        &mut self,
        image: ImageWriter<F>,
        entries: u64,
        loaded: i64,
    ) -> Result<Committed, StoreError> {
        let generation = self.newest + 1;
        let facts = Facts {
            generation,
            loaded,
            entries,
            ..Facts::default()
        };
        image.finish(facts)?;
        let name = manifest::image(generation);
        self.files.rename(IMAGE_NEW, &name)?;
        // From here on the name is taken, whatever happens.
        self.newest = generation;
        self.files.sync_names()?;
        let next = Current::open(&self.files, generation, &mut Vec::new())?;
        let before = self.current.as_ref().map(|current| current.image);
        let manifest = Manifest {
            image: generation,
            before,
        };
        let mut out = self.files.create(manifest::NEW)?;
        out.write(&manifest.write())?;
        out.sync()?;
        self.files.rename(manifest::NEW, manifest::NAME)?;
        self.must_rebuild = true;
        self.files.sync_names()?;
        self.must_rebuild = false;
        self.current = Some(next);
        let keep: BTreeSet<String> = [Some(generation), before]
            .into_iter()
            .flatten()
            .flat_map(|kept| [manifest::image(kept), manifest::log(kept)])
            .chain([manifest::NAME.to_owned()])
            .collect();
        if let Ok(names) = self.files.names() {
            self.clean(&names, |name| !keep.contains(name));
        }
        Ok(Committed {
            generation,
            entries,
            wants_rebuild: false,
        })
    }

    /// Removes files; what cannot be removed is removed another time.
    fn clean(&self, names: &[String], is_old: impl Fn(&str) -> bool) {
        for name in names.iter().filter(|name| is_old(name)) {
            let _ = self.files.remove(name);
        }
    }
}

/// The name of an image that is not complete.
const IMAGE_NEW: &str = "image.new";

impl Current {
    /// Opens and checks an image, and reads the log behind it.
    fn open<F: Files>(
        files: &F,
        generation: u64,
        notes: &mut Vec<Note>,
    ) -> Result<Self, StoreError> {
        let bytes = files.map(&manifest::image(generation))?;
        let (opened, overlay, log, view_generation, loaded);
        {
            let image = Image::open((*bytes).as_ref())?;
            image.verify()?;
            let facts = image.facts();
            if facts.generation != generation {
                return Err(StoreError::Damaged);
            }
            let read = match files.read(&manifest::log(generation)) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error.into()),
            };
            let (records, whole) = read_log(read.as_deref().unwrap_or(&[]), generation);
            let cut = read.as_ref().map_or(0, Vec::len) - whole;
            if cut > 0 {
                notes.push(Note::Log(cut as u64));
            }
            let mut changes = Overlay::default();
            for record in &records {
                changes.apply(&record.change, &image);
            }
            view_generation = generation + records.len() as u64;
            loaded = records.last().map_or(facts.loaded, |record| record.loaded);
            overlay = Arc::new(changes);
            log = read.map(|_| whole as u64);
            opened = Arc::new(image.opened());
        }
        Ok(Self {
            view: View {
                bytes,
                opened,
                overlay,
                generation: view_generation,
                loaded,
            },
            image: generation,
            log,
        })
    }
}
