//! The simulator as a program of its own:
//! `cargo run -p hookswitch-sim --example sim -- run scenarios`.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");
    let shipped = hookswitch_sim::packs::from_folder(root.as_ref()).unwrap_or_default();
    hookswitch_sim::cli::main(&args, &shipped)
}
