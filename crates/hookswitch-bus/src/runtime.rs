//! The daemon's runtime directory: where others find the bus and the calling UI.
//!
//! # Promises
//!
//! - **D1** the directory is ours alone (0700, our own user id), or it is refused.
//! - **D2** a file in it appears whole, readable for our user only, and replaces a stale one.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hookswitch_wire::dbus::runtime_dir;

use crate::error::EdgeError;

/// The directory, checked.
#[derive(Clone, Debug)]
pub struct RuntimeDir(PathBuf);

impl RuntimeDir {
    /// Finds and creates the directory of this user.
    ///
    /// # Errors
    ///
    /// [`EdgeError::File`] if it cannot be made or belongs to someone else.
    pub fn prepare() -> Result<Self, EdgeError> {
        let xdg = std::env::var_os("XDG_RUNTIME_DIR");
        let uid = rustix::process::getuid().as_raw();
        Self::prepare_at(runtime_dir(xdg.as_deref(), uid), uid)
    }

    /// Makes the directory elsewhere, for a bus beside that of the user.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`].
    pub fn prepare_in(path: PathBuf) -> Result<Self, EdgeError> {
        Self::prepare_at(path, rustix::process::getuid().as_raw())
    }

    fn prepare_at(path: PathBuf, uid: u32) -> Result<Self, EdgeError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
        let checked = made.and_then(|()| check_ours(&path, uid));
        match checked {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(EdgeError::File { path, source }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads a file, if it is there.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.0.join(name)).ok()
    }

    /// Writes a file, in place of a stale one.
    ///
    /// # Errors
    ///
    /// [`EdgeError::File`] if that is not possible.
    pub fn write(&self, name: &str, content: &str) -> Result<(), EdgeError> {
        let path = self.0.join(name);
        let fresh = self.0.join(format!("{name}.new"));
        write_new(&fresh, content)
            .and_then(|()| fs::rename(&fresh, &path))
            .map_err(|source| EdgeError::File { path, source })
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) {
        let path = self.0.join(name);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(path = %path.display(), %error, "could not remove"),
        }
    }
}

fn check_ours(path: &Path, uid: u32) -> io::Result<()> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_dir() || about.uid() != uid || about.mode() & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "must be a directory of this user that nobody else can enter (chmod 700)",
        ));
    }
    Ok(())
}

fn write_new(path: &Path, content: &str) -> io::Result<()> {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_private_and_replaces_a_stale_one() {
        let base = tempfile::tempdir().expect("a directory");
        let uid = rustix::process::getuid().as_raw();
        let dir = RuntimeDir::prepare_at(base.path().join("run"), uid).expect("ours");
        dir.write("http", "stale").expect("written");
        dir.write("http", "fresh").expect("written");
        assert_eq!(dir.read("http").as_deref(), Some("fresh"));
        let mode = fs::metadata(dir.path().join("http")).expect("there").mode();
        assert_eq!(mode & 0o777, 0o600);
        dir.remove("http");
        assert_eq!(dir.read("http"), None);
    }

    #[test]
    fn a_directory_that_others_can_enter_is_refused() {
        let base = tempfile::tempdir().expect("a directory");
        let path = base.path().join("run");
        DirBuilder::new().mode(0o755).create(&path).expect("made");
        let uid = rustix::process::getuid().as_raw();
        assert!(RuntimeDir::prepare_at(path.clone(), uid).is_err());
        assert!(RuntimeDir::prepare_at(path, uid + 1).is_err());
    }
}
