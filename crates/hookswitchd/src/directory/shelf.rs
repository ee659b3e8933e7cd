//! The lists with the user's settings for them, kept and published together.
//!
//! # Promises
//!
//! - **SH1** a change of the settings is in the file before it counts; what cannot be kept is
//!   refused and changes nothing.
//! - **SH2** what is published is what lookups see from then on: data, order, on or off.
//! - **SH3** data without settings belongs to a list that is off; nothing is thrown away unasked.
//! - **SH4** there are at most [`LISTS_MAX`] lists; an app's list that is off and empty makes room.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use hookswitch_directory::load::{Limits, Why};
use hookswitch_directory_store::{
    Committed, DirectoryStore, Listed, Loading, RealFiles, Slot, StoreError, is_name,
};
use hookswitch_model::{Text, Wall};
use hookswitch_store::{ListsFile, OpenedLists};
use hookswitch_wire::json::{DirectorySource, KeptList, LoadFault};
use tokio::sync::watch;

use super::faults::Fault;

/// Most lists.
pub const LISTS_MAX: usize = 64;
/// The settings, in the directory of the lists.
const FILE: &str = "lists.json";

/// The list that holds the user's contacts: it says who somebody is, and blocks nobody.
pub const CONTACTS: &str = "contacts";

/// What decisions consult.
#[derive(Debug, Default)]
pub struct Views {
    /// The lists, in the user's order.
    pub lists: Vec<Listed>,
    /// The contacts, if there are any and they are on.
    pub contacts: Option<Listed>,
}

/// What decisions and clients see.
#[derive(Clone, Debug)]
pub struct Published {
    /// The lists as decisions consult them.
    pub views: watch::Sender<Arc<Views>>,
    /// The same as documents.
    pub sources: watch::Sender<Arc<Vec<DirectorySource>>>,
}

/// The lists.
pub struct Shelf {
    store: DirectoryStore,
    file: ListsFile,
    /// In the user's order.
    lists: Vec<KeptList>,
    published: Published,
}

impl Shelf {
    /// Opens the lists and publishes them. What is wrong with one is told in the log.
    ///
    /// # Errors
    ///
    /// If the directory of them all cannot be made or read.
    pub fn open(root: &Path, published: Published) -> Result<Self, StoreError> {
        let store = DirectoryStore::open(root)?;
        let OpenedLists {
            file,
            lists,
            damaged,
        } = ListsFile::open(root.join(FILE));
        if let Some(kept_as) = damaged {
            let kept_as = kept_as.display();
            tracing::error!(%kept_as, "the settings of the lists cannot be read; all are off");
        }
        let mut shelf = Self {
            store,
            file,
            lists,
            published,
        };
        shelf.adopt();
        shelf.tell_notes();
        shelf.publish();
        Ok(shelf)
    }

    /// Data without settings (SH3).
    fn adopt(&mut self) {
        let known: BTreeSet<String> = self.lists.iter().map(|list| list.id.clone()).collect();
        let found = self.store.slots().filter(|(id, _)| !known.contains(*id));
        let found: Vec<KeptList> = found.map(|(id, _)| unset(id)).collect();
        self.lists.extend(found);
    }

    fn tell_notes(&self) {
        for (list, slot) in self.store.slots() {
            if slot.is_damaged() {
                tracing::error!(
                    list,
                    "the data of a list is damaged; it has to be loaded again"
                );
            }
            for note in slot.notes() {
                tracing::warn!(list, ?note, "a list was put right from its former data");
            }
        }
        for (list, why) in self.store.unreadable() {
            tracing::error!(list, %why, "a list cannot be read");
        }
    }

    /// Whether loads of a list may begin: it is there, and switched on or the user's own.
    pub fn may_load(&self, id: &str) -> Result<(), Fault> {
        match self.lists.iter().find(|list| list.id == id) {
            None => Err(Fault::Unknown(id.to_owned())),
            Some(list) if !list.enabled && list.is_app => Err(Why::Disabled.into()),
            Some(_) => Ok(()),
        }
    }

    /// Begins a load.
    pub fn begin(&mut self, id: &str, limits: Limits) -> Result<Loading<RealFiles>, Fault> {
        self.may_load(id)?;
        let loading = self.store.begin(id, limits)?;
        self.publish();
        Ok(loading)
    }

    /// Keeps a load.
    pub fn commit(
        &mut self,
        id: &str,
        loading: Loading<RealFiles>,
        at: Wall,
    ) -> Result<Committed, Fault> {
        let committed = self.store.commit(id, loading, at.as_millis())?;
        self.note(id, None);
        Ok(committed)
    }

    /// Makes a new image of a list with many changes. Its data counts as it is if that fails.
    pub fn rebuild(&mut self, id: &str) {
        if let Err(error) = self.store.rebuild(id) {
            tracing::warn!(list = id, %error, "the changes of a list stay beside its image");
        }
        self.publish();
    }

