//! Where a test kills the daemon: before the n-th effect since it started.
//!
//! Only in builds with debug assertions; a release build has no such place.

/// Counts effects, and ends the process with SIGKILL at the one that was asked for.
#[derive(Debug, Default)]
pub struct Boundary {
    /// How many are still to come; zero means that nobody asked.
    left: u64,
}

impl Boundary {
    /// The boundary that the environment variable `HOOKSWITCH_KILL_AT` names, if there is one.
    #[must_use]
    pub fn from_environment() -> Self {
        if !cfg!(debug_assertions) {
            return Self::default();
        }
        let wanted = std::env::var("HOOKSWITCH_KILL_AT").ok();
        let left = wanted.and_then(|text| text.parse().ok());
        Self {
            left: left.unwrap_or(0),
        }
    }

    /// One effect is about to be carried out.
    pub fn cross(&mut self) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        if self.left == 0 {
            // No destructor runs and no buffer is written: as the kernel ends a process.
            let own = rustix::process::getpid();
            let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
            std::process::abort();
        }
    }
}
