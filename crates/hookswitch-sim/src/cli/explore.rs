//! `hookswitch sim explore` and `sim fuzz`: random worlds from seeds, from a corpus, from files.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::{Problem, counted, span};
use crate::coverage;
use crate::explore::search::{Plan, Search};
use crate::explore::{Found, Mode, corpus, explore_bytes};

/// What to explore.
#[derive(Args, Debug)]
pub struct ExploreArgs {
    /// How many worlds.
    #[arg(long, default_value_t = 1000)]
    worlds: u64,
    /// About how many acts each.
    #[arg(long, default_value_t = 100)]
    acts: usize,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When faults happen: all the time, or until the world must heal.
    #[arg(long, value_enum, default_value_t)]
    mode: Mode,
    /// Replay the inputs of this folder first, vary them, and keep there what meets something new.
    #[arg(long, value_name = "FOLDER")]
    corpus: Option<PathBuf>,
    /// At the end, delete the inputs of the folder that others make needless.
    #[arg(long, requires = "corpus")]
    prune: bool,
    /// Stop after this real time, such as 90s or 10m, even if worlds are left.
    #[arg(long, value_name = "TIME", value_parser = span)]
    time_limit: Option<Duration>,
    /// Go on after a broken law, and show one story per law.
    #[arg(long)]
    keep_going: bool,
}

/// Which inputs to play.
#[derive(Args, Debug)]
pub struct FuzzArgs {
    /// Files with the bytes of one world each, as a fuzzer writes them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// One broken law per kind, as text.
#[derive(Default)]
struct Broken {
    laws: Vec<String>,
    stories: Vec<String>,
}

impl Broken {
    fn add(&mut self, found: &Found, json: bool, out: &mut impl Write) -> Result<(), Problem> {
        if self.laws.contains(&found.failure.expected) {
            return Ok(());
        }
        if !json {
            writeln!(out, "{found}")?;
            writeln!(out, "---- played by {}", version())?;
        }
        self.stories.push(found.to_string());
        self.laws.push(found.failure.expected.clone());
        Ok(())
    }

