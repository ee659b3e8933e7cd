//! `hookswitch sim coverage`: which events met a call in which state.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Problem, find, load};
use crate::coverage::{self, Coverage, Mark};
use crate::explore::{Mode, corpus, explore, explore_bytes};
use crate::packs::Shipped;
use crate::player::play;
use crate::scenario::parse;

/// What to count.
#[derive(Args, Debug)]
pub struct CoverageArgs {
    /// Scenario files, folders with some or with kept worlds; the shipped ones if none is named.
    paths: Vec<PathBuf>,
    /// How many random worlds.
    #[arg(long, default_value_t = 2000)]
    worlds: u64,
    /// Write the table as a page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Counts scenario files, kept worlds and random worlds.
pub(super) fn show_coverage(
    args: &CoverageArgs,
    json: bool,
    shipped: &[Shipped],
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let mut sum = Coverage::default();
    if args.paths.is_empty() {
        for file in shipped {
            let story =
                parse(&file.text).map_err(|why| Problem::Text(format!("{}:{why}", file.path)))?;
            sum.add(&play(&story).coverage);
        }
    }
    for file in find(&args.paths)? {
        sum.add(&play(&load(&file).map_err(Problem::Text)?).coverage);
    }
    for folder in args.paths.iter().filter(|path| path.is_dir()) {
        for (_, bytes) in corpus::read(folder)? {
            sum.add(&met_by(explore_bytes(&bytes, Mode::Liveness)));
        }
    }
    for seed in 1..=args.worlds {
        sum.add(&met_by(explore(seed, 100, Mode::Liveness)));
    }
    if let Some(file) = &args.html {
        fs::write(file, coverage::html(&sum))?;
    }
    if json {
        writeln!(out, "{}", coverage::json(&sum))?;
        return Ok(true);
    }
    write!(out, "{}", coverage::text(&sum))?;
    writeln!(
        out,
        "x met, . cannot happen, ? not met so far, ! met though declared impossible"
    )?;
    for ((state, event), mark) in coverage::missing(&sum) {
        match mark {
            Mark::Contradicted(reason) => writeln!(out, "! {event} / {state}: {reason}")?,
            Mark::Missing | Mark::Met | Mark::OutOfReach(_) => {
                writeln!(out, "? {event} / {state}")?;
            }
        }
    }
    Ok(true)
}

/// What a world met; one that breaks a law is for `sim explore`.
fn met_by<T>(result: Result<crate::player::Run, T>) -> Coverage {
    result.map(|run| run.coverage).unwrap_or_default()
}
