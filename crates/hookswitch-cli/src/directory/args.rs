//! The grammar of `hookswitch directory`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

/// Lists of numbers, and what they decide.
#[derive(Debug, Subcommand)]
pub enum DirectoryCommand {
    /// Say what is wrong with lists of numbers, and where
    ///
    /// Reads text, CSV, vCard and phonebook files, without the daemon. Every line that cannot be
    /// used is counted and named; exit code 1 if there is one.
    Lint(Lint),
    /// Say what would happen if a number called, and why
    ///
    /// Asks the call system, with the lists and rules that it has. With lists or rules of your own
    /// in the options, or with --offline, it decides over those alone. Every rule that was
    /// consulted is shown. A number in quotes: "+44 20 7946 0001"; "anonymous" for a hidden one.
    Explain(Explain),
    /// Say why a call in the recents rang, or did not
    Why {
        /// The beginning of its id, as "hookswitch recents" shows it; the last blocked call if
        /// left out
        call: Option<String>,
    },
    /// Load a list of your own from files; what it held before is replaced
    ///
    /// Reads text, CSV, vCard and phonebook files. The list counts at once, and callers in it are
    /// blocked, or only named with --names. Lines that cannot be used are left out and counted;
    /// "hookswitch directory lint" says what is wrong with them.
    Load(Load),
    /// Show all lists, in the order in which they name callers
    List,
    /// Say how one list is
    Status(Named),
    /// Switch a list on
    Enable(Named),
    /// Switch a list off; what it holds stays
    Disable(Named),
    /// Put lists in order: the first one that knows a caller names it
    Order {
        /// The lists; others come behind
        #[arg(required = true, value_name = "LIST")]
        lists: Vec<String>,
    },
    /// Remove a list and what it holds
    Remove(Named),
    /// Ask an app to load its list again
    Reload(Named),
    /// Block a number or a pattern yourself; lists do not matter then
    Block {
        /// The number with country code, or a pattern such as "+4490*" or "33162######"
        number: String,
        /// A pattern for a whole country or more, such as "+44*", is meant
        #[arg(long)]
        wide: bool,
    },
    /// Take a number or a pattern out of your own block list
    Unblock {
        /// The number, in any spelling, or the pattern
        number: String,
    },
    /// Let a number or a pattern ring though a list or pattern blocks it
    Except {
        /// The number with country code, or a pattern
        pattern: String,
        /// Not any more
        #[arg(long)]
        remove: bool,
    },
    /// Show your rules about callers, or switch one
    Rule {
        /// Which rule; all are shown if it is left out
        #[arg(value_enum, requires = "on")]
        rule: Option<CallerRule>,
        /// Whether it holds
        #[arg(value_enum)]
        on: Option<crate::args::Switch>,
    },
    /// Say for how long a number that you called may call back though it is blocked
    CallBack {
        /// So long, such as 10m; "never" ends it
        #[arg(value_name = "TIME", value_parser = call_back)]
        span: Duration,
    },
}

/// A rule about callers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum CallerRule {
    /// Callers who hide their number never ring.
    Anonymous,
    /// Only contacts ring.
    NotInContacts,
    /// Contacts ring though their number is blocked.
    TrustContacts,
    /// Numbers that you have called ring though they are blocked.
    TrustCalled,
}

impl CallerRule {
    /// Its name on every wire.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

fn call_back(text: &str) -> Result<Duration, String> {
    match text {
        "never" => Ok(Duration::ZERO),
        text => crate::rules::span(text),
    }
}

/// One list.
#[derive(Args, Debug)]
pub struct Named {
    /// The list, as "hookswitch directory list" names it
    #[arg(value_name = "LIST")]
    pub list: String,
}

/// Loads files.
#[derive(Args, Debug)]
pub struct Load {
    /// A word for the list, such as spam: letters, digits, dashes and underscores
    #[arg(value_name = "NAME", value_parser = word)]
    pub name: String,
    /// The files; "-" for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadAs,
    /// Callers in the list are named, and not blocked
    #[arg(long)]
    pub names: bool,
    /// Load nothing if a line cannot be used
    #[arg(long)]
    pub strict: bool,
    /// Entries for a whole country or more, such as 5*, are meant
    #[arg(long)]
    pub wide: bool,
}

/// The name of one's own list: apps have dots in theirs.
fn word(text: &str) -> Result<String, String> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_short = (1..=100).contains(&text.len());
    match is_short && text.chars().all(is_fine) && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err(
            "use 1 to 100 letters, digits, dashes and underscores, and no dash in front".to_owned(),
        ),
    }
}

/// How files are read.
#[derive(Args, Debug)]
pub struct ReadAs {
    /// A region of your own lines (GB, US, …), for numbers without country code
    #[arg(long, value_name = "REGION")]
    pub region: Vec<String>,
    /// What the files are; found out if left out
    #[arg(long, value_enum)]
    pub format: Option<FileFormat>,
    /// Digits without plus sign are numbers of the region, not with country code
    #[arg(long, requires = "region")]
    pub national: bool,
}

/// Checks files.
#[derive(Args, Debug)]
pub struct Lint {
    /// The files; "-" for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadAs,
}

/// Asks what would happen.
#[derive(Args, Debug)]
pub struct Explain {
    /// The number that calls
    pub number: String,
    /// Decide over the options alone, without the daemon
    #[arg(long)]
    pub offline: bool,
    /// A list, in the order in which they name callers
    #[arg(long, value_name = "FILE")]
    pub list: Vec<PathBuf>,
    /// A list that is switched off
    #[arg(long, value_name = "FILE")]
    pub list_off: Vec<PathBuf>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadAs,
    /// A number in your own block list
    #[arg(long, value_name = "NUMBER")]
    pub block: Vec<String>,
    /// A pattern that you block, such as +4490* or 33162######
    #[arg(long, value_name = "PATTERN")]
    pub pattern: Vec<String>,
    /// A number or pattern that rings though a list blocks it
    #[arg(long, value_name = "PATTERN")]
    pub except: Vec<String>,
    /// The caller is in your contacts under this name; an empty one: it is not
    #[arg(long, value_name = "NAME")]
    pub contact: Option<String>,
    /// You have called it so long ago, such as 5m
    #[arg(long, value_name = "TIME", value_parser = crate::rules::span)]
    pub called_ago: Option<Duration>,
    /// Contacts ring though their number is blocked
    #[arg(long)]
    pub trust_contacts: bool,
    /// Numbers that you have called ring though they are blocked
    #[arg(long)]
    pub trust_called: bool,
    /// Hidden numbers never ring
    #[arg(long)]
    pub block_anonymous: bool,
    /// Only contacts ring
    #[arg(long)]
    pub block_unknown: bool,
    /// Numbers that you have called may call back for so long, such as 10m
    #[arg(long, value_name = "TIME", value_parser = crate::rules::span)]
    pub call_back: Option<Duration>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum FileFormat {
    /// One number or pattern a line.
    Text,
    /// Columns.
    Csv,
    /// Contacts.
    Vcard,
    /// A phonebook in XML.
    Phonebook,
}
