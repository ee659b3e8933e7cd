//! Error names and their place in CallKit's numbering.

use std::fmt;

use hookswitch_model::Rejection;

use super::directory_error::DirectoryCode;
use super::names::ERROR_PREFIX;

/// Why a method call failed, as the bus names it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorCode {
    /// See [`Rejection::Unentitled`].
    Unentitled,
    /// See [`Rejection::UnknownProvider`].
    UnknownProvider,
    /// See [`Rejection::EmptyTransaction`].
    EmptyTransaction,
    /// See [`Rejection::UnknownCall`].
    UnknownCall,
    /// See [`Rejection::AlreadyEnded`].
    AlreadyEnded,
    /// See [`Rejection::CallExists`].
    CallExists,
    /// See [`Rejection::InvalidAction`].
    InvalidAction,
    /// See [`Rejection::NotNow`].
    NotNow,
    /// See [`Rejection::LimitReached`].
    LimitReached,
    /// See [`Rejection::RateLimited`]. The second value of the error reply is the time to wait, in
    /// milliseconds.
    RateLimited,
    /// See [`Rejection::UnknownEndpoint`].
    UnknownEndpoint,
    /// See [`Rejection::UnknownAsk`].
    UnknownAsk,
    /// See [`Rejection::FilteredByDoNotDisturb`].
    FilteredByDoNotDisturb,
    /// See [`Rejection::FilteredByBlockList`].
    FilteredByBlockList,
    /// See [`Rejection::FilteredByRestriction`].
    FilteredByRestriction,
    /// See [`Rejection::UserBusy`].
    UserBusy,
    /// See [`Rejection::FilteredWhileBusy`].
    FilteredWhileBusy,
    /// See [`Rejection::CallIsProtected`].
    CallIsProtected,
    /// See [`Rejection::ArrivedLate`].
    ArrivedLate,
    /// See [`Rejection::AudioBusy`].
    AudioBusy,
    /// The caller does not have the right that the method needs.
    NotPermitted,
    /// The daemon's inbox is full; try again in a moment.
    Busy,
    /// A message that does not follow the contract.
    InvalidArgument,
    /// The daemon broke its own promise, or answered in a way that is not known.
    Internal,
    /// The daemon did not answer in time.
    TimedOut,
    /// The call directory refuses a load.
    Directory(DirectoryCode),
}

/// CallKit's error domains, as far as they have a counterpart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallKitDomain {
    /// `com.apple.CallKit.error` (`CXErrorCode`).
    General,
    /// `com.apple.CallKit.error.incomingcall` (`CXErrorCodeIncomingCallError`).
    IncomingCall,
    /// `com.apple.CallKit.error.requesttransaction` (`CXErrorCodeRequestTransactionError`).
    RequestTransaction,
    /// `com.apple.CallKit.error.calldirectorymanager` (`CXErrorCodeCallDirectoryManagerError`).
    CallDirectory,
}

/// An error as CallKit numbers it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CallKitError {
    /// Its domain.
    pub domain: CallKitDomain,
    /// Its number there.
    pub code: i32,
}

impl ErrorCode {
    /// All codes but those of the directory ([`DirectoryCode::ALL`]), in the order of the
    /// documentation.
    pub const ALL: [Self; 25] = [
        Self::Unentitled,
        Self::UnknownProvider,
        Self::EmptyTransaction,
        Self::UnknownCall,
        Self::AlreadyEnded,
        Self::CallExists,
        Self::InvalidAction,
        Self::NotNow,
        Self::LimitReached,
        Self::RateLimited,
        Self::UnknownEndpoint,
        Self::UnknownAsk,
        Self::FilteredByDoNotDisturb,
        Self::FilteredByBlockList,
        Self::FilteredByRestriction,
        Self::UserBusy,
        Self::FilteredWhileBusy,
        Self::CallIsProtected,
        Self::ArrivedLate,
        Self::AudioBusy,
        Self::NotPermitted,
        Self::Busy,
        Self::InvalidArgument,
        Self::Internal,
        Self::TimedOut,
    ];