    /// Remembers how the last load of a list went, and publishes.
    pub fn note(&mut self, id: &str, error: Option<LoadFault>) {
        let known = self.lists.iter().position(|list| list.id == id);
        if let Some(at) = known
            && self.lists[at].error != error
        {
            let mut next = self.lists.clone();
            next[at].error = error;
            if let Err(error) = self.file.keep(&next) {
                tracing::warn!(%error, "how the last load of a list went is not kept");
            }
            self.lists = next;
        }
        self.publish();
    }

    /// A list is offered. The user's own is on at once: loading it is the user's wish.
    pub fn offer(&mut self, id: &str, name: &str, is_app: bool) -> Result<(), Fault> {
        if !is_name(id) {
            return Err(Fault::Name);
        }
        let mut next = self.lists.clone();
        match next.iter_mut().find(|list| list.id == id) {
            Some(known) => name.clone_into(&mut known.name),
            None => {
                self.make_room(&mut next)?;
                next.push(KeptList {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    is_app,
                    enabled: !is_app,
                    error: None,
                });
            }
        }
        self.set(next)
    }

    fn make_room(&self, lists: &mut Vec<KeptList>) -> Result<(), Fault> {
        if lists.len() < LISTS_MAX {
            return Ok(());
        }
        let is_idle = |list: &KeptList| {
            let slot = self.store.slot(&list.id);
            list.is_app && !list.enabled && slot.and_then(Slot::view).is_none()
        };
        match lists.iter().position(is_idle) {
            Some(at) => {
                lists.remove(at);
                Ok(())
            }
            None => {
                let (what, max) = ("lists; remove one first", LISTS_MAX);
                Err(Fault::TooMany { what, max })
            }
        }
    }

    /// The user switches a list on or off.
    pub fn enable(&mut self, id: &str, on: bool) -> Result<(), Fault> {
        let mut next = self.lists.clone();
        let list = next.iter_mut().find(|list| list.id == id);
        list.ok_or_else(|| Fault::Unknown(id.to_owned()))?.enabled = on;
        self.set(next)
    }

    /// The user puts the lists in order; those not named come behind, in theirs.
    pub fn order(&mut self, ids: &[String]) -> Result<(), Fault> {
        let is_known = |id: &String| self.lists.iter().any(|list| list.id == *id);
        if let Some(id) = ids.iter().find(|id| !is_known(id)) {
            return Err(Fault::Unknown(id.clone()));
        }
        let mut next = self.lists.clone();
        let place = |list: &KeptList| ids.iter().position(|id| *id == list.id);
        next.sort_by_key(|list| place(list).unwrap_or(usize::MAX));
        self.set(next)
    }

    /// The user removes a list and its data: the data first, so that none is left without a name.
    pub fn remove(&mut self, id: &str) -> Result<(), Fault> {
        if self.lists.iter().all(|list| list.id != id) {
            return Err(Fault::Unknown(id.to_owned()));
        }
        if self.store.slot(id).is_some() {
            self.store.remove(id)?;
        }
        let mut next = self.lists.clone();
        next.retain(|list| list.id != id);
        self.set(next)
    }

    /// A load did not come about: a list of the user's own that never held anything goes with it.
    pub fn drop_if_unfilled(&mut self, id: &str) {
        let slot = self.store.slot(id);
        let may_hold = slot
            .is_some_and(|slot| slot.is_loading() || slot.is_damaged() || slot.view().is_some());
        let may_hold = may_hold || self.store.unreadable().any(|(name, _)| name == id);
        let is_own = |list: &KeptList| list.id == id && !list.is_app;
        if !may_hold
            && self.lists.iter().any(is_own)
            && let Err(fault) = self.remove(id)
        {
            tracing::warn!(list = id, %fault, "a list that holds nothing stays");
        }
        self.publish();
    }

    fn set(&mut self, next: Vec<KeptList>) -> Result<(), Fault> {
        if next != self.lists {
            self.file.keep(&next).map_err(Fault::Settings)?;
            self.lists = next;
        }
        self.publish();
        Ok(())
    }

    /// Shows everybody what there is now.
    pub fn publish(&self) {
        let listed = self.lists.iter().enumerate();
        let mut listed = listed.filter_map(|(order, list)| {
            let is_contacts = list.id == CONTACTS;
            let listed = Listed {
                name: Text::new(&list.name)
                    .or_else(|_| Text::new(&list.id))
                    .ok()?,
                order: u32::try_from(order).unwrap_or(u32::MAX),
                is_enabled: list.enabled,
                view: self.store.slot(&list.id).and_then(Slot::view),
            };
            Some((is_contacts, listed))
        });
        let mut views = Views::default();
        for (is_contacts, one) in &mut listed {
            match is_contacts {
                false => views.lists.push(one),
                true if one.is_enabled && one.view.is_some() => views.contacts = Some(one),
                true => {}
            }
        }
        self.published.views.send_replace(Arc::new(views));
        let sources = self.lists.iter().map(|list| self.source(list)).collect();
        self.published.sources.send_replace(Arc::new(sources));
    }

