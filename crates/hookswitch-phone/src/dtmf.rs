//! Digits as named events in RTP (RFC 4733 section 2).
//!
//! Input: digits to send and a 20 ms clock, or received event payloads. Output: payloads to
//! send, or the digits heard.
//!
//! # Promises
//!
//! - **D1** a digit lasts [`TONE_FRAMES`] frames, its end is sent three times (RFC 4733
//!   section 2.5.1.4), then [`PAUSE_FRAMES`] frames pass before the next one.
//! - **D2** a received digit is reported once, however often its packets repeat, even if every
//!   packet but one was lost.
//! - **D3** at most [`DIGITS_MAX`] digits wait.

use std::collections::VecDeque;

use thiserror::Error;

/// Digits that may wait to be sent.
pub const DIGITS_MAX: usize = 64;
/// Frames a digit sounds (100 ms).
pub const TONE_FRAMES: u16 = 5;
/// Frames of rest between two digits (60 ms).
pub const PAUSE_FRAMES: u16 = 3;
/// Frames that a `,` or `;` among the digits waits (1 s).
pub const WAIT_FRAMES: u16 = 50;
/// How often the end of a digit is sent.
const END_REPEATS: u16 = 3;
/// The level we state for our digits, in -dBm0.
const VOLUME: u8 = 10;

/// One of the sixteen digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Digit(u8);

/// Why digits cannot be sent.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DigitsError {
    /// A character that is no digit.
    #[error("'{0}' is not a digit: use 0-9, *, # or A-D")]
    NotADigit(char),
    /// More digits than fit in the queue.
    #[error("too many digits wait to be sent (at most {DIGITS_MAX}); send fewer at once")]
    TooMany,
    /// The peer did not agree on telephone events.
    #[error("the other side takes no digits")]
    NotTaken,
    /// No audio flows that could carry them.
    #[error("digits need a call with audio; this one is on hold or not connected")]
    NoAudio,
}

impl Digit {
    /// Reads a digit as it stands on a keypad.
    pub fn from_char(c: char) -> Result<Self, DigitsError> {
        match c {
            '0'..='9' => Ok(Self(c as u8 - b'0')),
            '*' => Ok(Self(10)),
            '#' => Ok(Self(11)),
            'A'..='D' => Ok(Self(c as u8 - b'A' + 12)),
            'a'..='d' => Ok(Self(c as u8 - b'a' + 12)),
            other => Err(DigitsError::NotADigit(other)),
        }
    }

    /// The digit as it stands on a keypad.
    pub fn to_char(self) -> char {
        char::from(b"0123456789*#ABCD"[usize::from(self.0 & 0x0f)])
    }
}

/// One event packet to send.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EventPacket {
    /// True on the first packet of the event: carries the RTP marker.
    pub first: bool,
    /// Samples since the event began at this packet's end; the RTP timestamp is its beginning.
    pub payload: [u8; 4],
}

/// What the sender does in one 20 ms tick.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Tick {
    /// No digit: send audio.
    Audio,
    /// A rest between digits: send audio.
    Rest,
    /// Event packets replace audio in this tick.
    Events(Vec<EventPacket>),
}

/// One step of what waits to be sent.
#[derive(Clone, Copy, Debug)]
enum Step {
    Digit(Digit),
    Wait,
}

/// Turns waiting digits into event packets.
#[derive(Clone, Debug, Default)]
pub struct DigitSender {
    waiting: VecDeque<Step>,
    current: Option<(Digit, u16)>,
    rest: u16,
}

impl DigitSender {
    /// Takes digits to send; all of them or none.
    pub fn queue(&mut self, digits: &str) -> Result<(), DigitsError> {
        let step = |c| match c {
            ',' | ';' => Ok(Step::Wait),
            c => Digit::from_char(c).map(Step::Digit),
        };
        let parsed = digits.chars().map(step).collect::<Result<Vec<_>, _>>()?;
        if self.waiting.len() + parsed.len() > DIGITS_MAX {
            return Err(DigitsError::TooMany);
        }
        self.waiting.extend(parsed);
        Ok(())
    }

