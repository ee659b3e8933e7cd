//! `hookswitch sim replay` and `sim cut`: recordings of a real system.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::Problem;
use super::picture::{read_trace, write_to};
use crate::record::{cut, replay};
use crate::trace::{Line, chain};

/// What to play again.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// The recording: JSON lines of `hookswitch record`.
    trace: PathBuf,
}

/// What to cut.
#[derive(Args, Debug)]
pub struct CutArgs {
    /// The recording: JSON lines of `hookswitch record`.
    trace: PathBuf,
    /// Where to; standard output if it is left out.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// True if the replay does the same.
pub(super) fn replay_file(
    args: &ReplayArgs,
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let recording = read_trace(&args.trace)?;
    let verdict = replay(&recording).map_err(Problem::Text)?;
    let same = verdict.divergence.is_none();
    if json {
        let line = |line: &Option<Line>| line.as_ref().map_or(Value::Null, Line::json);
        let divergence = verdict.divergence.as_ref().map(
            |found| json!({ "recorded": line(&found.recorded), "replayed": line(&found.replayed) }),
        );
        let value = json!({ "v": 1, "same": verdict.same, "divergence": divergence });
        writeln!(out, "{value}")?;
        return Ok(same);
    }
    match &verdict.divergence {
        None => writeln!(out, "the same: {} effects", verdict.same)?,
        Some(found) => {
            writeln!(
                out,
                "{} effects are the same, then they differ:",
                verdict.same
            )?;
            let lines = [
                ("recorded", &found.recorded, &recording.lines),
                ("replayed", &found.replayed, &verdict.replayed.lines),
            ];
            for (name, line, trace) in lines {
                write_side(out, name, line.as_ref(), trace)?;
            }
        }
    }
    Ok(same)
}

/// One side of a divergence, with what led to it.
fn write_side(
    out: &mut impl Write,
    name: &str,
    line: Option<&Line>,
    trace: &[Line],
) -> Result<(), Problem> {
    let Some(line) = line else {
        writeln!(out, "  {name}: nothing more")?;
        return Ok(());
    };
    writeln!(out, "  {name}, line {}:", line.seq)?;
    for cause in chain(trace, line.seq) {
        writeln!(out, "  {}", cause.text())?;
    }
    Ok(())
}

/// Writes the story.
pub(super) fn cut_file(args: &CutArgs, out: &mut impl Write) -> Result<bool, Problem> {
    let story = cut(&read_trace(&args.trace)?).map_err(Problem::Text)?;
    match &args.output {
        Some(path) => write_to(path, &story, out)?,
        None => write!(out, "{story}")?,
    }
    Ok(true)
}
