//! Who is behind a connection: the process, and the sandbox it lives in.
//!
//! Input: what the bus driver knows of a connection, and the process' own entry in `/proc`.
//! Output: a [`Sandbox`], and whether it allows an app id.
//!
//! # Promises
//!
//! - **I1** nothing that the caller says about itself counts: the bus knows the process, and what
//!   marks a sandbox is put there by Flatpak or the kernel, not by the app.
//! - **I2** a process that goes away, or whose number is given to another one meanwhile, is not
//!   mistaken: it is looked at before and after, and refused if it changed.
//! - **I3** a sandbox that cannot be read allows nothing.
//!
//! # Sources
//!
//! Flatpak's manual, `flatpak-metadata`: `/.flatpak-info` in the root of each sandbox, with `name`
//! in `[Application]`. Snap's documentation: the AppArmor label `snap.NAME.APP` and control groups
//! `snap.NAME.APP.scope` or `.service`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use hookswitch_model::AppId;

/// Longest file that is read of a process.
const FILE_MAX: u64 = 64 * 1024;

/// What a process lives in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Sandbox {
    /// None: it can do what its user can.
    None,
    /// A Flatpak with this id.
    Flatpak(String),
    /// A Snap with this name.
    Snap(String),
}

impl Sandbox {
    /// Whether a process in it may offer this app. A Flatpak may use names below its id, as its own
    /// bus policy does; a Snap has a name without dots, which is compared with the last element.
    pub(crate) fn allows(&self, app: &AppId) -> bool {
        let app = app.as_str();
        match self {
            Self::None => true,
            Self::Flatpak(id) => app
                .strip_prefix(id.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
            Self::Snap(name) => app
                .rsplit('.')
                .next()
                .is_some_and(|last| last.eq_ignore_ascii_case(name)),
        }
    }

    /// Its name in the user's grants: the id of a Flatpak, `snap.NAME` of a Snap.
    pub(crate) fn app(&self) -> Option<AppId> {
        match self {
            Self::None => None,
            Self::Flatpak(id) => AppId::new(id),
            Self::Snap(name) => AppId::new(&format!("snap.{name}")),
        }
    }

    /// How lists name it.
    pub(crate) fn tag(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Flatpak(id) => Some(format!("flatpak:{id}")),
            Self::Snap(name) => Some(format!("snap:{name}")),
        }
    }

    /// What it is called for the developer of a refused app.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::None => "no sandbox".to_owned(),
            Self::Flatpak(id) => format!("the Flatpak {id}"),
            Self::Snap(name) => format!("the Snap {name}"),
        }
    }
}

/// Looks at the sandbox of a process.
///
/// # Errors
///
/// If the process is gone, or what marks its sandbox cannot be read (I3).
pub(crate) fn sandbox_of(proc: &Path, pid: u32) -> io::Result<Sandbox> {
    let process = proc.join(pid.to_string());
    let before = started(&process)?;
    let sandbox = look(&process)?;
    if started(&process)? != before {
        return Err(io::Error::new(ErrorKind::NotFound, "another process"));
    }
    Ok(sandbox)
}

/// Where processes are described.
pub(crate) fn proc() -> PathBuf {
    PathBuf::from("/proc")
}

fn look(process: &Path) -> io::Result<Sandbox> {
    match read(&process.join("root/.flatpak-info")) {
        Ok(text) => return flatpak(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let groups = read(&process.join("cgroup"))?;
    Ok(snap(&groups).map_or(Sandbox::None, Sandbox::Snap))
}

/// The time at which a process started, in ticks since boot: field 22 of `stat` (proc(5)). Its name
/// in field 2 may hold anything, but ends with the last parenthesis.
fn started(process: &Path) -> io::Result<String> {
    let stat = read(&process.join("stat"))?;
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest);
    let start = fields.and_then(|rest| rest.split_whitespace().nth(19));
    let odd = || io::Error::new(ErrorKind::InvalidData, "not a process");
    start.map(str::to_owned).ok_or_else(odd)
}

fn read(path: &Path) -> io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    fs::File::open(path)?
        .take(FILE_MAX)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// `name` in the group `[Application]` of a key file.
fn flatpak(text: &str) -> io::Result<Sandbox> {
    let mut in_group = false;
    for line in text.lines() {
        if line.starts_with('[') {
            in_group = line.trim_end() == "[Application]";
        } else if in_group
            && let Some((key, value)) = line.split_once('=')
            && key.trim_end() == "name"
        {
            return Ok(Sandbox::Flatpak(value.trim().to_owned()));
        }
    }
    let text = "a Flatpak that is not an application";
    Err(io::Error::new(ErrorKind::InvalidData, text))
}

/// The Snap of a process by its control groups.
fn snap(groups: &str) -> Option<String> {
    let mut parts = groups.lines().flat_map(|line| line.split('/'));
    parts.find_map(|part| {
        let unit = part
            .strip_suffix(".scope")
            .or_else(|| part.strip_suffix(".service"))?;
        let (name, _app) = unit.strip_prefix("snap.")?.split_once('.')?;
        Some(name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "[Instance]\nname=org.example.Wrong\n[Application]\n\
        name=org.example.Phone\nruntime=runtime/org.example.Platform/x86_64/1\n";
    const STAT: &str = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 4711 1 1";

    fn process(files: &[(&str, &str)]) -> (tempfile::TempDir, io::Result<Sandbox>) {
        let proc = tempfile::tempdir().expect("a folder");
        let dir = proc.path().join("7");
        fs::create_dir_all(dir.join("root")).expect("a folder");
        for (name, text) in files {
            fs::write(dir.join(name), text).expect("written");
        }
        let sandbox = sandbox_of(proc.path(), 7);
        (proc, sandbox)
    }

    fn app(id: &str) -> AppId {
        AppId::new(id).expect("valid")
    }

    #[test]
    fn a_flatpak_may_offer_its_own_id_and_names_below_it() {
        let files = [
            ("stat", STAT),
            ("cgroup", "0::/x\n"),
            ("root/.flatpak-info", INFO),
        ];
        let sandbox = process(&files).1.expect("readable");
        assert_eq!(sandbox, Sandbox::Flatpak("org.example.Phone".to_owned()));
        assert!(sandbox.allows(&app("org.example.Phone")));
        assert!(sandbox.allows(&app("org.example.Phone.Calls")));
        assert!(!sandbox.allows(&app("org.example.PhoneTwo")));
        assert!(!sandbox.allows(&app("org.example.Other")));
    }

    #[test]
    fn a_snap_may_offer_the_app_of_its_name() {
        let group = "0::/user.slice/app.slice/snap.phone.main-3e.scope\n";
        let files = [("stat", STAT), ("cgroup", group)];
        let sandbox = process(&files).1.expect("readable");
        assert_eq!(sandbox, Sandbox::Snap("phone".to_owned()));
        assert!(sandbox.allows(&app("org.example.Phone")));
        assert!(!sandbox.allows(&app("org.example.Other")));
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_an_ordinary_process_is_free() {
        let plain = process(&[("stat", STAT), ("cgroup", "0::/user.slice\n")]).1;
        assert_eq!(plain.expect("readable"), Sandbox::None);
        let odd = [
            ("stat", STAT),
            ("cgroup", ""),
            ("root/.flatpak-info", "[Runtime]\n"),
        ];
        assert!(process(&odd).1.is_err());
        assert!(process(&[("cgroup", "")]).1.is_err(), "gone");
    }
}
