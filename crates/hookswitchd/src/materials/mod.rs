//! What apps bring along: ringtones and icons, checked and kept over restarts.
//!
//! Input: bytes that an app handed over. Output: names for the core, files for the ringer and the
//! notifications, pictures for the page.
//!
//! # Promises
//!
//! - **MT1** nothing is kept that was not checked: a ringtone is a sound that the ringer plays, an
//!   icon a small square PNG with an alpha channel.
//! - **MT2** an app has at most one of each; at most [`APPS_MAX`] apps have any, and the one that
//!   brought its own longest ago gives way.
//! - **MT3** a file is replaced whole or not at all.
//! - **MT4** what an app brought stays when the app or the daemon ends: its next call rings the
//!   same, and its calls in the recents keep their icon.
//! - **MT5** whoever rings or shows never waits for the disk: what is there is published after
//!   it was written.

mod png;
mod shelf;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hookswitch_bus::{KeepError, Keeper, Kept};
use hookswitch_core::Environment;
use hookswitch_http::{Icon, Icons};
use hookswitch_model::{AppId, Limit, Limits, MaterialId, MaterialKind};
use tokio::sync::watch;

use shelf::{Index, Shelf};

/// Most apps whose material is kept.
pub const APPS_MAX: usize = 128;

/// The kept material.
#[derive(Debug)]
pub struct Materials {
    limits: Limits,
    /// Locked while something is written: by threads that may wait.
    shelf: Mutex<Shelf>,
    index: watch::Sender<Arc<Index>>,
    icons: watch::Sender<Arc<Icons>>,
}

impl Materials {
    /// Reads what former daemons kept in a folder; what is damaged or too large is left out.
    #[must_use]
    pub fn open(dir: PathBuf, limits: Limits) -> Self {
        let mut icons = Icons::new();
        let shelf = Shelf::open(dir, |app, kind, bytes| {
            let fits = check(&limits, kind, bytes).is_ok();
            if fits && kind == MaterialKind::Icon {
                icons.insert(app.to_string(), icon(bytes));
            }
            fits
        });
        Self {
            limits,
            index: watch::channel(shelf.index()).0,
            shelf: Mutex::new(shelf),
            icons: watch::channel(Arc::new(icons)).0,
        }
    }

    /// The ringtones, for a core that has just started.
    #[must_use]
    pub fn ringtones(&self) -> Vec<Environment> {
        let index = self.index.borrow();
        let told = index.iter().filter_map(|(app, files)| {
            let ringtone = files.get(&MaterialKind::Ringtone)?;
            Some(Environment::Ringtone {
                app: app.clone(),
                ringtone: Some(ringtone.id.clone()),
            })
        });
        told.collect()
    }

    /// The file of a ringtone.
    #[must_use]
    pub fn ringtone(&self, id: &MaterialId) -> Option<PathBuf> {
        let index = self.index.borrow();
        let mut ringtones = index
            .values()
            .filter_map(|files| files.get(&MaterialKind::Ringtone));
        let found = ringtones.find(|file| file.id == *id);
        found.map(|file| file.path.clone())
    }

    /// The file of an app's icon.
    #[must_use]
    pub fn icon(&self, app: &AppId) -> Option<PathBuf> {
        let index = self.index.borrow();
        let icon = index.get(app)?.get(&MaterialKind::Icon)?;
        Some(icon.path.clone())
    }

    /// The icons, and every change of them.
    #[must_use]
    pub fn icons(&self) -> watch::Receiver<Arc<Icons>> {
        self.icons.subscribe()
    }

    /// Publishes what is there after a change.
    fn publish(&self, index: Arc<Index>, change: Option<(&AppId, &[u8])>) {
        self.icons.send_modify(|icons| {
            let icons = Arc::make_mut(icons);
            if let Some((app, bytes)) = change.filter(|(_, bytes)| !bytes.is_empty()) {
                icons.insert(app.to_string(), icon(bytes));
            }
            // It may have been taken away, or another app may have given way.
            icons.retain(|app, _| {
                let files = AppId::new(app).and_then(|app| index.get(&app));
                files.is_some_and(|files| files.contains_key(&MaterialKind::Icon))
            });
        });
        self.index.send_replace(index);
    }
}

impl Keeper for Materials {
    fn bytes_max(&self, kind: MaterialKind) -> usize {
        self.limits.count(match kind {
            MaterialKind::Ringtone => Limit::RingtoneBytes,
            MaterialKind::Icon => Limit::IconBytes,
        })
    }

    fn keep(&self, app: &AppId, kind: MaterialKind, bytes: &[u8]) -> Result<Kept, KeepError> {
        if !bytes.is_empty() {
            check(&self.limits, kind, bytes).map_err(KeepError::Refused)?;
        }
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = shelf.put(app, kind, bytes).map_err(|error| {
            tracing::warn!(%error, %app, ?kind, "what an app brought along cannot be kept");
            KeepError::Disk("the disk of the daemon does not take it; make room".to_owned())
        })?;
        let change = (kind == MaterialKind::Icon).then_some((app, bytes));
        self.publish(shelf.index(), change);
        Ok(kept)
    }
}

