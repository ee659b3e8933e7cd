//! The handful of things that are done with files, so that a test can stand in for a disk.

use std::io;
use std::sync::Arc;

/// The bytes of a file that stay as they are, as long as somebody holds them.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// The directory of one extension.
///
/// Names have no slash. What is written is in the file at once and on the disk after
/// [`Output::sync`]; a name is on the disk after [`Files::sync_names`].
pub trait Files: Clone + Send + Sync + 'static {
    /// A file being written.
    type Output: Output;

    /// Creates a file, or empties the one of that name.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn create(&self, name: &str) -> io::Result<Self::Output>;

    /// Opens a file for appending behind its first `len` bytes; what is behind them goes.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn append(&self, name: &str, len: u64) -> io::Result<Self::Output>;

    /// Reads a small file.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Maps a file that is never changed.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn map(&self, name: &str) -> io::Result<Bytes>;

    /// Gives a file another name, in place of the file that has it.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// The names of all files.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Waits until the names are on the disk.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn sync_names(&self) -> io::Result<()>;
}

/// A file being written.
pub trait Output: Send {
    /// Appends.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    ///
    /// As the disk says.
    fn sync(&mut self) -> io::Result<()>;
}
