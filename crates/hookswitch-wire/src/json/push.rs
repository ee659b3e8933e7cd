//! The pushes of this device as JSON documents: for people and apps, and as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the kept document.
pub const PUSHES_VERSION: u32 = 1;

/// What is to be told about pushes.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PushStatus {
    /// `host:port` of the gateway; nothing if none is configured.
    pub gateway: Option<String>,
    /// Whether the link to it is up.
    pub linked: bool,
    /// Why it is not, as far as that is known.
    pub fault: Option<String>,
    /// The apps that take pushes, by name.
    pub apps: Vec<PushApp>,
}

/// One app that takes pushes.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PushApp {
    /// Its bus name, which is the topic of its pushes without a suffix.
    pub app: String,
    /// Whether its push registry is up.
    pub running: bool,
    /// Its token for each service (`voip`, `app`) that it registered; empty until the gateway gave
    /// one.
    pub tokens: BTreeMap<String, String>,
    /// Pushes of the last 24 hours for which it reported no call.
    pub strikes: u64,
    /// Until when it is not started for pushes, in milliseconds since the Unix epoch.
    pub stopped_until_ms: Option<i64>,
    /// What became of its last pushes, oldest first.
    pub history: Vec<PushRecord>,
}

/// One line of the history of an app.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PushRecord {
    /// The push: what the sender gave or got as `apns-id`.
    pub push: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What: `arrived`, `launched`, `handed`, `completed`, `expired`, `duplicate`, `stale`,
    /// `stopped`, `lost`, `no-app`, `crowded`, `strike`.
    pub what: String,
}

/// What of the pushes outlives the daemon.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptPushes {
    /// [`PUSHES_VERSION`].
    pub version: u32,
    /// Which start of the machine its boot clock counts from.
    pub boot_id: String,
    /// When it was written, in milliseconds of the boot clock.
    pub boot_ms: u64,
    /// When it was written, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The gateway that gave the tokens.
    pub gateway: String,
    /// The apps.
    pub apps: Vec<KeptPushApp>,
    /// Pushes that were completed, and until when they could come again (boot clock).
    pub completed: Vec<(String, u64)>,
}

/// One app as it is kept.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptPushApp {
    /// Its bus name.
    pub app: String,
    /// Its tokens, by service; empty until there is one.
    pub tokens: BTreeMap<String, String>,
    /// How old its strikes were.
    pub strike_ages_ms: Vec<u64>,
    /// For how much longer it was not to be started.
    pub stopped_for_ms: Option<u64>,
}
