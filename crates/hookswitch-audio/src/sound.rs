//! Sounds as samples: the shipped tones, and WAV files of the user.
//!
//! Input: the bytes of a RIFF/WAVE file with 16-bit PCM (the "canonical" layout of the
//! Microsoft/IBM multimedia specification; unknown chunks are skipped).
//! Output: a [`Sound`], mono at its own rate. The audio server resamples.
//!
//! # Promises
//!
//! - **S1** any byte sequence gives a sound or a typed refusal, never a panic.
//! - **S2** a file is read up to [`FILE_BYTES_MAX`] and no further.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::error::AudioError;

/// Largest sound file that is read.
pub const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Slowest rate a sound or a stream may have.
pub const RATE_MIN_HZ: u32 = 8_000;
/// Fastest rate a sound or a stream may have.
pub const RATE_MAX_HZ: u32 = 192_000;

/// Mono samples at their own rate, shared between readers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Sound {
    pub(crate) rate_hz: u32,
    pub(crate) samples: Arc<[i16]>,
}

/// The shipped ringtone, one whole loop.
pub(crate) fn ring() -> Sound {
    RING.clone()
}

/// The shipped call-waiting tone, one whole loop.
pub(crate) fn waiting() -> Sound {
    WAITING.clone()
}

/// Reads a sound from a file.
pub(crate) fn load(path: &Path) -> Result<Sound, AudioError> {
    let bad = |reason: String| AudioError::BadSound {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(|error| bad(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| bad(error.to_string()))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(bad(format!("it is larger than {FILE_BYTES_MAX} bytes")));
    }
    parse(&bytes).map_err(|reason| bad(reason.to_owned()))
}

/// Whether these are the bytes of a sound that can be played; the error is a sentence part.
///
/// # Errors
///
/// What is wrong with them.
pub fn check_sound(bytes: &[u8]) -> Result<(), &'static str> {
    parse(bytes).map(drop)
}

/// Parses a WAV file; the error is a sentence part.
fn parse(bytes: &[u8]) -> Result<Sound, &'static str> {
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err("it is no WAV file");
    }
    let mut rest = &bytes[12..];
    let mut format = None;
    while let Some((kind, body, after)) = chunk(rest) {
        match kind {
            b"fmt " => format = Some(parse_format(body)?),
            b"data" => {
                let (channels, rate_hz) = format.ok_or("its data comes before its format")?;
                return mix_down(body, channels, rate_hz);
            }
            _ => {}
        }
        rest = after;
    }
    Err("it has no sound data")
}

/// Splits off the first chunk; a truncated last chunk yields what is there.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let body = &bytes[8..];
    let end = length.min(body.len());
    let next = (length + length % 2).min(body.len());
    Some((&bytes[..4], &body[..end], &body[next..]))
}

fn parse_format(body: &[u8]) -> Result<(usize, u32), &'static str> {
    let word = |at: usize| {
        body.get(at..at + 2)
            .map(|b| u16::from_le_bytes([b[0], b[1]]))
    };
    let (Some(code), Some(channels), Some(bits)) = (word(0), word(2), word(14)) else {
        return Err("its format chunk is too short");
    };
    let (Some(low), Some(high)) = (word(4), word(6)) else {
        return Err("its format chunk is too short");
    };
    let rate_hz = u32::from(low) | u32::from(high) << 16;
    // 0xFFFE is the extensible form; with 16 bits its samples look the same.
    if !matches!(code, 1 | 0xFFFE) || bits != 16 {
        return Err("its samples are not 16-bit PCM");
    }
    if !(1..=8).contains(&channels) {
        return Err("it must have 1 to 8 channels");
    }
    if !(RATE_MIN_HZ..=RATE_MAX_HZ).contains(&rate_hz) {
        return Err("its sample rate is out of range");
    }
    Ok((usize::from(channels), rate_hz))
}

fn mix_down(body: &[u8], channels: usize, rate_hz: u32) -> Result<Sound, &'static str> {
    let width = 2 * channels;
    let samples = body
        .chunks_exact(width)
        .map(|frame| mix_frame(frame, channels));
    let samples = samples.collect::<Arc<[i16]>>();
    if samples.is_empty() {
        return Err("it has no sound data");
    }
    Ok(Sound { rate_hz, samples })
}

fn mix_frame(frame: &[u8], channels: usize) -> i16 {
    let sum = frame
        .chunks_exact(2)
        .map(|b| i32::from(i16::from_le_bytes([b[0], b[1]])))
        .sum::<i32>();
    let mean = sum / i32::try_from(channels).unwrap_or(1);
    i16::try_from(mean).unwrap_or_default()
}

static RING: LazyLock<Sound> = LazyLock::new(|| shipped(RING_WAV));
static WAITING: LazyLock<Sound> = LazyLock::new(|| shipped(WAITING_WAV));
const RING_WAV: &[u8] = include_bytes!("../../../data/sounds/ring.wav");
const WAITING_WAV: &[u8] = include_bytes!("../../../data/sounds/waiting.wav");

fn shipped(bytes: &[u8]) -> Sound {
    parse(bytes).expect("a unit test parses both shipped sounds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_sounds_parse_and_loop_within_five_seconds() {
        for sound in [ring(), waiting()] {
            let seconds = sound.samples.len() / sound.rate_hz as usize;
            assert_eq!(sound.rate_hz, 48_000);
            assert!((2..=5).contains(&seconds), "{seconds} s");
            let edges = [sound.samples.first(), sound.samples.last()];
            assert_eq!(edges, [Some(&0), Some(&0)], "a loop must not click");
        }
    }

    #[test]
    fn every_truncation_and_every_flipped_byte_is_survived() {
        let good = wav(2, 16, &[1, 3, 5, 7]);
        for length in 0..good.len() {
            let _ = parse(&good[..length]);
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xFF;
            let _ = parse(&bad);
        }
    }

    #[test]
    fn stereo_is_mixed_down() {
        let sound = parse(&wav(2, 16, &[100, 300, -100, -300])).expect("a good file");
        assert_eq!(sound.samples.as_ref(), &[200, -200]);
    }

    #[test]
    fn other_formats_are_refused_by_name() {
        assert_eq!(parse(b"OggS"), Err("it is no WAV file"));
        assert_eq!(
            parse(&wav(1, 24, &[1, 2])),
            Err("its samples are not 16-bit PCM")
        );
        assert_eq!(parse(&wav(1, 16, &[])), Err("it has no sound data"));
    }

    fn wav(channels: u16, bits: u16, samples: &[i16]) -> Vec<u8> {
        let data = samples
            .iter()
            .flat_map(|s| s.to_le_bytes())
            .collect::<Vec<_>>();
        let mut out = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0".to_vec();
        out.extend(channels.to_le_bytes());
        out.extend(8000_u32.to_le_bytes());
        out.extend([0; 6]);
        out.extend(bits.to_le_bytes());
        out.extend(b"data");
        out.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
        out.extend(data);
        out
    }
}
