//! Starting apps that a call waits for.
//!
//! Input: apps to start. Output: D-Bus activation; [`Environment::LaunchFailed`] when it fails.
//!
//! # Promises
//!
//! - **L1** each start has a deadline ([`LAUNCH_MAX`]).
//! - **L2** an app that has to be started again and again is refused for a while, so that a
//!   crashing app cannot keep the machine busy.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hookswitch_core::Environment;
use hookswitch_model::AppId;
use tokio::sync::mpsc;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::WellKnownName;

use crate::port::Inbox;

/// Longest time a start may take.
pub const LAUNCH_MAX: Duration = Duration::from_secs(10);
/// Most starts that wait to be begun.
pub const LAUNCHES_MAX: usize = 64;
/// Starts that are closer together than this count as a crash loop.
const LOOP_WINDOW: Duration = Duration::from_secs(60);
/// Starts within the window before an app is refused.
const LOOP_STARTS: usize = 4;
/// Apps remembered for that.
const APPS_REMEMBERED_MAX: usize = 256;

/// Remembers when apps were started.
#[derive(Debug, Default)]
pub struct Starts(HashMap<AppId, Vec<Instant>>);

impl Starts {
    /// Says whether the app may be started, and remembers it if so.
    pub fn admit(&mut self, app: &AppId, now: Instant) -> bool {
        let recent = |at: &Instant| now.duration_since(*at) < LOOP_WINDOW;
        if self.0.len() >= APPS_REMEMBERED_MAX {
            self.0.retain(|_, starts| starts.iter().any(recent));
        }
        let starts = self.0.entry(app.clone()).or_default();
        starts.retain(recent);
        let admitted = starts.len() < LOOP_STARTS;
        if admitted {
            starts.push(now);
        }
        admitted
    }
}

/// Starts apps until the daemon stops asking.
pub(crate) async fn launch_all(
    connection: &Connection,
    starts: &mut Starts,
    launches: &mut mpsc::Receiver<AppId>,
    inbox: &Inbox,
) -> zbus::Result<()> {
    let driver = DBusProxy::new(connection).await?;
    while let Some(app) = launches.recv().await {
        if starts.admit(&app, Instant::now()) {
            tokio::spawn(launch(driver.clone(), app, inbox.clone()));
        } else {
            tracing::warn!(%app, "started too often within a minute; not started again for now");
            inbox.tell(Environment::LaunchFailed(app)).await;
        }
    }
    Ok(())
}

async fn launch(driver: DBusProxy<'static>, app: AppId, inbox: Inbox) {
    let Ok(name) = WellKnownName::try_from(app.as_str().to_owned()) else {
        return;
    };
    let start = driver.start_service_by_name(name, 0);
    match tokio::time::timeout(LAUNCH_MAX, start).await {
        Ok(Ok(_)) => tracing::info!(%app, "app started for a call"),
        Ok(Err(error)) => {
            tracing::warn!(%app, %error, "app could not be started; is its service file there?");
            inbox.tell(Environment::LaunchFailed(app)).await;
        }
        Err(_) => {
            tracing::warn!(%app, "app did not start in time");
            inbox.tell(Environment::LaunchFailed(app)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_loop_is_broken_and_forgotten_after_a_while() {
        let mut starts = Starts::default();
        let app = AppId::new("org.example.App").expect("valid");
        let other = AppId::new("org.example.Other").expect("valid");
        let now = Instant::now();
        for _ in 0..LOOP_STARTS {
            assert!(starts.admit(&app, now));
        }
        assert!(!starts.admit(&app, now));
        assert!(starts.admit(&other, now));
        assert!(starts.admit(&app, now + LOOP_WINDOW));
    }
}
