//! Push types, their topics, their limits.

use super::reason::Reason;
use crate::push::Service;

/// What a push is for: the header `apns-push-type`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Something to show.
    Alert,
    /// Something to do without showing.
    Background,
    /// A call.
    Voip,
    /// A push-to-talk channel.
    PushToTalk,
    /// Data for a watch face.
    Complication,
    /// A change of files.
    FileProvider,
    /// A request for the location.
    Location,
    /// A live activity.
    LiveActivity,
    /// A change of widgets.
    Widgets,
    /// A change of controls.
    Controls,
    /// Device management.
    Mdm,
}

/// One row: the type's name and the suffix of its topic.
type Row = (Kind, &'static str, &'static str);

const TABLE: &[Row] = &[
    (Kind::Alert, "alert", ""),
    (Kind::Background, "background", ""),
    (Kind::Voip, "voip", ".voip"),
    (Kind::PushToTalk, "pushtotalk", ".voip-ptt"),
    (Kind::Complication, "complication", ".complication"),
    (Kind::FileProvider, "fileprovider", ".pushkit.fileprovider"),
    (Kind::Location, "location", ".location-query"),
    (
        Kind::LiveActivity,
        "liveactivity",
        ".push-type.liveactivity",
    ),
    (Kind::Widgets, "widgets", ".push-type.widgets"),
    (Kind::Controls, "controls", ".push-type.controls"),
    (Kind::Mdm, "mdm", ""),
];

/// The largest body of a call push, in bytes.
pub const VOIP_MAX: usize = 5_120;
/// The largest body of any other push, in bytes.
pub const BODY_MAX: usize = 4_096;
/// The longest topic without its suffix, in bytes: one byte of length on the device link.
const APP_MAX: usize = 200;

impl Kind {
    /// The type with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let row = TABLE.iter().find(|(_, known, _)| *known == name)?;
        Some(row.0)
    }

    /// The largest body, in bytes.
    #[must_use]
    pub fn body_max(self) -> usize {
        if self == Self::Voip {
            VOIP_MAX
        } else {
            BODY_MAX
        }
    }

    /// Which token of the app such a push is for.
    #[must_use]
    pub fn service(self) -> Service {
        if self == Self::Voip {
            Service::Voip
        } else {
            Service::App
        }
    }

    fn suffix(self) -> &'static str {
        let row = TABLE.iter().find(|(kind, _, _)| *kind == self);
        row.map_or("", |(_, _, suffix)| suffix)
    }
}

/// The app of a topic, and the push type: as named, or as the suffix says.
///
/// # Errors
///
/// `BadTopic` when the topic is no bundle id or has not the suffix of the named type.
pub fn split(topic: &str, named: Option<Kind>) -> Result<(&str, Kind), Reason> {
    let by_suffix = || {
        let row = TABLE
            .iter()
            .find(|(_, _, s)| !s.is_empty() && topic.ends_with(s));
        row.map_or(Kind::Alert, |(kind, _, _)| *kind)
    };
    let kind = named.unwrap_or_else(by_suffix);
    if kind.suffix().is_empty() && by_suffix() == Kind::Voip {
        return Err(Reason::BadTopic);
    }
    let app = topic.strip_suffix(kind.suffix()).ok_or(Reason::BadTopic)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if app.is_empty() || app.len() > APP_MAX || !app.chars().all(fits) {
        return Err(Reason::BadTopic);
    }
    Ok((app, kind))
}
