//! Actions an app requests for its own calls.

use hookswitch_wire::dbus::words::{Callee, Translation};
use hookswitch_wire::dbus::{self, ActionMessage, ArgumentError};

use crate::call::Handle;

/// One action of a transaction (CallKit `CXAction`), for [`Provider::request`](crate::Provider).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    call: Secret,
    wish: Wish,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Wish {
    Start(Start),
    Answer,
    End,
    SetHeld(bool),
    SetMuted(bool),
    SetGroup(Option<Secret>),
    PlayDigits(Secret),
    SetTranslating(Option<(String, String)>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Start {
    handle: Handle,
    video: bool,
    account: Option<Secret>,
    contact: Option<Secret>,
}

/// Text that `Debug` does not show.
#[derive(Clone, Eq, PartialEq)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

impl Request {
    /// Start an outgoing call under the app's own key (`CXStartCallAction`).
    #[must_use]
    pub fn start(key: impl AsRef<str>, handle: Handle) -> Self {
        Self::starting(key, handle, false)
    }

    fn starting(key: impl AsRef<str>, handle: Handle, video: bool) -> Self {
        let start = Start {
            handle,
            video,
            account: None,
            contact: None,
        };
        Self::of(key, Wish::Start(start))
    }

    /// Through which of the app's accounts a call starts. Without effect on other actions.
    #[must_use]
    pub fn account(mut self, id: impl Into<String>) -> Self {
        if let Wish::Start(start) = &mut self.wish {
            start.account = Some(Secret(id.into()));
        }
        self
    }

    /// The address book's own name for whom a call goes to
    /// (`CXStartCallAction.contactIdentifier`). Without effect on other actions.
    #[must_use]
    pub fn contact(mut self, id: impl Into<String>) -> Self {
        if let Wish::Start(start) = &mut self.wish {
            start.contact = Some(Secret(id.into()));
        }
        self
    }

    /// Start an outgoing call with video.
    #[must_use]
    pub fn start_video(key: impl AsRef<str>, handle: Handle) -> Self {
        Self::starting(key, handle, true)
    }

    /// Answer a ringing call (`CXAnswerCallAction`).
    #[must_use]
    pub fn answer(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::Answer)
    }

    /// End, cancel or decline a call (`CXEndCallAction`).
    #[must_use]
    pub fn end(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::End)
    }

    /// Hold a call (`CXSetHeldCallAction`).
    #[must_use]
    pub fn hold(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::SetHeld(true))
    }

    /// Resume a call (`CXSetHeldCallAction`).
    #[must_use]
    pub fn resume(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::SetHeld(false))
    }

    /// Mute a call (`CXSetMutedCallAction`).
    #[must_use]
    pub fn mute(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::SetMuted(true))
    }

    /// Unmute a call (`CXSetMutedCallAction`).
    #[must_use]
    pub fn unmute(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::SetMuted(false))
    }

    /// Merge a call with another one of this app, or with its group (`CXSetGroupCallAction`).
    #[must_use]
    pub fn merge(call: impl AsRef<str>, with: impl AsRef<str>) -> Self {
        let with = Secret(with.as_ref().to_owned());
        Self::of(call, Wish::SetGroup(Some(with)))
    }

    /// Take a call out of its group (`CXSetGroupCallAction`).
    #[must_use]
    pub fn split(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::SetGroup(None))
    }

    /// Send digits (`CXPlayDTMFCallAction`): `0-9 * # A-D`, `,` for a pause, `;` to wait.
    #[must_use]
    pub fn digits(call: impl AsRef<str>, digits: impl Into<String>) -> Self {
        Self::of(call, Wish::PlayDigits(Secret(digits.into())))
    }

    /// Translate a connected call between two languages, given as tags such as `en` and `pt-BR`
    /// (`CXSetTranslatingCallAction`).
    #[must_use]
    pub fn translate(
        call: impl AsRef<str>,
        local: impl Into<String>,
        remote: impl Into<String>,
    ) -> Self {
        let languages = (local.into(), remote.into());
        Self::of(call, Wish::SetTranslating(Some(languages)))
    }

    /// Stop translating (`CXSetTranslatingCallAction` with `isTranslating` false).
    #[must_use]
    pub fn stop_translating(call: impl AsRef<str>) -> Self {
        Self::of(call, Wish::SetTranslating(None))
    }

    fn of(call: impl AsRef<str>, wish: Wish) -> Self {
        let call = Secret(call.as_ref().to_owned());
        Self { call, wish }
    }

    fn message(&self) -> Result<ActionMessage, ArgumentError> {
        let call = dbus::call_ref("call", &self.call.0)?;
        Ok(match &self.wish {
            Wish::Start(start) => ActionMessage::Start {
                call,
                to: start.checked()?,
            },
            Wish::SetTranslating(languages) => ActionMessage::SetTranslating {
                call,
                to: match languages {
                    Some((local, remote)) => Some(Translation {
                        local: dbus::language("local", local)?,
                        remote: dbus::language("remote", remote)?,
                    }),
                    None => None,
                },
            },
            Wish::Answer => ActionMessage::Answer { call },
            Wish::End => ActionMessage::End { call },
            Wish::SetHeld(on) => ActionMessage::SetHeld { call, on: *on },
            Wish::SetMuted(on) => ActionMessage::SetMuted { call, on: *on },
            Wish::SetGroup(with) => {
                let with = with.as_ref().map(|with| dbus::call_ref("with", &with.0));
                let with = with.transpose()?;
                ActionMessage::SetGroup { call, with }
            }
            Wish::PlayDigits(digits) => ActionMessage::PlayDigits {
                call,
                digits: dbus::digits(&digits.0)?,
            },
        })
    }
}

impl Start {
    fn checked(&self) -> Result<Callee, ArgumentError> {
        let account = |id: &Secret| dbus::account("account", &id.0);
        let contact = |id: &Secret| dbus::text("contact", &id.0);
        Ok(Callee {
            handle: self.handle.checked()?,
            video: self.video,
            account: self.account.as_ref().map(account).transpose()?,
            contact: self.contact.as_ref().map(contact).transpose()?,
        })
    }
}

/// The messages, after a check of every value.
pub(super) fn messages(
    actions: impl IntoIterator<Item = Request>,
) -> Result<Vec<ActionMessage>, ArgumentError> {
    let numbered = actions.into_iter().enumerate();
    numbered
        .map(|(index, action)| action.message().map_err(|error| error.at_index(index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_action_is_named_by_its_place() {
        let actions = [Request::hold("a"), Request::digits("b", "12x")];
        let error = messages(actions).unwrap_err().to_string();
        assert_eq!(error, "actions[1].digits: must be made of 0-9 * # A-D , ;");
    }

    #[test]
    fn debug_shows_neither_keys_nor_digits() {
        let text = format!("{:?}", Request::digits("ana@example.org", "1234"));
        assert!(!text.contains("ana") && !text.contains("1234"), "{text}");
    }
}
