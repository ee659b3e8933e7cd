//! A private session bus.
//!
//! Input: optionally a folder of D-Bus service files, for activation.
//! Output: the address of a running `dbus-daemon`.
//!
//! # Promises
//!
//! - **S1** a service that never claims its name fails after [`START_MAX_MS`], not after the
//!   stock two minutes.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::bed::Bed;
use crate::process::Process;

/// How long the bus waits for an activated service.
pub const START_MAX_MS: u32 = 5_000;
const READY_MAX: Duration = Duration::from_secs(20);

/// A running private bus; dropping it ends it and what it activated.
#[derive(Debug)]
pub struct PrivateBus {
    daemon: Process,
    address: String,
}

impl PrivateBus {
    /// Starts a bus. Service files are read from `data/dbus-1/services` of the bed.
    ///
    /// # Panics
    ///
    /// When `dbus-daemon` is missing or is not ready in time.
    pub fn start(bed: &Bed) -> Self {
        let services = bed.path().join("data/dbus-1/services");
        fs::create_dir_all(&services).expect("the bed's data folder takes folders");
        Self::with_services(bed, &services)
    }

    /// Starts a bus that activates the services of a folder.
    ///
    /// # Panics
    ///
    /// When `dbus-daemon` is missing or is not ready in time.
    pub fn with_services(bed: &Bed, services: &Path) -> Self {
        let config = bed.path().join("bus.conf");
        let text = configuration(&bed.runtime_dir(), services);
        fs::write(&config, text).expect("the bed is writable");
        let mut command = Command::new("dbus-daemon");
        command.arg(format!("--config-file={}", config.display()));
        command
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .envs(bed.env());
        command.env_remove("DBUS_SESSION_BUS_ADDRESS");
        let daemon = Process::spawn("dbus-daemon", command);
        let address = daemon.wait_for_line("unix:", READY_MAX);
        Self { daemon, address }
    }

    /// The address that clients connect to.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The environment that points programs to this bus; apply it after [`Bed::env`].
    pub fn env(&self) -> Vec<(String, String)> {
        vec![("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.address.clone())]
    }

    /// Stops the bus where it is: it takes and gives nothing until [`thaw`](Self::thaw).
    ///
    /// # Panics
    ///
    /// When it still runs after a few seconds.
    #[track_caller]
    pub fn freeze(&self) {
        self.daemon.freeze();
    }

    /// Lets a stopped bus go on.
    pub fn thaw(&self) {
        self.daemon.signal(Signal::CONT);
    }

    /// Kills the bus, as a crash would.
    pub fn kill(&mut self) {
        self.daemon.kill();
    }
}

fn configuration(runtime: &Path, services: &Path) -> String {
    let (runtime, services) = (runtime.display(), services.display());
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={runtime}</listen>
  <servicedir>{services}</servicedir>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="service_start_timeout">{START_MAX_MS}</limit>
</busconfig>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_buses_run_side_by_side() {
        let (one, two) = (Bed::new(), Bed::new());
        let (one, two) = (PrivateBus::start(&one), PrivateBus::start(&two));
        assert_ne!(one.address(), two.address());
    }
}
