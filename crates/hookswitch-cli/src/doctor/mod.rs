//! Whether everything a call needs is there.
//!
//! Input: the bus, the daemon, sockets and the disk, looked at without changing anything.
//! Output: one finding per part, with what to do; the exit code says how bad it is.

mod look;

use std::process::ExitCode;

use hookswitch::{BusAddress, BusProbe, Controller, Error};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::screen::{Mark, Screen, wrapped};

/// Where the text of a finding begins.
const TEXT_AT: usize = 22;

/// How a part is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Health {
    /// It works.
    Ok,
    /// Calls work, something is missing.
    Warn,
    /// Calls do not work.
    Fail,
}

/// One part and how it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Which part.
    pub part: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(part: &'static str, found: impl Into<String>) -> Self {
        Self {
            part,
            health: Health::Ok,
            found: found.into(),
            advice: None,
        }
    }

    /// Calls work, something is missing.
    pub fn warn(part: &'static str, found: impl Into<String>, advice: &str) -> Self {
        Self {
            health: Health::Warn,
            advice: Some(advice.to_owned()),
            ..Self::ok(part, found)
        }
    }

    /// Calls do not work.
    pub fn fail(part: &'static str, found: impl Into<String>, advice: &str) -> Self {
        Self {
            health: Health::Fail,
            ..Self::warn(part, found, advice)
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "part": self.part,
            "health": self.health.name(),
            "found": self.found,
            "advice": self.advice,
        })
    }
}

impl Health {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    fn mark(self) -> Mark {
        match self {
            Self::Ok => Mark::Good,
            Self::Warn => Mark::Warning,
            Self::Fail => Mark::Bad,
        }
    }
}

/// Looks at everything and tells.
pub async fn run(screen: &Screen) -> Result<ExitCode, Failure> {
    let (findings, reached) = examine().await;
    if screen.is_json() {
        let all: Vec<Value> = findings.iter().map(Finding::to_json).collect();
        screen.document(&json!({ "findings": all }));
    } else {
        findings.iter().for_each(|finding| show(screen, finding));
    }
    let failed = findings
        .iter()
        .any(|finding| finding.health == Health::Fail);
    Ok(match (reached, failed) {
        (false, _) => ExitCode::from(3),
        (true, true) => ExitCode::from(1),
        (true, false) => ExitCode::SUCCESS,
    })
}

fn show(screen: &Screen, finding: &Finding) {
    let health = format!("{:<5}", finding.health.name());
    let health = screen.marked(finding.health.mark(), &health);
    let found = wrapped(&finding.found, TEXT_AT);
    screen.line(&format!("{health} {:<15} {found}", finding.part));
    if let Some(advice) = &finding.advice {
        let indent = " ".repeat(TEXT_AT);
        screen.line(&format!("{indent}{}", wrapped(advice, TEXT_AT)));
    }
}

/// All findings, and whether the daemon was reached.
async fn examine() -> (Vec<Finding>, bool) {
    let (mut findings, probe) = match BusProbe::look(&BusAddress::Session).await {
        Ok(probe) => (vec![Finding::ok("session bus", &probe.place)], Some(probe)),
        Err(error) => (vec![no_bus(&error)], None),
    };
    let controller = match &probe {
        Some(probe) if probe.has_daemon() => Controller::connect().await,
        Some(_) | None => Err(Error::DaemonGone),
    };
    let reached = controller.is_ok();
    match controller {
        Ok(controller) => findings.extend(look::daemon(&controller).await),
        Err(error) => findings.push(no_daemon(&error)),
    }
    if let Some(probe) = &probe {
        findings.push(look::notifications(probe));
    }
    findings.push(look::audio_server());
    findings.push(look::disk());
    (findings, reached)
}

fn no_bus(error: &Error) -> Finding {
    let tried = if let Error::NoBus(no_bus) = error {
        no_bus.tried.join("; ")
    } else {
        error.to_string()
    };
    let advice = "Start the call system with \"hookswitchd\"; it brings a bus of its own.";
    Finding::fail("session bus", format!("none found ({tried})"), advice)
}

fn no_daemon(error: &Error) -> Finding {
    let advice = "Start it with \"hookswitchd\"; once it is installed, for good with \
                  \"systemctl --user enable --now hookswitchd\".";
    let found = if *error == Error::DaemonGone {
        "not running".to_owned()
    } else {
        error.to_string()
    };
    Finding::fail("call system", found, advice)
}
