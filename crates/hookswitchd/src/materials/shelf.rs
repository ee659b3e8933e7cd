//! The files: one folder for each app, one file of each kind in it, named after its bytes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hookswitch_model::{AppId, MaterialId, MaterialKind};

use super::APPS_MAX;

const KINDS: [MaterialKind; 2] = [MaterialKind::Ringtone, MaterialKind::Icon];

/// One kept file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Kept {
    pub(super) id: MaterialId,
    pub(super) path: PathBuf,
}

type OfApp = BTreeMap<MaterialKind, Kept>;

#[derive(Debug)]
pub(super) struct Shelf {
    dir: PathBuf,
    apps: BTreeMap<AppId, OfApp>,
}

impl Shelf {
    /// Finds what is there; `fits` says which of it is as it should be.
    pub(super) fn open(
        dir: PathBuf,
        mut fits: impl FnMut(&AppId, MaterialKind, &[u8]) -> bool,
    ) -> Self {
        let mut apps = BTreeMap::new();
        for folder in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let name = folder.file_name();
            let Some(app) = name.to_str().and_then(AppId::new) else {
                continue;
            };
            let files = fs::read_dir(folder.path()).into_iter().flatten().flatten();
            let mut of_app = OfApp::new();
            for path in files.map(|file| file.path()) {
                if let Some((kind, id)) = named(&path)
                    && let Ok(bytes) = fs::read(&path)
                    && name_of(&bytes) == id
                    && fits(&app, kind, &bytes)
                {
                    of_app.insert(kind, Kept { id, path });
                }
            }
            if !of_app.is_empty() && apps.len() < APPS_MAX {
                apps.insert(app, of_app);
            }
        }
        Self { dir, apps }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&AppId, &OfApp)> {
        self.apps.iter()
    }

    pub(super) fn of(&self, app: &AppId) -> Option<&OfApp> {
        self.apps.get(app)
    }

    /// Keeps a file in place of the former one; no bytes take that away.
    pub(super) fn put(
        &mut self,
        app: &AppId,
        kind: MaterialKind,
        bytes: &[u8],
    ) -> io::Result<Option<MaterialId>> {
        let folder = self.dir.join(app.as_str());
        let former = self
            .apps
            .get(app)
            .and_then(|of_app| of_app.get(&kind))
            .cloned();
        if bytes.is_empty() {
            self.drop_kind(app, kind);
            remove(former.as_ref().map(|kept| kept.path.as_path()))?;
            return Ok(None);
        }
        let id = name_of(bytes);
        if former.as_ref().is_some_and(|kept| kept.id == id) {
            return Ok(Some(id));
        }
        self.make_room(app);
        fs::create_dir_all(&folder)?;
        let path = folder.join(file_name(kind, &id));
        let fresh = folder.join("new");
        fs::write(&fresh, bytes)?;
        fs::rename(&fresh, &path)?;
        let kept = Kept {
            id: id.clone(),
            path,
        };
        self.apps.entry(app.clone()).or_default().insert(kind, kept);
        remove(former.as_ref().map(|kept| kept.path.as_path()))?;
        Ok(Some(id))
    }

    fn drop_kind(&mut self, app: &AppId, kind: MaterialKind) {
        if let Some(of_app) = self.apps.get_mut(app) {
            of_app.remove(&kind);
            if of_app.is_empty() {
                self.apps.remove(app);
            }
        }
    }

    /// One more app than fit: the one that brought its own longest ago gives way.
    fn make_room(&mut self, newcomer: &AppId) {
        if self.apps.contains_key(newcomer) || self.apps.len() < APPS_MAX {
            return;
        }
        let age =
            |(_, of_app): &(&AppId, &OfApp)| of_app.values().map(|kept| age(&kept.path)).max();
        if let Some(oldest) = self.apps.iter().min_by_key(age).map(|(app, _)| app.clone()) {
            self.apps.remove(&oldest);
            if let Err(error) = fs::remove_dir_all(self.dir.join(oldest.as_str())) {
                tracing::warn!(%error, "what an app brought along cannot be removed");
            }
        }
    }
}

fn age(path: &Path) -> SystemTime {
    let written = fs::metadata(path).and_then(|about| about.modified());
    written.unwrap_or(SystemTime::UNIX_EPOCH)
}

fn remove(path: Option<&Path>) -> io::Result<()> {
    match path.map(fs::remove_file) {
        None | Some(Ok(())) => Ok(()),
        Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Some(Err(error)) => Err(error),
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
