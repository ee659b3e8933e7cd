//! The actions an app requests for its own calls.

use hookswitch_model::{AccountId, ActionKind, CallKey, Callee, Digits, Text, Translation};

use super::argument::{self, ArgumentError, Problem};
use super::dict::{Dict, Reader, put, put_some, required};

/// One action of `Provider.Request`. The call is a call id or the app's own key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ActionMessage {
    /// Start an outgoing call.
    Start {
        /// The app's key for the new call, or a UUID.
        call: CallKey,
        /// Whom and how.
        to: Callee,
    },
    /// Answer a ringing call.
    Answer {
        /// Which call.
        call: CallKey,
    },
    /// End, cancel or decline a call.
    End {
        /// Which call.
        call: CallKey,
    },
    /// Hold or resume.
    SetHeld {
        /// Which call.
        call: CallKey,
        /// Hold, or resume.
        on: bool,
    },
    /// Mute or unmute.
    SetMuted {
        /// Which call.
        call: CallKey,
        /// Mute, or unmute.
        on: bool,
    },
    /// Join the group of another call of the app, or leave one's own.
    SetGroup {
        /// Which call.
        call: CallKey,
        /// The other call; without it the call leaves its group.
        with: Option<CallKey>,
    },
    /// Send digits.
    PlayDigits {
        /// Which call.
        call: CallKey,
        /// Which digits.
        digits: Digits,
    },
    /// Start or stop translation.
    SetTranslating {
        /// Which call.
        call: CallKey,
        /// What into what; `None` stops it.
        to: Option<Translation>,
    },
}

impl ActionMessage {
    /// What kind of action it is.
    #[must_use]
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Start { .. } => ActionKind::Start,
            Self::Answer { .. } => ActionKind::Answer,
            Self::End { .. } => ActionKind::End,
            Self::SetHeld { .. } => ActionKind::SetHeld,
            Self::SetMuted { .. } => ActionKind::SetMuted,
            Self::SetGroup { .. } => ActionKind::SetGroup,
            Self::PlayDigits { .. } => ActionKind::PlayDigits,
            Self::SetTranslating { .. } => ActionKind::SetTranslating,
        }
    }

    /// The call it is about.
    #[must_use]
    pub fn call(&self) -> &CallKey {
        match self {
            Self::Start { call, .. }
            | Self::Answer { call }
            | Self::End { call }
            | Self::SetHeld { call, .. }
            | Self::SetMuted { call, .. }
            | Self::SetGroup { call, .. }
            | Self::PlayDigits { call, .. }
            | Self::SetTranslating { call, .. } => call,
        }
    }

    /// Reads one action.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] names the first key that is wrong.
    pub fn from_dict(dict: &Dict) -> Result<Self, ArgumentError> {
        let read = Reader(dict);
        let kind = action_kind("kind", required("kind", read.string("kind")?)?)?;
        let call = argument::call_ref("call", required("call", read.string("call")?)?)?;
        Ok(match kind {
            ActionKind::Start => Self::Start {
                call,
                to: callee(&read)?,
            },
            ActionKind::Answer => Self::Answer { call },
            ActionKind::End => Self::End { call },
            ActionKind::SetHeld => Self::SetHeld {
                call,
                on: required("on", read.boolean("on")?)?,
            },
            ActionKind::SetMuted => Self::SetMuted {
                call,
                on: required("on", read.boolean("on")?)?,
            },
            ActionKind::SetGroup => {
                let with = read.string("with")?;
                let with = with.map(|with| argument::call_ref("with", with));
                let with = with.transpose()?;
                Self::SetGroup { call, with }
            }
            ActionKind::PlayDigits => Self::PlayDigits {
                call,
                digits: argument::digits(required("digits", read.string("digits")?)?)?,
            },
            ActionKind::SetTranslating => Self::SetTranslating {
                call,
                to: translation(&read)?,
            },
            ActionKind::SetVideo | ActionKind::DeclineVideo | ActionKind::Custom => {
                let known = REQUESTED;
                return Err(ArgumentError::new("kind", Problem::UnknownWord { known }));
            }
        })
    }

    /// Reads a transaction; an error names the place of the action.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] names the first action and key that is wrong.
    pub fn list_from_dicts(dicts: &[Dict]) -> Result<Vec<Self>, ArgumentError> {
        dicts
            .iter()
            .enumerate()
            .map(|(index, dict)| Self::from_dict(dict).map_err(|error| error.at_index(index)))
            .collect()
    }

    /// Writes the action.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut dict = Dict::new();
        put(&mut dict, "kind", self.kind().name());
        put(&mut dict, "call", self.call().as_str());
        match self {
            Self::Start { to, .. } => put_callee(&mut dict, to),
            Self::SetTranslating { to, .. } => put_translation(&mut dict, to.as_ref()),
            Self::Answer { .. } | Self::End { .. } => {}
            Self::SetHeld { on, .. } | Self::SetMuted { on, .. } => put(&mut dict, "on", *on),
            Self::SetGroup { with, .. } => {
                if let Some(with) = with {
                    put(&mut dict, "with", with.as_str());
                }
            }
            Self::PlayDigits { digits, .. } => put(&mut dict, "digits", digits.as_str()),
        }
        dict
    }
}

