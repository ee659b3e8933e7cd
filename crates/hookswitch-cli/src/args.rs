//! The grammar of the command line, with its help.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use hookswitch::{AnswerMode, HandleKind};
use hookswitch_sim::cli::SimCommand;

use crate::directory::DirectoryCommand;
use crate::push::PushCommand;

/// Calls of all your apps, from the command line.
///
/// Every calling app on this machine reports its calls to the call system (the daemon hookswitchd).
/// With this program you see them, answer and end them, and look at what went wrong.
///
/// CALL is the beginning of a call's id, as "hookswitch list" shows it. It may be left out when
/// only one call fits: "hookswitch answer" answers the one call that rings.
#[derive(Debug, Parser)]
#[command(name = "hookswitch", version, after_help = AFTER, max_term_width = 80)]
pub struct Args {
    /// Write JSON, one document a line, in place of text
    #[arg(long, global = true, display_order = 900)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "\
Exit codes: 0 done; 1 refused, or the app did not do it; 2 wrong usage; 3 the
call system is not reachable (\"hookswitch doctor\" tells why).

Examples:
  hookswitch watch                        see calls come and go
  hookswitch answer --hold                answer; hold the call on the line
  hookswitch dial sip:ana@example.org     call someone
  hookswitch list --json | jq .calls      for scripts";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show all live calls
    List,
    /// Show calls as they come, change and go, until interrupted
    ///
    /// With --json, writes the whole state after each change.
    Watch,
    /// An action on a call.
    #[command(flatten)]
    Act(Action),
    /// Show the calls that were, newest first
    Recents(Recents),
    /// Do not disturb: only those who are allowed ring
    ///
    /// Without a word it says how it is. A person who calls a second time within three minutes
    /// rings all the same.
    Dnd {
        /// On, off or status.
        #[command(subcommand)]
        what: Option<Dnd>,
    },
    /// Show what calls are heard on: the device and why, who has the audio, mute
    Audio,
    /// Use another audio device
    ///
    /// Without DEVICE, lists the devices as "hookswitch audio" does.
    Route {
        /// Its id, the beginning of its name, its kind ("speaker", "headset", "bluetooth",
        /// "handset"), or "next"
        device: Option<String>,
    },
    /// Choose where it rings
    ///
    /// Without a word it says where. The device of the call is not changed by it.
    RingOn {
        /// "default" (where everything else plays), "all", or a device: its id, the beginning of
        /// its name, or its kind
        place: Option<String>,
    },
    /// Whether answering a call brings its app to the front
    ///
    /// Without a word it says how it is. Nothing comes to the front while you drive.
    Front {
        /// What answering does
        #[arg(value_enum)]
        rule: Option<Front>,
    },
    /// Say that you drive, or do not any more: nothing comes to the front by itself
    ///
    /// Without a word it says how it is.
    Driving {
        /// Whether you drive
        #[arg(value_enum)]
        what: Option<Switch>,
    },
    /// What connected programs may do, and why
    ///
    /// Programs of your own may do all. Apps in a sandbox (Flatpak, Snap) offer calls and see flags
    /// of others, unless you grant them more in hookswitchd.toml.
    Rights {
        /// List.
        #[command(subcommand)]
        what: Rights,
    },
    /// People who never ring
    ///
    /// A number is compared in any spelling; other addresses exactly as the app gives them.
    Block {
        /// Add, remove or list.
        #[command(subcommand)]
        what: People,
    },
    /// People who ring in spite of do-not-disturb
    Allow {
        /// Add, remove or list.
        #[command(subcommand)]
        what: People,
    },
    /// What a call does that comes while another one is there
    ///
    /// Without a word it says how it is. Those on the list "allow" ring all the same, and so do
    /// emergency call-backs. An app that takes no second call is given none, whatever is said here.
    SecondCalls {
        /// What it does
        #[arg(value_enum)]
        rule: Option<SecondCall>,
        /// In this app only
        #[arg(long, requires = "rule")]
        app: Option<String>,
    },
    /// Let nobody ring while the screen is shared or lent
    ///
    /// "on" while others see or use the screen: no call rings, and none is shown; those that come
    /// are in the recents. "off" when that is over. Without a word it says how it is. Emergency
    /// call-backs ring all the same.
    Restrict {
        /// Whether it is
        #[arg(value_enum)]
        what: Option<Switch>,
    },
    /// How much of an app's calls is shown
    ///
    /// "name-hidden": screens, notices, the recents and this command show neither name nor number,
    /// only through which app a call is. "full" shows both again, also of former calls. Without a
    /// word it says how it is.
    Privacy {
        /// The app's id; all apps if it is left out
        app: Option<String>,
        /// How much
        #[arg(value_enum)]
        level: Option<PrivacyLevel>,
    },
    /// Apps that are locked or hidden: their calls neither ring nor start
    Protect {
        /// Add, remove or list.
        #[command(subcommand)]
        what: Apps,
    },
    /// Take the sound from calls for something else, until this command ends
    ///
    /// Calls go on without sound, and have it back when this is ended with Ctrl+C or killed.
    Interrupt {
        /// What for
        #[arg(value_enum)]
        reason: Need,
    },
    /// Print the address of the calling UI
    ///
    /// The address holds a secret token: who has it can answer your calls. Do not pass it on.
    Ui {
        /// Open it in the web browser
        #[arg(long)]
        open: bool,
    },
    /// Write down what happened of late, for a report
    ///
    /// Writes at most the last 2,048 events as JSON lines. People, addresses and digits have
    /// aliases; look at the file before you pass it on. "hookswitch sim picture" draws it, "sim
    /// replay" plays it again, "sim cut" makes a story of it.
    Record {
        /// Where to; standard output if it is left out
        #[arg(short, long, value_name = "FILE")]
        output: Option<std::path::PathBuf>,
        /// Keep names, addresses and digits
        #[arg(long)]
        with_names: bool,
    },
    /// Check whether everything a call needs is there
    ///
    /// Looks at the session bus, the call system and its version, the audio server, notifications,
    /// the calling UI, the apps and the disk. Changes nothing. Each line says ok, warn or fail, and
    /// what to do.
    Doctor,
    /// Who is blocked and named, by lists of numbers and your rules, and why
    ///
    /// Checks and loads files of numbers, switches lists and rules about callers, and says what
    /// would happen if a number called.
    Directory {
        /// Which part.
        #[command(subcommand)]
        command: DirectoryCommand,
    },
    /// Pushes that wake apps: what arrived, what was dropped and why
    Push {
        /// Which part.
        #[command(subcommand)]
        command: PushCommand,
    },
    /// Write a completion script for a shell
    ///
    /// For bash, into the folder that it reads (make it first):
    /// hookswitch completion bash > ~/.local/share/bash-completion/completions/hookswitch
    Completion {
        /// Which shell
        shell: Shell,
    },
    /// Play call scenarios in virtual time, without a daemon
    Sim {
        /// Which part of the simulator.
        #[command(subcommand)]
        command: SimCommand,
    },
}

/// What about rights.
#[derive(Debug, Subcommand)]
pub enum Rights {
    /// Who is connected, as whom, with which rights and why
    List,
}

/// What becomes of do-not-disturb.
#[derive(Debug, Subcommand)]
pub enum Dnd {
    /// Switch it on
    On {
        /// For so long, such as 90m or 8h
        #[arg(long, value_parser = crate::rules::span, conflicts_with = "until")]
        r#for: Option<std::time::Duration>,
        /// Until this time of day, such as 07:30
        #[arg(long, value_parser = crate::rules::time_of_day)]
        until: Option<jiff::civil::Time>,
    },
    /// Switch it off
    Off,
    /// Say how it is
    Status,
}

/// What comes to the front on answer.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Front {
    /// Nothing: calls stay in the calling UI
    Stay,
    /// The app
    OpenApp,
    /// The app, for calls with video
    OpenIfVideo,
    /// As each app says
    App,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PrivacyLevel {
    /// Name and number
    Full,
    /// Only through which app a call is
    NameHidden,
}

/// What a second call does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SecondCall {
    /// It rings beside the other one, with a short tone
    Ring,
    /// It is turned away, and they hear busy
    Busy,
    /// It is kept as missed, and they are not told
    Missed,
    /// With --app: as in the other apps. Else the same as "ring"
    Default,
}

