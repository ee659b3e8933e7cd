//! `hookswitch record`: what happened of late, as a trace.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use hookswitch::Controller;
use hookswitch_sim::record::with_states;
use hookswitch_sim::trace::Trace;

use crate::failure::Failure;

/// Writes the recording to a file or to standard output.
///
/// # Errors
///
/// When the daemon gives none, or it cannot be written.
pub async fn run(
    controller: &Controller,
    output: Option<&Path>,
    with_names: bool,
) -> Result<(), Failure> {
    let text = controller.record(with_names).await?;
    // A daemon of another version may write what this program does not know: it is passed on.
    let text = Trace::read(&text).map_or(text, |trace| with_states(trace).write());
    match output {
        Some(path) => fs::write(path, text)
            .map_err(|why| Failure::System(format!("{} cannot be written: {why}", path.display()))),
        None => std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(|why| Failure::System(why.to_string())),
    }
}
