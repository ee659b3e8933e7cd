//! The files: one folder for each app, one file of each kind in it, named after its bytes.
//!
//! A file that is not needed any more and cannot be removed is told in the log and left there. What
//! a crash left behind between two files is removed when the daemon starts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hookswitch_bus::Kept;
use hookswitch_model::{AppId, MaterialId, MaterialKind};

use super::APPS_MAX;

/// The name of a file that is being written.
const UNFINISHED: &str = "new";

const KINDS: [MaterialKind; 2] = [MaterialKind::Ringtone, MaterialKind::Icon];

/// One kept file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Filed {
    pub(super) id: MaterialId,
    pub(super) path: PathBuf,
}

/// Which file is whose.
pub(super) type Index = BTreeMap<AppId, BTreeMap<MaterialKind, Filed>>;

#[derive(Debug)]
pub(super) struct Shelf {
    dir: PathBuf,
    apps: Arc<Index>,
}

impl Shelf {
    /// Finds what is there; `fits` says which of it is as it should be.
    pub(super) fn open(
        dir: PathBuf,
        mut fits: impl FnMut(&AppId, MaterialKind, &[u8]) -> bool,
    ) -> Self {
        let mut apps = Index::new();
        for folder in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let name = folder.file_name();
            let Some(app) = name.to_str().and_then(AppId::new) else {
                continue;
            };
            let of_app = open_folder(&folder.path(), |kind, bytes| fits(&app, kind, bytes));
            if !of_app.is_empty() && apps.len() < APPS_MAX {
                apps.insert(app, of_app);
            }
        }
        let apps = Arc::new(apps);
        Self { dir, apps }
    }

    /// What is there now.
    pub(super) fn index(&self) -> Arc<Index> {
        Arc::clone(&self.apps)
    }

    /// Keeps a file in place of the former one; no bytes take that away. Says which app gave way.
    pub(super) fn put(
        &mut self,
        app: &AppId,
        kind: MaterialKind,
        bytes: &[u8],
    ) -> io::Result<Kept> {
        let folder = self.dir.join(app.as_str());
        let former = self
            .apps
            .get(app)
            .and_then(|of_app| of_app.get(&kind))
            .cloned();
        if bytes.is_empty() {
            self.drop_kind(app, kind);
            remove(former);
            return Ok(Kept::default());
        }
        let id = name_of(bytes);
        if former.as_ref().is_some_and(|kept| kept.id == id) {
            let (id, gone) = (Some(id), None);
            return Ok(Kept { id, gone });
        }
        fs::create_dir_all(&folder)?;
        let path = folder.join(file_name(kind, &id));
        let fresh = folder.join(UNFINISHED);
        fs::write(&fresh, bytes)?;
        fs::rename(&fresh, &path)?;
        let kept = Filed {
            id: id.clone(),
            path,
        };
        let gone = self.make_room(app);
        let apps = Arc::make_mut(&mut self.apps);
        apps.entry(app.clone()).or_default().insert(kind, kept);
        remove(former);
        let id = Some(id);
        Ok(Kept { id, gone })
    }

    fn drop_kind(&mut self, app: &AppId, kind: MaterialKind) {
        let apps = Arc::make_mut(&mut self.apps);
        if let Some(of_app) = apps.get_mut(app) {
            of_app.remove(&kind);
            if of_app.is_empty() {
                apps.remove(app);
            }
        }
    }

    /// One more app than fit: the one that brought its own longest ago gives way.
    fn make_room(&mut self, newcomer: &AppId) -> Option<AppId> {
        if self.apps.contains_key(newcomer) || self.apps.len() < APPS_MAX {
            return None;
        }
        let last = |app: &AppId| self.apps[app].values().map(|kept| age(&kept.path)).max();
        let oldest = self.apps.keys().min_by_key(|app| last(app))?.clone();
        Arc::make_mut(&mut self.apps).remove(&oldest);
        if let Err(error) = fs::remove_dir_all(self.dir.join(oldest.as_str())) {
            tracing::warn!(%error, "what an app brought along cannot be removed");
        }
        Some(oldest)
    }
}

/// What an app brought along: of each kind the newest that is as it should be. An older one and a
/// file that was never finished are there no more.
fn open_folder(
    folder: &Path,
    mut fits: impl FnMut(MaterialKind, &[u8]) -> bool,
) -> BTreeMap<MaterialKind, Filed> {
    remove_file(&folder.join(UNFINISHED));
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.sort_by_key(|path| age(path));
    let mut found = BTreeMap::new();
    for path in files {
        if let Some((kind, id)) = named(&path)
            && let Ok(bytes) = fs::read(&path)
            && name_of(&bytes) == id
            && fits(kind, &bytes)
        {
            remove(found.insert(kind, Filed { id, path }));
        }
    }
    found
}

fn age(path: &Path) -> SystemTime {
    let written = fs::metadata(path).and_then(|about| about.modified());
    written.unwrap_or(SystemTime::UNIX_EPOCH)
}

fn remove(former: Option<Filed>) {
    if let Some(kept) = former {
        remove_file(&kept.path);
    }
}

fn remove_file(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a former ringtone or icon cannot be removed");
        }
        Ok(()) | Err(_) => {}
    }
}

fn ends(kind: MaterialKind) -> (&'static str, &'static str) {
    match kind {
        MaterialKind::Ringtone => ("ringtone-", ".wav"),
        MaterialKind::Icon => ("icon-", ".png"),
    }
}

fn file_name(kind: MaterialKind, id: &MaterialId) -> String {
    let (head, tail) = ends(kind);
    format!("{head}{id}{tail}")
}

fn named(path: &Path) -> Option<(MaterialKind, MaterialId)> {
    let name = path.file_name()?.to_str()?;
    KINDS.into_iter().find_map(|kind| {
        let (head, tail) = ends(kind);
        let id = name.strip_prefix(head)?.strip_suffix(tail)?;
        Some((kind, MaterialId::new(id).ok()?))
    })
}

/// The name of bytes: FNV-1a in 64 bits, and their number. It tells one version of an app's own
/// material from another; two that share it by design hurt nobody but that app.
pub(super) fn name_of(bytes: &[u8]) -> MaterialId {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325, step);
    let name = format!("{sum:016x}-{}", bytes.len());
    MaterialId::new(&name).expect("hexadecimal and decimal digits")
}
