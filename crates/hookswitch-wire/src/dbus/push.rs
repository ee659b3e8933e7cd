//! Words of the push interfaces: services, styles, ids, and what is known about a push.

use super::argument::{ArgumentError, Problem};
use super::dict::{Dict, Reader, put, put_some};
use hookswitch_push_core::device::{About, Reason, Style};
use hookswitch_push_core::fresh;
use hookswitch_push_core::push::{PushId, Service};
use hookswitch_push_core::time::Boot;

/// Any span of milliseconds.
const ANY: (u64, u64) = (0, u64::MAX);

/// Whether a callback may begin: the check right before it, in the process of the app. Both in
/// milliseconds of the boot clock (`CLOCK_BOOTTIME`).
#[must_use]
pub fn may_begin(now_ms: u64, deadline_ms: u64) -> bool {
    fresh::may_begin(Boot(now_ms), Boot(deadline_ms))
}

/// Reads services; there is at least one, and none twice.
///
/// # Errors
///
/// When a word is none, or there is no service.
pub fn push_services(names: &[String]) -> Result<Vec<Service>, ArgumentError> {
    let known = "voip, app";
    let wrong = || ArgumentError::new("services", Problem::UnknownWord { known });
    let mut services = Vec::new();
    for name in names {
        let service = Service::from_name(name).ok_or_else(wrong)?;
        if !services.contains(&service) {
            services.push(service);
        }
    }
    match services.is_empty() {
        true => Err(wrong()),
        false => Ok(services),
    }
}

/// Reads how an app takes call pushes.
///
/// # Errors
///
/// When the word is none.
pub fn push_style(name: &str) -> Result<Style, ArgumentError> {
    let known = "metadata, always-report";
    let wrong = || ArgumentError::new("style", Problem::UnknownWord { known });
    Style::from_name(name).ok_or_else(wrong)
}

/// Reads the id of a push.
///
/// # Errors
///
/// When it is none.
pub fn push_id(text: &str) -> Result<PushId, ArgumentError> {
    let known = "the id of a push, as the app was given it";
    let wrong = || ArgumentError::new("push", Problem::UnknownWord { known });
    PushId::from_text(text).ok_or_else(wrong)
}

/// What an app is told about a push beside its payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushAbout {
    /// Whether a call must be reported for it.
    pub must_report: bool,
    /// Why not: `active-call`, `foreground`, `stale`, `no-call`; `none` if one must.
    pub reason: String,
    /// It is not older than this, in milliseconds.
    pub age_ms: u64,
    /// It lived at least so much longer as it was handed out, in milliseconds.
    pub remaining_ms: u64,
    /// Whether it waited in the store of the gateway.
    pub stored: bool,
    /// What it replaces on the screen.
    pub collapse: Option<String>,
}

impl PushAbout {
    /// What the push core knows.
    #[must_use]
    pub fn new(about: About, collapse: Option<String>) -> Self {
        Self {
            must_report: about.must_report,
            reason: about.reason.name().to_owned(),
            age_ms: about.age_ms,
            remaining_ms: about.expires_in_ms,
            stored: about.stored,
            collapse,
        }
    }

    /// As a dictionary.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut dict = Dict::new();
        put(&mut dict, "must_report", self.must_report);
        put(&mut dict, "reason", self.reason.as_str());
        put(&mut dict, "age_ms", self.age_ms);
        put(&mut dict, "remaining_ms", self.remaining_ms);
        put(&mut dict, "stored", self.stored);
        put_some(&mut dict, "collapse", self.collapse.as_deref());
        dict
    }

    /// Reads a dictionary. A push that says nothing about the duty has it.
    ///
    /// # Errors
    ///
    /// When a value has another type.
    pub fn from_dict(dict: &Dict) -> Result<Self, ArgumentError> {
        let reader = Reader(dict);
        let reason = reader.string("reason")?;
        Ok(Self {
            must_report: reader.boolean("must_report")?.unwrap_or(true),
            reason: reason.map_or_else(|| Reason::None.name().to_owned(), str::to_owned),
            age_ms: reader.number("age_ms", ANY)?.unwrap_or_default(),
            remaining_ms: reader.number("remaining_ms", ANY)?.unwrap_or_default(),
            stored: reader.boolean("stored")?.unwrap_or_default(),
            collapse: reader.string("collapse")?.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_reads_back() {
        for collapse in [None, Some("door".to_owned())] {
            let about = About {
                must_report: false,
                reason: Reason::Stale,
                age_ms: 31_000,
                expires_in_ms: 9,
                stored: true,
            };
            let about = PushAbout::new(about, collapse);
            assert_eq!(PushAbout::from_dict(&about.to_dict()), Ok(about));
        }
        let nothing = PushAbout::from_dict(&Dict::new()).expect("nothing is said");
        assert!(nothing.must_report, "the old rule");
    }

    #[test]
    fn words_are_read_and_others_refused() {
        let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let both = push_services(&names(&["voip", "app", "voip"]));
        assert_eq!(both, Ok(vec![Service::Voip, Service::App]));
        assert!(push_services(&[]).is_err());
        assert!(push_services(&names(&["mail"])).is_err());
        assert_eq!(push_style("always-report"), Ok(Style::AlwaysReport));
        assert!(push_style("never").is_err());
        assert!(push_id("7").is_err());
    }
}