/// On or off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Switch {
    /// On
    On,
    /// Off
    Off,
}

/// What becomes of a list of people.
#[derive(Debug, Subcommand)]
pub enum People {
    /// Put someone on the list
    Add(Person),
    /// Take someone off the list
    Remove(Person),
    /// Show the list
    List,
}

/// What the audio is needed for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Need {
    /// A public warning
    Emergency,
    /// A program that must be alone, a recorder for example
    Exclusive,
}

/// What becomes of the list of locked or hidden apps.
#[derive(Debug, Subcommand)]
pub enum Apps {
    /// Put an app on the list
    Add {
        /// Its id, such as org.example.Phone
        app: String,
    },
    /// Take an app off the list
    Remove {
        /// Its id
        app: String,
    },
    /// Show the list
    List,
}

/// Someone.
#[derive(ClapArgs, Debug)]
pub struct Person {
    /// The address, exactly as the app gives it
    pub address: String,
    /// What kind of address it is; guessed if left out
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
}

/// Something done to calls.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Call someone
    ///
    /// ADDRESS is what the app understands: a phone number, a SIP address, a user name. The app is
    /// started if it is not running.
    Dial(Dial),
    /// Call back the other party of a former call, through the same app and account
    ///
    /// Without an id, the newest call that can be called back. The app is started if it is not
    /// running.
    Redial {
        /// The beginning of the former call's id, as "hookswitch recents --json" shows it
        call: Option<String>,
    },
    /// Something done to one call.
    #[command(flatten)]
    On(CallAction),
    /// Press the button of a headset
    ///
    /// For bridges and key bindings; what it does depends on what is heard. A short press answers,
    /// swaps two calls, or ends the only one; a long one declines or ends.
    Headset {
        /// How
        #[arg(value_enum)]
        gesture: Gesture,
        /// The headset, by its id or name: a call that is answered is heard there
        #[arg(long, value_name = "DEVICE")]
        on: Option<String>,
    },
    /// Hold the call on the line and take the held one back
    Swap,
    /// Join two conversations of one app
    ///
    /// Without CALL, the one on the line; without WITH, the held one.
    Merge {
        /// The beginning of the id of a call of the one
        call: Option<String>,
        /// The beginning of the id of a call of the other
        with: Option<String>,
    },
}

