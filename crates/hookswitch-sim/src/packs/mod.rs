//! The shipped packs: which items there are, which scenario plays which, and what is outstanding.
//!
//! The program that has a command line carries the files ([`Shipped`]), so that they can be played
//! anywhere.
//!
//! # Promises
//!
//! - **P1** an item is played by a file that says so, or names the engine that it waits for.
//! - **P2** a file that plays an item cites its public source.

mod catalogue;

use std::borrow::Cow;
use std::path::Path;
use std::{fs, io};

use crate::scenario::{Scenario, parse};

/// A part of the system that stories cannot play yet.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Engine {
    /// Wake-up pushes.
    Push,
    /// Blocking and identification lists.
    Directory,
    /// Private caller-ID lookup.
    Lookup,
    /// Observers on a real bus; until then the daemon's own tests show it.
    Bus,
}

impl Engine {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 4] = [Self::Push, Self::Directory, Self::Lookup, Self::Bus];

    /// Its name in print.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Directory => "directory",
            Self::Lookup => "lookup",
            Self::Bus => "bus",
        }
    }
}

/// One item of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Its number, as `covers` lines write it.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
    /// The engine without which it cannot be played.
    pub needs: Option<Engine>,
}

impl Shipped {
    /// A file that is part of the program.
    #[must_use]
    pub const fn of(path: &'static str, text: &'static str) -> Self {
        Self {
            path: Cow::Borrowed(path),
            text: Cow::Borrowed(text),
        }
    }
}

/// Items that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it holds.
    pub about: &'static str,
    /// Its items, in order.
    pub items: &'static [Item],
}

/// A scenario file that is part of this program.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// Its path below `scenarios/`.
    pub path: Cow<'static, str>,
    /// What it says.
    pub text: Cow<'static, str>,
}

/// All packs.
#[must_use]
pub fn packs() -> &'static [Pack] {
    &catalogue::PACKS
}

/// The items of all packs.
pub fn items() -> impl Iterator<Item = &'static Item> {
    packs().iter().flat_map(|pack| pack.items)
}

/// Finds an item by its number.
#[must_use]
pub fn item(id: &str) -> Option<&'static Item> {
    items().find(|item| item.id == id)
}

/// Reads all scenario files below a folder, as if they were shipped.
///
/// # Errors
///
/// If the folder or a file cannot be read.
pub fn from_folder(root: &Path) -> io::Result<Vec<Shipped>> {
    let mut files = Vec::new();
    for file in crate::cli::find(&[root.to_owned()])? {
        let path = file.strip_prefix(root).unwrap_or(&file);
        files.push(Shipped {
            path: path.display().to_string().into(),
            text: fs::read_to_string(&file)?.into(),
        });
    }
    Ok(files)
}

/// A story that plays an item.
#[derive(Debug)]
pub struct Played<'a> {
    /// Its file.
    pub file: &'a Shipped,
    /// What it says, read.
    pub story: Scenario,
}

/// Reads the files and keeps those that play an item.
///
/// # Errors
///
/// File, line and reason if one cannot be read.
pub fn read(files: &[Shipped]) -> Result<Vec<Played<'_>>, String> {
    let mut played = Vec::new();
    for file in files {
        let story = parse(&file.text).map_err(|why| format!("{}:{why}", file.path))?;
        if !story.covers.is_empty() {
            played.push(Played { file, story });
        }
    }
    Ok(played)
}

/// The files that play an item.
#[must_use]
pub fn files_of<'a>(id: &str, played: &[Played<'a>]) -> Vec<&'a str> {
    let plays = |p: &&Played<'a>| p.story.covers.iter().any(|known| known == id);
    let path = |p: &Played<'a>| p.file.path.as_ref();
    played.iter().filter(plays).map(path).collect()
}
