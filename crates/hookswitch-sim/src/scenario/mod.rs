//! Scenario files: one story of calls as plain text, read into data and written back.
//!
//! Input: the text of a `.hsw` file, or its JSON form. Output: a [`Scenario`], or a
//! [`ScenarioError`] with line, column and what would be right. The grammar stands in
//! `docs/scenarios.md`.
//!
//! # Promises
//!
//! - **S1** what was read can be written and reads back the same, as text and as JSON.
//! - **S2** a word that is not known is an error, never ignored.
//! - **S3** every name of an app or call is checked before anything runs.
//!
//! # Not here
//!
//! Running a story (that is [`crate::player`]).

mod audio;
mod daemon;
mod date;
mod devices;
mod directory;
mod extras;
mod header;
mod json;
mod lex;
mod parse;
mod print;
mod push;
mod rules;
mod update;
mod verbs;
mod vocabulary;

use core::time::Duration;

use hookswitch_model::{
    Account, AccountId, ActionButton, AnswerMode, AudioUse, ButtonId, CallTones, Digits, EndReason,
    Handle, HandleKinds, HeadsetGesture, Limit, MaterialId, OnAnswer, Profile, Quirk, RingOn,
    SecondCalls, Text, Translation, TranslationEngine,
};

pub use audio::{AUDIO_VERBS, AudioAct, Device};
pub use daemon::{DAEMON_VERBS, DaemonAct};
pub use date::Date;
pub(crate) use devices::SERVICE;
pub use devices::{DeviceDecl, NETWORK_VERBS, NetworkAct, SERVICE_VERBS, ServiceAct, ServiceDecl};
pub use directory::{DirectoryAct, ListEntry};
pub use header::HEADERS;
pub use hookswitch_trace::AskWord;
pub use json::{JsonError, from_json, to_json};
pub use lex::{ScenarioError, Word, join, read_span, write_span};
pub use parse::parse;
pub use print::print;
pub(crate) use print::print_check;
pub use push::PushAct;
pub use rules::{RULE_VERBS, Rule, ScreeningAct};
pub use update::{Seen, rewrite};
pub use verbs::{ACTORS, APP_VERBS, SYSTEM_VERBS, USER_VERBS, read_app_act};

/// The first word of every file.
pub const FORMAT: &str = "hookswitch-scenario";

/// The version of the format that is read and written.
pub const VERSION: u32 = 1;

/// One story.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scenario {
    /// What it is about, in a sentence.
    pub title: String,
    /// The public pages it rests on.
    pub sources: Vec<String>,
    /// Whose limits and behavior apply.
    pub profile: Profile,
    /// The items of the packs that it plays.
    pub covers: Vec<String>,
    /// Defects of other systems that are switched on.
    pub quirks: Vec<Quirk>,
    /// Limits that differ from the profile: milliseconds for times.
    pub limits: Vec<(Limit, u64)>,
    /// Chooses between orders of events at the same instant; zero keeps the order of arrival.
    pub seed: u64,
    /// The devices of the user; none: one without a name.
    pub devices: Vec<DeviceDecl>,
    /// The services that ring the devices.
    pub services: Vec<ServiceDecl>,
    /// The apps, in order of declaration; each device has an instance of each.
    pub apps: Vec<AppDecl>,
    /// Local names of calls, in order of first use.
    pub calls: Vec<String>,
    /// All lines after the first, in order.
    pub lines: Vec<Line>,
}

impl Scenario {
    /// The number of an app.
    #[must_use]
    pub fn app(&self, name: &str) -> Option<usize> {
        self.apps.iter().position(|app| app.name == name)
    }

    /// The number of a call.
    #[must_use]
    pub fn call(&self, name: &str) -> Option<usize> {
        self.calls.iter().position(|call| call == name)
    }
}

/// One line of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// What it says.
    pub kind: LineKind,
}

/// What a line says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LineKind {
    /// Nothing.
    Blank,
    /// A remark, without its `#`.
    Comment(String),
    /// A line about the whole story.
    Header(Vec<Word>),
    /// Something happens.
    Input(InputLine),
    /// Something must be true.
    Check(Check),
    /// One effect that must follow the input above, exactly.
    Effect(String),
    /// The whole state that must be the case after the input above, exactly.
    Facts(String),
}

