//! The items that the shipped packs play, by number.
//!
//! An item is a promise about calls, or a public complaint that must be impossible here. Each
//! scenario file that plays one says so in its `covers` line and names the public source.

use super::{Engine, Item, Pack};

/// All packs, in the order in which they are printed.
pub(super) const PACKS: [Pack; 4] = [
    Pack {
        name: "posts",
        about: "twenty posts of the Apple developer forums about calls",
        items: POSTS,
    },
    Pack {
        name: "calls",
        about: "what a call system promises, item by item",
        items: CALLS,
    },
    Pack {
        name: "problems",
        about: "forty problems that developers of calling apps report again and again",
        items: PROBLEMS,
    },
    Pack {
        name: "scars",
        about: "eight public bugs of calling apps",
        items: SCARS,
    },
];

const fn now(id: &'static str, about: &'static str) -> Item {
    Item {
        id,
        about,
        needs: None,
    }
}

/// An item that a later engine plays.
const fn later(id: &'static str, about: &'static str, engine: Engine) -> Item {
    Item {
        id,
        about,
        needs: Some(engine),
    }
}

const POSTS: &[Item] = &[
    now("post-01", "Expired pushes are delivered"),
    now("post-02", "The report duty with its metadata"),
    now("post-03", "A media panel after the end of a call"),
    now("post-04", "Transactions fail with error 2 after a reset"),
    later(
        "post-05",
        "Logo rules of the caller-ID lookup",
        Engine::Lookup,
    ),
    now("post-06", "The app button is dead without an address"),
    later(
        "post-07",
        "Waiting for the filtering entitlement",
        Engine::Push,
    ),
    now("post-08", "Numbers added but not blocked"),
    now(
        "post-09",
        "No audio after resuming when the far side ended the other call",
    ),
    now(
        "post-10",
        "The same in Apple's sample, with repeated deactivation",
    ),
    now("post-11", "No activation when the app activates by itself"),
    now("post-12", "Answering brings the app to the front"),
    now("post-13", "The speaker choice flips back"),
    now("post-14", "Custom action buttons, and pushes that stop"),
    now("post-15", "A called number is no longer blocked"),
    now("post-16", "Notifications vanish during picture in picture"),
    now("post-17", "The app button is missing"),
    now("post-18", "A second directory source does not block"),
    now("post-19", "Declining the cellular call ends the VoIP call"),
    now("post-20", "Answering may connect media at once"),
];

const CALLS: &[Item] = &[
    now(
        "T01",
        "an incoming call rings once and is told to observers",
    ),
    now("T02", "answering asks the app; no audio before it fulfills"),
    now(
        "T03",
        "the answer is fulfilled: active, one audio activation, timer from then",
    ),
    now(
        "T04",
        "declining asks the app to end; the record says declined",
    ),
    now(
        "T05",
        "the caller gives up while it rings: missed, and no ask",
    ),
    now(
        "T06",
        "an answer may take up to a minute, then the call fails",
    ),
    now("T07", "the ring time is over: ended by the system, missed"),
    now(
        "T08",
        "reporting a live call again is refused or merged, by profile",
    ),
    now("T09", "an update changes only what it names"),
    now("T10", "an outgoing call from request to active"),
    now(
        "T11",
        "an app that fails a start ends the call without audio",
    ),
    now(
        "T12",
        "a daemon restart without a call needs no code in the app",
    ),
    now(
        "T13",
        "a daemon restart with a call: the app confirms, the call goes on",
    ),
    now("T14", "an invalidated provider: refused, and silent"),
    now(
        "T15",
        "empty transactions, unknown calls and used ids are refused by number",
    ),
    now("T16", "a call that cannot be held refuses hold"),
    now(
        "T17",
        "the group limit refuses a start; below it the first call is held",
    ),
    now(
        "T18",
        "an app may take a whole transaction, or have it in list order",
    ),
    now("T19", "an app cannot act on another app's call"),
    now("T20", "a hold that times out does not end the held call"),
    now("T21", "an expired push starts nothing"),
    later(
        "T22",
        "an expired push leaves one quiet record if asked",
        Engine::Push,
    ),
    now(
        "T23",
        "a push for an app in the foreground need not be reported",
    ),
    now("T24", "a push during a call need not be reported"),
    now("T25", "a push of middle age says how much time is left"),
    now("T26", "a push without a report is a strike, visible"),
    now(
        "T27",
        "five strikes in a day stop pushes, with a release time",
    ),
    now("T28", "the blocked state can be asked for"),
    later(
        "T29",
        "an encrypted push becomes a call through a service extension",
        Engine::Push,
    ),
    now("T30", "picture in picture counts as background for pushes"),
    later(
        "T30b",
        "a cancel that overtakes its push wins",
        Engine::Push,
    ),
    now(
        "T31",
        "the app button works for every combination of flags and addresses",
    ),
    now(
        "T32",
        "a call without an address can do everything but be called back",
    ),
    now(
        "T33",
        "answering an audio call leaves the app in front where it is",
    ),
    now(
        "T34",
        "answering a video call opens the app unless the user is driving",
    ),
    now("T35", "an action button of the app reaches the app"),
    now("T36", "digits only where the app takes them"),
    now("T37", "calling back from the recents starts the app"),
    now(
        "T38",
        "an app that activates audio by itself does not lose its activation",
    ),
    now(
        "T39",
        "the audio server restarts during a call: deactivated, activated, route kept",
    ),
    now(
        "T40",
        "the far side ends the other call: the held one stays held; resuming brings audio",
    ),
    now(
        "T41",
        "the user ends the other call: the held one resumes by itself",
    ),
    now("T42", "the user's route survives what apps configure"),
    now("T43", "another app cannot record during a call"),
    now("T44", "no media panel after a call"),
    now(
        "T45",
        "an app that activates audio for its held call changes nothing",
    ),
    now("T46", "declining one of two ringing calls ends that one"),
    now(
        "T47",
        "a call that goes to voicemail screening ends no other call",
    ),
    now(
        "T48",
        "Hold & Answer: the app's audio is off before the cellular call's is on",
    ),
    now(
        "T49",
        "a call that cannot be held leaves End & Answer and Decline",
    ),
    now(
        "T49b",
        "End Held & Answer: end, hold, answer, in this order",
    ),
    now(
        "T49c",
        "another app's outgoing call holds the first; no merge across apps",
    ),
    now(
        "T49d",
        "a background app cannot start a call, unless it has one",
    ),
    now("T49e", "an emergency call preempts everything"),
    now(
        "T50",
        "unordered, doubled and too many entries are refused with their index",
    ),
    now("T51", "incremental loads only when asked for"),
    now("T52", "blocking is the union over enabled sources"),
    now(
        "T53",
        "a called number is blocked all the same, unless told otherwise",
    ),
    now("T54", "contacts and the order of sources decide the label"),
    now("T55", "national numbers match by region"),
    now("T56", "explain names the deciding rule"),
    later("T57", "a damaged store is rebuilt", Engine::Directory),
    later(
        "T58",
        "an unreadable logo does not hide the name",
        Engine::Lookup,
    ),
    later(
        "T59",
        "a late block answer stops the ringing silently",
        Engine::Lookup,
    ),
    later(
        "T60",
        "a killed source leaves the previous data",
        Engine::Directory,
    ),
    now(
        "T61",
        "do-not-disturb: refused to the app, recorded as missed, not rung",
    ),
    now(
        "T62",
        "a repeated caller gets through; an automatic redial does not count",
    ),
    now(
        "T63",
        "a blocked caller: refused to the app, not in the main list",
    ),
    now("T64", "answered and declined elsewhere are no missed calls"),
    now("T65", "an app that keeps no recents leaves none"),
    now(
        "T66",
        "a crashed app: audio released at once, ended if it stays away",
    ),
    later("T67", "observers of other apps see flags only", Engine::Bus),
    now("T68", "merge and split within one app, with a size limit"),
    now("T69", "the headset's mute reaches the app"),
    now(
        "T70",
        "mute while translating keeps the uplink for the translation",
    ),
];

