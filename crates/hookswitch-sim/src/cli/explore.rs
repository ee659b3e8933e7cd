//! `hookswitch sim explore`: random worlds from seeds.

use std::io::Write;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::{Problem, counted};
use crate::explore::{self, Mode};

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
    /// Go on after a broken law, and show one story per law.
    #[arg(long)]
    keep_going: bool,
}

pub(super) fn explore_seeds(
    args: &ExploreArgs,
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let began = Instant::now();
    let mut entries = 0usize;
    let mut broken: Vec<String> = Vec::new();
    let mut stories = Vec::new();
    let mut played = 0u64;
    for seed in args.seed..args.seed.saturating_add(args.worlds) {
        played += 1;
        match explore::explore(seed, args.acts, args.mode) {
            Ok(run) => entries += run.entries.len(),
            Err(found) => {
                if !broken.contains(&found.failure.expected) {
                    if !json {
                        writeln!(out, "{found}")?;
                    }
                    stories.push(found.to_string());
                    broken.push(found.failure.expected.clone());
                }
                if !args.keep_going {
                    break;
                }
            }
        }
    }
    if json {
        let value = json!({
            "v": 1, "worlds": played, "entries": entries, "broken": stories,
        });
        writeln!(out, "{value}")?;
        return Ok(broken.is_empty());
    }
    let spent = began.elapsed().as_secs_f64();
    let verdict = match broken.len() {
        0 => "no law broken".to_owned(),
        1 => "1 law broken".to_owned(),
        count => format!("{count} laws broken"),
    };
    writeln!(
        out,
        "{}, {entries} lines of trace, {verdict}, {spent:.2} s",
        counted(usize::try_from(played).unwrap_or(usize::MAX), "world")
    )?;
    Ok(broken.is_empty())
}
