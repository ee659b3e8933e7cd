//! What went wrong, as an exit code, a sentence, and JSON.

use std::process::ExitCode;

use hookswitch::{Error, ErrorCode};
use serde_json::{Value, json};

/// Why a command did not do what it was told.
#[derive(Debug)]
pub enum Failure {
    /// The SDK says so.
    Sdk(Error),
    /// The daemon refused, because of another call; see the sentence.
    InTheWay(ErrorCode, String),
    /// The choice of a call does not fit; see the sentence.
    NoSuchCall(String),
    /// There is no such list of numbers; see the sentence.
    NoSuchList(String),
    /// There is no such audio device; see the sentence.
    NoSuchDevice(String),
    /// More than one call or device fits; see the sentence.
    Ambiguous(String),
    /// The daemon accepted it, and the app then did not do it.
    NotDone(String),
    /// It is still under way.
    StillUnderWay(String),
    /// This machine does not let us.
    System(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sdk(error)
    }
}

impl Failure {
    /// The exit code: 1 refused, 2 wrong usage, 3 daemon not reachable.
    pub fn code(&self) -> ExitCode {
        let code = match self {
            Self::Sdk(error) if error.is_unreachable() => 3,
            Self::Sdk(Error::InvalidArgument(_)) | Self::Ambiguous(_) => 2,
            Self::Sdk(_)
            | Self::InTheWay(..)
            | Self::NoSuchCall(_)
            | Self::NoSuchList(_)
            | Self::NoSuchDevice(_)
            | Self::NotDone(_)
            | Self::StillUnderWay(_)
            | Self::System(_) => 1,
        };
        ExitCode::from(code)
    }

    /// The sentence for people.
    pub fn message(&self) -> String {
        match self {
            Self::Sdk(error) => error.to_string(),
            Self::InTheWay(_, text)
            | Self::NoSuchCall(text)
            | Self::NoSuchList(text)
            | Self::NoSuchDevice(text)
            | Self::Ambiguous(text)
            | Self::NotDone(text)
            | Self::StillUnderWay(text)
            | Self::System(text) => text.clone(),
        }
    }

    /// The document for programs.
    pub fn to_json(&self) -> Value {
        json!({ "error": self.name(), "message": self.message() })
    }

    fn name(&self) -> String {
        match self {
            Self::Sdk(Error::NotRouted(_)) => "NotRouted".to_owned(),
            Self::Sdk(error) => match error.code() {
                Some(code) => code.name().to_owned(),
                None if error.is_unreachable() => "Unreachable".to_owned(),
                None => "Failed".to_owned(),
            },
            Self::InTheWay(code, _) => code.name().to_owned(),
            Self::NoSuchCall(_) => "NoSuchCall".to_owned(),
            Self::NoSuchList(_) => "NoExtensionFound".to_owned(),
            Self::NoSuchDevice(_) => "NoSuchDevice".to_owned(),
            Self::Ambiguous(_) => "Ambiguous".to_owned(),
            Self::NotDone(_) => "NotDone".to_owned(),
            Self::StillUnderWay(_) => "StillUnderWay".to_owned(),
            Self::System(_) => "System".to_owned(),
        }
    }
}
