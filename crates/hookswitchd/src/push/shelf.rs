//! The file of the pushes: tokens, strikes and completed pushes, for the next daemon.
//!
//! # Promises
//!
//! - **PS1** the file is replaced as a whole and is on the disk when writing returns.
//! - **PS2** a file that cannot be read is set aside and counts as empty: apps get their tokens
//!   again from the gateway.
//! - **PS3** after a restart of the machine, whose boot clock counts anew, a completed push is
//!   remembered for longer than needed, never shorter.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hookswitch_push_core::push::PushId;
use hookswitch_push_core::time::Boot;
use hookswitch_push_link::SavedDuty;
use hookswitch_wire::json::{KeptPushes, PUSHES_VERSION};

use crate::clock;

/// The file in the state directory.
const FILE: &str = "pushes.json";
/// Where the kernel says which start of the machine this is (random(4)).
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The place of the file.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    file: PathBuf,
}

impl Shelf {
    pub(super) fn new(dir: &Path) -> Self {
        let file = dir.join(FILE);
        Self { file }
    }

    /// What was kept; tokens of another gateway are worth nothing.
    pub(super) fn load(&self, gateway: &str) -> KeptPushes {
        let text = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return KeptPushes::default(),
            Err(error) => return self.damaged(&error.to_string()),
        };
        let mut kept: KeptPushes = match serde_json::from_str(&text) {
            Ok(kept) => kept,
            Err(error) => return self.damaged(&error.to_string()),
        };
        if kept.version != PUSHES_VERSION {
            return self.damaged("it is of another version");
        }
        if kept.gateway != gateway {
            for app in &mut kept.apps {
                app.tokens.values_mut().for_each(String::clear);
            }
        }
        kept
    }

    fn damaged(&self, why: &str) -> KeptPushes {
        let aside = self.file.with_extension("damaged");
        let moved = fs::rename(&self.file, &aside).is_ok();
        let kept_as = aside.display();
        tracing::error!(why, moved, %kept_as, "what was known of pushes cannot be read");
        KeptPushes::default()
    }

    /// Writes it all (PS1). May be slow.
    pub(super) fn write(&self, kept: &KeptPushes) -> io::Result<()> {
        let dir = self.file.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(dir)?;
        let fresh = self.file.with_extension("new");
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut writer = options.open(&fresh)?;
        serde_json::to_writer(&mut writer, kept)?;
        writer.flush()?;
        writer.sync_all()?;
        fs::rename(&fresh, &self.file)?;
        File::open(dir)?.sync_all()
    }
}

/// A document that says when it was written.
pub(super) fn dated(gateway: &str, now: Boot) -> KeptPushes {
    KeptPushes {
        version: PUSHES_VERSION,
        boot_id: boot_id(),
        boot_ms: now.0,
        at_ms: clock::stamp().wall.as_millis(),
        gateway: gateway.to_owned(),
        ..KeptPushes::default()
    }
}

fn boot_id() -> String {
    let id = fs::read_to_string(BOOT_ID).unwrap_or_default();
    id.trim().to_owned()
}

/// The completed pushes, by the boot clock of now (PS3).
pub(super) fn remembered(kept: &KeptPushes, now: Boot) -> Vec<(PushId, Boot)> {
    let same_boot = kept.boot_id == boot_id() && kept.boot_ms <= now.0;
    let until = |at: u64| match same_boot {
        true => Boot(at),
        false => now.plus(at.saturating_sub(kept.boot_ms)),
    };
    let completed = kept.completed.iter();
    let live = completed.filter_map(|(id, at)| Some((PushId::from_text(id)?, until(*at))));
    live.filter(|(_, until)| now < *until).collect()
}

/// The strikes of all apps, and how long ago they were written.
pub(super) fn duties(kept: &KeptPushes) -> Vec<(String, SavedDuty, u64)> {
    let ago = clock::stamp().wall.as_millis().saturating_sub(kept.at_ms);
    let ago = u64::try_from(ago).unwrap_or(0);
    let apps = kept.apps.iter();
    apps.map(|app| {
        let saved = (app.strike_ages_ms.clone(), app.stopped_for_ms);
        (app.app.clone(), saved, ago)
    })
    .collect()
}

/// Tokens without those that are not known yet.
pub(super) fn known(tokens: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let all = tokens.iter();
    all.map(|(service, token)| (service.as_str(), token.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back_and_another_gateway_gives_other_tokens() {
        let dir = tempfile::tempdir().expect("a directory");
        let shelf = Shelf::new(dir.path());
        assert_eq!(shelf.load("a:1"), KeptPushes::default());
        let mut kept = dated("a:1", Boot(7_000));
        kept.apps.push(hookswitch_wire::json::KeptPushApp {
            app: "org.example.Phone".to_owned(),
            tokens: [("voip".to_owned(), "00ff".to_owned())].into(),
            strike_ages_ms: vec![5],
            stopped_for_ms: Some(9),
        });
        shelf.write(&kept).expect("written");
        assert_eq!(shelf.load("a:1"), kept);
        assert_eq!(shelf.load("b:1").apps[0].tokens["voip"], "");
        fs::write(dir.path().join(FILE), "{").expect("written");
        assert_eq!(shelf.load("a:1"), KeptPushes::default());
        assert!(dir.path().join("pushes.damaged").exists());
    }

    #[test]
    fn a_completed_push_is_remembered_over_a_restart_of_the_machine() {
        let id = PushId([7; 16]);
        let mut kept = dated("a:1", Boot(1_000_000));
        kept.completed.push((id.to_string(), 1_060_000));
        assert_eq!(remembered(&kept, Boot(1_001_000)), [(id, Boot(1_060_000))]);
        assert_eq!(remembered(&kept, Boot(1_060_000)), []);
        // The boot clock begins again: the rest of its life counts from now.
        assert_eq!(remembered(&kept, Boot(5_000)), [(id, Boot(65_000))]);
        kept.boot_id = "another".to_owned();
        assert_eq!(remembered(&kept, Boot(2_000_000)), [(id, Boot(2_060_000))]);
    }
}
