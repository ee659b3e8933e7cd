//! RTP packets (RFC 3550 section 5.1): the header, read and written.
//!
//! Input: a datagram, or the parts of a packet. Output: a borrowed packet, or bytes.
//!
//! # Promises
//!
//! - **P1** any datagram is either a packet or a typed error; nothing panics.
//! - **P2** sequence numbers and timestamps wrap as 16 and 32 bit counters.
//!
//! # Not here
//!
//! RTCP and SRTP: the phone speaks plain RTP on the paths it supports.

use thiserror::Error;

/// Bytes of the fixed header.
pub const HEADER_BYTES: usize = 12;

/// The largest datagram the phone reads or writes.
pub const PACKET_MAX: usize = 1500;

/// One RTP packet, its payload borrowed from the datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packet<'a> {
    /// Set on the first packet of a talk spurt or of an event.
    pub marker: bool,
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in samples.
    pub timestamp: u32,
    /// The sender's synchronization source.
    pub ssrc: u32,
    /// The payload without padding.
    pub payload: &'a [u8],
}

/// Why a datagram is not an RTP packet.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RtpError {
    /// Shorter than its header says.
    #[error("the datagram is shorter than its RTP header")]
    TooShort,
    /// Not version 2.
    #[error("the datagram is not RTP version 2")]
    WrongVersion,
    /// The padding count is larger than the payload.
    #[error("the RTP padding is longer than the payload")]
    BadPadding,
}

impl<'a> Packet<'a> {
    /// Reads one packet out of a datagram.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, RtpError> {
        let fixed = datagram.get(..HEADER_BYTES).ok_or(RtpError::TooShort)?;
        if fixed[0] >> 6 != 2 {
            return Err(RtpError::WrongVersion);
        }
        let mut start = HEADER_BYTES + usize::from(fixed[0] & 0x0f) * 4;
        if fixed[0] & 0x10 != 0 {
            let extension = datagram.get(start..start + 4).ok_or(RtpError::TooShort)?;
            let words = u16::from_be_bytes([extension[2], extension[3]]);
            start += 4 + usize::from(words) * 4;
        }
        let mut payload = datagram.get(start..).ok_or(RtpError::TooShort)?;
        if fixed[0] & 0x20 != 0 {
            let padding = usize::from(*payload.last().ok_or(RtpError::BadPadding)?);
            let kept = payload
                .len()
                .checked_sub(padding)
                .ok_or(RtpError::BadPadding)?;
            payload = &payload[..kept];
        }
        Ok(Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            payload,
        })
    }

    /// Writes the packet into `out`, replacing what was there.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.push(0x80);
        out.push(u8::from(self.marker) << 7 | (self.payload_type & 0x7f));
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(self.payload);
    }
}

/// The counters of one outgoing stream.
#[derive(Clone, Debug)]
pub struct Sender {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    resting: bool,
}

impl Sender {
    /// A stream with the given random start values (RFC 3550 section 5.1 asks for random ones).
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            sequence,
            timestamp,
            resting: true,
        }
    }

    /// Lets the clock run on for a frame that is not sent.
    pub fn skip(&mut self, samples: u32) {
        self.timestamp = self.timestamp.wrapping_add(samples);
        self.resting = true;
    }

    /// The packet for one audio frame; the clock moves on by `samples`.
    pub fn frame<'a>(&mut self, payload_type: u8, payload: &'a [u8], samples: u32) -> Packet<'a> {
        let packet = self.packet(self.resting, payload_type, self.timestamp, payload);
        self.resting = false;
        self.timestamp = self.timestamp.wrapping_add(samples);
        packet
    }

    /// A packet that stands at `timestamp` without moving the clock, as events do (RFC 4733).
    pub fn packet<'a>(
        &mut self,
        marker: bool,
        payload_type: u8,
        timestamp: u32,
        payload: &'a [u8],
    ) -> Packet<'a> {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        Packet {
            marker,
            payload_type,
            sequence,
            timestamp,
            ssrc: self.ssrc,
            payload,
        }
    }

    /// The stream's clock.
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn malformed_datagrams_are_refused_by_name() {
        let cases: [(&[u8], RtpError); 6] = [
            (&[], RtpError::TooShort),
            (&[0x80; 11], RtpError::TooShort),
            (&[0x40; 12], RtpError::WrongVersion),
            (&[0x8f; 12], RtpError::TooShort),
            (&[0x90; 13], RtpError::TooShort),
            (&[0xa0; 12], RtpError::BadPadding),
        ];
        for (datagram, want) in cases {
            assert_eq!(Packet::parse(datagram), Err(want), "{datagram:?}");
        }
    }

    #[test]
    fn contributing_sources_extensions_and_padding_are_skipped() {
        let mut datagram = vec![0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        datagram.extend([9, 9, 9, 9]); // one contributing source
        datagram.extend([0, 0, 0, 1, 7, 7, 7, 7]); // one extension word
        datagram.extend([b'a', b'b', 0, 2]); // two bytes of padding
        assert_eq!(
            Packet::parse(&datagram).map(|packet| packet.payload),
            Ok(&b"ab"[..])
        );
    }

    #[test]
    fn counters_wrap_and_the_first_frame_after_rest_is_marked() {
        let mut sender = Sender::new(1, u16::MAX, u32::MAX - 159);
        let first = sender.frame(0, &[], 160);
        assert!(first.marker);
        let second = sender.frame(0, &[], 160);
        assert_eq!(
            (second.marker, second.sequence, second.timestamp),
            (false, 0, 0)
        );
        sender.skip(160);
        assert!(sender.frame(0, &[], 160).marker);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(datagram in prop::collection::vec(any::<u8>(), 0..200)) {
            let _outcome = Packet::parse(&datagram);
        }

        #[test]
        fn what_is_written_is_read_back(
            marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32,
            payload in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let packet =
                Packet { marker, payload_type, sequence, timestamp, ssrc, payload: &payload };
            let mut bytes = Vec::new();
            packet.write(&mut bytes);
            prop_assert_eq!(Packet::parse(&bytes), Ok(packet));
        }
    }
}
