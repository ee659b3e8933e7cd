//! Lists of numbers: what is wrong with a file, and what the call directory would decide.
//!
//! Both work on files alone, without the daemon.

mod args;
mod explain;
mod files;
mod lint;
mod words;

use std::process::ExitCode;

use hookswitch_number::Numbers;

pub use args::DirectoryCommand;

use crate::failure::Failure;
use crate::screen::Screen;

/// Carries out a command.
pub fn run(command: &DirectoryCommand, screen: &Screen) -> Result<ExitCode, Failure> {
    match command {
        DirectoryCommand::Lint(lint) => lint::run(lint, screen),
        DirectoryCommand::Explain(explain) => explain::run(explain, screen),
    }
}

/// The numbering plans for the regions that the user named.
fn numbers(regions: &[String]) -> Result<Numbers, Failure> {
    Numbers::new(regions).map_err(|error| Failure::Ambiguous(error.to_string()))
}
