//! The simulator as a program of its own:
//! `cargo run -p hookswitch-sim --example sim -- run scenarios`.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    hookswitch_sim::cli::main(&args)
}
