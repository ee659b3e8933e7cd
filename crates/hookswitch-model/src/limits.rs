//! Every limit of the system, in one table.
//!
//! Two profiles: `native` is what we chose for Linux; `callkit` is Apple's observable behavior, so
//! that an app can be tested against it. Where Apple's value is not known, ours is taken and the
//! row says so. Sources are named in the `source` column: "CallKit" is Apple's API reference,
//! "forum N" is thread N of the Apple developer forums.

use core::time::Duration;

use crate::quirk::{Quirk, Quirks};

/// Which set of values and which behavior applies.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Profile {
    /// Ours.
    #[default]
    Native,
    /// Apple's observable behavior.
    CallKit,
}

impl Profile {
    /// The name used in configuration and scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::CallKit => "callkit",
        }
    }
}

/// The name of a limit, as errors and scenarios write it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Limit {
    /// How long an ask may take, unless it has its own row.
    Ask,
    /// How long a start or an answer may take.
    Connect,
    /// How long a hold or resume may take.
    Hold,
    /// How long a stage of a transaction keeps the next one waiting.
    Stage,
    /// How long an incoming call rings.
    Ring,
    /// How long an outgoing call may ring at the far end; zero means without limit.
    DialRing,
    /// How long a dead app may take to come back to its calls.
    Orphan,
    /// How long an app may take to start when a call waits for it.
    Launch,
    /// Live calls in all, emergency calls apart.
    Calls,
    /// Calls ringing at once; one is presented, the others wait their turn. The last place is kept
    /// for the mobile network; of the others one app leaves one to the rest.
    Ringing,
    /// Connected groups in all: the one on the line and the held ones.
    Groups,
    /// Calls in one group.
    CallsPerGroup,
    /// Ended call ids that are remembered; as many asks that ended with their calls.
    Tombstones,
    /// Apps registered at once.
    Providers,
    /// Asks one call may have open at once.
    AsksPerCall,
    /// Notices kept for the screen.
    Notices,
    /// How long an incoming call waits for the verdicts of screeners; never over a second.
    Verdict,
    /// A second call of one person within this time rings in spite of do-not-disturb.
    Repeat,
    /// Reports of one person closer together than this count as one call.
    RepeatGap,
    /// Callers that are remembered for that.
    RepeatCallers,
    /// A missed call that rang for less than this rang only shortly.
    ShortRing,
    /// Letters to one app that are kept until it acknowledges them.
    Letters,
    /// How long after a failed start an app is started again, while a caller waits for a decline.
    Relaunch,
    /// Accounts of one app.
    Accounts,
    /// Buttons that one app adds to its calls.
    Buttons,
    /// How long the user may take to answer an offer of video.
    VideoOffer,
    /// How long a wish waits for the screen to be unlocked.
    Unlock,
    /// People on each of the lists of who may ring.
    People,
    /// How long the audio server may take to use another device.
    Route,
    /// How long an accepted call waits for the audio before its app is told that it is denied.
    Grant,
    /// How often, from its first to its last call, the user's choice of a device is put back
    /// after another program changed it.
    RouteRestores,
    /// How long a caller may speak to the voicemail of an app that listens in.
    Voicemail,
    /// The shortest ring time that an app may configure.
    RingLeast,
    /// The longest ring time that an app may configure.
    RingMost,
    /// How long an app may take to answer, start, hold or resume before the screen says that it
    /// takes longer than usual.
    Slow,
    /// Entries of one list of the directory.
    DirectoryEntries,
    /// Entries of all lists of the directory together.
    DirectoryEntriesInAll,
    /// How long each soft pause mark in digits waits.
    SoftPause,
    /// Reports of one app a second, on the average.
    ReportRate,
    /// Requests of one app, and of one program that acts for the user, a second.
    RequestRate,
    /// Registrations of one app a minute.
    RegistrationRate,
    /// How long one may have been silent to send as much at once.
    RateBurst,
    /// Bytes of the ringtone that an app brings along.
    RingtoneBytes,
    /// Bytes of the icon that an app brings along.
    IconBytes,
    /// Pixels of such an icon in each direction.
    IconPixels,
    /// How long after the end of a call its id cannot be used for another one.
    Tombstone,
    /// How long after a missed call ended news from another device amends its record.
    Amend,
    /// How old a push for a call may be and still demand that its app reports a call.
    PushRing,
    /// How long an app may take from a push for a call to its report of the call.
    PushReport,
    /// Pushes without a report that stop the starts of an app.
    PushStrikes,
    /// How long such a strike counts, and how long starts stay stopped.
    PushStrikeSpan,
    /// How long a busy tone, or the tone after the end, sounds when its call is gone.
    Tone,
    /// How far the clock by which an app says when the caller called may be from that of this
    /// machine.
    ClockSkew,
}

