//! Who may do what: `rights list`.

use std::path::PathBuf;

use hookswitch::Controller;
use hookswitch::document::Caller;

use crate::failure::Failure;
use crate::screen::Screen;

/// How the user changes it.
const HINT: &str = "and start hookswitchd again:\n\n  [[grant]]\n  \
app = \"APP\"\n  rights = [\"provider\", \"controller\", \"observer\", \"ui\"]\n\n\
APP is the Flatpak id, snap.NAME for a Snap, else the bus name that it owns.";

/// Lists who is connected, with the rights of each and why.
pub async fn list(controller: &Controller, screen: &Screen) -> Result<(), Failure> {
    let callers = controller.callers().await?;
    if screen.is_json() {
        for caller in &callers {
            screen.document(&serde_json::json!(caller));
        }
        return Ok(());
    }
    for caller in &callers {
        screen.line(&who(caller));
        if let Some(program) = &caller.program {
            screen.line(&format!("  {program}"));
        }
        screen.line(&format!("  {}: {}", why(caller), caller.rights.join(", ")));
    }
    screen.line("");
    let file = config_file().display().to_string();
    screen.line(&format!(
        "To change what an app may do, add this to\n  {file}\n{HINT}"
    ));
    Ok(())
}

/// The daemon's configuration (XDG Base Directory specification: relative values are ignored).
fn config_file() -> PathBuf {
    let set = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = set.filter(|dir| dir.is_absolute()).unwrap_or_else(|| {
        let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
        home.join(".config")
    });
    base.join("hookswitch/hookswitchd.toml")
}

fn who(caller: &Caller) -> String {
    let identity = caller.app.as_ref().or(caller.sandbox.as_ref());
    let identity = identity.map_or("", String::as_str);
    let process = caller.process.map(|process| format!("process {process}"));
    let words = [
        Some(caller.connection.as_str()),
        Some(identity).filter(|word| !word.is_empty()),
        process.as_deref(),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn why(caller: &Caller) -> String {
    match (caller.because.as_str(), &caller.grant) {
        ("grant", Some(app)) => format!("by your grant for {app}"),
        ("sandbox", _) => "as any app in a sandbox".to_owned(),
        _ => "as a program of your own".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_it_is_and_why_it_may() {
        let caller = Caller {
            connection: ":1.7".to_owned(),
            app: Some("org.example.Phone".to_owned()),
            sandbox: Some("flatpak:org.example.Phone".to_owned()),
            process: Some(4711),
            program: Some("/app/bin/phone".to_owned()),
            because: "sandbox".to_owned(),
            ..Caller::default()
        };
        let line = ":1.7  org.example.Phone  process 4711";
        assert_eq!(who(&caller), line);
        assert_eq!(why(&caller), "as any app in a sandbox");
        let granted = Caller {
            because: "grant".to_owned(),
            grant: Some("org.example.Phone".to_owned()),
            ..caller
        };
        assert_eq!(why(&granted), "by your grant for org.example.Phone");
    }
}
