//! The delivery log of the development environment: the stages of each push.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use hookswitch_push_core::gateway::Stage;
use hookswitch_push_core::push::PushId;
use hookswitch_push_core::time::Utc;

use crate::bounds;

/// The log; it holds no payload, no token and no app.
#[derive(Debug, Default)]
pub struct DeliveryLog(Mutex<Lines>);

#[derive(Debug, Default)]
struct Lines {
    by_id: BTreeMap<PushId, Entry>,
    order: VecDeque<PushId>,
}

#[derive(Debug)]
struct Entry {
    unique: String,
    stages: Vec<(Utc, Stage)>,
}

/// Stages of one push; a push that comes again and again is not kept in full.
const STAGES: usize = 32;

impl DeliveryLog {
    /// A push gets its key.
    pub fn begin(&self, id: PushId, unique: String) {
        let mut lines = self.0.lock().unwrap_or_else(|p| p.into_inner());
        let stages = Vec::new();
        if lines.by_id.insert(id, Entry { unique, stages }).is_none() {
            lines.order.push_back(id);
        }
        if lines.order.len() > bounds::DELIVERIES
            && let Some(oldest) = lines.order.pop_front()
        {
            lines.by_id.remove(&oldest);
        }
    }

    /// A push reached a stage.
    pub fn reached(&self, id: PushId, at: Utc, stage: Stage) {
        let mut lines = self.0.lock().unwrap_or_else(|p| p.into_inner());
        let entry = lines.by_id.get_mut(&id);
        if let Some(entry) = entry.filter(|entry| entry.stages.len() < STAGES) {
            entry.stages.push((at, stage));
        }
    }

    /// The stages of the push with this key, as JSON.
    pub fn find(&self, unique: &str) -> Option<String> {
        let lines = self.0.lock().unwrap_or_else(|p| p.into_inner());
        let entry = lines.by_id.values().find(|entry| entry.unique == unique)?;
        let stages = entry.stages.iter().map(|(at, stage)| {
            let stage = format!("{stage:?}");
            serde_json::json!({ "at": at.0, "stage": stage })
        });
        let stages: Vec<_> = stages.collect();
        Some(serde_json::json!({ "stages": stages }).to_string())
    }
}