/// The values in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The profile they belong to.
    pub profile: Profile,
    quirks: Quirks,
    values: [u64; TABLE.len()],
}

/// One row of the table. Durations are in milliseconds, counts are counts.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which limit.
    pub limit: Limit,
    /// Its name in scenarios and errors.
    pub name: &'static str,
    /// Whether the value is a time in milliseconds (else a count).
    pub is_time: bool,
    /// Our value.
    pub native: u64,
    /// Apple's value, or `None` where it is not known (ours is used then).
    pub callkit: Option<u64>,
    /// Where the value comes from.
    pub source: &'static str,
}

const fn time(
    limit: Limit,
    name: &'static str,
    native: u64,
    callkit: Option<u64>,
    source: &'static str,
) -> Row {
    Row {
        is_time: true,
        ..count(limit, name, native, callkit, source)
    }
}

const fn count(
    limit: Limit,
    name: &'static str,
    native: u64,
    callkit: Option<u64>,
    source: &'static str,
) -> Row {
    Row {
        limit,
        name,
        is_time: false,
        native,
        callkit,
        source,
    }
}

/// The table. Rows stand in the order of [`Limit`].
pub const TABLE: [Row; 53] = [
    time(
        Limit::Ask,
        "ask",
        10_000,
        None,
        "CallKit CXAction.timeoutDate exists; its value is not published",
    ),
    time(
        Limit::Connect,
        "connect",
        60_000,
        Some(60_000),
        "flutter_callkit issue 12: an unfulfilled action timed out after about a minute",
    ),
    time(
        Limit::Hold,
        "hold",
        5_000,
        None,
        "Android Telecom waits 5 s for a call control callback; Apple's value is not published",
    ),
    time(
        Limit::Stage,
        "stage",
        2_000,
        None,
        "ours: two apps hand the line over within 2 s or the system does it for them",
    ),
    time(
        Limit::Ring,
        "ring",
        60_000,
        Some(60_000),
        "flutter_callkit issue 29, forum 762792: about 60 s since iOS 16",
    ),
    time(
        Limit::DialRing,
        "dial-ring",
        120_000,
        Some(0),
        "CallKit imposes none; Android Telecom watches dialing calls for 120 s",
    ),
    time(
        Limit::Orphan,
        "orphan",
        3_000,
        Some(0),
        "ours; CallKit ends the calls of an app that exits",
    ),
    time(
        Limit::Launch,
        "launch",
        10_000,
        None,
        "ours; below the 25 s after which D-Bus activation gives up",
    ),
    count(Limit::Calls, "calls", 32, None, "ours"),
    count(Limit::Ringing, "ringing", 4, None, "ours"),
    count(
        Limit::Groups,
        "groups",
        2,
        Some(2),
        "CallKit maximumCallGroups default 2",
    ),
    count(
        Limit::CallsPerGroup,
        "calls-per-group",
        5,
        Some(5),
        "CallKit maximumCallsPerCallGroup default 5; an app may register fewer",
    ),
    count(
        Limit::Tombstones,
        "tombstones",
        1024,
        None,
        "ours: bounds memory",
    ),
    count(
        Limit::Providers,
        "providers",
        64,
        None,
        "ours: bounds memory",
    ),
    count(
        Limit::AsksPerCall,
        "asks-per-call",
        16,
        None,
        "ours: a hung app cannot collect asks without end",
    ),
    count(Limit::Notices, "notices", 8, None, "ours: bounds memory"),
    time(
        Limit::Verdict,
        "verdict",
        1_000,
        None,
        "ours: nobody waits longer to hear a call; Android Telecom gives its filters 5 s",
    ),
    time(
        Limit::Repeat,
        "repeat",
        180_000,
        Some(180_000),
        "Apple's user guide: a second call of the same person within three minutes",
    ),
    time(
        Limit::RepeatGap,
        "repeat-gap",
        15_000,
        Some(0),
        "ours: an app that redials by itself is one call (telegram-iOS issue 182)",
    ),
    count(
        Limit::RepeatCallers,
        "repeat-callers",
        64,
        None,
        "ours: bounds memory",
    ),
    time(
        Limit::ShortRing,
        "short-ring",
        5_000,
        None,
        "Android's call log calls a ring below 5 s short",
    ),
    count(
        Limit::Letters,
        "letters",
        64,
        None,
        "ours: bounds memory; the oldest goes first",
    ),
    time(
        Limit::Relaunch,
        "relaunch",
        2_000,
        None,
        "ours: callkeep issue 263, a caller hears ringing until the app is told of the decline",
    ),
    count(
        Limit::Accounts,
        "accounts",
        16,
        None,
        "ours; a CallKit app has one nameless account",
    ),
    count(
        Limit::Buttons,
        "buttons",
        3,
        None,
        "ours: what fits beside the system's own; CallKit has none",
    ),
    time(
        Limit::VideoOffer,
        "video-offer",
        30_000,
        None,
        "ours: the other side waits for it with its camera on",
    ),
    time(
        Limit::Unlock,
        "unlock",
        60_000,
        None,
        "ours: as long as a person may look for the password",
    ),
    count(
        Limit::People,
        "people",
        10_000,
        None,
        "ours: a full list is told, never cut; long lists belong into a directory",
    ),
    time(
        Limit::Route,
        "route",
        2_000,
        None,
        "Android Telecom gives a requested change of the call endpoint 2 s",
    ),
    time(
        Limit::Grant,
        "grant",
        500,
        None,
        "ours: granted or denied within 500 ms of the fulfilled answer",
    ),
    count(
        Limit::RouteRestores,
        "route-restores",
        2,
        None,
        "ours: two programs must not fight over the device; the third change stands",
    ),
    time(
        Limit::Voicemail,
        "voicemail",
        180_000,
        None,
        "ours: mailboxes of the networks cut a message after two or three minutes",
    ),
    time(
        Limit::RingLeast,
        "ring-least",
        15_000,
        Some(60_000),
        "ours: time to reach for the phone; CallKit has no API for the ring time (forum 762792)",
    ),
    time(
        Limit::RingMost,
        "ring-most",
        120_000,
        Some(60_000),
        "ours: networks give up by then; CallKit has no API for the ring time (forum 762792)",
    ),
    time(
        Limit::Slow,
        "slow",
        3_000,
        None,
        "ours: after this a person looks at the screen again (stream-video-swift issue 1162)",
    ),
    count(
        Limit::DirectoryEntries,
        "directory-entries",
        50_000_000,
        Some(1_999_999),
        "measured by others on iOS 26.6: 1,999,999 load and 2,000,000 are maximumEntriesExceeded",
    ),
    count(
        Limit::DirectoryEntriesInAll,
        "directory-entries-in-all",
        100_000_000,
        None,
        "ours; Apple's value for all extensions together is not known",
    ),
    time(
        Limit::SoftPause,
        "soft-pause",
        2_000,
        None,
        "ours: CallKit names the soft pause and gives no time for it",
    ),
    count(
        Limit::ReportRate,
        "report-rate",
        200,
        None,
        "ours: 32 calls that all change six times a second",
    ),
    count(
        Limit::RequestRate,
        "request-rate",
        50,
        None,
        "ours: nobody presses buttons as fast",
    ),
    count(
        Limit::RegistrationRate,
        "registration-rate",
        300,
        None,
        "ours: an app registers again with each change of its configuration",
    ),
    time(
        Limit::RateBurst,
        "rate-burst",
        10_000,
        None,
        "ours: ten seconds' worth at once, so that a restart with all calls is let through",
    ),
    count(
        Limit::RingtoneBytes,
        "ringtone-bytes",
        8 * 1024 * 1024,
        None,
        "ours: 40 s in stereo; Apple documents 30 s for the sounds of notifications only",
    ),
    count(
        Limit::IconBytes,
        "icon-bytes",
        64 * 1024,
        None,
        "ours; Apple's live caller identities have as much for the whole record",
    ),
    count(
        Limit::IconPixels,
        "icon-pixels",
        512,
        None,
        "ours; CallKit advises a square of 40 points, in samples 40, 80 and 120 pixels",
    ),
    time(
        Limit::Tombstone,
        "tombstone",
        120_000,
        Some(0),
        "ours: as long as any call rings; CallKit refuses the UUIDs of live calls only",
    ),
    time(
        Limit::Amend,
        "amend",
        24 * 60 * 60 * 1000,
        None,
        "ours: a device that was away for a day; whether CallKit amends is not known",
    ),
    time(
        Limit::PushRing,
        "push-ring",
        30_000,
        None,
        "ours: senders let calls ring for about 30 s; Apple says late, and not how late",
    ),
    time(
        Limit::PushReport,
        "push-report",
        5_000,
        None,
        "ours; PushKit ends an app that reports no call, after a time that is not published",
    ),
    count(
        Limit::PushStrikes,
        "push-strikes",
        5,
        None,
        "ours; Apple's number is not published, developers report three to five",
    ),
    time(
        Limit::PushStrikeSpan,
        "push-strike-span",
        86_400_000,
        None,
        "ours: a day; on Apple's phones only a new installation is known to help",
    ),
    time(
        Limit::Tone,
        "tone",
        4_000,
        None,
        "ours: four rounds of a busy tone of 1 s (ITU-T E.180); CallKit plays no such tone",
    ),
    time(
        Limit::ClockSkew,
        "clock-skew",
        120_000,
        None,
        "ours: a call is lost for a clock that is wrong only if it is wrong by minutes",
    ),
];

