//! What the daemon asks an app to do.

use hookswitch_model::{
    ActionKind, ButtonId, CallId, CallKey, Callee, EndReason, Origin, Tones, Translation,
};

use super::action::{action_kind, callee, put_callee, put_translation, translation};
use super::argument::{self, ArgumentError, Problem};
use super::dict::{Dict, Reader, put, required};

/// Action and details of `App1.Perform`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AskMessage {
    /// Start an outgoing call.
    Start(Callee),
    /// Answer.
    Answer,
    /// End, cancel or decline.
    End {
        /// Who wants it.
        origin: Origin,
        /// How it will be recorded.
        reason: EndReason,
    },
    /// Hold or resume.
    SetHeld(bool),
    /// Mute or unmute.
    SetMuted(bool),
    /// Join the group of another call of the app (its id and the app's own key), or leave one's
    /// own.
    SetGroup(Option<(CallId, CallKey)>),
    /// Send digits.
    PlayDigits(Tones),
    /// Switch video on or off.
    SetVideo(bool),
    /// The other party's offer of video is turned down.
    DeclineVideo,
    /// Translate, or stop it.
    SetTranslating(Option<Translation>),
    /// One of the app's own buttons was pressed.
    Custom(ButtonId),
}

impl AskMessage {
    /// What kind of action it is; its name is the `action` argument.
    #[must_use]
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Start(_) => ActionKind::Start,
            Self::Answer => ActionKind::Answer,
            Self::End { .. } => ActionKind::End,
            Self::SetHeld(_) => ActionKind::SetHeld,
            Self::SetMuted(_) => ActionKind::SetMuted,
            Self::SetGroup(_) => ActionKind::SetGroup,
            Self::PlayDigits(_) => ActionKind::PlayDigits,
            Self::SetVideo(_) => ActionKind::SetVideo,
            Self::DeclineVideo => ActionKind::DeclineVideo,
            Self::SetTranslating(_) => ActionKind::SetTranslating,
            Self::Custom(_) => ActionKind::Custom,
        }
    }

    /// Reads action and details.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] names the first key that is wrong.
    pub fn from_parts(action: &str, details: &Dict) -> Result<Self, ArgumentError> {
        let read = Reader(details);
        let on = || required("on", read.boolean("on")?);
        Ok(match action_kind("action", action)? {
            ActionKind::Start => Self::Start(callee(&read)?),
            ActionKind::Answer => Self::Answer,
            ActionKind::End => Self::End {
                origin: argument::origin(required("origin", read.string("origin")?)?)?,
                reason: argument::end_reason(required("reason", read.string("reason")?)?)?,
            },
            ActionKind::SetHeld => Self::SetHeld(on()?),
            ActionKind::SetMuted => Self::SetMuted(on()?),
            ActionKind::SetGroup => Self::SetGroup(match read.string("with")? {
                None => None,
                Some(with) => {
                    let key = required("with-key", read.string("with-key")?)?;
                    let key = argument::call_ref("with-key", key)?;
                    let with = with.parse().map_err(|_| {
                        ArgumentError::new(
                            "with",
                            Problem::Malformed {
                                wanted: "a call id",
                            },
                        )
                    })?;
                    Some((with, key))
                }
            }),
            ActionKind::PlayDigits => {
                let digits = required("digits", read.string("digits")?)?;
                let kind = read
                    .string("type")?
                    .map(|name| argument::tones_kind("type", name));
                Self::PlayDigits(Tones {
                    digits: argument::digits(digits)?,
                    kind: kind.transpose()?.unwrap_or_default(),
                })
            }
            ActionKind::SetVideo => Self::SetVideo(on()?),
            ActionKind::DeclineVideo => Self::DeclineVideo,
            ActionKind::SetTranslating => Self::SetTranslating(translation(&read)?),
            ActionKind::Custom => Self::Custom(required("button", read.button_id()?)?),
        })
    }

    /// How many asks of the same transaction follow at once, from the `details` argument; 0 if it
    /// does not say.
    ///
    /// # Errors
    ///
    /// When the value has another D-Bus type.
    pub fn following(details: &Dict) -> Result<u64, ArgumentError> {
        let count = Reader(details).number("following", (0, u64::MAX))?;
        Ok(count.unwrap_or_default())
    }

    /// Adds to the `details` argument how many asks of the same transaction follow at once.
    pub fn put_following(details: &mut Dict, count: u64) {
        if count > 0 {
            put(details, "following", count);
        }
    }

    /// Writes the `details` argument.
    #[must_use]
    pub fn details(&self) -> Dict {
        let mut dict = Dict::new();
        match self {
            Self::Start(to) => put_callee(&mut dict, to),
            Self::Answer | Self::DeclineVideo => {}
            Self::End { origin, reason } => {
                put(&mut dict, "origin", origin.name());
                put(&mut dict, "reason", reason.name());
            }
            Self::SetGroup(None) => {}
            Self::SetGroup(Some((with, key))) => {
                put(&mut dict, "with", with.to_string());
                put(&mut dict, "with-key", key.as_str());
            }
            Self::SetHeld(on) | Self::SetMuted(on) | Self::SetVideo(on) => {
                put(&mut dict, "on", *on);
            }
            Self::PlayDigits(tones) => {
                put(&mut dict, "digits", tones.digits.as_str());
                put(&mut dict, "type", tones.kind.name());
            }
            Self::SetTranslating(to) => put_translation(&mut dict, to.as_ref()),
            Self::Custom(button) => put(&mut dict, "button", button.as_str()),
        }
        dict
    }
}

