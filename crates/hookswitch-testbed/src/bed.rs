//! The private folders that servers and programs of one test live in.
//!
//! Input: nothing. Output: a folder tree and the environment that points to it.
//!
//! # Promises
//!
//! - **D1** nothing of the user's own session is reachable through [`Bed::env`].

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::process::Pid;
use tempfile::TempDir;

/// Private `XDG_*` folders, removed on drop.
#[derive(Debug)]
pub struct Bed {
    folder: TempDir,
}

impl Bed {
    /// Makes the folders.
    ///
    /// # Panics
    ///
    /// When the temporary folder cannot be written.
    #[expect(clippy::new_without_default, reason = "making folders is no default")]
    pub fn new() -> Self {
        // Short, because socket paths end at 107 bytes.
        let folder = tempfile::Builder::new().prefix("hsw-").tempdir();
        let folder = folder.expect("a test needs a writable temporary folder");
        let bed = Self { folder };
        for name in ["run", "state", "config", "data", "cache", "home"] {
            let path = bed.path().join(name);
            fs::create_dir(&path).expect("a fresh folder takes folders");
            let private = fs::Permissions::from_mode(0o700);
            fs::set_permissions(&path, private).expect("we own the folder");
        }
        bed
    }

    /// The root of the private tree.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The private `XDG_RUNTIME_DIR`.
    pub fn runtime_dir(&self) -> PathBuf {
        self.path().join("run")
    }

    /// Programs of this name that run in this bed, whoever started them: a bus starts some too.
    pub fn running(&self, program: &str) -> Vec<Pid> {
        let mark = format!("XDG_RUNTIME_DIR={}", self.runtime_dir().display());
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ours = |place: &Path| {
            let exe = fs::read_link(place.join("exe")).ok()?;
            let environment = fs::read(place.join("environ")).ok()?;
            let mut pairs = environment.split(|byte| *byte == 0);
            let here = exe.file_name()? == program && pairs.any(|pair| pair == mark.as_bytes());
            let pid = place.file_name()?.to_str()?.parse().ok()?;
            here.then(|| Pid::from_raw(pid)).flatten()
        };
        pids.filter_map(|entry| ours(&entry.path())).collect()
    }

    /// The environment for every program of the test. Bus and audio server add their own.
    pub fn env(&self) -> Vec<(String, String)> {
        let folder = |name: &str| self.path().join(name).to_string_lossy().into_owned();
        [
            ("HOME", folder("home")),
            ("XDG_RUNTIME_DIR", folder("run")),
            ("XDG_STATE_HOME", folder("state")),
            ("XDG_CONFIG_HOME", folder("config")),
            ("XDG_DATA_HOME", folder("data")),
            ("XDG_CACHE_HOME", folder("cache")),
            // Unset in effect: without a bus of its own a program must not find the user's.
            ("DBUS_SESSION_BUS_ADDRESS", String::new()),
            (
                "PULSE_SERVER",
                format!("unix:{}/pulse/native", folder("run")),
            ),
            ("PIPEWIRE_REMOTE", format!("{}/pipewire-0", folder("run"))),
            ("LC_ALL", "C.UTF-8".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