    fn source(&self, list: &KeptList) -> DirectorySource {
        let slot = self.store.slot(&list.id);
        let view = slot.and_then(Slot::view);
        let (blocked, labeled) = view.as_ref().map_or((0, 0), |view| view.counts());
        DirectorySource {
            id: list.id.clone(),
            name: list.name.clone(),
            is_app: list.is_app,
            enabled: list.enabled,
            loading: slot.is_some_and(Slot::is_loading),
            damaged: slot.is_some_and(Slot::is_damaged),
            generation: view.as_ref().map_or(0, |view| view.generation()),
            entries: view.as_ref().map_or(0, |view| view.entries()),
            blocked,
            labeled,
            loaded_ms: view.as_ref().map(|view| view.loaded().as_millis()),
            error: list.error.clone(),
        }
    }
}

/// Settings for data that nobody has set anything for.
fn unset(id: &str) -> KeptList {
    KeptList {
        id: id.to_owned(),
        name: id.to_owned(),
        is_app: id.contains('.'),
        enabled: false,
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookswitch_directory::load::Entry;

    fn open(root: &Path) -> (Shelf, watch::Receiver<Arc<Vec<DirectorySource>>>) {
        let (views, _) = watch::channel(Arc::default());
        let (sources, seen) = watch::channel(Arc::default());
        let shelf = Shelf::open(root, Published { views, sources });
        (shelf.expect("opens"), seen)
    }

    fn limits() -> Limits {
        Limits {
            entries: 10,
            entries_in_all: 20,
        }
    }

    #[test]
    fn an_apps_list_waits_for_the_user_and_settings_survive() {
        let dir = tempfile::tempdir().expect("a directory");
        let (mut shelf, seen) = open(dir.path());
        shelf
            .offer("org.example.Spam", "Spam", true)
            .expect("offered");
        shelf.offer("mine", "Mine", false).expect("offered");
        let refused = shelf.begin("org.example.Spam", limits()).map(drop);
        assert_eq!(refused.expect_err("off").code().name(), "ExtensionDisabled");
        let unknown = shelf.begin("other", limits()).map(drop);
        assert_eq!(unknown.expect_err("no").code().name(), "NoExtensionFound");
        shelf.enable("mine", false).expect("kept");
        drop(shelf.begin("mine", limits()).expect("the user's own"));
        shelf.enable("mine", true).expect("kept");
        let mut loading = shelf.begin("mine", limits()).expect("on at once");
        let again = shelf.begin("mine", limits()).map(drop);
        assert_eq!(again.expect_err("busy").code().name(), "CurrentlyLoading");
        loading.block(Entry::number(12_025_550_101)).expect("taken");
        shelf
            .commit("mine", loading, Wall::from_millis(7))
            .expect("kept");
        shelf.enable("org.example.Spam", true).expect("on");
        shelf.order(&["mine".to_owned()]).expect("in order");
        let before = seen.borrow().clone();
        assert_eq!((before[0].id.as_str(), before[0].entries), ("mine", 1));
        drop(shelf);
        let (mut shelf, seen) = open(dir.path());
        assert_eq!(*seen.borrow(), before);
        shelf.remove("mine").expect("gone");
        let (_, seen) = open(dir.path());
        assert_eq!(seen.borrow().len(), 1);
        assert!(seen.borrow()[0].enabled);
    }

    #[test]
    fn lost_settings_leave_the_data_and_no_list_is_on() {
        let dir = tempfile::tempdir().expect("a directory");
        let (mut shelf, _) = open(dir.path());
        shelf.offer("mine", "Mine", false).expect("offered");
        let loading = shelf.begin("mine", limits()).expect("begun");
        shelf
            .commit("mine", loading, Wall::default())
            .expect("kept");
        std::fs::write(dir.path().join(FILE), "?").expect("written");
        let (_, seen) = open(dir.path());
        let sources = seen.borrow().clone();
        assert_eq!((sources.len(), sources[0].enabled), (1, false));
        assert_eq!(sources[0].generation, 1);
    }

    #[test]
    fn offers_have_a_bound_and_idle_ones_make_room() {
        let dir = tempfile::tempdir().expect("a directory");
        let (mut shelf, seen) = open(dir.path());
        for number in 0..=LISTS_MAX {
            let id = format!("org.example.L{number}");
            shelf.offer(&id, "L", true).expect("offered");
            shelf.enable(&id, number > 0).expect("known");
        }
        assert_eq!(seen.borrow().len(), LISTS_MAX);
        let full = shelf.offer("org.example.More", "More", true);
        assert_eq!(full.expect_err("full").code().name(), "LimitReached");
        assert!(shelf.offer("a/b", "x", false).is_err());
    }
}
