//! How one view differs from the one before: what a WebSocket client is sent instead of the whole.
//!
//! # Promises
//!
//! - **VC1** who has the view that a change starts from, and applies it, has exactly the view that
//!   it leads to. A change that starts elsewhere is refused and changes nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::types::{CallView, View};

/// A change of the view.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ViewChange {
    /// The revision of the view that it starts from.
    pub from: u64,
    /// The revision that it leads to. The same as `from` if only the recents changed.
    pub revision: u64,
    /// The cards that are new or changed, each in full.
    pub calls: Vec<CallView>,
    /// The ids of all cards, in their order, if one came, went or moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<String>>,
    /// All other fields of the view that have another value now.
    pub fields: Map<String, Value>,
}

impl ViewChange {
    /// How `after` differs from `before`.
    #[must_use]
    pub fn between(before: &View, after: &View) -> Self {
        let is_new = |card: &&CallView| !before.calls.contains(card);
        let ids = |view: &View| -> Vec<String> {
            view.calls.iter().map(|card| card.call.clone()).collect()
        };
        let (old, mut fields) = (other_fields(before), other_fields(after));
        fields.retain(|name, value| old.get(name) != Some(value));
        Self {
            from: before.revision,
            revision: after.revision,
            calls: after.calls.iter().filter(is_new).cloned().collect(),
            order: Some(ids(after)).filter(|order| *order != ids(before)),
            fields,
        }
    }

    /// The view that it leads to from `view`; `None` if it does not start there, or does not fit.
    #[must_use]
    pub fn apply(&self, view: &View) -> Option<View> {
        if self.from != view.revision {
            return None;
        }
        let mut fields = other_fields(view);
        fields.extend(self.fields.clone());
        fields.insert("calls".to_owned(), Value::Array(Vec::new()));
        fields.insert("revision".to_owned(), self.revision.into());
        let mut fresh: View = serde_json::from_value(Value::Object(fields)).ok()?;
        let find = |id: &String| {
            let changed = self.calls.iter().find(|card| card.call == *id);
            changed.or_else(|| view.calls.iter().find(|card| card.call == *id))
        };
        let order = self.order.clone().unwrap_or_else(|| {
            let ids = view.calls.iter().map(|card| card.call.clone());
            ids.collect()
        });
        let cards: Option<Vec<CallView>> = order.iter().map(|id| find(id).cloned()).collect();
        fresh.calls = cards?;
        Some(fresh)
    }
}

/// The fields besides cards and revision.
fn other_fields(view: &View) -> Map<String, Value> {
    match serde_json::to_value(view) {
        Ok(Value::Object(mut map)) => {
            map.remove("calls");
            map.remove("revision");
            map
        }
        Ok(_) | Err(_) => Map::new(),
    }
}
