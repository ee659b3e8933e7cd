//! Counters, in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hookswitch_push_core::gateway::Stage;

/// All counters of one gateway. Nothing here names a device, an app or a sender.
#[derive(Debug, Default)]
pub struct Metrics {
    answers: Mutex<BTreeMap<(u16, &'static str), u64>>,
    stages: Mutex<BTreeMap<Stage, u64>>,
    senders: AtomicI64,
    devices: AtomicI64,
    links: AtomicU64,
    disputed: AtomicU64,
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, status: u16, reason: &'static str) {
        let mut answers = self.answers.lock().unwrap_or_else(|p| p.into_inner());
        *answers.entry((status, reason)).or_default() += 1;
    }

    /// A push reached a stage.
    pub fn reached(&self, stage: Stage) {
        let mut stages = self.stages.lock().unwrap_or_else(|p| p.into_inner());
        *stages.entry(stage).or_default() += 1;
    }

    /// A connection of a sender began (1) or ended (-1).
    pub fn sender(&self, change: i64) {
        self.senders.fetch_add(change, Ordering::Relaxed);
    }

    /// A connection of a device began (1) or ended (-1).
    pub fn device(&self, change: i64) {
        self.devices.fetch_add(change, Ordering::Relaxed);
        if change > 0 {
            self.links.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the wall clock was stepped.
    pub fn clock(&self, is_disputed: bool) {
        self.disputed.store(is_disputed.into(), Ordering::Relaxed);
    }

    /// The page.
    pub fn page(&self) -> String {
        let mut page = String::new();
        let head = |page: &mut String, name: &str, kind: &str, help: &str| {
            let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        let name = "hookswitch_push_answers_total";
        head(&mut page, name, "counter", "Answers to senders.");
        let answers = self.answers.lock().unwrap_or_else(|p| p.into_inner());
        for ((status, reason), count) in answers.iter() {
            let labels = format!("status=\"{status}\",reason=\"{reason}\"");
            let _ = writeln!(page, "{name}{{{labels}}} {count}");
        }
        let name = "hookswitch_push_stages_total";
        head(&mut page, name, "counter", "Stages that pushes reached.");
        let stages = self.stages.lock().unwrap_or_else(|p| p.into_inner());
        for (stage, count) in stages.iter() {
            let _ = writeln!(page, "{name}{{stage=\"{stage:?}\"}} {count}");
        }
        let load = |value: &AtomicI64| value.load(Ordering::Relaxed);
        for (name, help, value) in [
            ("senders", "Connections of senders.", load(&self.senders)),
            ("devices", "Connections of devices.", load(&self.devices)),
        ] {
            let name = format!("hookswitch_push_{name}");
            head(&mut page, &name, "gauge", help);
            let _ = writeln!(page, "{name} {value}");
        }
        let load = |value: &AtomicU64| value.load(Ordering::Relaxed);
        let name = "hookswitch_push_links_total";
        head(&mut page, name, "counter", "Connections of devices so far.");
        let _ = writeln!(page, "{name} {}", load(&self.links));
        let name = "hookswitch_push_clock_disputed";
        head(
            &mut page,
            name,
            "gauge",
            "1 when the wall clock was stepped.",
        );
        let _ = writeln!(page, "{name} {}", load(&self.disputed));
        page
    }
}