    /// The last element of the error name; for a refusal the same as [`Rejection::name`].
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unentitled => "Unentitled",
            Self::UnknownProvider => "UnknownProvider",
            Self::EmptyTransaction => "EmptyTransaction",
            Self::UnknownCall => "UnknownCall",
            Self::AlreadyEnded => "AlreadyEnded",
            Self::CallExists => "CallExists",
            Self::InvalidAction => "InvalidAction",
            Self::NotNow => "NotNow",
            Self::LimitReached => "LimitReached",
            Self::RateLimited => "RateLimited",
            Self::UnknownEndpoint => "UnknownEndpoint",
            Self::UnknownAsk => "UnknownAsk",
            Self::FilteredByDoNotDisturb => "FilteredByDoNotDisturb",
            Self::FilteredByBlockList => "FilteredByBlockList",
            Self::FilteredByRestriction => "FilteredByRestriction",
            Self::UserBusy => "UserBusy",
            Self::FilteredWhileBusy => "FilteredWhileBusy",
            Self::CallIsProtected => "CallIsProtected",
            Self::ArrivedLate => "ArrivedLate",
            Self::AudioBusy => "AudioBusy",
            Self::NotPermitted => "NotPermitted",
            Self::Busy => "Busy",
            Self::InvalidArgument => "InvalidArgument",
            Self::Internal => "Internal",
            Self::TimedOut => "TimedOut",
            Self::Directory(code) => code.name(),
        }
    }

    /// The whole error name, such as `org.hookswitch.Calls1.Error.UnknownCall`.
    #[must_use]
    pub fn dbus_name(self) -> String {
        format!("{ERROR_PREFIX}{}", self.name())
    }

    /// Reads a whole error name.
    #[must_use]
    pub fn from_dbus_name(name: &str) -> Option<Self> {
        let last = name.strip_prefix(ERROR_PREFIX)?;
        let directory = DirectoryCode::ALL.into_iter().map(Self::Directory);
        let mut all = Self::ALL.into_iter().chain(directory);
        all.find(|code| code.name() == last)
    }

    /// The code of a refusal. A kind of refusal this version does not know is [`Self::Internal`].
    #[must_use]
    pub fn of(rejection: &Rejection) -> Self {
        Self::ALL
            .into_iter()
            .find(|code| code.name() == rejection.name())
            .unwrap_or(Self::Internal)
    }

    /// What CallKit would have said to a call of this kind, or `None` where CallKit has no such
    /// case (audio routes, settling an ask twice).
    #[must_use]
    pub fn callkit(self, during: CallKitDomain) -> Option<CallKitError> {
        if self == Self::InvalidArgument {
            return general(2);
        }
        let code = match during {
            CallKitDomain::General => self.general_code(),
            CallKitDomain::IncomingCall => self.incoming_code(),
            CallKitDomain::RequestTransaction => self.transaction_code(),
            CallKitDomain::CallDirectory => self.directory_code(),
        }?;
        Some(CallKitError {
            domain: during,
            code,
        })
    }

    /// What `AVAudioSession` would have said (`NSOSStatusErrorDomain`), where it has such a case:
    /// `insufficientPriority`, the four-character code `!pri`.
    #[must_use]
    pub fn audio_session(self) -> Option<i32> {
        (self == Self::AudioBusy).then_some(i32::from_be_bytes(*b"!pri"))
    }

    /// `CXErrorCode`: unknown 0, unentitled 1, invalid argument 2.
    fn general_code(self) -> Option<i32> {
        match self {
            Self::Unentitled | Self::NotPermitted => Some(1),
            Self::InvalidArgument => Some(2),
            Self::UnknownEndpoint | Self::UnknownAsk | Self::AudioBusy | Self::Directory(_) => None,
            Self::UnknownProvider
            | Self::EmptyTransaction
            | Self::UnknownCall
            | Self::AlreadyEnded
            | Self::CallExists
            | Self::InvalidAction
            | Self::NotNow
            | Self::LimitReached
            | Self::RateLimited
            | Self::FilteredByDoNotDisturb
            | Self::FilteredByBlockList
            | Self::FilteredByRestriction
            | Self::UserBusy
            | Self::FilteredWhileBusy
            | Self::CallIsProtected
            | Self::ArrivedLate
            | Self::Busy
            | Self::Internal
            | Self::TimedOut => Some(0),
        }
    }

    /// `CXErrorCodeIncomingCallError`: unknown 0, unentitled 1, UUID in use 2, filtered by
    /// do-not-disturb 3, by the block list 4, during restricted sharing 5, protected 6.
    fn incoming_code(self) -> Option<i32> {
        match self {
            Self::CallExists => Some(2),
            Self::FilteredByDoNotDisturb => Some(3),
            Self::FilteredByBlockList => Some(4),
            Self::FilteredByRestriction => Some(5),
            Self::CallIsProtected => Some(6),
            Self::InvalidArgument | Self::Directory(_) => None,
            Self::Unentitled
            | Self::NotPermitted
            | Self::UnknownProvider
            | Self::EmptyTransaction
            | Self::UnknownCall
            | Self::AlreadyEnded
            | Self::InvalidAction
            | Self::NotNow
            | Self::LimitReached
            | Self::RateLimited
            | Self::UnknownEndpoint
            | Self::UnknownAsk
            | Self::UserBusy
            | Self::FilteredWhileBusy
            | Self::ArrivedLate
            | Self::AudioBusy
            | Self::Busy
            | Self::Internal
            | Self::TimedOut => self.general_code(),
        }
    }

    /// `CXErrorCodeRequestTransactionError`.
    fn transaction_code(self) -> Option<i32> {
        match self {
            Self::Unentitled | Self::NotPermitted => Some(1),
            Self::UnknownProvider => Some(2),
            Self::EmptyTransaction => Some(3),
            Self::UnknownCall | Self::AlreadyEnded => Some(4),
            Self::CallExists => Some(5),
            Self::InvalidAction | Self::NotNow => Some(6),
            Self::LimitReached => Some(7),
            Self::CallIsProtected => Some(8),
            Self::RateLimited | Self::Busy | Self::Internal | Self::TimedOut => Some(0),
            Self::UnknownEndpoint
            | Self::UnknownAsk
            | Self::FilteredByDoNotDisturb
            | Self::FilteredByBlockList
            | Self::FilteredByRestriction
            | Self::UserBusy
            | Self::FilteredWhileBusy
            | Self::ArrivedLate
            | Self::AudioBusy
            | Self::InvalidArgument
            | Self::Directory(_) => None,
        }
    }

    /// `CXErrorCodeCallDirectoryManagerError`: whatever is not of the directory is unknown, 0.
    fn directory_code(self) -> Option<i32> {
        if let Self::Directory(code) = self {
            return Some(code.callkit());
        }
        self.general_code().map(|_| 0)
    }
}

