//! What a piece of sound is: its pitch and its loudness, and sounds to send.
//!
//! Input: mono samples. Output: [`Tone`] readings (root mean square relative to full scale, so a
//! full-scale sine reads -3.0), the level at one frequency, and sines.
//!
//! # Promises
//!
//! - **F1** [`measure`] of a clean sine is right to 1 Hz and 0.2 dB from 100 ms on.
//! - **F2** [`level_at`] separates tones that lie 100 Hz apart from 100 ms on.

use std::f64::consts::TAU;
use std::path::Path;
use std::{fs, io};

/// What silence reads.
pub const SILENCE_DBFS: f64 = -120.0;

/// The pitch and loudness of a piece of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// Frequency by zero crossings; 0.0 for silence.
    pub frequency_hz: f64,
    /// Loudness of everything together.
    pub level_dbfs: f64,
}

/// Measures a piece of sound that holds one tone.
pub fn measure(samples: &[i16], rate_hz: u32) -> Tone {
    let mean = samples.iter().map(|s| f64::from(*s)).sum::<f64>() / samples.len().max(1) as f64;
    let wave = samples
        .iter()
        .map(|s| (f64::from(*s) - mean) / 32768.0)
        .collect::<Vec<_>>();
    let energy = wave.iter().map(|v| v * v).sum::<f64>() / wave.len().max(1) as f64;
    let level_dbfs = decibels(energy);
    let frequency_hz = if level_dbfs > -80.0 {
        crossings(&wave, rate_hz)
    } else {
        0.0
    };
    Tone {
        frequency_hz,
        level_dbfs,
    }
}

/// Measures the last `millis` of the samples, or nothing when there are not that many yet.
pub fn last(samples: &[i16], rate_hz: u32, millis: u32) -> Option<Tone> {
    let count = (rate_hz * millis / 1000) as usize;
    let from = samples.len().checked_sub(count)?;
    Some(measure(&samples[from..], rate_hz))
}

/// The level at one frequency only (Goertzel's algorithm with a Hann window).
pub fn level_at(samples: &[i16], rate_hz: u32, frequency_hz: f64) -> f64 {
    let count = samples.len() as f64;
    let turn = TAU * frequency_hz / f64::from(rate_hz);
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * index as f64 / count).cos();
        let value = f64::from(*sample) / 32768.0 * window;
        real += value * (turn * index as f64).cos();
        imaginary += value * (turn * index as f64).sin();
    }
    // A sine of amplitude a under a Hann window sums to a * n / 4; its energy is a * a / 2.
    let amplitude = (real * real + imaginary * imaginary).sqrt() * 4.0 / count.max(1.0);
    decibels(amplitude * amplitude / 2.0)
}

/// A sine of the given loudness (as [`measure`] reads it), starting at phase zero.
pub fn sine(rate_hz: u32, frequency_hz: f64, level_dbfs: f64, millis: u32) -> Vec<i16> {
    let amplitude = (10_f64.powf(level_dbfs / 20.0) * 2_f64.sqrt() * 32768.0).min(32767.0);
    let turn = TAU * frequency_hz / f64::from(rate_hz);
    let count = u64::from(rate_hz) * u64::from(millis) / 1000;
    (0..count)
        .map(|i| ((turn * i as f64).sin() * amplitude).round() as i16)
        .collect()
}

/// Writes samples as a mono WAV file.
///
/// # Errors
///
/// When the file cannot be written, or is longer than the format can say.
pub fn write_wav(path: &Path, rate_hz: u32, samples: &[i16]) -> io::Result<()> {
    let bytes = u32::try_from(samples.len() * 2).map_err(io::Error::other)?;
    let mut wav = Vec::with_capacity(44 + samples.len() * 2);
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(rate_hz.to_le_bytes());
    wav.extend((rate_hz * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    fs::write(path, wav)
}

/// Frequency from the first to the last upward zero crossing, interpolated.
fn crossings(wave: &[f64], rate_hz: u32) -> f64 {
    let upward = |(index, pair): (usize, &[f64])| {
        let [before, after] = pair else { return None };
        let crosses = *before < 0.0 && *after >= 0.0;
        crosses.then(|| index as f64 + before / (before - after))
    };
    let crossings = wave
        .windows(2)
        .enumerate()
        .filter_map(upward)
        .collect::<Vec<_>>();
    match crossings.as_slice() {
        [first, .., last] => (crossings.len() - 1) as f64 * f64::from(rate_hz) / (last - first),
        [] | [_] => 0.0,
    }
}

fn decibels(energy: f64) -> f64 {
    if energy > 0.0 {
        (10.0 * energy.log10()).max(SILENCE_DBFS)
    } else {
        SILENCE_DBFS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_sine_is_measured_right() {
        for (hz, level) in [(440.0, -6.0), (1000.0, -20.0), (697.0, -40.0)] {
            let tone = measure(&sine(8000, hz, level, 100), 8000);
            assert!((tone.frequency_hz - hz).abs() < 1.0, "{tone:?}");
            assert!((tone.level_dbfs - level).abs() < 0.2, "{tone:?}");
        }
    }

    #[test]
    fn silence_has_no_pitch() {
        let silence = Tone {
            frequency_hz: 0.0,
            level_dbfs: SILENCE_DBFS,
        };
        assert_eq!(measure(&[0; 800], 8000), silence);
        assert_eq!(measure(&[], 8000), silence);
    }

    #[test]
    fn one_tone_is_told_from_another() {
        let wave = sine(48_000, 600.0, -10.0, 100);
        assert!((level_at(&wave, 48_000, 600.0) + 10.0).abs() < 0.3);
        assert!(level_at(&wave, 48_000, 700.0) < -40.0);
    }

    #[test]
    fn too_little_sound_is_no_reading() {
        assert_eq!(last(&[0; 100], 8000, 100), None);
    }
}