impl Default for Limits {
    fn default() -> Self {
        Self::of(Profile::Native)
    }
}

impl Limits {
    /// The values of a profile.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let value = |row: Row| match profile {
            Profile::Native => row.native,
            Profile::CallKit => row.callkit.unwrap_or(row.native),
        };
        Self {
            profile,
            quirks: Quirks::default(),
            values: TABLE.map(value),
        }
    }

    /// Changes one value; milliseconds for times.
    pub fn set(&mut self, limit: Limit, value: u64) {
        self.values[limit as usize] = value;
    }

    /// Switches a defect of another system on, for the simulator.
    pub fn add_quirk(&mut self, quirk: Quirk) {
        self.quirks.insert(quirk);
    }

    /// Whether a defect is switched on.
    #[must_use]
    pub fn has_quirk(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }

    /// A limit that is a time.
    #[must_use]
    pub fn time(&self, limit: Limit) -> Duration {
        Duration::from_millis(self.values[limit as usize])
    }

    /// A limit that is a count.
    #[must_use]
    pub fn count(&self, limit: Limit) -> usize {
        usize::try_from(self.values[limit as usize]).unwrap_or(usize::MAX)
    }
}

impl Limit {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Finds a limit by the name in its row.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.limit as usize, index, "{}", row.name);
            assert_eq!(Limit::from_name(row.name), Some(row.limit));
        }
    }

    #[test]
    fn an_unknown_apple_value_takes_ours() {
        let limits = Limits::of(Profile::CallKit);
        assert_eq!(limits.time(Limit::Hold), Duration::from_secs(5));
        assert_eq!(limits.time(Limit::DialRing), Duration::ZERO);
    }
}
