//! Inputs kept as files: one file per input, named by its bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::dice::mix;
use super::search::CORPUS_MAX;

/// The ending of the name of a kept input.
pub const EXTENSION: &str = "world";

/// Largest file that is read as an input, in bytes.
const INPUT_MAX: u64 = 64 * 1024;

/// Reads the inputs of a folder, in order of their names.
///
/// # Errors
///
/// If the folder or a file cannot be read.
pub fn read(folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ext| ext == EXTENSION) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.truncate(CORPUS_MAX);
    paths
        .into_iter()
        .map(|path| read_input(&path).map(|bytes| (path, bytes)))
        .collect()
}

/// Reads one input.
///
/// # Errors
///
/// If it cannot be read or is no input.
pub fn read_input(path: &Path) -> io::Result<Vec<u8>> {
    let length = fs::metadata(path)?.len();
    if length > INPUT_MAX {
        let text = format!(
            "{} has {length} bytes; an input has at most {INPUT_MAX}",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    fs::read(path)
}

/// Keeps an input under a name that its bytes give.
///
/// # Errors
///
/// If it cannot be written.
pub fn keep(folder: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let sum = bytes.iter().fold(bytes.len() as u64, |sum, byte| {
        mix(sum.wrapping_mul(257).wrapping_add(u64::from(*byte)), "")
    });
    let path = folder.join(format!("{sum:016x}.{EXTENSION}"));
    fs::create_dir_all(folder)?;
    fs::write(&path, bytes)?;
    Ok(path)
}
