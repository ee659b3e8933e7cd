//! The `hookswitch sim` commands: run, parse and format scenario files, explore seeds.
//!
//! The program that has a command line delegates to [`run`]; it owns no logic of its own.

mod coverage;
mod explore;
mod fmt;
mod packs;
mod parse;
mod picture;
mod replay;
mod run;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;

pub use self::coverage::CoverageArgs;
pub use self::explore::{ExploreArgs, FuzzArgs};
pub use self::fmt::FmtArgs;
pub use self::packs::PacksArgs;
pub use self::parse::ParseArgs;
pub use self::picture::PictureArgs;
pub use self::replay::{CutArgs, ReplayArgs};
pub use self::run::{RunArgs, failure_text};
use crate::outside::{Hosts, NoHosts};
use crate::packs::Shipped;
use crate::scenario::{self, Scenario, from_json};

/// The commands of the simulator.
#[derive(Debug, Subcommand)]
pub enum SimCommand {
    /// Play scenario files and check what they expect.
    Run(RunArgs),
    /// Read a scenario file and say what is wrong with it, or write its JSON form.
    Parse(ParseArgs),
    /// Show or play the scenario packs that are part of this program.
    Packs(PacksArgs),
    /// Rewrite scenario files in their canonical form.
    Fmt(FmtArgs),
    /// Draw a trace: timeline and audio ownership as SVG or HTML, or another form.
    Picture(PictureArgs),
    /// Play a recording again on a fresh core, and show where it goes another way.
    Replay(ReplayArgs),
    /// Cut a recording into a story that can be kept.
    Cut(CutArgs),
    /// Play random worlds from seeds and check the laws.
    Explore(ExploreArgs),
    /// Play inputs of a fuzzer, each the bytes of one random world.
    Fuzz(FuzzArgs),
    /// Count which events met a call in which state, and list what was never met.
    Coverage(CoverageArgs),
}

/// A whole command line, for [`main`].
#[derive(Debug, Parser)]
#[command(name = "hookswitch sim", about = "Play call scenarios in virtual time")]
struct Line {
    #[command(subcommand)]
    command: SimCommand,
}

/// Reads the arguments after `hookswitch sim` and carries them out.
#[must_use]
pub fn main(args: &[OsString], shipped: &[Shipped]) -> ExitCode {
    let name = OsString::from("hookswitch sim");
    match Line::try_parse_from(std::iter::once(&name).chain(args)) {
        Ok(line) => run(line.command, false, shipped, &NoHosts),
        Err(error) => {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// Carries out one command: 0 all is well, 1 an expectation failed, 2 a file could not be read.
/// With `json`, results and errors are JSON documents. `shipped` are the files of the packs,
/// `hosts` serves apps under test on D-Bus.
#[must_use]
pub fn run(command: SimCommand, json: bool, shipped: &[Shipped], hosts: &dyn Hosts) -> ExitCode {
    let mut out = io::stdout().lock();
    let result = match command {
        SimCommand::Run(args) => run::run_files(&args, hosts, &mut out),
        SimCommand::Packs(args) => packs::show_packs(&args, json, shipped, &mut out),
        SimCommand::Parse(args) => parse::parse_file(&args, &mut out),
        SimCommand::Fmt(args) => fmt::format_files(&args, json, &mut out),
        SimCommand::Picture(args) => picture::draw(&args, &mut out),
        SimCommand::Replay(args) => replay::replay_file(&args, json, &mut out),
        SimCommand::Cut(args) => replay::cut_file(&args, &mut out),
        SimCommand::Explore(args) => explore::explore_seeds(&args, json, &mut out),
        SimCommand::Fuzz(args) => explore::fuzz_files(&args, json, &mut out),
        SimCommand::Coverage(args) => coverage::show_coverage(&args, json, shipped, &mut out),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Problem::Io(why)) if why.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(problem) => {
            if json {
                eprintln!(
                    "{}",
                    json!({ "error": "Failed", "message": problem.to_string() })
                );
            } else {
                eprintln!("hookswitch sim: {problem}");
            }
            ExitCode::from(2)
        }
    }
}

/// Why a command could not be carried out.
#[derive(Debug)]
enum Problem {
    Io(io::Error),
    Text(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(why) => write!(f, "{why}"),
            Self::Text(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Problem {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

/// Reads a scenario file, in either form.
///
/// # Errors
///
/// A sentence with file, line and column.
pub fn load(path: &Path) -> Result<Scenario, String> {
    let shown = path.display();
    let text = read_text(path)?;
    if path.extension().is_some_and(|ext| ext == "json") {
        from_json(&text).map_err(|why| format!("{shown}: {why}"))
    } else {
        scenario::parse(&text).map_err(|why| format!("{shown}:{why}"))
    }
}

/// Reads a file of text.
fn read_text(path: &Path) -> Result<String, String> {
    let shown = path.display();
    fs::read_to_string(path).map_err(|why| {
        if why.kind() == io::ErrorKind::NotFound {
            format!("there is no file {shown}")
        } else if why.kind() == io::ErrorKind::InvalidData {
            format!("{shown} is no text in UTF-8")
        } else {
            format!("{shown} cannot be read: {why}")
        }
    })
}

/// All scenario files under the paths, sorted.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn find(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders.push(path.clone());
        } else {
            files.push(path.clone());
        }
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "hsw") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn nothing_in(folders: &[PathBuf]) -> String {
    let folders = folders.iter().map(|folder| folder.display().to_string());
    let folders = folders.collect::<Vec<_>>().join(", ");
    format!("no .hsw file in {folders}; name a scenario file, or a folder with some")
}

/// Reads a time as scenario files write it.
fn span(text: &str) -> Result<Duration, String> {
    scenario::read_span(text).ok_or_else(|| "a time is written 90s, 10m or 1h30m".to_owned())
}

/// "1 call", "2 calls".
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