    fn verdict(&self) -> String {
        match self.laws.len() {
            0 => "no law broken".to_owned(),
            1 => "1 law broken".to_owned(),
            count => format!("{count} laws broken"),
        }
    }
}

pub(super) fn explore_seeds(
    args: &ExploreArgs,
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    if args.worlds == 0 && args.corpus.is_none() {
        let why = "--worlds 0 plays nothing; name a number, or a --corpus to replay";
        return Err(Problem::Text(why.to_owned()));
    }
    let began = Instant::now();
    // A core that stops at a broken promise is a finding, told as a story.
    std::panic::set_hook(Box::new(|_| {}));
    let mut search = Search::new(Plan {
        seed: args.seed,
        acts: args.acts,
        mode: args.mode,
        guided: args.corpus.is_some(),
    });
    let mut broken = Broken::default();
    let replayed = replay(args, &mut search, &mut broken, json, out)?;
    let mut progress = Progress::new(began, json);
    let may_go_on = |broken: &Broken| broken.laws.is_empty() || args.keep_going;
    while search.played() < args.worlds && may_go_on(&broken) {
        if args
            .time_limit
            .is_some_and(|limit| began.elapsed() >= limit)
        {
            break;
        }
        if let Err(found) = search.next_world() {
            progress.clear();
            broken.add(&found, json, out)?;
        }
        progress.show(search.played(), args.worlds);
    }
    progress.clear();
    let fresh = search.fresh();
    if let Some(folder) = &args.corpus {
        for bytes in &fresh {
            corpus::keep(folder, bytes)?;
        }
        if args.prune {
            prune(folder, &search)?;
        }
    }
    let kept = (replayed, fresh.len());
    report(&search, kept, &broken, began.elapsed(), json, out)?;
    Ok(broken.laws.is_empty())
}

/// Deletes inputs that others make needless.
fn prune(folder: &Path, search: &Search) -> Result<(), Problem> {
    let needed = search.needed();
    for (path, bytes) in corpus::read(folder)? {
        if !needed.contains(&bytes.as_slice()) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Plays the kept inputs; returns how many there are.
fn replay(
    args: &ExploreArgs,
    search: &mut Search,
    broken: &mut Broken,
    json: bool,
    out: &mut impl Write,
) -> Result<usize, Problem> {
    let Some(folder) = args.corpus.as_ref().filter(|folder| folder.exists()) else {
        return Ok(0);
    };
    let inputs = corpus::read(folder)?;
    for (_, bytes) in &inputs {
        if let Err(found) = search.replay(bytes) {
            broken.add(&found, json, out)?;
        }
    }
    Ok(inputs.len())
}

fn report(
    search: &Search,
    (replayed, fresh): (usize, usize),
    broken: &Broken,
    spent: Duration,
    json: bool,
    out: &mut impl Write,
) -> Result<(), Problem> {
    let cells = search.coverage().cells().count();
    let missing = coverage::missing(search.coverage()).len();
    let (played, entries) = (search.played(), search.entries());
    if json {
        let value = json!({
            "v": 1, "worlds": played, "replayed": replayed, "entries": entries, "level": "D3",
            "cells": cells, "cells_missing": missing, "kept": fresh,
            "broken": broken.stories, "seconds": spent.as_secs_f64(),
        });
        writeln!(out, "{value}")?;
        return Ok(());
    }
    let worlds = counted(usize::try_from(played).unwrap_or(usize::MAX), "world");
    let seconds = spent.as_secs_f64();
    let kept = match (replayed, fresh) {
        (0, 0) => String::new(),
        (replayed, fresh) => format!(", {replayed} replayed, {fresh} kept"),
    };
    writeln!(
        out,
        "{worlds}{kept}, {entries} lines of trace, {cells} cells met, {}, level D3, {seconds:.2} s",
        broken.verdict()
    )?;
    Ok(())
}

/// The version of this program, and the commit of the source tree it is used in, if it is.
fn version() -> String {
    let version = concat!("hookswitch ", env!("CARGO_PKG_VERSION"));
    let git = std::process::Command::new("git")
        .args(["describe", "--always", "--dirty", "--abbrev=12"])
        .output();
    let commit = git.ok().filter(|git| git.status.success());
    let commit = commit.and_then(|git| String::from_utf8(git.stdout).ok());
    match commit {
        Some(commit) => format!("{version}, source tree at {}", commit.trim()),
        None => version.to_owned(),
    }
}

/// Plays inputs of a fuzzer, in both modes.
pub(super) fn fuzz_files(
    args: &FuzzArgs,
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let mut broken = Broken::default();
    for file in &args.files {
        let bytes = corpus::read_input(file)
            .map_err(|why| Problem::Text(format!("{}: {why}", file.display())))?;
        for mode in [Mode::Safety, Mode::Liveness] {
            if let Err(found) = explore_bytes(&bytes, mode) {
                broken.add(&found, json, out)?;
            }
        }
    }
    if json {
        let value = json!({ "v": 1, "inputs": args.files.len(), "broken": broken.stories });
        writeln!(out, "{value}")?;
    } else {
        let inputs = counted(args.files.len(), "input");
        writeln!(out, "{inputs} in both modes, {}", broken.verdict())?;
    }
    Ok(broken.laws.is_empty())
}

/// A line on a terminal that says how far it is.
struct Progress {
    shown: Instant,
    began: Instant,
    wanted: bool,
}

impl Progress {
    fn new(began: Instant, json: bool) -> Self {
        Self {
            shown: began,
            began,
            wanted: !json && std::io::stderr().is_terminal(),
        }
    }

    fn show(&mut self, played: u64, of: u64) {
        if self.wanted && self.shown.elapsed() >= Duration::from_millis(200) {
            self.shown = Instant::now();
            let rate = played as f64 / self.began.elapsed().as_secs_f64();
            eprint!("\r{played} of {of} worlds, {rate:.0} a second\u{1b}[K");
        }
    }

    fn clear(&self) {
        if self.wanted {
            eprint!("\r\u{1b}[K");
        }
    }
}
