//! Repository tasks: `cargo xtask tidy`.
//!
//! Input: a task's name. Output: findings on standard output, and an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => tidy(),
        Some(_) | None => {
            eprintln!("Tasks: tidy   (checks the rules of STYLE.md and ARCHITECTURE.md)");
            ExitCode::from(2)
        }
    }
}

fn tidy() -> ExitCode {
    let findings = match xtask::tidy::check(&xtask::root()) {
        Ok(findings) => findings,
        Err(error) => {
            eprintln!("tidy cannot look: {error}");
            return ExitCode::FAILURE;
        }
    };
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: nothing to complain about");
        return ExitCode::SUCCESS;
    }
    println!("tidy: {} findings", findings.len());
    ExitCode::FAILURE
}