fn check(limits: &Limits, kind: MaterialKind, bytes: &[u8]) -> Result<(), String> {
    match kind {
        MaterialKind::Ringtone => hookswitch_audio::check_sound(bytes)
            .map_err(|why| format!("the ringtone cannot be played: {why}")),
        MaterialKind::Icon => png::check(bytes, limits.count(Limit::IconPixels)),
    }
}

fn icon(bytes: &[u8]) -> Icon {
    Icon {
        version: shelf::name_of(bytes).to_string(),
        png: bytes.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str) -> AppId {
        AppId::new(name).expect("valid")
    }

    fn refused(result: Result<Kept, KeepError>) -> String {
        match result {
            Err(KeepError::Refused(why)) => why,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A tone of one second, as small as a WAV file can be.
    fn wav() -> Vec<u8> {
        let data = vec![0x11_u8; 16_000];
        let mut out = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        out.extend(8_000_u32.to_le_bytes());
        out.extend(16_000_u32.to_le_bytes());
        out.extend([2, 0, 16, 0]);
        out.extend(b"data");
        out.extend(16_000_u32.to_le_bytes());
        out.extend(data);
        out
    }

    #[test]
    fn what_was_kept_is_there_again_and_what_is_taken_away_is_gone() {
        let dir = tempfile::tempdir().expect("a folder");
        let open = || Materials::open(dir.path().to_owned(), Limits::default());
        let acme = app("org.example.Acme");
        let first = open();
        let kept = first
            .keep(&acme, MaterialKind::Ringtone, &wav())
            .expect("a sound");
        let ringtone = kept.id.expect("a name");
        first
            .keep(&acme, MaterialKind::Icon, &png::tests::png(40, 40, 6))
            .expect("a picture");
        let file = first.ringtone(&ringtone).expect("a file");
        assert_eq!(std::fs::read(file).expect("readable"), wav());
        let second = open();
        let told = Environment::Ringtone {
            app: acme.clone(),
            ringtone: Some(ringtone.clone()),
        };
        assert_eq!(second.ringtones(), [told]);
        assert!(second.icon(&acme).is_some_and(|path| path.exists()));
        assert_eq!(second.icons().borrow().len(), 1);
        let gone = second.keep(&acme, MaterialKind::Ringtone, b"");
        assert_eq!(gone, Ok(Kept::default()));
        assert_eq!(second.ringtone(&ringtone), None);
        second
            .keep(&acme, MaterialKind::Icon, b"")
            .expect("taken away");
        assert!(second.icons().borrow().is_empty());
        assert!(open().ringtones().is_empty());
    }

    #[test]
    fn what_is_refused_leaves_what_was_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let materials = Materials::open(dir.path().to_owned(), Limits::default());
        let acme = app("org.example.Acme");
        let kept = materials.keep(&acme, MaterialKind::Ringtone, &wav());
        let kept = kept.expect("a sound").id.expect("a name");
        let why = materials.keep(&acme, MaterialKind::Ringtone, b"OggS");
        assert!(refused(why).contains("no WAV"));
        assert!(materials.ringtone(&kept).is_some());
        let why = materials.keep(&acme, MaterialKind::Icon, &png::tests::png(40, 40, 2));
        assert!(refused(why).contains("alpha"));
        assert!(materials.icons().borrow().is_empty());
    }

    #[test]
    fn what_a_crash_left_behind_is_removed_and_the_newest_counts() {
        let dir = tempfile::tempdir().expect("a folder");
        let acme = app("org.example.Acme");
        let first = Materials::open(dir.path().to_owned(), Limits::default());
        let icon = |size| png::tests::png(size, size, 6);
        first
            .keep(&acme, MaterialKind::Icon, &icon(40))
            .expect("an icon");
        let old = first.icon(&acme).expect("a file");
        let bytes = std::fs::read(&old).expect("readable");
        first
            .keep(&acme, MaterialKind::Icon, &icon(80))
            .expect("an icon");
        let new = first.icon(&acme).expect("a file");
        // As if the daemon had died before it removed the former one, and in the middle of a third.
        std::fs::write(&old, bytes).expect("written");
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        let file = std::fs::File::options().append(true).open(&old);
        file.expect("there").set_modified(long_ago).expect("dated");
        let unfinished = old.with_file_name("new");
        std::fs::write(&unfinished, b"half").expect("written");
        let second = Materials::open(dir.path().to_owned(), Limits::default());
        assert_eq!(second.icon(&acme), Some(new));
        assert!(!old.exists() && !unfinished.exists());
    }

    #[test]
    fn damaged_and_foreign_files_are_left_out() {
        let dir = tempfile::tempdir().expect("a folder");
        let acme = app("org.example.Acme");
        let first = Materials::open(dir.path().to_owned(), Limits::default());
        let kept = first.keep(&acme, MaterialKind::Ringtone, &wav());
        let file = first.ringtone(&kept.expect("a sound").id.expect("a name"));
        std::fs::write(file.expect("a file"), b"RIFF").expect("written");
        std::fs::create_dir_all(dir.path().join("no app at all")).expect("a folder");
        std::fs::write(dir.path().join("stray"), b"x").expect("written");
        let second = Materials::open(dir.path().to_owned(), Limits::default());
        assert!(second.ringtones().is_empty());
    }
}
