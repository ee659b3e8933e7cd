//! The command line of the call system: `hookswitch`.
//!
//! Input: arguments. Output: what the daemon says, for people or (with `--json`) for programs, and
//! an exit code. It holds no state and decides nothing; it uses the SDK only.
//!
//! # Promises
//!
//! - **C1** exit codes: 0 done, 1 refused or not carried out, 2 wrong usage, 3 daemon not
//!   reachable.
//! - **C2** human output fits 80 columns and is colored on a terminal only, and never with
//!   NO_COLOR.
//! - **C3** with `--json`, standard output holds JSON only, one document a line.
//! - **C4** every error says what to do next.

mod act;
mod args;
mod choose;
mod directory;
mod doctor;
mod failure;
mod front;
mod list;
mod party;
mod privacy;
mod push;
mod recents;
mod record;
mod rights;
mod ring_on;
mod rules;
mod screen;
mod second;
mod shipped;
mod sound;
mod ui;
mod watch;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use hookswitch::Controller;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::screen::Screen;

fn main() -> ExitCode {
    let args = Args::parse();
    if let Command::Sim { command } = args.command {
        return hookswitch_sim::cli::run(
            command,
            args.json,
            shipped::SHIPPED,
            &hookswitch_host::Dbus,
        );
    }
    if let Command::Completion { shell } = args.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Args::command(), "hookswitch", &mut script);
        // Whoever reads may stop early.
        let _ = io::stdout().write_all(&script);
        return ExitCode::SUCCESS;
    }
    let screen = Screen::new(args.json);
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return screen.fail(&Failure::System(error.to_string())),
    };
    match runtime.block_on(carry_out(args, &screen)) {
        Ok(code) => code,
        Err(failure) => screen.fail(&failure),
    }
}

async fn carry_out(args: Args, screen: &Screen) -> Result<ExitCode, Failure> {
    if let Command::Doctor = args.command {
        return doctor::run(screen).await;
    }
    if let Command::Directory { command } = args.command {
        return directory::run(command, screen).await;
    }
    if let Command::Push { command } = args.command {
        return push::run(command, screen).await;
    }
    let controller = Controller::connect().await?;
    match args.command {
        Command::List => list::run(&controller, screen).await?,
        Command::Watch => watch::run(&controller, screen).await?,
        Command::Recents(what) => recents::run(&controller, screen, what).await?,
        Command::Dnd { what } => rules::dnd(&controller, screen, what).await?,
        Command::Rights {
            what: args::Rights::List,
        } => rights::list(&controller, screen).await?,
        Command::Block { what } => {
            rules::people(&controller, screen, rules::List::Blocked, what).await?;
        }
        Command::Allow { what } => {
            rules::people(&controller, screen, rules::List::Allowed, what).await?;
        }
        Command::Audio | Command::Route { device: None } => {
            sound::show(&controller, screen).await?;
        }
        Command::Route {
            device: Some(device),
        } => sound::route(&controller, screen, &device).await?,
        Command::RingOn { place } => {
            ring_on::run(&controller, screen, place.as_deref()).await?;
        }
        Command::SecondCalls { rule, app } => {
            second::calls(&controller, screen, rule, app.as_deref()).await?;
        }
        Command::Restrict { what } => rules::restrict(&controller, screen, what).await?,
        Command::Privacy { app, level } => {
            privacy::run(&controller, screen, app.as_deref(), level).await?;
        }
        Command::Protect { what } => rules::protect(&controller, screen, what).await?,
        Command::Interrupt { reason } => sound::interrupt(&controller, screen, reason).await?,
        Command::Front { rule } => front::rule(&controller, screen, rule).await?,
        Command::Driving { what } => front::driving(&controller, screen, what).await?,
        Command::Ui { open } => ui::run(&controller, screen, open).await?,
        Command::Record { output, with_names } => {
            record::run(&controller, output.as_deref(), with_names).await?;
        }
        Command::Act(action) => act::run(&controller, screen, action).await?,
        Command::Doctor
        | Command::Completion { .. }
        | Command::Sim { .. }
        | Command::Push { .. }
        | Command::Directory { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}