/// Something happens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InputLine {
    /// When.
    pub when: When,
    /// Who does what, as written.
    pub words: Vec<Word>,
    /// On which device, by number, in a story of several.
    pub device: Option<usize>,
    /// Who does what.
    pub input: Input,
}

/// A point in virtual time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// Since the start of the story.
    At(Duration),
    /// Since the input before.
    After(Duration),
}

/// Who does what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// The person at the device.
    User(UserAct),
    /// An app, by number.
    App(usize, AppAct),
    /// The audio server.
    Audio(AudioAct),
    /// The machine and its clocks.
    System(SystemAct),
    /// The daemon itself.
    Daemon(DaemonAct),
    /// Those who are asked about calls before they ring.
    Screening(ScreeningAct),
    /// Lists of numbers, and the user's rules about callers.
    Directory(DirectoryAct),
    /// Something about pushes.
    Push(PushAct),
    /// A service that rings the devices, by number.
    Service(usize, ServiceAct),
    /// The network of a device.
    Network(NetworkAct),
}

/// What the user does. Calls and apps are numbers into the scenario's lists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UserAct {
    /// Answers in one of the ways.
    Answer(usize, AnswerMode),
    /// Declines.
    Decline(usize),
    /// Ends.
    End(usize),
    /// Holds (true) or resumes.
    SetHeld(usize, bool),
    /// Swaps.
    Swap,
    /// Joins two conversations.
    Merge(usize, usize),
    /// Takes a call out of its group.
    Split(usize),
    /// Ends a call and its group.
    EndGroup(usize),
    /// Ends a call whether its app answers or not.
    ForceEnd(usize),
    /// Mutes (true) or unmutes.
    SetMuted(usize, bool),
    /// Sends digits.
    Digits(usize, Digits),
    /// Silences the ringing.
    Silence(usize),
    /// Opens the app's window.
    Open(usize),
    /// Dials.
    Dial {
        /// The app.
        app: usize,
        /// Whom.
        handle: Handle,
        /// The new call.
        call: usize,
        /// With video.
        video: bool,
        /// Through this account of the app.
        account: Option<AccountId>,
    },
    /// Chooses an audio device.
    Route(String),
    /// A gesture at the button of a headset.
    Headset {
        /// Which.
        gesture: HeadsetGesture,
        /// The headset, if it is known.
        on: Option<String>,
    },
    /// Changes who may ring.
    Rule(Rule),
    /// Something about the recents, buttons, video, translation or the front.
    Extra(ExtraAct),
}

/// What the user does about the recents, buttons, video, translation and the front.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExtraAct {
    /// Calls back the other party of a call in the recents.
    Redial {
        /// The call that was.
        former: usize,
        /// The new call.
        call: usize,
    },
    /// Switches video on (true) or off.
    SetVideo(usize, bool),
    /// Turns an offer of video down.
    DeclineVideo(usize),
    /// Starts translation, or stops it.
    Translate(usize, Option<Translation>),
    /// Presses one of the app's own buttons.
    Press(ButtonId, usize),
    /// Sets the rule for the front; `None` leaves it to each app.
    Prefer(Option<OnAnswer>),
    /// Drives (true), or does not any more.
    Drive(bool),
    /// Chooses where it rings.
    RingOn(RingOn),
    /// Sends the digits that wait behind a hard pause.
    SendRest(usize),
    /// Drops the digits that wait behind a pause.
    DropRest(usize),
}

/// What an app does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppAct {
    /// Starts, connects and registers.
    Start,
    /// Dies.
    Crash,
    /// Lives on, but loses its connection to the bus; it comes back as after a new daemon.
    Disconnect,
    /// Registers again, with another configuration or with the one it has.
    Register(Option<Box<AppDecl>>),
    /// Withdraws.
    Invalidate,
    /// Comes to the front (true) or leaves it.
    Foreground(bool),
    /// Acknowledges all that it was told so far.
    Acknowledge,
    /// Behaves differently from here on.
    Become(Temper),
    /// Reports a fact about a call.
    Report(usize, CallReport),
    /// Takes a call of its service over from another device, under a new name.
    Pull(usize, usize),
    /// Requests a transaction.
    Request(Vec<AppAction>),
    /// Wants the audio outside of what its calls give it.
    Wants(AudioUse),
    /// Asks for this device for one of its calls.
    Route(usize, String),
    /// Brings a ringtone of its own along, or takes it away.
    SetRingtone(Option<MaterialId>),
    /// Settles the latest ask of this kind for this call, whoever it was for.
    Settle {
        /// The kind.
        ask: AskWord,
        /// The call.
        call: usize,
        /// Fulfilled, or failed.
        fulfilled: bool,
        /// Translated by this engine.
        engine: Option<TranslationEngine>,
        /// It took effect then.
        date: Option<Date>,
    },
}

