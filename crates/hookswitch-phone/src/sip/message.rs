//! Reading and writing the small parts of SIP messages that the phone needs.
//!
//! Input: messages and addresses from outside. Output: our own values, cut to a length.

use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Header, Request, StatusCode, Uri};
use thiserror::Error;

use crate::config::{Account, Transport};
use crate::sdp::{self, SdpError, Session};

use super::{EndedBy, Party, Refusal};

/// Longest address or name that is passed on; the rest is cut.
const TEXT_MAX: usize = 256;

/// Why an address cannot be dialed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum DialError {
    /// No host and no account.
    #[error("'{0}' has no host; dial a full address such as sip:name@host, or add an account")]
    NoHost(String),
    /// It cannot be read.
    #[error("'{0}' is not a SIP address; dial one such as sip:name@host or host:port")]
    NotAnAddress(String),
    /// The named account does not exist.
    #[error("there is no account named '{0}'")]
    NoAccount(String),
}

/// Turns what a person typed into the address to call.
pub fn dial_target(typed: &str, account: Option<&Account>) -> Result<Uri, DialError> {
    let wrong = || DialError::NotAnAddress(typed.to_owned());
    let text = typed.trim();
    let text = text.strip_prefix("sip:").unwrap_or(text);
    let plain = |c: char| c.is_ascii_graphic() && !"<>\"?\\".contains(c);
    if text.is_empty() || text.len() > TEXT_MAX || !text.chars().all(plain) {
        return Err(wrong());
    }
    let is_host = text.contains('.') || text.contains(':') || text.starts_with("localhost");
    let uri = match account {
        _ if text.contains('@') => format!("sip:{text}"),
        Some(account) => format!("sip:{text}@{}", account.server),
        None if is_host => format!("sip:{text}"),
        None => return Err(DialError::NoHost(typed.to_owned())),
    };
    let mut uri = Uri::try_from(uri).map_err(|_| wrong())?;
    if account.is_some_and(|account| account.transport == Transport::Tcp) {
        uri.params.push(rsipstack::sip::Param::Transport(
            rsipstack::sip::Transport::Tcp,
        ));
    }
    Ok(uri)
}

/// Who sent this request.
pub(super) fn caller_of(request: &Request) -> Party {
    let from = request.from_header().ok();
    from.and_then(|from| party(from.value()))
        .unwrap_or_else(|| Party {
            address: "sip:anonymous@anonymous.invalid".to_owned(),
            name: None,
        })
}

/// Reads a name and an address (RFC 3261, section 25.1, `name-addr` and `addr-spec`). The name may
/// be quoted and then hold anything, a `<` too.
fn party(value: &str) -> Option<Party> {
    let value = value.trim();
    let (name, rest) = match value.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => match value.find('<') {
            Some(at) => (value[..at].to_owned(), &value[at..]),
            None => (String::new(), value),
        },
    };
    let address = match rest.trim_start().strip_prefix('<') {
        Some(inside) => inside.split('>').next()?,
        // Without brackets, what follows a semicolon belongs to the header (section 20.10).
        None => rest.split(';').next()?,
    };
    let mut uri = Uri::try_from(address.trim()).ok()?;
    uri.params.clear();
    uri.headers.clear();
    let name = cut(name.trim());
    Some(Party {
        address: cut(&uri.to_string()),
        name: (!name.is_empty()).then_some(name),
    })
}

/// What stands before the closing quote, and what comes after it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, letter)) = chars.next() {
        match letter {
            '"' => return Some((name, &text[at + 1..])),
            '\\' => name.push(chars.next()?.1),
            other => name.push(other),
        }
    }
    None
}

/// The user part that this request calls.
pub(super) fn called_user(request: &Request) -> Option<String> {
    request.uri.user().map(cut)
}

/// The description in a request, if it has one.
pub(super) fn offer_in(request: &Request) -> Result<Option<Session>, StatusCode> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let is_sdp = request.headers.iter().any(|header| {
        let Header::ContentType(kind) = header else {
            return false;
        };
        kind.value()
            .to_ascii_lowercase()
            .starts_with("application/sdp")
    });
    if !is_sdp {
        return Err(StatusCode::UnsupportedMediaType);
    }
    sdp::parse(&request.body)
        .map(Some)
        .map_err(|error| refusal_of(&error))
}

/// The status for a description we cannot use.
pub(super) fn refusal_of(error: &SdpError) -> StatusCode {
    match error {
        SdpError::TooLarge(_) => StatusCode::RequestEntityTooLarge,
        SdpError::NotText | SdpError::BadLine { .. } => StatusCode::BadRequest,
        SdpError::NoAudio | SdpError::NoCodec | SdpError::AnswerMismatch(_) => {
            StatusCode::NotAcceptableHere
        }
    }
}