/// Reads a kind of action.
pub(super) fn action_kind(key: &'static str, text: &str) -> Result<ActionKind, ArgumentError> {
    ActionKind::from_name(text).ok_or_else(|| {
        let known = "start, answer, end, set-held, set-muted, set-group, play-digits, set-video, \
            decline-video, set-translating, custom";
        ArgumentError::new(key, Problem::UnknownWord { known })
    })
}

/// The actions that an app may request.
const REQUESTED: &str =
    "start, answer, end, set-held, set-muted, set-group, play-digits, set-translating";

/// Reads whom to call and how.
pub(super) fn callee(read: &Reader<'_>) -> Result<Callee, ArgumentError> {
    Ok(Callee {
        handle: read.handle()?,
        video: read.boolean("video")?.unwrap_or(false),
        account: read.account()?,
        contact: read.text("contact")?,
    })
}

/// Writes whom to call and how.
pub(super) fn put_callee(dict: &mut Dict, to: &Callee) {
    let kind = to.handle.kind().name();
    put(dict, "handle", (kind, to.handle.value()));
    put(dict, "video", to.video);
    put_some(dict, "account", to.account.as_ref().map(AccountId::as_str));
    put_some(dict, "contact", to.contact.as_ref().map(Text::as_str));
}

/// Reads what to translate; `on` false stops it.
pub(super) fn translation(read: &Reader<'_>) -> Result<Option<Translation>, ArgumentError> {
    if !required("on", read.boolean("on")?)? {
        return Ok(None);
    }
    Ok(Some(Translation {
        local: read.language("local")?,
        remote: read.language("remote")?,
    }))
}

/// Writes what to translate.
pub(super) fn put_translation(dict: &mut Dict, to: Option<&Translation>) {
    put(dict, "on", to.is_some());
    put_some(dict, "local", to.map(|t| t.local.as_str()));
    put_some(dict, "remote", to.map(|t| t.remote.as_str()));
}

#[cfg(test)]
mod tests {
    use hookswitch_model::{Handle, HandleKind, Language};

    use super::*;

    fn all() -> Vec<ActionMessage> {
        let call = || CallKey::new("line-1").unwrap();
        vec![
            ActionMessage::Start {
                call: call(),
                to: Callee {
                    account: AccountId::new("work").ok(),
                    contact: Text::new("contact-7").ok(),
                    ..Callee::new(Handle::new(HandleKind::EmailAddress, "a@b").unwrap(), true)
                },
            },
            ActionMessage::Answer { call: call() },
            ActionMessage::End { call: call() },
            ActionMessage::SetHeld {
                call: call(),
                on: true,
            },
            ActionMessage::SetMuted {
                call: call(),
                on: false,
            },
            ActionMessage::SetGroup {
                call: call(),
                with: None,
            },
            ActionMessage::SetGroup {
                call: call(),
                with: Some(CallKey::new("line-2").unwrap()),
            },
            ActionMessage::PlayDigits {
                call: call(),
                digits: Digits::new("1,2#").unwrap(),
            },
            ActionMessage::SetTranslating {
                call: call(),
                to: Some(Translation {
                    local: Language::new("en").unwrap(),
                    remote: Language::new("pt-BR").unwrap(),
                }),
            },
            ActionMessage::SetTranslating {
                call: call(),
                to: None,
            },
        ]
    }

    #[test]
    fn every_action_reads_back() {
        let dicts: Vec<Dict> = all().iter().map(ActionMessage::to_dict).collect();
        assert_eq!(ActionMessage::list_from_dicts(&dicts), Ok(all()));
    }

    #[test]
    fn a_missing_key_is_named_with_its_place() {
        let wanted: [&[&str]; 10] = [
            &["kind", "call", "handle"],
            &["kind", "call"],
            &["kind", "call"],
            &["kind", "call", "on"],
            &["kind", "call", "on"],
            &["kind", "call"],
            &["kind", "call"],
            &["kind", "call", "digits"],
            &["kind", "call", "on", "local", "remote"],
            &["kind", "call", "on"],
        ];
        for (action, keys) in all().iter().zip(wanted) {
            for key in keys {
                let mut dict = action.to_dict();
                dict.remove(*key);
                let error = ActionMessage::list_from_dicts(&[all()[1].to_dict(), dict])
                    .unwrap_err()
                    .to_string();
                let want = format!("actions[1].{key}: is missing and must be given");
                assert_eq!(error, want);
            }
        }
    }

    #[test]
    fn a_wrong_kind_is_named() {
        let mut dict = all()[1].to_dict();
        put(&mut dict, "kind", "accept");
        let want =
            "kind: must be one of: start, answer, end, set-held, set-muted, set-group, play-digits";
        let error = ActionMessage::from_dict(&dict).unwrap_err().to_string();
        assert!(error.starts_with(want), "{error}");
        put(&mut dict, "kind", "custom");
        let error = ActionMessage::from_dict(&dict).unwrap_err().to_string();
        assert!(error.starts_with(want), "{error}");
    }
}
