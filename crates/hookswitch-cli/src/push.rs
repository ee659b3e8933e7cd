//! Pushes that wake apps: `status`, `allow`, `forget`.

use std::process::ExitCode;

use clap::Subcommand;
use hookswitch::PushApps;
use hookswitch::document::{PushApp, PushRecord, PushStatus};
use serde_json::json;

use crate::failure::Failure;
use crate::recents::{clock_time, day_and_time};
use crate::screen::{Mark, Screen, column, wrapped};

/// What about pushes.
#[derive(Debug, Subcommand)]
pub enum PushCommand {
    /// Show the gateway, the apps that take pushes, and what became of their pushes
    ///
    /// With an app: its tokens, its strikes, and the last 64 lines of its history, oldest first.
    Status {
        /// The app, such as org.example.Phone; all of them if it is left out
        #[arg(value_name = "APP")]
        app: Option<String>,
    },
    /// Forgive an app its strikes: it is started for pushes again
    ///
    /// An app that takes a push for a call and reports no call gets a strike. After five within a
    /// day it is not started for pushes for a day.
    Allow {
        /// The app
        #[arg(value_name = "APP")]
        app: String,
    },
    /// Take an app's tokens away: its senders are told that they are dead
    Forget {
        /// The app
        #[arg(value_name = "APP")]
        app: String,
    },
}

/// Carries out a command.
pub async fn run(command: PushCommand, screen: &Screen) -> Result<ExitCode, Failure> {
    let pushes = PushApps::connect().await?;
    match command {
        PushCommand::Status { app: None } => all(&pushes.status().await?, screen),
        PushCommand::Status { app: Some(app) } => one(pushes.status().await?, &app, screen)?,
        PushCommand::Allow { app } => {
            pushes.allow(&app).await?;
            done(&app, &format!("{app} is started for pushes again."), screen);
        }
        PushCommand::Forget { app } => {
            pushes.forget(&app).await?;
            let text = format!("{app} has no tokens any more; it may ask for new ones.");
            done(&app, &text, screen);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn done(app: &str, text: &str, screen: &Screen) {
    match screen.is_json() {
        true => screen.document(&json!({ "app": app, "done": true })),
        false => screen.line(&wrapped(text, 0)),
    }
}

fn all(status: &PushStatus, screen: &Screen) {
    if screen.is_json() {
        return screen.document(status);
    }
    link(status, screen);
    if status.apps.is_empty() && status.gateway.is_some() {
        screen.line("No app takes pushes.");
    }
    for app in &status.apps {
        head(app, screen);
        if let Some(last) = app.history.last() {
            line(last, screen);
        }
    }
}

fn one(status: PushStatus, name: &str, screen: &Screen) -> Result<(), Failure> {
    let Some(app) = status.apps.iter().find(|app| app.app == name) else {
        let text = match &status.fault {
            Some(fault) => format!("{name} takes no pushes ({fault})"),
            None => format!("{name} takes no pushes; “hookswitch push status” shows who does"),
        };
        return Err(Failure::Ambiguous(text));
    };
    if screen.is_json() {
        screen.document(app);
        return Ok(());
    }
    link(&status, screen);
    head(app, screen);
    for (service, token) in &app.tokens {
        let token = if token.is_empty() { "none yet" } else { token };
        screen.line(&format!("    token {}", column(service, 5)));
        screen.line(&screen.marked(Mark::Faint, &format!("      {token}")));
    }
    app.history.iter().for_each(|record| line(record, screen));
    Ok(())
}

fn link(status: &PushStatus, screen: &Screen) {
    let Some(gateway) = &status.gateway else {
        let text = "No push gateway: name one in hookswitchd.toml, [push] gateway.";
        return screen.line(&screen.marked(Mark::Warning, text));
    };
    let (word, mark) = match status.linked {
        true => ("linked", Mark::Good),
        false => ("not linked", Mark::Bad),
    };
    screen.line(&format!("{} {gateway}", screen.marked(mark, word)));
    if let Some(fault) = &status.fault {
        let text = format!("    {}", wrapped(fault, 4));
        screen.line(&screen.marked(Mark::Bad, &text));
    }
}

fn head(app: &PushApp, screen: &Screen) {
    let state = match (app.stopped_until_ms, app.running) {
        _ if app.tokens.is_empty() => "takes no pushes any more".to_owned(),
        (Some(until), _) => format!("not started until {}", day_and_time(until)),
        (None, true) => "running".to_owned(),
        (None, false) => "started when a push comes".to_owned(),
    };
    let mark = match (app.stopped_until_ms, app.strikes) {
        (Some(_), _) => Mark::Bad,
        (None, 0) => Mark::Plain,
        (None, _) => Mark::Warning,
    };
    let strikes = match app.strikes {
        0 => String::new(),
        1 => ", 1 strike".to_owned(),
        many => format!(", {many} strikes"),
    };
    let text = wrapped(&format!("{state}{strikes}"), 4);
    screen.line(&screen.marked(Mark::Strong, &app.app));
    screen.line(&format!("    {}", screen.marked(mark, &text)));
}

fn line(record: &PushRecord, screen: &Screen) {
    let at = clock_time(record.at_ms);
    let short: String = record.push.chars().take(8).collect();
    let sentence = wrapped(sentence(&record.what), 24);
    let mark = match record.what.as_str() {
        "strike" | "stopped" | "lost" => Mark::Bad,
        "expired" | "stale" | "crowded" | "no-app" => Mark::Warning,
        _ => Mark::Faint,
    };
    screen.line(&format!(
        "    {at}  {short}  {}",
        screen.marked(mark, &sentence)
    ));
}

/// What a word of the history means.
fn sentence(what: &str) -> &str {
    match what {
        "arrived" => "arrived, and is fresh",
        "launched" => "the app was started for it",
        "handed" => "the app got it",
        "completed" => "the app is done with it",
        "expired" => "dropped: its time was over before the app could begin",
        "duplicate" => "dropped: it was here before",
        "stale" => "dropped: too old to ring, and the app cannot be told so",
        "stopped" => "dropped: the app has too many strikes to be started",
        "lost" => "lost: the app ended before it was done with it",
        "no-app" => "dropped: the app takes no pushes any more",
        "crowded" => "dropped: too many pushes wait for apps",
        "strike" => "a strike: the app reported no call for it in time",
        other => other,
    }
}