/// The headers of a message with a description.
pub(super) fn sdp_headers() -> Option<Vec<Header>> {
    Some(vec![Header::ContentType("application/sdp".into())])
}

/// The status for a refusal.
pub(super) fn status_of(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Busy => StatusCode::BusyHere,
        Refusal::Declined => StatusCode::Decline,
        Refusal::Unavailable => StatusCode::TemporarilyUnavailable,
    }
}

/// What a final refusal of our INVITE means.
pub(super) fn outcome_of(status: &StatusCode) -> EndedBy {
    match status.code() {
        486 | 600 => EndedBy::Busy,
        603 | 607 => EndedBy::Declined,
        408 | 480 | 487 => EndedBy::Unanswered,
        401 | 403 | 407 => EndedBy::Failed("the server did not accept the account".to_owned()),
        404 | 410 | 484 | 604 => EndedBy::Failed("there is nobody at that address".to_owned()),
        415 | 488 | 606 => EndedBy::Failed("the other side cannot use our audio".to_owned()),
        code => EndedBy::Failed(format!("the call was refused (SIP {code})")),
    }
}

/// The digit in a SIP INFO body (`application/dtmf-relay`), as old peers send it.
pub(super) fn info_digit(body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body.get(..body.len().min(TEXT_MAX))?).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Signal="))?;
    let digit = line.trim().chars().next()?;
    crate::dtmf::Digit::from_char(digit)
        .ok()
        .map(crate::dtmf::Digit::to_char)
}

/// At most [`TEXT_MAX`] bytes, without control characters.
fn cut(text: &str) -> String {
    let mut kept = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if kept.len() + c.len_utf8() > TEXT_MAX {
            break;
        }
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Password;

    #[test]
    fn a_caller_is_read_whatever_the_name_holds() {
        for (value, name, address) in [
            ("<sip:a@h>;tag=1", None, "sip:a@h"),
            ("sip:a@h;tag=1", None, "sip:a@h"),
            ("Ana K <sip:a@h>;tag=1", Some("Ana K"), "sip:a@h"),
            ("\"Ana K\" <sip:a@h;x=y>;tag=1", Some("Ana K"), "sip:a@h"),
            (
                r#""Omar <b>Haddad</b> \"O\"" <sip:o@h:5070>;tag=1"#,
                Some(r#"Omar <b>Haddad</b> "O""#),
                "sip:o@h:5070",
            ),
        ] {
            let party = party(value).expect("a caller");
            assert_eq!(party.name.as_deref(), name, "{value}");
            assert_eq!(party.address, address, "{value}");
        }
        for value in ["", "\"open <sip:a@h>", "<>", "<sip:a@h"] {
            let party = party(value);
            assert!(
                party.is_none_or(|p| p.address.starts_with("sip:a@h")),
                "{value}"
            );
        }
    }

    #[test]
    fn what_people_type_becomes_an_address() {
        let account = account();
        for (typed, account, want) in [
            ("sip:bob@127.0.0.1:5070", None, "sip:bob@127.0.0.1:5070"),
            ("127.0.0.1:5070", None, "sip:127.0.0.1:5070"),
            (" bob@example.org ", None, "sip:bob@example.org"),
            ("bob", Some(&account), "sip:bob@pbx:5080"),
            ("+15550100", Some(&account), "sip:+15550100@pbx:5080"),
        ] {
            let got = dial_target(typed, account).map(|uri| uri.to_string());
            assert_eq!(got, Ok(want.to_owned()), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_dialed_is_refused_by_name() {
        assert_eq!(
            dial_target("bob", None),
            Err(DialError::NoHost("bob".to_owned()))
        );
        for typed in ["", "sip:", "a b", "x\r\nVia: y@z", "<sip:a@b>"] {
            assert_eq!(
                dial_target(typed, None),
                Err(DialError::NotAnAddress(typed.to_owned()))
            );
        }
    }

    #[test]
    fn info_bodies_give_their_digit_or_nothing() {
        for (body, want) in [
            (&b"Signal=5\r\nDuration=160\r\n"[..], Some('5')),
            (b"Signal= #", Some('#')),
            (b"Signal=", None),
            (b"Signal=x", None),
            (b"\xff\xfe", None),
            (b"", None),
        ] {
            assert_eq!(info_digit(body), want, "{body:?}");
        }
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        assert_eq!(cut(&"ä".repeat(400)).len(), TEXT_MAX);
        assert_eq!(cut("a\r\nb"), "ab");
    }

    fn account() -> Account {
        Account {
            name: "work".to_owned(),
            user: "ana".to_owned(),
            server: "pbx:5080".to_owned(),
            password: Password::new("x"),
            auth_user: None,
            transport: Transport::Udp,
            expires: 60,
        }
    }
}
