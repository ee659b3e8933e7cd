//! `hookswitch sim parse`: reads one scenario file and tells what is in it.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Problem, counted, load};
use crate::scenario::{self, to_json};

/// What to read.
#[derive(Args, Debug)]
pub struct ParseArgs {
    /// The file; `.json` is read as the JSON form.
    file: PathBuf,
    /// Print the JSON form.
    #[arg(long)]
    json: bool,
}

pub(super) fn parse_file(args: &ParseArgs, out: &mut impl Write) -> Result<bool, Problem> {
    let story = load(&args.file).map_err(Problem::Text)?;
    if args.json {
        write!(out, "{}", to_json(&story))?;
    } else {
        let inputs = story.lines.iter();
        let inputs = inputs.filter(|line| matches!(line.kind, scenario::LineKind::Input(_)));
        writeln!(
            out,
            "{}: {}, {}, {}",
            story.title,
            counted(story.apps.len(), "app"),
            counted(story.calls.len(), "call"),
            counted(inputs.count(), "input")
        )?;
    }
    Ok(true)
}
