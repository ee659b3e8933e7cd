//! The user's contacts: vCard files that the configuration names, loaded as the list
//! [`CONTACTS`].
//!
//! # Promises
//!
//! - **CT1** they are read when the daemon starts and when they have changed since
//!   ([`LOOK_EACH`]); files that cannot be read leave what was known.
//! - **CT2** reading them keeps no call waiting.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hookswitch_bus::DirectoryPort;
use hookswitch_directory::lists::{
    Bare, Collected, Format, ListReader, NoPlan, NumberingPlan, Reading,
};
use hookswitch_number::Numbers;
use tokio::time::Instant;

use super::import;
use super::shelf::CONTACTS;

/// So often the files are looked at.
pub const LOOK_EACH: Duration = Duration::from_secs(60);
/// Longest time until what was read is handed over.
const LOAD_MAX: Duration = Duration::from_secs(120);
/// Most files of one folder.
const FILES_MAX: usize = 100_000;
/// Most bytes of one file.
const FILE_MAX: u64 = 256 << 20;

/// What the files were when they were looked at: how many, how long, and the newest change.
type Mark = (usize, u64, Option<SystemTime>);

/// Follows the files and folders until the daemon ends.
pub async fn follow(paths: Vec<PathBuf>, regions: Vec<String>, port: DirectoryPort) {
    if paths.is_empty() {
        return;
    }
    let mut known = None;
    loop {
        let (places, plans, before) = (paths.clone(), regions.clone(), known);
        let read = tokio::task::spawn_blocking(move || read_changed(&places, &plans, before));
        if let Ok(Some((mark, contacts))) = read.await {
            match import::load(CONTACTS, &contacts, Instant::now() + LOAD_MAX, &port).await {
                Ok(_) => {
                    known = Some(mark);
                    tracing::info!(names = contacts.names.len(), "contacts were read");
                }
                // Its message may hold a number.
                Err(refusal) => {
                    let why = refusal.error;
                    tracing::warn!(
                        why,
                        "contacts are not kept; they are read again in a minute"
                    );
                }
            }
        }
        tokio::time::sleep(LOOK_EACH).await;
    }
}

fn read_changed(
    paths: &[PathBuf],
    regions: &[String],
    before: Option<Mark>,
) -> Option<(Mark, Collected)> {
    let files = files(paths);
    let mark = mark(&files);
    if before == Some(mark) {
        return None;
    }
    let numbers = (!regions.is_empty()).then(|| Numbers::new(regions).ok());
    let numbers = numbers.flatten();
    let plan: &dyn NumberingPlan = numbers.as_ref().map_or(&NoPlan, |numbers| numbers as _);
    let bare = match numbers {
        Some(_) => Bare::National,
        None => Bare::WithCode,
    };
    let mut found = Collected::default();
    for file in files {
        if !is_readable(&file) {
            // Its name may be a person's.
            tracing::warn!("a file of contacts is not there, no file, or larger than 256 MiB");
            return None;
        }
        match std::fs::read(&file) {
            Ok(bytes) => {
                let mut reader = ListReader::new(Format::VCard, Reading { bare, plan });
                let mut visit = |event: hookswitch_directory::lists::Event<'_>| {
                    found.take(&event, true);
                };
                reader.feed(&bytes, &mut visit);
                reader.finish(&mut visit);
            }
            Err(error) => {
                // Its name may be a person's.
                tracing::warn!(%error, "a file of contacts cannot be read");
                return None;
            }
        }
    }
    found.sort();
    Some((mark, found))
}

/// The files, and those in the folders that end in `.vcf`.
fn files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for path in paths {
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let entries = entries.flatten().map(|entry| entry.path());
                all.extend(entries.filter(|path| is_card(path)).take(FILES_MAX));
            }
            Err(_) => all.push(path.clone()),
        }
    }
    all.sort();
    all
}

fn is_card(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("vcf")) && is_readable(path)
}

/// Whether reading it ends: it is a file, and not too long.
fn is_readable(path: &Path) -> bool {
    let about = path.metadata();
    about.is_ok_and(|about| about.is_file() && about.len() <= FILE_MAX)
}

fn mark(files: &[PathBuf]) -> Mark {
    let (mut bytes, mut newest) = (0, None);
    for data in files.iter().filter_map(|file| file.metadata().ok()) {
        bytes += data.len();
        newest = newest.max(data.modified().ok());
    }
    (files.len(), bytes, newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Kowalska\r\n\
                        TEL:+44 7700 900123\r\nTEL:020 7946 0123\r\nEND:VCARD\r\n";

    #[test]
    fn cards_of_files_and_folders_are_read_once_and_again_when_they_change() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("ana.vcf"), CARD).expect("written");
        std::fs::write(dir.path().join("other.txt"), CARD.repeat(2)).expect("written");
        let paths = [dir.path().to_owned()];
        let (seen, found) = read_changed(&paths, &["GB".to_owned()], None).expect("contacts");
        let numbers: Vec<u64> = found.names.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [442_079_460_123, 447_700_900_123]);
        assert_eq!(&*found.names[0].1, "Ana Kowalska");
        assert!(read_changed(&paths, &[], Some(seen)).is_none());
        std::fs::write(dir.path().join("ana.vcf"), CARD.repeat(2)).expect("written");
        assert!(read_changed(&paths, &[], Some(seen)).is_some());
        let missing = [dir.path().join("missing.vcf")];
        assert!(read_changed(&missing, &[], None).is_none());
    }
}
