//! What can go wrong, and what to do about it.

use std::fmt;
use std::time::Duration;

use hookswitch_wire::dbus::{
    ArgumentError, CallKitDomain, CallKitError, ErrorCode, Occupied, PlacesRow, RouteFault,
    places_from_row,
};

/// Why something did not work. Each message says what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The daemon refused; nothing changed.
    Refused {
        /// Which kind of refusal.
        code: ErrorCode,
        /// The daemon's sentence about it.
        message: String,
        /// During what, which decides about CallKit's domain.
        during: CallKitDomain,
        /// In how long the same would be let through, if it came too fast
        /// ([`ErrorCode::RateLimited`]).
        retry_after: Option<Duration>,
        /// The calls that take up the places of a limit ([`ErrorCode::LimitReached`]), where calls
        /// do: the app's own by name, those of other apps as a number.
        occupied: Option<Occupied>,
    },
    /// A value that cannot be sent; found before anything was sent.
    InvalidArgument(ArgumentError),
    /// There is no session bus.
    NoBus(NoBus),
    /// Another process owns the app's bus name.
    NameTaken(String),
    /// The bus does not let this process own the app's bus name.
    NameRefused(String),
    /// The daemon is not running, and did not come (back) in time.
    DaemonGone,
    /// The daemon did not answer in time.
    TimedOut,
    /// The daemon's answer makes no sense to this version of the SDK.
    BadReply(String),
    /// The provider was invalidated.
    Closed,
    /// The other party of a former call cannot be called back; this is why.
    NotCallable(String),
    /// An audio device that was asked for did not come into use.
    NotRouted(RouteFault),
    /// This machine gives no memory for what is to be sent.
    NoMemory(String),
}

/// Where a bus was looked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NoBus {
    /// Each place and what was found there.
    pub tried: Vec<String>,
}

impl Error {
    /// The error CallKit would have given, or `None` where it has no counterpart.
    #[must_use]
    pub fn callkit_code(&self) -> Option<CallKitError> {
        let general = |code| {
            Some(CallKitError {
                domain: CallKitDomain::General,
                code,
            })
        };
        match self {
            Self::Refused { code, during, .. } => code.callkit(*during),
            Self::InvalidArgument(_) => general(2),
            Self::NameTaken(_) | Self::NameRefused(_) => general(1),
            Self::NotCallable(_) | Self::NotRouted(_) => None,
            Self::NoBus(_)
            | Self::DaemonGone
            | Self::TimedOut
            | Self::BadReply(_)
            | Self::NoMemory(_)
            | Self::Closed => general(0),
        }
    }

    /// Whether the daemon could not be reached, in contrast to having refused.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NoBus(_) | Self::DaemonGone | Self::TimedOut => true,
            Self::Refused { .. }
            | Self::InvalidArgument(_)
            | Self::NameTaken(_)
            | Self::NameRefused(_)
            | Self::BadReply(_)
            | Self::NotCallable(_)
            | Self::NotRouted(_)
            | Self::NoMemory(_)
            | Self::Closed => false,
        }
    }

    /// The same, with the name of the app where it is about that.
    pub(crate) fn about(self, app: &str) -> Self {
        if matches!(self, Self::NameTaken(_)) {
            Self::NameTaken(app.to_owned())
        } else if matches!(self, Self::NameRefused(_)) {
            Self::NameRefused(app.to_owned())
        } else {
            self
        }
    }

    /// How long to wait before the same is tried again, if it came too fast.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Refused { retry_after, .. } = self {
            *retry_after
        } else {
            None
        }
    }

    /// The calls that take up the places of the limit that was reached, where calls do.
    #[must_use]
    pub fn occupied(&self) -> Option<&Occupied> {
        if let Self::Refused { occupied, .. } = self {
            occupied.as_ref()
        } else {
            None
        }
    }

    /// The refusal's kind, if it was one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::InvalidArgument(_) => Some(ErrorCode::InvalidArgument),
            Self::TimedOut => Some(ErrorCode::TimedOut),
            Self::NoBus(_)
            | Self::NameTaken(_)
            | Self::NameRefused(_)
            | Self::DaemonGone
            | Self::BadReply(_)
            | Self::NotCallable(_)
            | Self::NotRouted(_)
            | Self::NoMemory(_)
            | Self::Closed => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { message, .. } => f.write_str(message),
            Self::NotCallable(why) => write!(f, "cannot be called back: {why}"),
            Self::NotRouted(fault) => f.write_str(not_routed(*fault)),
            Self::InvalidArgument(error) => error.fmt(f),
            Self::NoBus(no_bus) => no_bus.fmt(f),
            Self::NameTaken(app) => write!(
                f,
                "another process already runs as {app}; end it first, or use another app id"
            ),
            Self::NameRefused(app) => write!(
                f,
                "the bus does not let this process own the name {app}; in a sandbox, add it to \
                 the permissions of the app"
            ),
            Self::DaemonGone => f.write_str(
                "the call system is not running; start it with \"hookswitchd\", or look at it \
                 with \"hookswitch doctor\"",
            ),
            Self::TimedOut => f.write_str(
                "the call system did not answer in time; \"hookswitch doctor\" says how it is",
            ),
            Self::BadReply(what) => write!(
                f,
                "the call system answered in a way this version does not understand ({what}); \
                 use the same version of both"
            ),
            Self::NoMemory(why) => write!(
                f,
                "no memory to send the entries with ({why}); close other programs and try again"
            ),
            Self::Closed => f.write_str("the provider was invalidated; connect a new one"),
        }
    }
}