const PROBLEMS: &[Item] = &[
    later("S-01", "a push that brings no call", Engine::Push),
    later("S-02", "a cancel push demands a call too", Engine::Push),
    now("S-03", "a late push rings a dead call"),
    now("S-04", "it rings on after the caller hung up"),
    now("S-05", "it rings on after the call was answered elsewhere"),
    now("S-06", "the same call arrives twice"),
    now("S-07", "an answer or decline is lost while the app starts"),
    now("S-08", "old events are delivered as new ones"),
    now(
        "S-09",
        "declined while the app was dead, the caller hears ringing",
    ),
    now("S-10", "a push token that outlives its account"),
    now("S-11", "a call without audio, and nobody says so"),
    now("S-12", "two parties own the audio session"),
    now("S-13", "resumed without audio"),
    now("S-14", "ending one call cuts the audio of others"),
    now("S-15", "the speaker button flaps or lies"),
    now("S-16", "the headset is not offered, chosen or left"),
    now("S-17", "tones on the wrong device"),
    now("S-18", "the ringtone cannot use another device"),
    now("S-19", "the microphone in two calls at once"),
    now("S-20", "a media panel stays after the call"),
    now("S-21", "mute out of step"),
    now("S-22", "the timer runs before anyone can hear"),
    now("S-23", "an outgoing call logged as canceled"),
    now("S-24", "calls of a dead app take up the lines"),
    now("S-25", "both sides end at once"),
    now("S-26", "a reset that nobody understands"),
    now("S-27", "a call screen without a call"),
    now("S-28", "declining one call ends another"),
    now("S-29", "two calls swap for ever"),
    now(
        "S-30",
        "ended, declined and timed out mixed up, or told twice",
    ),
    now("S-31", "hung up right after dialing, the callee rings on"),
    now("S-32", "busy and call waiting without a choice"),
    now("S-33", "VoIP and cellular collide"),
    now("S-34", "merging leaves members held"),
    now("S-35", "digits lost or out of order"),
    now("S-36", "video cannot be added"),
    now("S-37", "calling back from the recents does nothing"),
    now("S-38", "missed calls absent or false"),
    now("S-39", "the wrong caller is shown"),
    now("S-40", "it does not show, or shows in do-not-disturb"),
];

const SCARS: &[Item] = &[
    now(
        "webtrit-phone-1407",
        "a hang-up before the incoming call is known leaves a ghost",
    ),
    now(
        "telnyx-webrtc-762",
        "deferred signaling after an immediate hang-up",
    ),
    now(
        "getstream-android-1777",
        "the ring timer restarts at each update",
    ),
    now("getstream-android-1634", "updates arrive after the end"),
    now(
        "getstream-android-1788",
        "a race between ring and join leaves connecting on screen",
    ),
    now(
        "pjproject-1121",
        "user and far side hang up in opposite lock order",
    ),
    now(
        "signal-ios-1863",
        "a synchronous dispatch freezes the call screen",
    ),
    now("signal-android-12838", "answering deadlocks the phone"),
];