/// A fact from an app about a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CallReport {
    /// Someone calls.
    Incoming(Facts),
    /// More is known.
    Updated(Facts),
    /// It is connecting, since this date.
    Connecting(Option<Date>),
    /// It was answered at the far end, at this date.
    Connected(Option<Date>),
    /// It ended, at this date.
    Ended(EndReason, Option<Date>),
    /// The other party holds (true) or resumes.
    RemoteHeld(bool),
    /// Held at the app's own side (true) or resumed.
    Held(bool),
    /// Muted by itself (true) or unmuted.
    Muted(bool),
    /// The other party offers video (true) or withdraws the offer.
    VideoOffer(bool),
    /// Still there after the app came back.
    Adopt,
}

/// What is said about a call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// The other party; `Some(None)` is anonymous.
    pub from: Option<Option<Handle>>,
    /// The name; `Some(None)` clears it.
    pub name: Option<Option<Text>>,
    /// With video.
    pub video: Option<bool>,
    /// Can be held.
    pub holding: Option<bool>,
    /// Can be merged.
    pub grouping: Option<bool>,
    /// Can leave its group.
    pub ungrouping: Option<bool>,
    /// Accepts digits.
    pub digits: Option<bool>,
    /// The account; `Some(None)` clears it.
    pub account: Option<Option<AccountId>>,
    /// Which of the app's own buttons the call has.
    pub buttons: Option<Vec<ButtonId>>,
    /// An emergency call.
    pub emergency: Option<bool>,
    /// The network itself sends sound before the call is connected.
    pub early_media: Option<bool>,
    /// So long ago the caller called.
    pub called_ago: Option<Duration>,
    /// So long after the caller called it rings at most.
    pub rings_for: Option<Duration>,
}

/// One action an app requests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppAction {
    /// Start a call.
    Start {
        /// The new call.
        call: usize,
        /// Whom.
        handle: Handle,
        /// With video.
        video: bool,
        /// Through this account.
        account: Option<AccountId>,
        /// The address book's name for the person.
        contact: Option<Text>,
    },
    /// Starts translation, or stops it.
    Translate(usize, Option<Translation>),
    /// Answer.
    Answer(usize),
    /// End.
    End(usize),
    /// Hold (true) or resume.
    SetHeld(usize, bool),
    /// Mute (true) or unmute.
    SetMuted(usize, bool),
    /// Join another call's group, or leave the group.
    SetGroup(usize, Option<usize>),
    /// Send digits.
    Digits(usize, Digits),
}

/// What the machine does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SystemAct {
    /// Sleeps: the boot clock counts, the monotonic clock does not, no program runs.
    Suspend(Duration),
    /// The wall clock jumps by this many milliseconds.
    JumpWall(i64),
    /// The screen is locked (true) or unlocked.
    Lock(bool),
    /// The core is woken without a reason.
    Tick,
    /// Nothing; time passes up to here.
    Pass,
}

