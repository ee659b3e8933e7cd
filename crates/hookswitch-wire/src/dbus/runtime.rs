//! Where the daemon leaves the files by which others find it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The file that holds the address of the private bus, below [`runtime_dir`].
pub const BUS_FILE: &str = "bus";
/// The file that holds URL and token of the HTTP interface, below [`runtime_dir`].
pub const HTTP_FILE: &str = "http";

/// The daemon's directory: `$XDG_RUNTIME_DIR/hookswitch`, or `/tmp/hookswitch-<uid>` when that is
/// unset, empty or relative (XDG Base Directory specification 0.8: relative paths are ignored).
///
/// Pure: the caller passes the variable and its user id in. Who reads from the second form must
/// check that the directory belongs to this user, for anyone can write to `/tmp`.
#[must_use]
pub fn runtime_dir(xdg_runtime_dir: Option<&OsStr>, uid: u32) -> PathBuf {
    match xdg_runtime_dir.map(Path::new) {
        Some(dir) if dir.is_absolute() => dir.join("hookswitch"),
        Some(_) | None => PathBuf::from(format!("/tmp/hookswitch-{uid}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_follows_the_session() {
        let check = |xdg: Option<&str>, want: &str| {
            assert_eq!(runtime_dir(xdg.map(OsStr::new), 7), Path::new(want));
        };
        check(Some("/run/user/7"), "/run/user/7/hookswitch");
        check(None, "/tmp/hookswitch-7");
        check(Some(""), "/tmp/hookswitch-7");
        check(Some("run"), "/tmp/hookswitch-7");
    }
}
