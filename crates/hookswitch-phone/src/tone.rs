//! Tones: a sine generator and a meter that finds how loud one frequency is (Goertzel).
//!
//! Input: a frequency, a level, or samples. Output: samples, or a level in dBFS. A sine whose
//! peaks touch full scale is 0 dBFS. Pure; the caller says when.
//!
//! # Promises
//!
//! - **T1** the generator is continuous over frame borders.
//! - **T2** silence measures as [`FLOOR_DBFS`], never as minus infinity.

/// What silence measures as.
pub const FLOOR_DBFS: f64 = -100.0;

/// A continuous sine of one frequency and level.
#[derive(Clone, Debug)]
pub struct Tone {
    phase: f64,
    step: f64,
    amplitude: f64,
}

impl Tone {
    /// A sine of `hz` at `level_dbfs` (0 is full scale) for a stream of `rate_hz` samples a second.
    pub fn new(hz: f64, level_dbfs: f64, rate_hz: u32) -> Self {
        let amplitude = 10f64.powf(level_dbfs.min(0.0) / 20.0) * f64::from(i16::MAX);
        Self {
            phase: 0.0,
            step: std::f64::consts::TAU * hz / f64::from(rate_hz),
            amplitude,
        }
    }

    /// Fills `frame` with the next samples.
    pub fn fill(&mut self, frame: &mut [i16]) {
        for sample in frame {
            *sample = (self.phase.sin() * self.amplitude).round() as i16;
            self.phase = (self.phase + self.step) % std::f64::consts::TAU;
        }
    }
}

/// The level of the frequency `hz` in `samples`, in dBFS.
pub fn level_at(samples: &[i16], hz: f64, rate_hz: u32) -> f64 {
    if samples.is_empty() {
        return FLOOR_DBFS;
    }
    let coefficient = 2.0 * (std::f64::consts::TAU * hz / f64::from(rate_hz)).cos();
    let (mut newest, mut older) = (0.0_f64, 0.0_f64);
    for sample in samples {
        let next = f64::from(*sample) / f64::from(i16::MAX) + coefficient * newest - older;
        older = newest;
        newest = next;
    }
    let power = newest * newest + older * older - coefficient * newest * older;
    let amplitude = 2.0 * power.max(0.0).sqrt() / samples.len() as f64;
    to_dbfs(amplitude)
}

/// The overall level of `samples`, on the scale where a full-scale sine is 0 dBFS.
pub fn level(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return FLOOR_DBFS;
    }
    let sum: f64 = samples
        .iter()
        .map(|s| (f64::from(*s) / f64::from(i16::MAX)).powi(2))
        .sum();
    to_dbfs((2.0 * sum / samples.len() as f64).sqrt())
}

/// The frequency among `candidates` that is loudest in `samples`, with its level.
pub fn strongest(samples: &[i16], candidates: &[f64], rate_hz: u32) -> Option<(f64, f64)> {
    candidates
        .iter()
        .map(|hz| (*hz, level_at(samples, *hz, rate_hz)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The loudest frequency between 100 Hz and 3400 Hz to 10 Hz, with its level.
pub fn dominant(samples: &[i16], rate_hz: u32) -> Option<(f64, f64)> {
    let candidates: Vec<f64> = (10..=340).map(|tens| f64::from(tens) * 10.0).collect();
    strongest(samples, &candidates, rate_hz)
}

fn to_dbfs(amplitude: f64) -> f64 {
    if amplitude <= 0.0 {
        return FLOOR_DBFS;
    }
    (20.0 * amplitude.log10()).max(FLOOR_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: u32 = 8000;

    #[test]
    fn a_tone_measures_as_itself_and_as_nothing_else() {
        let samples = record(440.0, -10.0, 8000);
        assert!((level_at(&samples, 440.0, RATE) + 10.0).abs() < 0.1);
        assert!(level_at(&samples, 1000.0, RATE) < -50.0);
        assert!((level(&samples) + 10.0).abs() < 0.1);
        assert_eq!(dominant(&samples, RATE).map(|found| found.0), Some(440.0));
    }

    #[test]
    fn silence_and_nothing_measure_as_the_floor() {
        assert_eq!(level(&[0; 160]), FLOOR_DBFS);
        assert_eq!(level_at(&[], 440.0, RATE), FLOOR_DBFS);
        assert_eq!(level(&[]), FLOOR_DBFS);
    }

    #[test]
    fn frames_join_without_a_step() {
        let mut tone = Tone::new(300.0, -6.0, RATE);
        let mut pieces = vec![0; 320];
        let (first, second) = pieces.split_at_mut(160);
        tone.fill(first);
        tone.fill(second);
        assert_eq!(pieces, record(300.0, -6.0, 320));
    }

    proptest! {
        #[test]
        fn any_tone_is_found_at_its_level(tens in 20u32..330, level in -40.0f64..-1.0) {
            let hz = f64::from(tens) * 10.0;
            let samples = record(hz, level, 4000);
            let (found, found_level) = dominant(&samples, RATE).expect("candidates exist");
            prop_assert!((found - hz).abs() < 1.0);
            prop_assert!((found_level - level).abs() < 1.0);
        }
    }

    fn record(hz: f64, level: f64, samples: usize) -> Vec<i16> {
        let mut frame = vec![0; samples];
        Tone::new(hz, level, RATE).fill(&mut frame);
        frame
    }
}
