//! A bus of our own where no session bus is.
//!
//! Input: the runtime directory and the directories with D-Bus service files.
//! Output: a running `dbus-daemon`, its address in the runtime file `bus`.
//!
//! # Promises
//!
//! - **B1** only this user can connect, and finds the address in a file that only they can read.
//! - **B2** apps that the bus starts get its address as their session bus.
//! - **B3** it ends with the daemon. After a crash of the daemon it stays, so that apps stay
//!   connected, and the next daemon takes it over.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use hookswitch_wire::dbus::BUS_FILE;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use crate::error::EdgeError;
use crate::runtime::RuntimeDir;
use crate::session::connect;

/// Longest wait for the new bus to say its address.
const START_MAX: Duration = Duration::from_secs(5);
/// Longest path of a Unix socket (`sun_path` of Linux, without the final zero).
const SOCKET_PATH_MAX: usize = 107;

/// The bus we run, or took over.
#[derive(Debug)]
pub struct PrivateBus {
    runtime: RuntimeDir,
    service_dirs: Vec<PathBuf>,
    address: String,
    child: Option<Child>,
}

impl PrivateBus {
    /// Takes over a bus that a former daemon left, or starts one.
    ///
    /// # Errors
    ///
    /// [`EdgeError::NoBus`] if `dbus-daemon` is missing or does not start.
    pub async fn start(runtime: RuntimeDir, service_dirs: Vec<PathBuf>) -> Result<Self, EdgeError> {
        let mut bus = Self {
            runtime,
            service_dirs,
            address: String::new(),
            child: None,
        };
        match bus.runtime.read(BUS_FILE) {
            Some(left) if connect(left.trim()).await.is_ok() => {
                left.trim().clone_into(&mut bus.address);
                tracing::info!("a private bus is there already: using it");
            }
            Some(_) | None => bus.launch().await?,
        }
        Ok(bus)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Starts it again after it went away.
    ///
    /// # Errors
    ///
    /// [`EdgeError::NoBus`] if it does not start.
    pub async fn restart(&mut self) -> Result<(), EdgeError> {
        self.child = None;
        self.launch().await
    }

    async fn launch(&mut self) -> Result<(), EdgeError> {
        let socket = self.runtime.path().join("private-bus");
        if socket.as_os_str().len() > SOCKET_PATH_MAX {
            return Err(EdgeError::NoBus(format!(
                "the path {} is too long for a socket; set XDG_RUNTIME_DIR to a shorter one",
                socket.display()
            )));
        }
        let configuration = configuration(&socket, &self.service_dirs);
        self.runtime.write("private-bus.conf", &configuration)?;
        let mut child = self.command().spawn().map_err(|error| {
            EdgeError::NoBus(format!(
                "sh, which starts dbus-daemon: {error}; install dash"
            ))
        })?;
        self.address = read_address(&mut child).await?;
        self.child = Some(child);
        self.runtime.write(BUS_FILE, &self.address)?;
        tracing::info!(file = %self.runtime.path().join(BUS_FILE).display(), "private bus started");
        Ok(())
    }

    /// The address comes by a descriptor that apps do not inherit. They do inherit the standard
    /// output, and would end by a pipe that nobody reads any more.
    fn command(&self) -> Command {
        let config_file = self.runtime.path().join("private-bus.conf");
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec dbus-daemon \"$@\" 3>&1 >/dev/null", "sh"])
            .arg(format!("--config-file={}", config_file.display()))
            .args(["--nofork", "--nopidfile", "--print-address=3"])
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Ends it and removes its files.
    pub async fn stop(mut self) {
        self.runtime.remove(BUS_FILE);
        match self.child.take() {
            Some(mut child) => {
                if let Err(error) = child.kill().await {
                    tracing::warn!(%error, "the private bus could not be ended");
                }
            }
            None => self.stop_taken_over().await,
        }
        self.runtime.remove("private-bus.conf");
        self.runtime.remove("private-bus");
    }

    /// The driver says the process id of a bus that we did not start ourselves.
    async fn stop_taken_over(&self) {
        let Ok(connection) = connect(&self.address).await else {
            return;
        };
        let Ok(driver) = DBusProxy::new(&connection).await else {
            return;
        };
        let Ok(name) = BusName::try_from("org.freedesktop.DBus") else {
            return;
        };
        let pid = driver.get_connection_unix_process_id(name).await;
        let pid = pid.ok().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw)
            && let Err(error) = rustix::process::kill_process(pid, rustix::process::Signal::TERM)
        {
            tracing::warn!(%error, "the private bus could not be ended");
        }
    }
}

async fn read_address(child: &mut Child) -> Result<String, EdgeError> {
    let out = child.stdout.take().expect("stdout was asked for");
    let mut lines = BufReader::new(out).lines();
    let line = tokio::time::timeout(START_MAX, lines.next_line()).await;
    match line {
        Ok(Ok(Some(address))) if !address.is_empty() => Ok(address),
        Ok(_) => Err(EdgeError::NoBus(
            "dbus-daemon did not start; install it (Debian: apt-get install dbus-daemon), or run \
             it by hand with private-bus.conf of the runtime directory to see why"
                .to_owned(),
        )),
        Err(_) => Err(EdgeError::NoBus(format!(
            "dbus-daemon did not say its address within {} s",
            START_MAX.as_secs()
        ))),
    }
}

fn configuration(socket: &Path, service_dirs: &[PathBuf]) -> String {
    let dirs: String = service_dirs
        .iter()
        .map(|dir| {
            format!(
                "  <servicedir>{}</servicedir>\n",
                xml(&dir.to_string_lossy())
            )
        })
        .collect();
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <standard_session_servicedirs/>
{dirs}  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="service_start_timeout">10000</limit>
</busconfig>
"#,
        escape_address(&socket.to_string_lossy())
    )
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// D-Bus specification, "Server Addresses": other bytes are written as `%XX`.
fn escape_address(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/.\\*".contains(&byte);
    let escape = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02x}"),
    };
    path.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_are_escaped() {
        assert_eq!(escape_address("/run/user/1000/a b"), "/run/user/1000/a%20b");
        let text = configuration(Path::new("/run/x"), &[PathBuf::from("/a&b")]);
        assert!(text.contains("<servicedir>/a&amp;b</servicedir>"));
        assert!(text.contains("<listen>unix:path=/run/x</listen>"));
    }
}
