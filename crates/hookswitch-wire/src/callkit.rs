//! Apple's numbers, as data: error domains and codes, end reasons, digit types, audio codes.
//!
//! `docs/callkit.md` shows them beside our names; a test holds the page to these tables. Names and
//! numbers are those of Apple's public reference (developer.apple.com/documentation/callkit and
//! /avfaudio); what an error of ours becomes there decides [`ErrorCode::callkit`].
//!
//! [`ErrorCode::callkit`]: crate::dbus::ErrorCode::callkit

use hookswitch_model::EndReason;

/// One domain of errors: its string and its codes.
pub type Domain = (&'static str, &'static [(&'static str, i32)]);

/// All domains of CallKit.
pub const DOMAINS: [Domain; 5] = [
    (
        "com.apple.CallKit.error",
        &[
            ("unknownError", 0),
            ("unentitled", 1),
            ("invalidArgument", 2),
            ("missingVoIPBackgroundMode", 3),
        ],
    ),
    (
        "com.apple.CallKit.error.incomingcall",
        &[
            ("unknown", 0),
            ("unentitled", 1),
            ("callUUIDAlreadyExists", 2),
            ("filteredByDoNotDisturb", 3),
            ("filteredByBlockList", 4),
            ("filteredDuringRestrictedSharingMode", 5),
            ("callIsProtected", 6),
            ("filteredBySensitiveParticipants", 7),
        ],
    ),
    (
        "com.apple.CallKit.error.requesttransaction",
        &[
            ("unknown", 0),
            ("unentitled", 1),
            ("unknownCallProvider", 2),
            ("emptyTransaction", 3),
            ("unknownCallUUID", 4),
            ("callUUIDAlreadyExists", 5),
            ("invalidAction", 6),
            ("maximumCallGroupsReached", 7),
            ("callIsProtected", 8),
        ],
    ),
    (
        "com.apple.CallKit.error.calldirectorymanager",
        &[
            ("unknown", 0),
            ("noExtensionFound", 1),
            ("loadingInterrupted", 2),
            ("entriesOutOfOrder", 3),
            ("duplicateEntries", 4),
            ("maximumEntriesExceeded", 5),
            ("extensionDisabled", 6),
            ("currentlyLoading", 7),
            ("unexpectedIncrementalRemoval", 8),
        ],
    ),
    (
        "com.apple.CallKit.error.notificationserviceextension",
        &[
            ("unknown", 0),
            ("invalidClientProcess", 1),
            ("missingNotificationFilteringEntitlement", 2),
        ],
    ),
];

/// `CXCallEndedReason`.
pub const ENDED_REASONS: [(&str, i32); 5] = [
    ("failed", 1),
    ("remoteEnded", 2),
    ("unanswered", 3),
    ("answeredElsewhere", 4),
    ("declinedElsewhere", 5),
];

/// `CXHandle.HandleType`.
pub const HANDLE_TYPES: [(&str, i32); 3] =
    [("generic", 1), ("phoneNumber", 2), ("emailAddress", 3)];

/// `CXPlayDTMFCallAction.ActionType`.
pub const DIGIT_TYPES: [(&str, i32); 3] = [("singleTone", 1), ("softPause", 2), ("hardPause", 3)];

/// `AVAudioSession.RouteChangeReason`; 5 is not used.
pub const ROUTE_CHANGE_REASONS: [(&str, i32); 8] = [
    ("unknown", 0),
    ("newDeviceAvailable", 1),
    ("oldDeviceUnavailable", 2),
    ("categoryChange", 3),
    ("override", 4),
    ("wakeFromSleep", 6),
    ("noSuitableRouteForCategory", 7),
    ("routeConfigurationChange", 8),
];

/// `AVAudioSession.ErrorCode`: name and four letters; the number is the letters, big-endian.
pub const AUDIO_ERRORS: [(&str, &str); 13] = [
    ("mediaServicesFailed", "msrv"),
    ("isBusy", "!act"),
    ("incompatibleCategory", "!cat"),
    ("cannotInterruptOthers", "!int"),
    ("missingEntitlement", "ent?"),
    ("siriIsRecording", "siri"),
    ("cannotStartPlaying", "!pla"),
    ("cannotStartRecording", "!rec"),
    ("insufficientPriority", "!pri"),
    ("resourceNotAvailable", "!res"),
    ("unspecified", "what"),
    ("expiredSession", "!ses"),
    ("sessionNotActive", "inac"),
];

/// The number of four letters.
#[must_use]
pub fn four_letters(code: &str) -> u32 {
    code.bytes()
        .fold(0, |number, byte| (number << 8) | u32::from(byte))
}

/// What a CallKit app would have reported, or `None` where CallKit ends a call by an action and
/// knows no reason.
#[must_use]
pub fn ended_reason(reason: EndReason) -> Option<i32> {
    match reason {
        EndReason::LocalHangup | EndReason::DeclinedHere => None,
        EndReason::RemoteHangup | EndReason::DeclinedByRemote | EndReason::CanceledByCaller => {
            Some(2)
        }
        EndReason::Unanswered => Some(3),
        EndReason::AnsweredElsewhere => Some(4),
        // Signal maps a busy line of another device the same way.
        EndReason::DeclinedElsewhere | EndReason::BusyElsewhere => Some(5),
        EndReason::Busy
        | EndReason::Failed
        | EndReason::Filtered
        | EndReason::ExpiredBeforeDelivery
        | EndReason::AppCrashed
        | EndReason::AppUnresponsive => Some(1),
    }
}
