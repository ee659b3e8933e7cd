//! `hookswitch sim fmt`: rewrites scenario files in their canonical form.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Problem, find, load, nothing_in};
use crate::scenario::print;

/// What to format.
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Files, or folders that are searched for .hsw files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Change nothing; fail if something would change.
    #[arg(long)]
    check: bool,
}

pub(super) fn format_files(
    args: &FmtArgs,
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let mut changed = Vec::new();
    let files = find(&args.paths)?;
    if files.is_empty() {
        return Err(Problem::Text(nothing_in(&args.paths)));
    }
    for file in files {
        let text = print(&load(&file).map_err(Problem::Text)?);
        if fs::read_to_string(&file)? == text {
            continue;
        }
        if !args.check {
            fs::write(&file, text)?;
        }
        changed.push(file.display().to_string());
    }
    if json {
        writeln!(out, "{}", json!({ "v": 1, "changed": changed }))?;
    } else {
        for file in &changed {
            writeln!(out, "{file}")?;
        }
    }
    Ok(changed.is_empty() || !args.check)
}
