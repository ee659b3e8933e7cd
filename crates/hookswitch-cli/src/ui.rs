//! Where the calling UI is.

use std::process::{Command, Stdio};

use hookswitch::Controller;
use serde_json::json;

use crate::failure::Failure;
use crate::screen::Screen;

/// Prints the address; with `open`, hands it to the desktop's browser.
pub async fn run(controller: &Controller, screen: &Screen, open: bool) -> Result<(), Failure> {
    let url = controller.ui_address().await?;
    if screen.is_json() {
        screen.document(&json!({ "url": url }));
    } else {
        screen.line(&url);
    }
    if open { show(&url) } else { Ok(()) }
}

fn show(url: &str) -> Result<(), Failure> {
    let started = Command::new("xdg-open")
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match started {
        Ok(status) if status.success() => Ok(()),
        Ok(_) | Err(_) => Err(Failure::System(
            "no browser could be opened here; open the address above in one, or install \
             \"xdg-utils\""
                .into(),
        )),
    }
}
