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
    /// Decides over the given lists and options, without the daemon, and shows every rule that was
    /// consulted. A number in quotes: "+44 20 7946 0001"; "anonymous" for a hidden one.
    Explain(Explain),
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
