//! The single checks.

use std::env;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookswitch::document::State;
use hookswitch::{BusProbe, Controller, Observer};

use super::Finding;

/// How long a local server may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// Below this the recents may be lost soon.
const DISK_WARN: u64 = 100 * 1024 * 1024;
/// Below this nothing can be kept.
const DISK_FAIL: u64 = 4 * 1024 * 1024;

/// The daemon, and what it knows.
pub async fn daemon(controller: &Controller) -> Vec<Finding> {
    let mut findings = vec![version().await];
    match controller.ui_address().await {
        Ok(url) => findings.push(calling_ui(&url)),
        Err(error) => findings.push(Finding::warn(
            "calling UI",
            error.to_string(),
            "Look at the messages of hookswitchd.",
        )),
    }
    match controller.state().await {
        Ok(state) => findings.extend([apps(&state), devices(&state)]),
        Err(error) => findings.push(Finding::fail(
            "state",
            error.to_string(),
            "Use the same version of hookswitch and hookswitchd.",
        )),
    }
    findings
}

async fn version() -> Finding {
    const PART: &str = "call system";
    let ours = env!("CARGO_PKG_VERSION");
    let theirs = match Observer::connect().await {
        Ok(observer) => observer.version().await,
        Err(error) => Err(error),
    };
    match theirs {
        Ok(theirs) if theirs == ours => Finding::ok(PART, format!("running, version {ours}")),
        Ok(theirs) => Finding::warn(
            PART,
            format!("running, version {theirs}; this program is {ours}"),
            "Restart hookswitchd after an upgrade.",
        ),
        Err(error) => Finding::warn(PART, error.to_string(), "Restart hookswitchd."),
    }
}

fn calling_ui(url: &str) -> Finding {
    const PART: &str = "calling UI";
    const ADVICE: &str = "Look at the messages of hookswitchd; does a firewall guard loopback?";
    let place = url.split(['?', '#']).next().unwrap_or(url).to_owned();
    match fetch(url) {
        Ok(status) if (200..400).contains(&status) => Finding::ok(PART, place),
        Ok(status) => Finding::fail(PART, format!("{place} answers {status}"), ADVICE),
        Err(error) => Finding::fail(PART, format!("{place}: {error}"), ADVICE),
    }
}

/// The status of a GET over HTTP/1.1 (RFC 9112, sections 3 and 4).
fn fetch(url: &str) -> std::io::Result<u16> {
    let malformed = || std::io::Error::other("not an http address");
    let rest = url.strip_prefix("http://").ok_or_else(malformed)?;
    let authority = rest.split(['/', '?', '#']).next().ok_or_else(malformed)?;
    let path = rest[authority.len()..].split('#').next().unwrap_or("");
    let slash = if path.starts_with('/') { "" } else { "/" };
    let address = authority.parse().map_err(|_| malformed())?;
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_MAX)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    // In one piece: a server may answer and close when it has read enough.
    let request =
        format!("GET {slash}{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    let status = std::str::from_utf8(&head)
        .ok()
        .and_then(|head| head.get(9..12));
    let status = status.and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::Error::other("not an HTTP answer"))
}

fn apps(state: &State) -> Finding {
    const PART: &str = "apps";
    if state.providers.is_empty() {
        let advice = "Start a calling app, for example \"hookswitch-phone\".";
        return Finding::warn(PART, "none registered", advice);
    }
    let name = |provider: &hookswitch::document::Provider| {
        let away = if provider.connected {
            ""
        } else {
            " (not running)"
        };
        format!("{}{away}", provider.name)
    };
    let names: Vec<String> = state.providers.iter().map(name).collect();
    Finding::ok(PART, names.join(", "))
}

fn devices(state: &State) -> Finding {
    const PART: &str = "sound devices";
    if state.endpoints.is_empty() {
        let advice = "Calls work but nothing rings aloud; plug a device in and look at \
                      \"wpctl status\".";
        return Finding::warn(PART, "the call system sees none", advice);
    }
    let names: Vec<&str> = state
        .endpoints
        .iter()
        .map(|device| device.name.as_str())
        .collect();
    Finding::ok(PART, names.join(", "))
}

/// Who shows notifications.
pub fn notifications(probe: &BusProbe) -> Finding {
    const PART: &str = "notifications";
    if probe.has("org.freedesktop.Notifications") {
        Finding::ok(PART, "a notification server is there")
    } else {
        let advice = "Keep the calling UI open (\"hookswitch ui --open\") to see calls.";
        Finding::warn(PART, "no notification server on this bus", advice)
    }
}

