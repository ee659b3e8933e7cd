//! Offer and answer (RFC 3264): what is written, and what was agreed. See promises S2 to S4.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use super::{Agreed, Codec, Direction, EVENT_TYPE, Media, SdpError, Session};

/// Our own side of a description.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Local {
    /// Where we listen for RTP.
    pub address: SocketAddr,
    /// The description's id, the same over one call.
    pub id: u64,
    /// The description's version; each new one of a call is larger.
    pub version: u64,
}

/// Writes an offer in the direction we wish.
pub fn offer(local: &Local, wish: Direction) -> String {
    let mut text = session_lines(local);
    let types = [(0, Codec::Pcmu), (8, Codec::Pcma)];
    audio_lines(&mut text, local, &types, Some(EVENT_TYPE), wish);
    text
}

/// Says whether an offer could be answered at all, before anybody is disturbed by it.
pub fn check(offer: &Session) -> Result<(), SdpError> {
    agree(offer, Direction::SendRecv).map(|_agreed| ())
}

/// Answers a peer's offer; `wish` is what we want if the peer allows it.
pub fn answer(
    offer: &Session,
    local: &Local,
    wish: Direction,
) -> Result<(String, Agreed), SdpError> {
    let (taken, agreed) = agree(offer, wish)?;
    let mut text = session_lines(local);
    for (index, media) in offer.media.iter().enumerate() {
        if index == taken {
            let types = [(agreed.payload_type, agreed.codec)];
            audio_lines(&mut text, local, &types, agreed.events, agreed.direction);
        } else {
            let formats = media.formats.first().map_or("0", String::as_str);
            push(
                &mut text,
                format_args!("m={} 0 {} {formats}", media.kind, media.protocol),
            );
        }
    }
    Ok((text, agreed))
}

/// Reads the answer to our own offer, which wished for `wish`.
pub fn accept_answer(answer: &Session, wish: Direction) -> Result<Agreed, SdpError> {
    if answer.media.len() != 1 {
        return Err(SdpError::AnswerMismatch(
            "it must have exactly one media section",
        ));
    }
    agree(answer, wish).map(|(_, agreed)| agreed)
}

/// Picks the first audio section both sides can use.
fn agree(theirs: &Session, wish: Direction) -> Result<(usize, Agreed), SdpError> {
    let mut refusal = SdpError::NoAudio;
    for (index, media) in theirs.media.iter().enumerate() {
        let Some(address) = usable(media) else {
            continue;
        };
        match codec_of(media) {
            Some((payload_type, codec)) => {
                let remote = SocketAddr::new(address, media.port);
                return Ok((index, agreed(media, remote, payload_type, codec, wish)));
            }
            None => refusal = SdpError::NoCodec,
        }
    }
    Err(refusal)
}

fn agreed(
    media: &Media,
    remote: SocketAddr,
    payload_type: u8,
    codec: Codec,
    wish: Direction,
) -> Agreed {
    // RFC 2543 peers hold by the unspecified address (S4).
    let theirs = if remote.ip().is_unspecified() {
        Direction::Inactive
    } else {
        media.direction
    };
    let direction = Direction::from_flows(
        wish.sends() && theirs.receives(),
        wish.receives() && theirs.sends(),
    );
    // While we hold, an answer of recvonly or inactive is our own doing, not the peer's hold.
    let remote_hold = !theirs.receives() && wish.receives();
    Agreed {
        remote,
        codec,
        payload_type,
        events: events_of(media),
        direction,
        remote_hold,
    }
}

fn usable(media: &Media) -> Option<IpAddr> {
    let plain = media.kind == "audio" && media.protocol.eq_ignore_ascii_case("RTP/AVP");
    if plain && media.port != 0 {
        media.address
    } else {
        None
    }
}

/// The peer's most preferred codec that we speak.
fn codec_of(media: &Media) -> Option<(u8, Codec)> {
    media
        .formats
        .iter()
        .filter_map(|format| format.parse::<u8>().ok())
        .find_map(|number| {
            let encoding = encoding_of(media, number);
            let codec = match (number, encoding) {
                (_, Some(name)) if name.starts_with("pcmu/8000") => Codec::Pcmu,
                (_, Some(name)) if name.starts_with("pcma/8000") => Codec::Pcma,
                (0, None) => Codec::Pcmu,
                (8, None) => Codec::Pcma,
                _ => return None,
            };
            Some((number, codec))
        })
}

fn events_of(media: &Media) -> Option<u8> {
    media
        .formats
        .iter()
        .filter_map(|format| format.parse::<u8>().ok())
        .find(|number| {
            encoding_of(media, *number).is_some_and(|name| name.starts_with("telephone-event/8000"))
        })
}

fn encoding_of(media: &Media, number: u8) -> Option<&str> {
    media
        .maps
        .iter()
        .find(|(have, _)| *have == number)
        .map(|(_, name)| name.as_str())
}

fn session_lines(local: &Local) -> String {
    let mut text = String::new();
    let (family, host) = (family(local.address.ip()), local.address.ip());
    push(&mut text, format_args!("v=0"));
    push(
        &mut text,
        format_args!("o=- {} {} IN {family} {host}", local.id, local.version),
    );
    push(&mut text, format_args!("s=-"));
    push(&mut text, format_args!("c=IN {family} {host}"));
    push(&mut text, format_args!("t=0 0"));
    text
}