impl std::error::Error for Error {}

fn not_routed(fault: RouteFault) -> &'static str {
    match fault {
        RouteFault::Superseded => "another audio device was chosen meanwhile, and counts",
        RouteFault::Gone => "the audio device went away; connect it, or choose another one",
        RouteFault::Refused => {
            "the audio server refused the device; choose another one, or look at \
             \"hookswitch doctor\""
        }
        RouteFault::TimedOut => {
            "the audio device did not answer in time; try again, or choose another one"
        }
        RouteFault::ServerLost => {
            "the audio server stopped; the device is used when the server is back"
        }
    }
}

impl fmt::Display for NoBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no session bus found; start the call system with \"hookswitchd\", which brings its \
             own",
        )?;
        if self.tried.is_empty() {
            return Ok(());
        }
        write!(f, ". Looked at: {}", self.tried.join("; "))
    }
}

impl From<ArgumentError> for Error {
    fn from(error: ArgumentError) -> Self {
        Self::InvalidArgument(error)
    }
}

/// Whether a failed call says that nobody serves the daemon's name, or that the connection broke.
pub(crate) fn is_gone(error: &zbus::Error) -> bool {
    if let zbus::Error::InputOutput(error) = error {
        return error.kind() != std::io::ErrorKind::TimedOut;
    }
    let zbus::Error::FDO(error) = error else {
        return false;
    };
    matches!(
        **error,
        zbus::fdo::Error::ServiceUnknown(_)
            | zbus::fdo::Error::NameHasNoOwner(_)
            | zbus::fdo::Error::NoReply(_)
            | zbus::fdo::Error::Disconnected(_)
    )
}

/// Turns a failed call into an error of ours.
pub(crate) fn from_call(error: &zbus::Error, during: CallKitDomain) -> Error {
    if is_gone(error) {
        return Error::DaemonGone;
    }
    if let zbus::Error::InputOutput(_) = error {
        return Error::TimedOut;
    }
    let zbus::Error::MethodError(name, message, reply) = error else {
        return Error::BadReply(error.to_string());
    };
    match ErrorCode::from_dbus_name(name) {
        Some(code) => Error::Refused {
            code,
            message: message.clone().unwrap_or_else(|| code.to_string()),
            during,
            retry_after: wait_in(reply),
            occupied: places_in(reply),
        },
        None => Error::BadReply(name.to_string()),
    }
}

/// What follows the sentence where calls take up the places of a limit.
fn places_in(reply: &zbus::Message) -> Option<Occupied> {
    let body = reply.body();
    let (_, calls, others, max): (String, _, _, _) = body.deserialize().ok()?;
    let row: PlacesRow = (calls, others, max);
    Some(places_from_row(row))
}

/// The second value of the reply, which only refusals of what came too fast have.
fn wait_in(reply: &zbus::Message) -> Option<Duration> {
    let (_, wait_ms): (String, u64) = reply.body().deserialize().ok()?;
    Some(Duration::from_millis(wait_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_carry_callkits_numbers() {
        let refused = |code, during| Error::Refused {
            code,
            message: String::new(),
            during,
            retry_after: None,
            occupied: None,
        };
        let number = |error: Error| error.callkit_code().map(|e| (e.domain, e.code));
        use CallKitDomain::{General, IncomingCall, RequestTransaction};
        let check = |error, want| assert_eq!(number(error), want);
        check(
            refused(ErrorCode::CallExists, IncomingCall),
            Some((IncomingCall, 2)),
        );
        check(
            refused(ErrorCode::LimitReached, RequestTransaction),
            Some((RequestTransaction, 7)),
        );
        check(refused(ErrorCode::UnknownAsk, General), None);
        check(Error::DaemonGone, Some((General, 0)));
        check(Error::NameTaken("a.b".into()), Some((General, 1)));
    }

    #[test]
    fn a_missing_bus_tells_where_it_was_looked_for() {
        let error = Error::NoBus(NoBus {
            tried: vec!["DBUS_SESSION_BUS_ADDRESS: not set".into()],
        });
        assert!(error.is_unreachable());
        let text = error.to_string();
        assert!(text.contains("hookswitchd"), "{text}");
        assert!(
            text.ends_with("Looked at: DBUS_SESSION_BUS_ADDRESS: not set"),
            "{text}"
        );
    }
}