/// The audio server (PipeWire, `pipewire(1)`: `PIPEWIRE_REMOTE`, `PIPEWIRE_RUNTIME_DIR`).
pub fn audio_server() -> Finding {
    const PART: &str = "audio server";
    const ADVICE: &str = "Install and start PipeWire: \"apt install pipewire wireplumber\", then \
                          \"systemctl --user start pipewire wireplumber\".";
    let Some(socket) = pipewire_socket() else {
        return Finding::warn(PART, "XDG_RUNTIME_DIR is not set", ADVICE);
    };
    let place = socket.display().to_string();
    match UnixStream::connect(&socket) {
        Ok(_) => Finding::ok(PART, format!("PipeWire at {place}")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Finding::warn(PART, format!("no PipeWire at {place}"), ADVICE)
        }
        Err(error) => Finding::warn(PART, format!("{place}: {error}"), ADVICE),
    }
}

fn pipewire_socket() -> Option<PathBuf> {
    let name = env::var_os("PIPEWIRE_REMOTE").unwrap_or_else(|| "pipewire-0".into());
    let dir = env::var_os("PIPEWIRE_RUNTIME_DIR").or_else(|| env::var_os("XDG_RUNTIME_DIR"));
    let name = PathBuf::from(name);
    if name.is_absolute() {
        Some(name)
    } else {
        dir.map(|dir| Path::new(&dir).join(name))
    }
}

/// Whether what has to be kept can be kept.
pub fn disk() -> Finding {
    const PART: &str = "disk";
    let Some(dir) = state_dir() else {
        let advice = "Set HOME, so that the recents can be kept.";
        return Finding::warn(PART, "no home directory", advice);
    };
    // The daemon makes its own directory; until then the nearest one above counts.
    let Some(there) = dir.ancestors().find(|dir| dir.exists()) else {
        return Finding::fail(PART, "no such place", "Make your home directory.");
    };
    let place = there.display();
    if !there.is_dir() {
        let advice = "Move it away; the recents need a folder there.";
        return Finding::fail(PART, format!("{place} is not a folder"), advice);
    }
    let writable = rustix::fs::access(there, rustix::fs::Access::WRITE_OK);
    if writable.is_err() {
        let advice = "Give yourself the right to write there; recents cannot be kept.";
        return Finding::fail(PART, format!("{place} cannot be written"), advice);
    }
    match rustix::fs::statvfs(there) {
        Ok(volume) => free(
            volume.f_bavail.saturating_mul(volume.f_frsize),
            &place.to_string(),
        ),
        Err(error) => Finding::warn(PART, format!("{place}: {error}"), "Check the disk."),
    }
}

fn free(bytes: u64, place: &str) -> Finding {
    const PART: &str = "disk";
    let found = format!("{} MB free at {place}", bytes / 1024 / 1024);
    let advice = "Make room, or recents are lost.";
    match bytes {
        ..DISK_FAIL => Finding::fail(PART, found, advice),
        DISK_FAIL..DISK_WARN => Finding::warn(PART, found, advice),
        DISK_WARN.. => Finding::ok(PART, found),
    }
}

/// XDG Base Directory specification: `$XDG_STATE_HOME`, or `~/.local/state`.
fn state_dir() -> Option<PathBuf> {
    let set = env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let base = set
        .filter(|dir| dir.is_absolute())
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".local/state")));
    base.map(|base| base.join("hookswitch"))
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::*;

    #[test]
    fn little_room_is_told() {
        assert_eq!(free(0, "/x").health, Health::Fail);
        assert_eq!(free(DISK_FAIL, "/x").health, Health::Warn);
        assert_eq!(free(DISK_WARN, "/x").health, Health::Ok);
    }

    #[test]
    fn a_server_that_answers_is_reachable() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/?token=secret", server.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            String::from_utf8_lossy(&request).into_owned()
        });
        let finding = calling_ui(&url);
        assert_eq!(finding.health, Health::Ok);
        assert!(!finding.found.contains("secret"), "{}", finding.found);
        let request = serving.join().unwrap();
        assert!(
            request.starts_with("GET /?token=secret HTTP/1.1\r\n"),
            "{request}"
        );
    }

    #[test]
    fn a_server_that_is_not_there_is_told() {
        let finding = calling_ui("http://127.0.0.1:1/");
        assert_eq!(finding.health, Health::Fail);
        assert!(finding.advice.is_some());
    }
}