/// Something done to one call.
#[derive(Debug, Subcommand)]
pub enum CallAction {
    /// Answer a ringing call
    ///
    /// With another call on the line, say what happens to it: --hold, --end or --end-held.
    Answer(Answer),
    /// Decline a ringing call
    Decline(One),
    /// End a call, or decline or cancel it
    ///
    /// An app has a few seconds to end its side. With --force the call ends here at once, for an
    /// app that hangs; the app is told.
    End(End),
    /// Put the call on the line on hold
    Hold(One),
    /// Talk to one call of a group alone; the rest is held
    Split(One),
    /// Take a call back from hold; the one on the line is held first
    Resume(One),
    /// Stop your microphone in a call
    Mute(One),
    /// Restart your microphone in a call
    Unmute(One),
    /// Stop the ringing; the call goes on waiting
    Silence(One),
    /// Press one of the app's own buttons, such as "open-door"
    Press {
        /// The button's id, as "hookswitch list --json" shows it
        button: String,
        /// The beginning of the call's id; may be left out when only one call fits
        call: Option<String>,
    },
    /// Switch video on or off, or decline it
    Video {
        /// What to do
        #[arg(value_enum)]
        switch: VideoSwitch,
        /// The beginning of the call's id; may be left out when only one call fits
        call: Option<String>,
    },
    /// Translate a call between two languages, or stop it
    Translate(Translate),
    /// Send digits in a call
    Digits {
        /// 0-9 * # A-D, "," for a pause, ";" to wait for "hookswitch send-rest"
        digits: String,
        /// The beginning of the call's id; may be left out when only one call fits
        call: Option<String>,
    },
    /// Send the digits that wait behind ";"
    SendRest(One),
    /// Forget the digits that wait behind a pause
    DropRest(One),
}