/// One app of the simulated world.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppDecl {
    /// Its name in the story.
    pub name: String,
    /// Its bus name.
    pub id: String,
    /// Behaves like a modem: its calls come from a mobile network.
    pub cellular: bool,
    /// The numbers that are emergency calls when dialed through it.
    pub emergency: Vec<Text>,
    /// A declined call goes to voicemail.
    pub voicemail: bool,
    /// Whether it runs and is registered from the start.
    pub running: bool,
    /// How it starts when a call waits for it.
    pub launch: Launch,
    /// Comes back by itself this long after a crash.
    pub restart: Option<Duration>,
    /// Registers again this long after the daemon is back; `None`: never.
    pub reconnect: Option<Duration>,
    /// Adopts the calls of its former process, and its own after a restart of the daemon.
    pub adopts: bool,
    /// The user lets it have calls.
    pub permitted: bool,
    /// Acknowledges at once what it is told.
    pub acks: bool,
    /// Takes a second call; if not, it tells its service that the user is busy.
    pub waiting: bool,
    /// Takes a transaction as a whole and settles its asks from the last to the first.
    pub whole: bool,
    /// Groups it allows.
    pub groups: u32,
    /// Its calls can be held.
    pub holding: bool,
    /// How many calls one of its groups may have.
    pub calls_per_group: u32,
    /// Its calls can be merged.
    pub grouping: bool,
    /// Its calls can leave their group.
    pub ungrouping: bool,
    /// Its calls accept digits.
    pub digits: bool,
    /// Its calls enter the recents.
    pub recents: bool,
    /// What it can dial.
    pub dials: HandleKinds,
    /// How long its calls ring.
    pub ring: Option<Duration>,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// The buttons that it adds.
    pub buttons: Vec<ActionButton>,
    /// Whether answering brings it to the front.
    pub front: OnAnswer,
    /// What it wants for its calls that come while another one is there.
    pub second_calls: SecondCalls,
    /// The tones that it leaves to the system.
    pub tones: CallTones,
    /// It can do video.
    pub video: bool,
    /// Its calls can be translated.
    pub translates: bool,
    /// How it behaves.
    pub temper: Temper,
    /// How it behaves for one kind of ask.
    pub tempers: Vec<(AskWord, Temper)>,
}

impl AppDecl {
    /// Takes over what an app registers with; how it behaves stays.
    pub fn reconfigure(&mut self, other: &Self) {
        self.groups = other.groups;
        self.calls_per_group = other.calls_per_group;
        self.recents = other.recents;
        self.dials = other.dials;
        self.ring = other.ring;
        self.accounts.clone_from(&other.accounts);
        self.buttons.clone_from(&other.buttons);
        self.front = other.front;
        self.second_calls = other.second_calls;
        self.tones = other.tones;
        self.video = other.video;
        self.translates = other.translates;
        self.emergency.clone_from(&other.emergency);
        self.voicemail = other.voicemail;
    }
}

/// What happens when an app is to be started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Launch {
    /// It is there after this time.
    Takes(Duration),
    /// It cannot be started, which is known after this time.
    Fails(Duration),
    /// Nothing happens.
    Never,
}

/// How an app behaves when it is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Temper {
    /// What it does.
    pub kind: TemperKind,
    /// How long it takes.
    pub latency: Duration,
}

/// What an app does when it is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TemperKind {
    /// Fulfills.
    Prompt,
    /// Fulfills, but takes seconds.
    Slow,
    /// Does nothing by itself.
    Silent,
    /// Fails.
    Refusing,
    /// Dies.
    Crashing,
    /// Fulfills, then fails the same ask.
    Contradictory,
    /// Fulfills a while after its time is over.
    Late,
}

impl TemperKind {
    /// All of them with their words and usual latencies in milliseconds.
    pub const ALL: [(Self, &'static str, u64); 7] = [
        (Self::Prompt, "prompt", 50),
        (Self::Slow, "slow", 3_000),
        (Self::Silent, "silent", 0),
        (Self::Refusing, "refusing", 50),
        (Self::Crashing, "crashing", 50),
        (Self::Contradictory, "contradictory", 50),
        (Self::Late, "late", 1_000),
    ];
}

/// Something must be true.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// For how long to wait for it, or for how long it must not be.
    pub within: Option<Duration>,
    /// In which sense.
    pub mood: Mood,
    /// All of them.
    pub wants: Vec<Want>,
}

/// In which sense something must be true.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mood {
    /// It happened by the input above or is the case after it.
    Expect,
    /// It never happens and is never the case from here on.
    Never,
    /// It is the case after the input above.
    State,
    /// It happened exactly so often since the start of the story.
    Times(u32),
}

/// One observable: the beginning of a line of the vocabulary.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Want {
    /// It must not be so.
    pub negated: bool,
    /// The device it is about, or `service`; `None` in a story of one device.
    pub place: Option<String>,
    /// Its words.
    pub words: Vec<Word>,
}
