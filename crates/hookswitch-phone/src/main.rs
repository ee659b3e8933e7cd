//! The command line of the phone: run it, or let the built-in peer call it.
//!
//! Input: arguments. Output: plain lines on standard output, or JSON with `--json`; an exit code.

use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use hookswitch_phone::call_me::{self, CallMe};

/// A SIP phone that rings, answers and holds through the Hookswitch daemon.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do; without one the phone runs.
#[derive(Debug, Subcommand)]
enum Command {
    /// Let a built-in SIP peer place a real call, play a tone and tell what it hears.
    CallMe(CallMeArguments),
    /// Print the configuration file with every key explained.
    Config,
}

/// Arguments of `call-me`.
#[derive(Debug, clap::Args)]
struct CallMeArguments {
    /// Whom to call: the phone's own SIP address, as its page shows it.
    #[arg(long, default_value = "127.0.0.1:5060")]
    to: String,
    /// The tone to play, in Hz.
    #[arg(long, default_value_t = 440.0)]
    tone: f64,
    /// How long to talk once answered, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// The name to call under.
    #[arg(long, default_value = "Ana Kowalska")]
    name: String,
    /// The address to call from.
    #[arg(long, default_value = "127.0.0.1")]
    from: IpAddr,
    /// Print one JSON object per event, and a summary at the end.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failure(&format!("cannot start: {error}")),
    };
    match arguments.command {
        Some(Command::CallMe(arguments)) => runtime.block_on(call_me(arguments)),
        Some(Command::Config) => {
            print!("{}", hookswitch_phone::config::TEMPLATE);
            ExitCode::SUCCESS
        }
        None => ExitCode::SUCCESS,
    }
}

async fn call_me(arguments: CallMeArguments) -> ExitCode {
    let json = arguments.json;
    let what = CallMe {
        to: arguments.to,
        tone_hz: arguments.tone,
        talk: Duration::from_secs(arguments.seconds),
        name: arguments.name,
        listen: arguments.from,
    };
    let say = |line: &call_me::Line| {
        if json {
            print_json(line);
        } else {
            println!("{}", line.sentence());
        }
    };
    let stop = async {
        // Without a signal handler the call ends by its own time.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    match call_me::run(what, say, stop).await {
        Ok(outcome) => {
            if json {
                print_json(&outcome);
            }
            if outcome.answered {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            }
        }
        Err(error) => failure(&error.to_string()),
    }
}

fn print_json(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("hookswitch-phone: {error}"),
    }
}

fn failure(why: &str) -> ExitCode {
    eprintln!("hookswitch-phone: {why}");
    ExitCode::FAILURE
}