/// A gesture at the button of a headset.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Gesture {
    /// A short press
    Press,
    /// The button held down
    #[value(alias = "long")]
    Hold,
}

/// On or off, or an answer to an offer.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum VideoSwitch {
    /// Switch it on; also accepts an offer
    On,
    /// Switch it off
    Off,
    /// Turn the other party's offer down
    Decline,
}

/// What to translate.
#[derive(ClapArgs, Debug)]
pub struct Translate {
    /// The beginning of the call's id; may be left out when only one call fits
    pub call: Option<String>,
    /// What you speak, a language tag such as "en"
    #[arg(long, value_name = "TAG", required_unless_present = "stop")]
    pub local: Option<String>,
    /// What the other party speaks, such as "pt-BR"
    #[arg(long, value_name = "TAG", required_unless_present = "stop")]
    pub remote: Option<String>,
    /// Stop translating
    #[arg(long, conflicts_with_all = ["local", "remote"])]
    pub stop: bool,
}

/// A call.
#[derive(ClapArgs, Debug)]
pub struct One {
    /// The beginning of the call's id; may be left out when only one call fits
    pub call: Option<String>,
}

/// A call to end.
#[derive(ClapArgs, Debug)]
pub struct End {
    /// The beginning of the call's id; may be left out when only one call fits
    pub call: Option<String>,
    /// With all others of its group
    #[arg(long)]
    pub all: bool,
    /// At once, whether the app answers or not
    #[arg(long, conflicts_with = "all")]
    pub force: bool,
}

/// Whom to call and how.
#[derive(ClapArgs, Debug)]
pub struct Dial {
    /// Whom to call
    pub address: String,
    /// The app: its name or its id, such as org.example.Phone. May be left out when only one app is
    /// registered; an app that is not running is named by its id
    #[arg(long)]
    pub app: Option<String>,
    /// What kind of address it is; guessed if left out
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// With video
    #[arg(long)]
    pub video: bool,
    /// The app's account, by its id; without it the first that can
    #[arg(long)]
    pub account: Option<String>,
}

/// A kind of address.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// Any text that the app understands
    Generic,
    /// A phone number
    PhoneNumber,
    /// An e-mail-like address
    EmailAddress,
}

impl Kind {
    /// The SDK's word for it.
    pub fn handle_kind(self) -> HandleKind {
        match self {
            Self::Generic => HandleKind::Generic,
            Self::PhoneNumber => HandleKind::PhoneNumber,
            Self::EmailAddress => HandleKind::EmailAddress,
        }
    }
}

/// What happens to the call on the line.
#[derive(ClapArgs, Debug)]
pub struct Answer {
    /// The beginning of the call's id; may be left out when only one call rings
    pub call: Option<String>,
    /// Hold the call on the line
    #[arg(long, group = "mode")]
    pub hold: bool,
    /// End the call on the line
    #[arg(long, group = "mode")]
    pub end: bool,
    /// End the call on hold, and hold the one on the line
    #[arg(long, group = "mode")]
    pub end_held: bool,
}

impl Answer {
    /// The SDK's word for it.
    pub fn mode(&self) -> AnswerMode {
        if self.hold {
            AnswerMode::HoldAndAnswer
        } else if self.end {
            AnswerMode::EndAndAnswer
        } else if self.end_held {
            AnswerMode::EndHeldAndAnswer
        } else {
            AnswerMode::Auto
        }
    }
}

/// Which recents.
#[derive(ClapArgs, Debug)]
pub struct Recents {
    /// Only missed calls
    #[arg(long, conflicts_with = "blocked")]
    pub missed: bool,
    /// Only calls that were kept from ringing
    #[arg(long)]
    pub blocked: bool,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn help_fits_eighty_columns() {
        for command in Args::command().get_subcommands() {
            let help = command
                .clone()
                .term_width(80)
                .render_long_help()
                .to_string();
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn one_answer_mode_at_most() {
        assert!(Args::try_parse_from(["hookswitch", "answer", "--hold", "--end"]).is_err());
        assert!(Args::try_parse_from(["hookswitch", "answer", "--hold"]).is_ok());
    }
}