#[cfg(test)]
mod tests {
    use hookswitch_model::{Digits, Handle, HandleKind, Language, TonesKind};

    use super::*;

    fn all() -> Vec<AskMessage> {
        vec![
            AskMessage::Start(Callee::new(
                Handle::new(HandleKind::Generic, "ana").unwrap(),
                false,
            )),
            AskMessage::Answer,
            AskMessage::End {
                origin: Origin::CallWaiting,
                reason: EndReason::LocalHangup,
            },
            AskMessage::SetHeld(true),
            AskMessage::SetMuted(false),
            AskMessage::SetGroup(None),
            AskMessage::SetGroup(Some((CallId(7), CallKey::new("leg-7").unwrap()))),
            AskMessage::PlayDigits(Tones {
                digits: Digits::new("5").unwrap(),
                kind: TonesKind::HardPause,
            }),
            AskMessage::SetVideo(true),
            AskMessage::DeclineVideo,
            AskMessage::SetTranslating(Some(Translation {
                local: Language::new("en").unwrap(),
                remote: Language::new("de").unwrap(),
            })),
            AskMessage::Custom(ButtonId::new("door").unwrap()),
        ]
    }

    #[test]
    fn every_ask_reads_back() {
        for ask in all() {
            let read = AskMessage::from_parts(ask.kind().name(), &ask.details());
            assert_eq!(read, Ok(ask));
        }
    }

    #[test]
    fn a_missing_detail_is_named() {
        let wanted: [&[&str]; 12] = [
            &["handle"],
            &[],
            &["origin", "reason"],
            &["on"],
            &["on"],
            &[],
            &["with-key"],
            &["digits"],
            &["on"],
            &[],
            &["on", "local", "remote"],
            &["button"],
        ];
        for (ask, keys) in all().iter().zip(wanted) {
            for key in keys {
                let mut details = ask.details();
                details.remove(*key);
                let error = AskMessage::from_parts(ask.kind().name(), &details).unwrap_err();
                assert_eq!(error.key, *key);
            }
        }
    }

    #[test]
    fn every_origin_reads_back() {
        for origin in Origin::ALL {
            assert_eq!(argument::origin(origin.name()), Ok(origin));
        }
        assert!(argument::origin("nobody").is_err());
    }
}
