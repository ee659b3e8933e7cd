//! Single arguments: what is wrong with them, and how they are read.

use std::borrow::Cow;
use std::fmt;

use hookswitch_model::{
    AccountId, AnswerMode, AppId, AudioUse, ButtonId, CallKey, Digits, DigitsError, EndReason,
    Handle, HandleKind, HeadsetGesture, Interruption, Language, OnAnswer, Origin, Privacy, RingOn,
    SecondCalls, Text, TextError, TonesKind, Translation, TranslationEngine, Wall,
};

/// An argument that does not follow the contract, and what to do about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArgumentError {
    /// The key of the dictionary, or the name of the argument in the interface file.
    pub key: Cow<'static, str>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an argument. The value itself is never repeated: it may be an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Problem {
    /// It must be given.
    Missing,
    /// It is of another D-Bus type.
    WrongType {
        /// The signature it should have.
        wanted: &'static str,
    },
    /// It is empty, or nothing printable is in it.
    Empty,
    /// It is too long.
    TooLong {
        /// The most it may have, in bytes.
        max: usize,
    },
    /// It is none of the words that are known.
    UnknownWord {
        /// Those words.
        known: &'static str,
    },
    /// The number is out of range.
    OutOfRange {
        /// Least.
        min: u64,
        /// Most.
        max: u64,
    },
    /// It must be a page of this machine.
    NotLoopback,
    /// It does not have the form it should have.
    Malformed {
        /// That form.
        wanted: &'static str,
    },
}

impl ArgumentError {
    /// Says what is wrong with which key.
    #[must_use]
    pub fn new(key: impl Into<Cow<'static, str>>, problem: Problem) -> Self {
        Self {
            key: key.into(),
            problem,
        }
    }

    /// The same problem, with the place in a list before the key.
    #[must_use]
    pub fn at_index(self, index: usize) -> Self {
        self.within("actions", index)
    }

    /// The same problem, in a place of this list.
    pub(super) fn within(self, list: &str, index: usize) -> Self {
        Self::new(format!("{list}[{index}].{}", self.key), self.problem)
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.problem)
    }
}

impl std::error::Error for ArgumentError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing and must be given"),
            Self::WrongType { wanted } => write!(f, "must be of D-Bus type {wanted}"),
            Self::Empty => f.write_str("must not be empty"),
            Self::TooLong { max } => write!(f, "must not be longer than {max}"),
            Self::UnknownWord { known } => write!(f, "must be one of: {known}"),
            Self::OutOfRange { min, max } => write!(f, "must be from {min} to {max}"),
            Self::NotLoopback => {
                f.write_str("must begin with http:// and lead to 127.0.0.1, [::1] or localhost")
            }
            Self::Malformed { wanted } => write!(f, "must be {wanted}"),
        }
    }
}

/// Reads a call argument: a call id or the app's own key.
///
/// # Errors
///
/// [`ArgumentError`] if it can be neither.
pub fn call_ref(key: &'static str, text: &str) -> Result<CallKey, ArgumentError> {
    let problem = match text.len() {
        0 => Problem::Empty,
        len if len > CallKey::MAX_LEN => Problem::TooLong {
            max: CallKey::MAX_LEN,
        },
        _ => Problem::Malformed {
            wanted: "a call id or the app's own key, without control characters",
        },
    };
    CallKey::new(text).map_err(|_| ArgumentError::new(key, problem))
}

/// Reads the identity of an app.
///
/// # Errors
///
/// [`ArgumentError`] if it is no well-known bus name.
pub fn app_id(text: &str) -> Result<AppId, ArgumentError> {
    AppId::new(text).ok_or_else(|| {
        let wanted = "the app's well-known bus name, such as org.example.Phone";
        ArgumentError::new("app", Problem::Malformed { wanted })
    })
}

/// Reads an answer mode.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn answer_mode(text: &str) -> Result<AnswerMode, ArgumentError> {
    AnswerMode::from_name(text).ok_or_else(|| {
        let known = "auto, hold, end, end-held";
        ArgumentError::new("mode", Problem::UnknownWord { known })
    })
}

/// Reads a gesture at the button of a headset.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn headset_gesture(text: &str) -> Result<HeadsetGesture, ArgumentError> {
    HeadsetGesture::from_name(text).ok_or_else(|| {
        let known = "press, hold";
        ArgumentError::new("gesture", Problem::UnknownWord { known })
    })
}

/// Reads what an app wants the audio for.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn audio_use(text: &str) -> Result<AudioUse, ArgumentError> {
    AudioUse::from_name(text).ok_or_else(|| {
        let known = "playback, record";
        ArgumentError::new("use", Problem::UnknownWord { known })
    })
}

