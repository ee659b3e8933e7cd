//! Why parameters or bytes were refused.

use core::fmt;

/// A refusal. Nothing changed; whoever made the input can fix it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The degree is not a power of two from 8 to 32,768.
    Degree,
    /// There are fewer than two or more than eight coefficient moduli.
    ModuliCount,
    /// A coefficient modulus is too large, no prime, or not 1 modulo twice the degree.
    CoefficientModulus,
    /// Two coefficient moduli are equal.
    RepeatedModulus,
    /// The plaintext modulus is no odd prime, or not below every coefficient modulus.
    PlaintextModulus,
    /// The moduli are together too large for the security that the degree gives.
    Insecure,
    /// Bytes are too short or too long for what they should hold.
    Length,
    /// A coefficient is not below its modulus.
    Coefficient,
    /// A seed is not 32 bytes.
    Seed,
    /// A ciphertext has another number of polynomials than is allowed here.
    PolyCount,
    /// The dropped bits are as many as a coefficient has, or not one number for each polynomial.
    DroppedBits,
    /// The correction factor is not 1.
    CorrectionFactor,
    /// The Galois element is not odd, or not below twice the degree.
    GaloisElement,
    /// A key for a Galois element is missing.
    MissingGaloisKey,
    /// The relinearization key is missing.
    MissingRelinearizationKey,
    /// A key-switching key has another number of rows than there are ciphertext moduli.
    KeyRows,
    /// A plaintext value is not below the plaintext modulus, or there are too many of them.
    Plaintext,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Degree => "the degree must be a power of two from 8 to 32768",
            Self::ModuliCount => "there must be two to eight coefficient moduli",
            Self::CoefficientModulus => {
                "a coefficient modulus must be a prime below 2^62 and 1 modulo twice the degree"
            }
            Self::RepeatedModulus => "the coefficient moduli must differ",
            Self::PlaintextModulus => {
                "the plaintext modulus must be an odd prime below every coefficient modulus"
            }
            Self::Insecure => {
                "the moduli are too large for this degree: less than 128-bit security"
            }
            Self::Length => "the bytes have the wrong length",
            Self::Coefficient => "a coefficient is not below its modulus",
            Self::Seed => "a seed must have 32 bytes",
            Self::PolyCount => "the ciphertext has the wrong number of polynomials",
            Self::DroppedBits => "the dropped bits do not fit the polynomials",
            Self::CorrectionFactor => "the correction factor must be 1",
            Self::GaloisElement => "a Galois element must be odd and below twice the degree",
            Self::MissingGaloisKey => "the evaluation key lacks a Galois key: send a new one",
            Self::MissingRelinearizationKey => {
                "the evaluation key lacks the relinearization key: send a new one"
            }
            Self::KeyRows => "a key-switching key has the wrong number of rows",
            Self::Plaintext => "the plaintext does not fit the plaintext modulus or the degree",
        })
    }
}

impl core::error::Error for Error {}
