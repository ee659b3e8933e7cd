//! Named defects of other systems that can be switched on, so that an app can be tested against
//! them before it meets them.
//!
//! A quirk never acts by itself: profile `callkit` without quirks is Apple's documented and
//! observable behavior, and a quirk adds one defect of it that users have reported. Profile
//! `native` has none. The daemon of a real machine never has any; they exist for the simulator.

/// One switchable defect.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Quirk {
    /// The call audio is not activated when a held call is resumed after another was ended by the
    /// far side.
    ActivationLostAfterRemoteEnd,
    /// An app is told more than once that its call audio is deactivated.
    RepeatedDeactivation,
    /// Opening the app of a call without an address does nothing.
    OpenNeedsAddress,
    /// After a restart of the daemon an app's registration is not restored.
    RegistrationLostAfterReset,
    /// Answering brings the app to the front, whatever the rules.
    AnswerOpensApp,
    /// From a locked screen an app cannot be opened.
    AppButtonMissing,
    /// Buttons that apps declare are not shown.
    NoActionButtons,
    /// A number that the user has called is not blocked any more.
    CalledNumbersRing,
    /// An app that takes the audio by itself while its call rings never gets it for the call.
    OwnActivationBlocks,
    /// An app that configures its audio during a call undoes the user's choice of a device.
    ReconfigurationClearsRoute,
    /// A call that the far side ended still counts as something that plays.
    PanelAfterCall,
    /// Declining a call of the mobile network that goes to voicemail ends the other ringing calls.
    DeclineEndsTheOther,
    /// Of several lists that are switched on, the first one blocks and the others only name.
    SecondListOnlyLabels,
    /// A load with wrong entries is said to be done, and nothing of it is stored.
    EntriesLostSilently,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct QuirkRow {
    /// Which.
    pub quirk: Quirk,
    /// Its name in scenarios.
    pub name: &'static str,
    /// Where it was seen, in words.
    pub seen: &'static str,
    /// Who reported it.
    pub source: &'static str,
}

const fn row(
    quirk: Quirk,
    name: &'static str,
    seen: &'static str,
    source: &'static str,
) -> QuirkRow {
    QuirkRow {
        quirk,
        name,
        seen,
        source,
    }
}

/// All quirks, in the order of [`Quirk`].
pub const QUIRKS: [QuirkRow; 14] = [
    row(
        Quirk::ActivationLostAfterRemoteEnd,
        "activation-lost-after-remote-end",
        "iOS: no didActivate when a held call is resumed after the other call was ended remotely",
        "https://developer.apple.com/forums/thread/749202",
    ),
    row(
        Quirk::RepeatedDeactivation,
        "repeated-deactivation",
        "iOS: didDeactivate is delivered several times for one change",
        "https://developer.apple.com/forums/thread/749202",
    ),
    row(
        Quirk::OpenNeedsAddress,
        "open-needs-address",
        "iOS 26: the app button does nothing when the call has no handle",
        "https://developer.apple.com/forums/thread/810709",
    ),
    row(
        Quirk::RegistrationLostAfterReset,
        "registration-lost-after-reset",
        "iOS: after providerDidReset every transaction fails with error 2",
        "https://developer.apple.com/forums/thread/801418",
    ),
    row(
        Quirk::AnswerOpensApp,
        "answer-opens-app",
        "iOS: a call answered on the banner brings its app to the front, even over navigation",
        "https://github.com/hiennguyen92/flutter_callkit_incoming/issues/829",
    ),
    row(
        Quirk::AppButtonMissing,
        "app-button-missing",
        "iOS 26.1: the menu of a call on the locked screen lacks the app",
        "https://developer.apple.com/forums/thread/810709",
    ),
    row(
        Quirk::NoActionButtons,
        "no-action-buttons",
        "CallKit has no buttons of the app's own",
        "https://developer.apple.com/documentation/callkit/cxproviderconfiguration",
    ),
    row(
        Quirk::CalledNumbersRing,
        "called-numbers-ring",
        "iOS 26: a blocked number rings once the user has called it",
        "https://developer.apple.com/forums/thread/800415",
    ),
    row(
        Quirk::OwnActivationBlocks,
        "own-activation-blocks",
        "iOS 18.4: no didActivate after the app, or a library in it, activated the session itself",
        "https://developer.apple.com/forums/thread/783870",
    ),
    row(
        Quirk::ReconfigurationClearsRoute,
        "reconfiguration-clears-route",
        "iOS: the speaker falls back (reason 3) when a library sets the category during a call",
        "https://developer.apple.com/forums/thread/810385",
    ),
    row(
        Quirk::PanelAfterCall,
        "panel-after-call",
        "iOS 26.2: a media panel appears on the lock screen some seconds after the end of a call",
        "https://github.com/GetStream/stream-video-js/issues/2126",
    ),
    row(
        Quirk::DeclineEndsTheOther,
        "decline-ends-the-other",
        "iOS: declining the cellular call also ends the VoIP call; told of Live Voicemail, too",
        "https://github.com/Azure/azure-sdk-for-ios/issues/2080",
    ),
    row(
        Quirk::SecondListOnlyLabels,
        "second-list-only-labels",
        "iOS 26: of two Call Directory extensions the second marks callers and does not block them",
        "https://developer.apple.com/forums/thread/808320",
    ),
    row(
        Quirk::EntriesLostSilently,
        "entries-lost-silently",
        "iOS 26: numbers are added by an enabled extension without an error, and none is blocked",
        "https://developer.apple.com/forums/thread/811182",
    ),
];

impl Quirk {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static QuirkRow {
        &QUIRKS[self as usize]
    }

    /// Finds a quirk by its name in scenarios.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let row = QUIRKS.iter().find(|row| row.name == name)?;
        Some(row.quirk)
    }
}

/// The quirks that are switched on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Quirks(u32);

impl Quirks {
    /// Switches one on.
    pub fn insert(&mut self, quirk: Quirk) {
        self.0 |= 1 << quirk as u32;
    }

    /// Whether it is on.
    #[must_use]
    pub fn has(self, quirk: Quirk) -> bool {
        self.0 & (1 << quirk as u32) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum_and_have_a_public_source() {
        for (index, row) in QUIRKS.iter().enumerate() {
            assert_eq!(row.quirk as usize, index, "{}", row.name);
            assert_eq!(Quirk::from_name(row.name), Some(row.quirk));
            assert!(row.source.starts_with("https://"), "{}", row.name);
        }
    }

    #[test]
    fn a_quirk_is_on_alone() {
        let mut quirks = Quirks::default();
        quirks.insert(Quirk::OpenNeedsAddress);
        assert!(quirks.has(Quirk::OpenNeedsAddress));
        assert!(!quirks.has(Quirk::RepeatedDeactivation));
    }
}