/// Reads what the audio is needed for besides calls; the audio server speaks for itself.
///
/// # Errors
///
/// If it is another word.
pub fn interruption(text: &str) -> Result<Interruption, ArgumentError> {
    let known = [Interruption::Emergency, Interruption::Exclusive];
    let found = known.into_iter().find(|reason| reason.name() == text);
    found.ok_or_else(|| {
        let known = "emergency, exclusive";
        ArgumentError::new("reason", Problem::UnknownWord { known })
    })
}

/// Reads an end reason.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn end_reason(text: &str) -> Result<EndReason, ArgumentError> {
    EndReason::from_name(text).ok_or_else(|| {
        let known = "local-hangup, remote-hangup, declined-here, declined-by-remote, unanswered, \
                     canceled-by-caller, answered-elsewhere, declined-elsewhere, busy, \
                     busy-elsewhere, failed, filtered, expired-before-delivery, app-crashed, \
                     app-unresponsive";
        ArgumentError::new("reason", Problem::UnknownWord { known })
    })
}

/// Reads who caused something.
pub(super) fn origin(text: &str) -> Result<Origin, ArgumentError> {
    Origin::from_name(text).ok_or_else(|| {
        let known = "user, app, remote, other-device, ring-limit, call-waiting, limit, system";
        ArgumentError::new("origin", Problem::UnknownWord { known })
    })
}

/// Reads digits.
///
/// # Errors
///
/// [`ArgumentError`] if there are none, too many, or others than `0-9 * # A-D , ;`.
pub fn digits(text: &str) -> Result<Digits, ArgumentError> {
    Digits::new(text).map_err(|error| {
        let problem = match error {
            DigitsError::Empty => Problem::Empty,
            DigitsError::TooLong => Problem::TooLong {
                max: Digits::MAX_LEN,
            },
            DigitsError::NotATone(_) => Problem::Malformed {
                wanted: "made of 0-9 * # A-D , ;",
            },
        };
        ArgumentError::new("digits", problem)
    })
}

