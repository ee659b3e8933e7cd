//! Files on a real disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::{Bytes, Files, Output};
use crate::map::Mapped;

/// A directory on a disk.
#[derive(Clone, Debug)]
pub struct RealFiles {
    path: PathBuf,
}

impl RealFiles {
    /// Opens a directory, and makes it if it is not there; only its owner may enter it.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(path)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    fn options() -> OpenOptions {
        let mut options = File::options();
        options.write(true).create(true).mode(0o600);
        options
    }
}

impl Files for RealFiles {
    type Output = RealOutput;

    fn create(&self, name: &str) -> io::Result<RealOutput> {
        // A new file, never one that is cut: the old one may be mapped.
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let file = Self::options()
            .create_new(true)
            .open(self.path.join(name))?;
        Ok(RealOutput(file))
    }

    fn append(&self, name: &str, len: u64) -> io::Result<RealOutput> {
        let mut file = Self::options().truncate(false).open(self.path.join(name))?;
        file.set_len(len)?;
        file.seek(SeekFrom::Start(len))?;
        Ok(RealOutput(file))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path.join(name))
    }

    fn map(&self, name: &str) -> io::Result<Bytes> {
        let file = File::open(self.path.join(name))?;
        Ok(Arc::new(Mapped::of(&file)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn sync_names(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

/// A file on a disk.
#[derive(Debug)]
pub struct RealOutput(File);

impl Output for RealOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}