fn audio_lines(
    text: &mut String,
    local: &Local,
    types: &[(u8, Codec)],
    events: Option<u8>,
    direction: Direction,
) {
    let numbers = types.iter().map(|(number, _)| *number).chain(events);
    let numbers = numbers
        .map(|number| number.to_string())
        .collect::<Vec<_>>()
        .join(" ");
    push(
        text,
        format_args!("m=audio {} RTP/AVP {numbers}", local.address.port()),
    );
    for (number, codec) in types {
        push(
            text,
            format_args!("a=rtpmap:{number} {}/8000", codec.name()),
        );
    }
    if let Some(number) = events {
        push(text, format_args!("a=rtpmap:{number} telephone-event/8000"));
        push(text, format_args!("a=fmtp:{number} 0-15"));
    }
    push(text, format_args!("a=ptime:20"));
    push(text, format_args!("a={}", direction.attribute()));
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    write!(text, "{line}\r\n").expect("writing to a String cannot fail");
}

fn family(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "IP4",
        IpAddr::V6(_) => "IP6",
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use proptest::prelude::*;

    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};

    #[test]
    fn directions_meet_as_rfc_3264_says() {
        // (their offer, our wish) -> (our direction, is it their hold)
        for (theirs, wish, direction, hold) in [
            (SendRecv, SendRecv, SendRecv, false),
            (SendOnly, SendRecv, RecvOnly, true),
            (RecvOnly, SendRecv, SendOnly, false),
            (Inactive, SendRecv, Inactive, true),
            (SendRecv, SendOnly, SendOnly, false),
            (SendOnly, SendOnly, Inactive, false),
            (RecvOnly, SendOnly, SendOnly, false),
            (Inactive, Inactive, Inactive, false),
        ] {
            let offered = parse(offer(&local(), theirs).as_bytes()).expect("our own text");
            let (_, agreed) = answer(&offered, &local(), wish).expect("a codec in common");
            assert_eq!(agreed.direction, direction, "{theirs:?} meets {wish:?}");
            assert_eq!(agreed.remote_hold, hold, "{theirs:?} meets {wish:?}");
        }
    }

    #[test]
    fn the_old_hold_address_is_inactive() {
        let text = "v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n";
        let (_, agreed) = try_answer(text).expect("a codec in common");
        assert_eq!((agreed.direction, agreed.remote_hold), (Inactive, true));
    }

    #[test]
    fn every_media_line_is_answered_and_the_peers_order_wins() {
        let text = "v=0\nc=IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n\
            m=audio 4000 RTP/AVP 9 8 0 110\na=rtpmap:110 telephone-event/8000\n";
        let (reply, agreed) = try_answer(text).expect("a codec in common");
        assert_eq!((agreed.codec, agreed.events), (Codec::Pcma, Some(110)));
        assert!(reply.contains("m=video 0 RTP/AVP 96\r\n"));
        assert!(reply.contains("m=audio 7000 RTP/AVP 8 110\r\n"));
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_name() {
        for (text, want) in [
            ("v=0\n", SdpError::NoAudio),
            ("v=0\nm=audio 1 RTP/AVP 0\n", SdpError::NoAudio),
            (
                "v=0\nc=IN IP4 127.0.0.1\nm=audio 0 RTP/AVP 0\n",
                SdpError::NoAudio,
            ),
            (
                "v=0\nc=IN IP4 127.0.0.1\nm=audio 1 RTP/SAVP 0\n",
                SdpError::NoAudio,
            ),
            (
                "v=0\nc=IN IP4 127.0.0.1\nm=audio 1 RTP/AVP 9 96\n",
                SdpError::NoCodec,
            ),
        ] {
            assert_eq!(try_answer(text).map(|_| ()), Err(want), "{text:?}");
        }
    }

    #[test]
    fn an_answer_must_have_our_one_section() {
        let two = "v=0\nc=IN IP4 127.0.0.1\nm=audio 1 RTP/AVP 0\nm=audio 2 RTP/AVP 0\n";
        let session = parse(two.as_bytes()).expect("it can be read");
        assert!(matches!(
            accept_answer(&session, SendRecv),
            Err(SdpError::AnswerMismatch(_))
        ));
    }

    proptest! {
        #[test]
        fn offer_and_answer_agree_on_both_sides(ours in 0usize..4, theirs in 0usize..4, port: u16) {
            let all = [SendRecv, SendOnly, RecvOnly, Inactive];
            let offered = parse(offer(&local(), all[ours]).as_bytes()).expect("our own text");
            let mut peer = local();
            peer.address.set_port(port.max(1));
            let (text, at_peer) = answer(&offered, &peer, all[theirs]).expect("a codec");
            let reply = parse(text.as_bytes()).expect("our own text");
            let at_us = accept_answer(&reply, all[ours]).expect("it fits");
            prop_assert_eq!(at_us.direction.sends(), at_peer.direction.receives());
            prop_assert_eq!(at_us.direction.receives(), at_peer.direction.sends());
            prop_assert_eq!(at_us.remote.port(), port.max(1));
            prop_assert_eq!(at_us.events, Some(EVENT_TYPE));
        }
    }

    fn try_answer(offer: &str) -> Result<(String, Agreed), SdpError> {
        answer(&parse(offer.as_bytes())?, &local(), SendRecv)
    }

    fn local() -> Local {
        Local {
            address: SocketAddr::from(([127, 0, 0, 1], 7000)),
            id: 1,
            version: 1,
        }
    }
}