    /// Decides what to send in this tick of `samples` samples.
    pub fn tick(&mut self, samples: u16) -> Tick {
        if self.rest > 0 {
            self.rest -= 1;
            return Tick::Rest;
        }
        let (digit, frame) = match self.current.take() {
            Some(current) => current,
            None => match self.waiting.pop_front() {
                Some(Step::Digit(digit)) => (digit, 0),
                Some(Step::Wait) => {
                    self.rest = WAIT_FRAMES - 1;
                    return Tick::Rest;
                }
                None => return Tick::Audio,
            },
        };
        let frame = frame + 1;
        let duration = frame.saturating_mul(samples);
        let ending = frame == TONE_FRAMES;
        let packet = EventPacket {
            first: frame == 1,
            payload: payload(digit, ending, duration),
        };
        if ending {
            self.rest = PAUSE_FRAMES;
        } else {
            self.current = Some((digit, frame));
        }
        let repeats = if ending { END_REPEATS } else { 1 };
        Tick::Events(vec![packet; usize::from(repeats)])
    }

    /// Drops everything that waits, as when the call is held or ends.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Reports each received digit once.
#[derive(Clone, Debug, Default)]
pub struct DigitReceiver {
    last_timestamp: Option<u32>,
}

impl DigitReceiver {
    /// Takes one event payload with its RTP timestamp; gives the digit when it is a new one.
    pub fn receive(&mut self, timestamp: u32, payload: &[u8]) -> Option<Digit> {
        let event = *payload.get(..4)?.first()?;
        if event > 15 || self.last_timestamp == Some(timestamp) {
            return None;
        }
        self.last_timestamp = Some(timestamp);
        Some(Digit(event))
    }
}

fn payload(digit: Digit, end: bool, duration: u16) -> [u8; 4] {
    let [high, low] = duration.to_be_bytes();
    [digit.0, u8::from(end) << 7 | VOLUME, high, low]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_digit_sounds_ends_three_times_and_rests() {
        let mut sender = DigitSender::default();
        sender.queue("5").expect("a digit");
        let mut packets = Vec::new();
        for _frame in 0..TONE_FRAMES {
            match sender.tick(160) {
                Tick::Events(events) => packets.extend(events),
                other @ (Tick::Audio | Tick::Rest) => panic!("expected an event, got {other:?}"),
            }
        }
        assert_eq!(packets.iter().filter(|packet| packet.first).count(), 1);
        assert_eq!(packets[0].payload, [5, 10, 0, 160]);
        assert_eq!(
            packets
                .iter()
                .filter(|packet| packet.payload[1] & 0x80 != 0)
                .count(),
            3
        );
        assert_eq!(
            packets.last().map(|packet| packet.payload),
            Some([5, 0x8a, 3, 32])
        );
        assert!((0..PAUSE_FRAMES).all(|_| sender.tick(160) == Tick::Rest));
        assert_eq!(sender.tick(160), Tick::Audio);
    }

    #[test]
    fn wrong_digits_are_refused_whole() {
        let mut sender = DigitSender::default();
        assert_eq!(sender.queue("12x"), Err(DigitsError::NotADigit('x')));
        assert_eq!(
            sender.queue(&"1".repeat(DIGITS_MAX + 1)),
            Err(DigitsError::TooMany)
        );
        assert_eq!(sender.tick(160), Tick::Audio);
    }

    #[test]
    fn a_comma_waits() {
        let mut sender = DigitSender::default();
        sender.queue(",1").expect("a wait and a digit");
        assert!((0..WAIT_FRAMES).all(|_| sender.tick(160) == Tick::Rest));
        assert!(matches!(sender.tick(160), Tick::Events(_)));
    }

    #[test]
    fn repeated_and_malformed_events_count_once_or_never() {
        let mut receiver = DigitReceiver::default();
        assert_eq!(receiver.receive(1, &[11, 10, 0]), None);
        assert_eq!(receiver.receive(1, &[16, 10, 0, 160]), None);
        assert_eq!(
            receiver.receive(1, &[11, 10, 0, 160]).map(Digit::to_char),
            Some('#')
        );
        assert_eq!(receiver.receive(1, &[11, 0x8a, 3, 32]), None);
        assert_eq!(
            receiver.receive(9, &[11, 10, 0, 160]).map(Digit::to_char),
            Some('#')
        );
    }

    proptest! {
        #[test]
        fn sent_digits_are_heard_in_order(digits in "[0-9A-D*#]{0,20}") {
            let (mut sender, mut receiver) = (DigitSender::default(), DigitReceiver::default());
            sender.queue(&digits).expect("all are digits");
            let (mut heard, mut begin) = (String::new(), 0);
            for tick in 0..(digits.len() as u32 + 1) * 10 {
                let Tick::Events(events) = sender.tick(160) else { continue };
                for event in events {
                    if event.first { begin = tick * 160; }
                    heard.extend(receiver.receive(begin, &event.payload).map(Digit::to_char));
                }
            }
            prop_assert_eq!(heard, digits);
        }
    }
}