/// Reads a kind of handle.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn handle_kind(key: &'static str, text: &str) -> Result<HandleKind, ArgumentError> {
    HandleKind::from_name(text).ok_or_else(|| {
        let known = "generic, phone-number, email-address";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// Reads a handle from its kind and value.
///
/// # Errors
///
/// [`ArgumentError`] if the kind is not known, or the value empty or too long.
pub fn handle(kind: &str, value: &str) -> Result<Handle, ArgumentError> {
    let kind = handle_kind("handle", kind)?;
    Handle::new(kind, value).map_err(|error| text_error("handle", error))
}

/// Reads a text.
///
/// # Errors
///
/// [`ArgumentError`] if it is too long, or nothing printable is in it.
pub fn text(key: &'static str, text: &str) -> Result<Text, ArgumentError> {
    Text::new(text).map_err(|error| text_error(key, error))
}

/// Reads the id of an account.
///
/// # Errors
///
/// [`ArgumentError`] if it is empty, too long or holds control characters.
pub fn account(key: &'static str, text: &str) -> Result<AccountId, ArgumentError> {
    let wanted = "1 to 128 bytes without control characters";
    AccountId::new(text).map_err(|_| ArgumentError::new(key, Problem::Malformed { wanted }))
}

/// Reads the id of a button.
///
/// # Errors
///
/// [`ArgumentError`] if it does not have that form.
pub fn button(key: &'static str, text: &str) -> Result<ButtonId, ArgumentError> {
    let wanted = "1 to 32 of a-z 0-9 -";
    ButtonId::new(text).map_err(|_| ArgumentError::new(key, Problem::Malformed { wanted }))
}

/// Reads a language.
///
/// # Errors
///
/// [`ArgumentError`] if it does not have the form of a tag.
pub fn language(key: &'static str, text: &str) -> Result<Language, ArgumentError> {
    let wanted = "a language tag such as en or pt-BR";
    Language::new(text).map_err(|_| ArgumentError::new(key, Problem::Malformed { wanted }))
}

/// Reads what to translate into what; two empty texts stop it.
///
/// # Errors
///
/// [`ArgumentError`] if one is no language tag.
pub fn translation(local: &str, remote: &str) -> Result<Option<Translation>, ArgumentError> {
    if local.is_empty() && remote.is_empty() {
        return Ok(None);
    }
    Ok(Some(Translation {
        local: language("local", local)?,
        remote: language("remote", remote)?,
    }))
}

/// Reads a rule for the front.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn on_answer(key: &'static str, text: &str) -> Result<OnAnswer, ArgumentError> {
    OnAnswer::from_name(text).ok_or_else(|| {
        let known = "stay, open-app, open-if-video";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// Reads what a second call does.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn second_calls(key: &'static str, text: &str) -> Result<SecondCalls, ArgumentError> {
    SecondCalls::from_name(text).ok_or_else(|| {
        let known = "ring, busy, missed";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// Reads how much is shown of the calls of an app.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn privacy(key: &'static str, text: &str) -> Result<Privacy, ArgumentError> {
    Privacy::from_name(text).ok_or_else(|| {
        let known = "full, name-hidden";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// Reads where it rings.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the words, and no device can be called so.
pub fn ring_on(key: &'static str, text: &str) -> Result<RingOn, ArgumentError> {
    RingOn::from_name(text).ok_or_else(|| {
        let known = "default, all, or the id of a device";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// Reads what tones are sent as.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn tones_kind(key: &'static str, text: &str) -> Result<TonesKind, ArgumentError> {
    TonesKind::from_name(text).ok_or_else(|| {
        let known = "single-tone, soft-pause, hard-pause";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// Reads who translates.
///
/// # Errors
///
/// [`ArgumentError`] if it is none of the known words.
pub fn engine(text: &str) -> Result<TranslationEngine, ArgumentError> {
    TranslationEngine::from_name(text).ok_or_else(|| {
        let known = "default, custom";
        ArgumentError::new("engine", Problem::UnknownWord { known })
    })
}

fn text_error(key: &'static str, error: TextError) -> ArgumentError {
    let problem = match error {
        TextError::Empty => Problem::Empty,
        TextError::TooLong { .. } => Problem::TooLong { max: Text::MAX_LEN },
    };
    ArgumentError::new(key, problem)
}

/// Reads the time something took effect: milliseconds since the Unix epoch, 0 for now.
///
/// # Errors
///
/// [`ArgumentError`] if it is negative.
pub fn at_wall(millis: i64) -> Result<Option<Wall>, ArgumentError> {
    match millis {
        0 => Ok(None),
        1.. => Ok(Some(Wall::from_millis(millis))),
        ..0 => {
            let wanted = "milliseconds since the Unix epoch, or 0 for now";
            Err(ArgumentError::new("at", Problem::Malformed { wanted }))
        }
    }
}

/// Writes the time something took effect.
#[must_use]
pub fn at_millis(at: Option<Wall>) -> i64 {
    at.map_or(0, Wall::as_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for kind in HandleKind::ALL {
            assert_eq!(handle_kind("kind", kind.name()), Ok(kind));
        }
        for reason in EndReason::ALL {
            assert_eq!(end_reason(reason.name()), Ok(reason));
        }
        for mode in ["auto", "hold", "end", "end-held"] {
            assert_eq!(answer_mode(mode).map(AnswerMode::name), Ok(mode));
        }
    }

    #[test]
    fn the_list_of_reasons_in_the_message_is_complete() {
        let Err(error) = end_reason("because") else {
            panic!("not a reason");
        };
        for reason in EndReason::ALL {
            assert!(error.to_string().contains(reason.name()));
        }
    }

    #[test]
    fn wrong_arguments_are_named() {
        let check = |error: Option<ArgumentError>, want: &str| {
            assert_eq!(error.map(|e| e.to_string()).as_deref(), Some(want));
        };
        check(call_ref("call", "").err(), "call: must not be empty");
        check(
            call_ref("key", &"k".repeat(256)).err(),
            "key: must not be longer than 255",
        );
        check(
            call_ref("key", "a\nb").err(),
            "key: must be a call id or the app's own key, without control characters",
        );
        check(
            app_id("phone").err(),
            "app: must be the app's well-known bus name, such as org.example.Phone",
        );
        check(
            answer_mode("later").err(),
            "mode: must be one of: auto, hold, end, end-held",
        );
        check(
            digits("12x").err(),
            "digits: must be made of 0-9 * # A-D , ;",
        );
        check(
            handle("pager", "1").err(),
            "handle: must be one of: generic, phone-number, email-address",
        );
        check(handle("generic", "").err(), "handle: must not be empty");
        check(
            at_wall(-1).err(),
            "at: must be milliseconds since the Unix epoch, or 0 for now",
        );
    }

    #[test]
    fn zero_means_now() {
        assert_eq!(at_wall(0), Ok(None));
        assert_eq!(at_millis(at_wall(5).unwrap()), 5);
        assert_eq!(at_millis(None), 0);
    }
}
