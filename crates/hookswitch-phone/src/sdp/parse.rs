//! Reads a session description (RFC 8866 section 5). See the parent's promise S1.

use std::net::IpAddr;

use super::{BYTES_MAX, Direction, FORMATS_MAX, LINES_MAX, MEDIA_MAX, Media, SdpError, Session};

/// Reads a description; lines the phone does not use are skipped.
pub fn parse(bytes: &[u8]) -> Result<Session, SdpError> {
    if bytes.len() > BYTES_MAX {
        return Err(SdpError::TooLarge("bytes"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SdpError::NotText)?;
    let mut reader = Reader::default();
    for (index, line) in text.lines().enumerate() {
        if index >= LINES_MAX {
            return Err(SdpError::TooLarge("lines"));
        }
        reader
            .line(line.trim_end())
            .map_err(|what| at(index, what))?;
    }
    if !reader.versioned {
        return Err(at(0, "it must begin with v=0"));
    }
    Ok(Session {
        media: reader.media,
    })
}

fn at(index: usize, what: &'static str) -> SdpError {
    SdpError::BadLine {
        line: index + 1,
        what,
    }
}

#[derive(Default)]
struct Reader {
    versioned: bool,
    address: Option<IpAddr>,
    direction: Direction,
    media: Vec<Media>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.is_empty() {
            return Ok(());
        }
        let (kind, value) = line
            .split_once('=')
            .ok_or("a line must be <letter>=<value>")?;
        if !self.versioned && kind != "v" {
            return Err("it must begin with v=0");
        }
        match kind {
            "v" if value == "0" => self.versioned = true,
            "v" => return Err("only version 0 exists"),
            "c" => self.connection(value)?,
            "m" => self.media(value)?,
            "a" => self.attribute(value)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&mut self, value: &str) -> Result<(), &'static str> {
        let mut words = value.split_ascii_whitespace();
        let (Some("IN"), Some("IP4" | "IP6"), Some(host)) =
            (words.next(), words.next(), words.next())
        else {
            return Err("a connection must be IN IP4 or IN IP6 and an address");
        };
        // A multicast address may carry "/ttl"; the address itself comes first.
        let host = host.split('/').next().unwrap_or(host);
        let address: IpAddr = host
            .parse()
            .map_err(|_| "the connection is not an IP address")?;
        match self.media.last_mut() {
            Some(media) => media.address = Some(address),
            None => self.address = Some(address),
        }
        Ok(())
    }

    fn media(&mut self, value: &str) -> Result<(), &'static str> {
        if self.media.len() >= MEDIA_MAX {
            return Err("too many media sections");
        }
        let mut words = value.split_ascii_whitespace();
        let (Some(kind), Some(port), Some(protocol)) = (words.next(), words.next(), words.next())
        else {
            return Err("a media line must be <kind> <port> <protocol> <formats>");
        };
        let port = port.split('/').next().unwrap_or(port);
        let port = port.parse().map_err(|_| "the media port is not a port")?;
        let formats: Vec<String> = words.map(str::to_owned).collect();
        if formats.len() > FORMATS_MAX {
            return Err("too many formats");
        }
        self.media.push(Media {
            kind: kind.to_owned(),
            port,
            protocol: protocol.to_owned(),
            formats,
            address: self.address,
            direction: self.direction,
            maps: Vec::new(),
        });
        Ok(())
    }

    fn attribute(&mut self, value: &str) -> Result<(), &'static str> {
        if let Some(direction) = direction(value) {
            match self.media.last_mut() {
                Some(media) => media.direction = direction,
                None => self.direction = direction,
            }
            return Ok(());
        }
        let (Some(map), Some(media)) = (value.strip_prefix("rtpmap:"), self.media.last_mut())
        else {
            return Ok(());
        };
        let (number, encoding) = map.split_once(' ').ok_or("an rtpmap needs an encoding")?;
        let number: u8 = number
            .parse()
            .map_err(|_| "the rtpmap payload type is no number")?;
        if number > 127 {
            return Err("a payload type is at most 127");
        }
        if media.maps.len() >= FORMATS_MAX {
            return Err("too many rtpmap lines");
        }
        media
            .maps
            .push((number, encoding.trim().to_ascii_lowercase()));
        Ok(())
    }
}

fn direction(value: &str) -> Option<Direction> {
    [
        Direction::SendRecv,
        Direction::SendOnly,
        Direction::RecvOnly,
        Direction::Inactive,
    ]
    .into_iter()
    .find(|direction| direction.attribute() == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n";

    #[test]
    fn a_usual_description_is_read() {
        let session = parse(GOOD.as_bytes()).expect("it is good");
        let media = &session.media[0];
        assert_eq!((media.port, media.direction), (4000, Direction::SendOnly));
        assert_eq!(media.maps, [(101, "telephone-event/8000".to_owned())]);
    }

    #[test]
    fn a_session_wide_direction_and_address_reach_each_section() {
        let text = "v=0\nc=IN IP6 ::1\na=inactive\nm=audio 9 RTP/AVP 8\nm=video 9 RTP/AVP 96\n\
            a=sendrecv\n";
        let media = parse(text.as_bytes()).expect("it is good").media;
        assert_eq!(media[0].direction, Direction::Inactive);
        assert_eq!(media[1].direction, Direction::SendRecv);
        assert_eq!(media[0].address, Some("::1".parse().expect("an address")));
    }

    #[test]
    fn malformed_descriptions_are_refused_by_line() {
        let cases = [
            ("", 1),
            ("hello", 1),
            ("v=1", 1),
            ("s=-\nv=0", 1),
            ("v=0\nno line", 2),
            ("v=0\nc=IN IP4 example.org", 2),
            ("v=0\nc=IN IP4", 2),
            ("v=0\nm=audio 70000 RTP/AVP 0", 2),
            ("v=0\nm=audio", 2),
            ("v=0\nm=audio 1 RTP/AVP 0\na=rtpmap:300 x/1", 3),
            ("v=0\nm=audio 1 RTP/AVP 0\na=rtpmap:128 x/1", 3),
        ];
        for (text, want) in cases {
            match parse(text.as_bytes()) {
                Err(SdpError::BadLine { line, .. }) => assert_eq!(line, want, "{text:?}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        assert_eq!(parse(&[0xff, 0xfe]), Err(SdpError::NotText));
    }

    #[test]
    fn oversized_descriptions_are_refused() {
        assert_eq!(
            parse(&vec![b'a'; BYTES_MAX + 1]),
            Err(SdpError::TooLarge("bytes"))
        );
        let lines = format!("v=0\n{}", "a=x\n".repeat(LINES_MAX));
        assert_eq!(parse(lines.as_bytes()), Err(SdpError::TooLarge("lines")));
        let sections = format!("v=0\n{}", "m=audio 1 RTP/AVP 0\n".repeat(MEDIA_MAX + 1));
        assert!(matches!(
            parse(sections.as_bytes()),
            Err(SdpError::BadLine { .. })
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _outcome = parse(&bytes);
        }

        #[test]
        fn a_damaged_description_does_no_harm(at in 0usize..200, byte: u8) {
            let mut bytes = GOOD.as_bytes().to_vec();
            let place = at % bytes.len();
            bytes[place] = byte;
            let _outcome = parse(&bytes);
        }
    }
}
