//! Which image counts, and which one before it.
//!
//! ```text
//! manifest = "hswman1\n", image now (8), image before or zero (8), sum (8)
//! ```

use hookswitch_directory::sum::Sum;

const MAGIC: &[u8; 8] = b"hswman1\n";

/// What a manifest says; images are named by the generation that they were made at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Manifest {
    /// The image that counts.
    pub(crate) image: u64,
    /// The one before it, which is kept until the next success.
    pub(crate) before: Option<u64>,
}

/// The name of the manifest.
pub(crate) const NAME: &str = "manifest";

/// The name under which the next one is written.
pub(crate) const NEW: &str = "manifest.new";

/// The name of an image.
pub(crate) fn image(generation: u64) -> String {
    format!("image-{generation}")
}

/// The name of the log behind an image.
pub(crate) fn log(generation: u64) -> String {
    format!("log-{generation}")
}

/// The generation in the name of an image.
pub(crate) fn generation_of(name: &str) -> Option<u64> {
    name.strip_prefix("image-")?.parse().ok()
}

impl Manifest {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.image.to_le_bytes());
        bytes.extend_from_slice(&self.before.unwrap_or(0).to_le_bytes());
        let sum = Sum::of(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<8>()?;
        if Sum::of(body) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (words, rest) = body.strip_prefix(MAGIC)?.as_chunks::<8>();
        let ([image, before], []) = (words, rest) else {
            return None;
        };
        let before = u64::from_le_bytes(*before);
        Some(Self {
            image: u64::from_le_bytes(*image),
            before: (before > 0).then_some(before),
        })
    }
}
