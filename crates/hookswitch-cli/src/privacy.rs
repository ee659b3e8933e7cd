//! How much of an app's calls is shown: `privacy`.

use hookswitch::{Controller, Privacy};
use serde_json::json;

use crate::args::PrivacyLevel;
use crate::failure::Failure;
use crate::screen::Screen;

/// Changes it, or says how it is.
pub async fn run(
    controller: &Controller,
    screen: &Screen,
    app: Option<&str>,
    level: Option<PrivacyLevel>,
) -> Result<(), Failure> {
    let Some(app) = app else {
        return list(controller, screen).await;
    };
    if let Some(level) = level {
        let level = match level {
            PrivacyLevel::Full => Privacy::Full,
            PrivacyLevel::NameHidden => Privacy::NameHidden,
        };
        controller.set_privacy(app, level).await?;
    }
    let rules = controller.rules().await?;
    let level = rules.privacy_of.get(app).map_or("full", String::as_str);
    if screen.is_json() {
        screen.document(&json!({ "app": app, "level": level }));
    } else {
        screen.line(&said(app, level));
    }
    Ok(())
}

async fn list(controller: &Controller, screen: &Screen) -> Result<(), Failure> {
    let mut levels = controller.rules().await?.privacy_of;
    if screen.is_json() {
        screen.document(&json!(levels));
        return Ok(());
    }
    levels.retain(|_, level| level != "full");
    if levels.is_empty() {
        screen.line("Names and numbers of all apps are shown.");
    }
    for (app, level) in &levels {
        screen.line(&said(app, level));
    }
    Ok(())
}

fn said(app: &str, level: &str) -> String {
    match level {
        "full" => format!("Names and numbers of {app} are shown."),
        "name-hidden" => format!("Names and numbers of {app} are hidden."),
        other => format!("Of {app} is shown: {other}."),
    }
}