fn general(code: i32) -> Option<CallKitError> {
    Some(CallKitError {
        domain: CallKitDomain::General,
        code,
    })
}

impl CallKitDomain {
    /// The domain string of Apple's `NSError`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::General => "com.apple.CallKit.error",
            Self::IncomingCall => "com.apple.CallKit.error.incomingcall",
            Self::RequestTransaction => "com.apple.CallKit.error.requesttransaction",
            Self::CallDirectory => "com.apple.CallKit.error.calldirectorymanager",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_model::{ActionFault, ActionKind, CallId, EndReason, Limit, ProviderId};

    use super::*;

    const CALL: CallId = CallId(1);
    const FAULT: ActionFault = ActionFault::CannotHold;
    /// Each refusal with CallKit's code in the incoming and in the transaction domain.
    const TABLE: [(Rejection, Option<i32>, Option<i32>); 20] = [
        (Rejection::Unentitled, Some(1), Some(1)),
        (Rejection::UnknownProvider, Some(0), Some(2)),
        (Rejection::EmptyTransaction, Some(0), Some(3)),
        (Rejection::UnknownCall(CALL), Some(0), Some(4)),
        (
            Rejection::AlreadyEnded {
                call: CALL,
                reason: EndReason::Busy,
            },
            Some(0),
            Some(4),
        ),
        (Rejection::CallExists(CALL), Some(2), Some(5)),
        (
            Rejection::InvalidAction {
                call: CALL,
                action: ActionKind::SetHeld,
                fault: FAULT,
            },
            Some(0),
            Some(6),
        ),
        (Rejection::NotNow(FAULT), Some(0), Some(6)),
        (
            Rejection::LimitReached {
                limit: Limit::Groups,
                max: 2,
                of: None,
            },
            Some(0),
            Some(7),
        ),
        (
            Rejection::RateLimited {
                limit: Limit::ReportRate,
                wait_ms: 3,
            },
            Some(0),
            Some(0),
        ),
        (Rejection::UnknownEndpoint, None, None),
        (Rejection::UnknownAsk, None, None),
        (Rejection::FilteredByDoNotDisturb, Some(3), None),
        (Rejection::FilteredByBlockList, Some(4), None),
        (Rejection::FilteredByRestriction, Some(5), None),
        (Rejection::UserBusy, Some(0), None),
        (Rejection::FilteredWhileBusy, Some(0), None),
        (Rejection::CallIsProtected, Some(6), Some(8)),
        (Rejection::ArrivedLate, Some(0), None),
        (
            Rejection::AudioBusy {
                holder: ProviderId(1),
            },
            None,
            None,
        ),
    ];

    #[test]
    fn every_refusal_has_its_name_and_its_callkit_number() {
        for (rejection, incoming, transaction) in &TABLE {
            let code = ErrorCode::of(rejection);
            assert_eq!(code.name(), rejection.name());
            let number = |domain| code.callkit(domain).map(|error| error.code);
            assert_eq!(number(CallKitDomain::IncomingCall), *incoming, "{code}");
            assert_eq!(
                number(CallKitDomain::RequestTransaction),
                *transaction,
                "{code}"
            );
        }
    }

    #[test]
    fn names_read_back_and_are_used_once() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_dbus_name(&code.dbus_name()), Some(code));
        }
        assert_eq!(
            ErrorCode::UnknownCall.dbus_name(),
            "org.hookswitch.Calls1.Error.UnknownCall"
        );
        for other in ["UnknownCall", "org.hookswitch.Calls1.Error.Unheard", ""] {
            assert_eq!(ErrorCode::from_dbus_name(other), None, "{other}");
        }
    }

    #[test]
    fn busy_audio_has_the_number_of_the_audio_session() {
        assert_eq!(ErrorCode::AudioBusy.audio_session(), Some(561_017_449));
        assert_eq!(ErrorCode::Busy.audio_session(), None);
    }

    #[test]
    fn an_invalid_argument_is_of_the_general_domain() {
        for domain in [
            CallKitDomain::General,
            CallKitDomain::IncomingCall,
            CallKitDomain::RequestTransaction,
        ] {
            assert_eq!(
                ErrorCode::InvalidArgument.callkit(domain),
                general(2),
                "{}",
                domain.name()
            );
        }
    }
}
