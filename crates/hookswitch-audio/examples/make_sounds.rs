//! Writes the shipped sounds: `cargo run -p hookswitch-audio --example make_sounds [FOLDER]`.
//!
//! Input: the scores below. Output: `ring.wav` and `waiting.wav` (48 kHz, mono, 16 bit).
//! The ringtone is a calm two-note figure of struck-bar tones, the waiting tone two soft blips.
//! The files are committed; this program is their source.

use std::f64::consts::TAU;
use std::fs;
use std::path::PathBuf;

const RATE: u32 = 48_000;

/// One struck note: when, which pitch, how loud, how fast it fades.
struct Note {
    at_s: f64,
    hz: f64,
    peak: f64,
    decay_s: f64,
}

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| "data/sounds".into(), PathBuf::from);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("ring.wav"), wav(&play(&ring_score(), 3.6)))?;
    fs::write(
        folder.join("waiting.wav"),
        wav(&play(&waiting_score(), 4.0)),
    )
}

/// E5 and B5, twice, the second time answered an octave of the first lower: question, answer.
fn ring_score() -> Vec<Note> {
    let figure = [
        (0.00, 659.26),
        (0.18, 987.77),
        (0.62, 659.26),
        (0.80, 987.77),
        (1.24, 783.99),
    ];
    figure
        .map(|(at_s, hz)| Note {
            at_s,
            hz,
            peak: 0.34,
            decay_s: 0.32,
        })
        .into()
}

fn waiting_score() -> Vec<Note> {
    [0.0, 0.22]
        .map(|at_s| Note {
            at_s,
            hz: 523.25,
            peak: 0.20,
            decay_s: 0.06,
        })
        .into()
}

fn play(score: &[Note], length_s: f64) -> Vec<i16> {
    let count = (length_s * f64::from(RATE)) as usize;
    let mut out = (0..count).map(|i| to_sample(mix(score, i as f64 / f64::from(RATE))));
    let mut samples = out.by_ref().collect::<Vec<_>>();
    let last = samples.len() - 1;
    (samples[0], samples[last]) = (0, 0);
    samples
}

fn mix(score: &[Note], t: f64) -> f64 {
    score.iter().map(|note| strike(note, t - note.at_s)).sum()
}

/// A soft attack, then the fundamental with two quickly fading partials of a struck bar.
fn strike(note: &Note, t: f64) -> f64 {
    if !(0.0..note.decay_s * 6.0).contains(&t) {
        return 0.0;
    }
    let attack = (t / 0.006).min(1.0);
    let release = ((note.decay_s * 6.0 - t) / 0.05).min(1.0);
    let partial = |ratio: f64, gain: f64, decay: f64| {
        gain * (TAU * note.hz * ratio * t).sin() * (-t / (note.decay_s * decay)).exp()
    };
    let body = partial(1.0, 1.0, 1.0) + partial(2.0, 0.22, 0.6) + partial(4.0, 0.10, 0.2);
    note.peak * attack * release * body
}

fn to_sample(value: f64) -> i16 {
    (value.clamp(-0.98, 0.98) * 32767.0).round() as i16
}

fn wav(samples: &[i16]) -> Vec<u8> {
    let bytes = (samples.len() * 2) as u32;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + bytes).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend(bytes.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}
