//! Lists of numbers: what is wrong with a file, what the call directory holds, and why it decides
//! as it does.
//!
//! `lint`, and `explain` with lists in its options, work on files alone, without the daemon.

mod args;
mod explain;
mod files;
mod lint;
mod lists;
mod load;
mod rules;

use std::process::ExitCode;

use hookswitch::DirectoryLists;
use hookswitch_number::Numbers;

pub use args::DirectoryCommand;

use crate::failure::Failure;
use crate::screen::Screen;

/// Carries out a command.
pub async fn run(command: DirectoryCommand, screen: &Screen) -> Result<ExitCode, Failure> {
    match command {
        DirectoryCommand::Lint(lint) => return lint::run(&lint, screen),
        DirectoryCommand::Explain(what) if explain::is_offline(&what) => {
            return explain::run(&what, screen);
        }
        DirectoryCommand::Block { number, wide } => {
            rules::block(&connect().await?, &number, true, wide, screen).await?;
        }
        DirectoryCommand::Unblock { number } => {
            rules::block(&connect().await?, &number, false, true, screen).await?;
        }
        DirectoryCommand::Explain(what) => lists::explain(&connect().await?, &what, screen).await?,
        DirectoryCommand::Why { call } => lists::why(&connect().await?, call, screen).await?,
        DirectoryCommand::Load(what) => load::run(&what, screen).await?,
        DirectoryCommand::List => lists::list(&connect().await?, screen).await?,
        DirectoryCommand::Status(named) => {
            lists::status(&connect().await?, &named.list, screen).await?;
        }
        DirectoryCommand::Enable(named) => {
            lists::enable(&connect().await?, &named.list, true, screen).await?;
        }
        DirectoryCommand::Disable(named) => {
            lists::enable(&connect().await?, &named.list, false, screen).await?;
        }
        DirectoryCommand::Order { lists } => {
            let control = connect().await?;
            control.set_order(&lists).await?;
            lists::list(&control, screen).await?;
        }
        DirectoryCommand::Remove(named) => {
            connect().await?.remove(&named.list).await?;
            let text = format!("{} is removed, with everything in it.", named.list);
            lists::done(&named.list, &text, screen);
        }
        DirectoryCommand::Except { pattern, remove } => {
            rules::except(&connect().await?, &pattern, !remove, screen).await?;
        }
        DirectoryCommand::Rule { rule, on } => rules::rule(rule.zip(on), screen).await?,
        DirectoryCommand::CallBack { span } => {
            connect().await?.set_call_back(span).await?;
            rules::rule(None, screen).await?;
        }
        DirectoryCommand::Reload(named) => {
            connect().await?.reload(&named.list).await?;
            let text = format!("{} is asked to load again.", named.list);
            lists::done(&named.list, &text, screen);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn connect() -> Result<DirectoryLists, Failure> {
    Ok(DirectoryLists::connect().await?)
}

/// The numbering plans for the regions that the user named.
fn numbers(regions: &[String]) -> Result<Numbers, Failure> {
    Numbers::new(regions).map_err(|error| Failure::Ambiguous(error.to_string()))
}
