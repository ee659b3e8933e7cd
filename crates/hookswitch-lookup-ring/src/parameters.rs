//! Encryption parameters: the predefined sets of the protocol, and the check of any other.
//!
//! Source: swift-homomorphic-encryption, `EncryptionParameters.swift`. The name of a set never
//! travels; a device gets the numbers.
//!
//! # Promises
//!
//! - **E1** [`Parameters::new`] gives only parameters that the arithmetic of this crate can use and
//!   that have 128-bit security against quantum computers, unless the caller says otherwise.

use alloc::vec::Vec;

use crate::error::Error;
use crate::modulus::is_prime;

/// Checked encryption parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Parameters {
    degree: usize,
    plaintext_modulus: u64,
    coefficient_moduli: Vec<u64>,
    security: Security,
}

/// What security is asked of the parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Security {
    /// 128 bits against quantum computers.
    Quantum128,
    /// None; for tests only.
    Unchecked,
}

/// Most bits of all coefficient moduli together for 128-bit security, by degree.
const CEILINGS: [(usize, u32); 6] = [
    (1024, 21),
    (2048, 41),
    (4096, 83),
    (8192, 165),
    (16_384, 330),
    (32_768, 660),
];

impl Parameters {
    /// Parameters from numbers; the last coefficient modulus serves key switching only.
    ///
    /// # Errors
    ///
    /// Says which rule they break (E1).
    pub fn new(
        degree: usize,
        plaintext_modulus: u64,
        coefficient_moduli: &[u64],
        security: Security,
    ) -> Result<Self, Error> {
        if !degree.is_power_of_two() || !(8..=32_768).contains(&degree) {
            return Err(Error::Degree);
        }
        if !(2..=8).contains(&coefficient_moduli.len()) {
            return Err(Error::ModuliCount);
        }
        for (index, modulus) in coefficient_moduli.iter().enumerate() {
            let is_usable =
                *modulus < 1 << 62 && modulus % (2 * degree as u64) == 1 && is_prime(*modulus);
            if !is_usable {
                return Err(Error::CoefficientModulus);
            }
            if coefficient_moduli[..index].contains(modulus) {
                return Err(Error::RepeatedModulus);
            }
        }
        let is_below = coefficient_moduli.iter().all(|q| plaintext_modulus < *q);
        if !is_below || plaintext_modulus == 2 || !is_prime(plaintext_modulus) {
            return Err(Error::PlaintextModulus);
        }
        let bits = product_bits(coefficient_moduli);
        let ceiling = CEILINGS.iter().find(|(of, _)| *of == degree);
        let is_secure = ceiling.is_some_and(|(_, most)| bits <= *most);
        match security {
            Security::Quantum128 if !is_secure => return Err(Error::Insecure),
            Security::Quantum128 | Security::Unchecked => {}
        }
        Ok(Self {
            degree,
            plaintext_modulus,
            coefficient_moduli: coefficient_moduli.to_vec(),
            security,
        })
    }

    /// The degree `N` of the ring.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// The plaintext modulus `t`.
    pub fn plaintext_modulus(&self) -> u64 {
        self.plaintext_modulus
    }

    /// The coefficient moduli; the last serves key switching only.
    pub fn coefficient_moduli(&self) -> &[u64] {
        &self.coefficient_moduli
    }

    /// What security was asked for.
    pub fn security(&self) -> Security {
        self.security
    }

    /// Whether words of 32 bits hold every modulus.
    pub fn is_narrow(&self) -> bool {
        self.coefficient_moduli.iter().all(|q| *q < 1 << 30)
    }

    /// Payload bits of a plaintext coefficient: `floor(log2 t)`.
    pub fn payload_bits(&self) -> u32 {
        self.plaintext_modulus.ilog2()
    }

    /// Payload bytes of a plaintext.
    pub fn plaintext_bytes(&self) -> usize {
        self.degree * self.payload_bits() as usize / 8
    }

    /// Low bits of the two polynomials of an answer that decryption does not need
    /// (section 5.2 of ePrint 2022/207; `skipLSBsForDecryption` of `EncryptionParameters.swift`).
    pub fn dropped_bits(&self) -> [u32; 2] {
        let (q, t) = (self.coefficient_moduli[0], self.plaintext_modulus);
        let spare = match q >= 2 * t {
            true => i64::from((q / t).ilog2()) - 3,
            false => 0,
        };
        // floor(8 * sqrt(2N/9)) = floor(sqrt(128 N / 9)), in whole numbers.
        let spread = (128 * self.degree as u64 / 9).isqrt();
        let spread_bits = match spread {
            0 => 0,
            _ => i64::from(64 - (spread - 1).leading_zeros()),
        };
        let (first, second) = match spare - spread_bits {
            second if second <= 1 => (spare + 1, 0),
            second => (spare, second),
        };
        [first.max(0) as u32, second.max(0) as u32]
    }
}

/// Bits of the product of the moduli, rounded up.
fn product_bits(moduli: &[u64]) -> u32 {
    // A product of eight moduli below 2^62 fits eight limbs.
    let mut limbs = [0_u64; 8];
    limbs[0] = 1;
    for modulus in moduli {
        let mut carry = 0_u128;
        for limb in &mut limbs {
            carry += u128::from(*limb) * u128::from(*modulus);
            *limb = carry as u64;
            carry >>= 64;
        }
    }
    let top = limbs.iter().rposition(|limb| *limb != 0).unwrap_or(0);
    64 * top as u32 + 64 - limbs[top].leading_zeros()
}

/// A set that Apple's library has a name for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Predefined {
    /// Its name.
    pub name: &'static str,
    degree: usize,
    plaintext_modulus: u64,
    coefficient_moduli: &'static [u64],
    security: Security,
}

impl Predefined {
    /// The parameters of the set.
    pub fn parameters(&self) -> Parameters {
        let (t, moduli) = (self.plaintext_modulus, self.coefficient_moduli);
        Parameters::new(self.degree, t, moduli, self.security).expect("a test checks every set")
    }

    /// The set with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PREDEFINED.iter().find(|set| set.name == name)
    }
}

const fn set(
    name: &'static str,
    degree: usize,
    plaintext_modulus: u64,
    coefficient_moduli: &'static [u64],
) -> Predefined {
    let security = match degree {
        4096 | 8192 => Security::Quantum128,
        _ => Security::Unchecked,
    };
    Predefined {
        name,
        degree,
        plaintext_modulus,
        coefficient_moduli,
        security,
    }
}

const Q_27_28_28: &[u64] = &[134_176_769, 268_369_921, 268_361_729];
const Q_16_33_33: &[u64] = &[40_961, 8_589_852_673, 8_589_844_481];
const Q_3X55: &[u64] = &[
    36_028_797_018_652_673,
    36_028_797_017_571_329,
    36_028_797_017_456_641,
];
const Q_28_60_60: &[u64] = &[
    268_369_921,
    1_152_921_504_606_830_593,
    1_152_921_504_606_748_673,
];
const Q_29_60_60: &[u64] = &[
    536_690_689,
    1_152_921_504_606_830_593,
    1_152_921_504_606_748_673,
];
const Q_40_60_60: &[u64] = &[
    1_099_511_480_321,
    1_152_921_504_606_830_593,
    1_152_921_504_606_748_673,
];

/// The predefined sets with 128-bit security. `PredefinedRlweParameters` of
/// `EncryptionParameters.swift`.
pub const PREDEFINED: &[Predefined] = &[
    set("n_4096_logq_27_28_28_logt_4", 4096, 11, Q_27_28_28),
    set("n_4096_logq_27_28_28_logt_5", 4096, 17, Q_27_28_28),
    set("n_4096_logq_27_28_28_logt_6", 4096, 37, Q_27_28_28),
    set("n_4096_logq_27_28_28_logt_13", 4096, 4_099, Q_27_28_28),
    set("n_4096_logq_27_28_28_logt_16", 4096, 40_961, Q_27_28_28),
    set("n_4096_logq_27_28_28_logt_17", 4096, 65_537, Q_27_28_28),
    set("n_4096_logq_16_33_33_logt_4", 4096, 11, Q_16_33_33),
    set("n_8192_logq_3x55_logt_24", 8192, 8_404_993, Q_3X55),
    set("n_8192_logq_3x55_logt_29", 8192, 268_582_913, Q_3X55),
    set("n_8192_logq_3x55_logt_30", 8192, 536_903_681, Q_3X55),
    set("n_8192_logq_3x55_logt_42", 8192, 2_199_023_288_321, Q_3X55),
    set("n_8192_logq_28_60_60_logt_20", 8192, 557_057, Q_28_60_60),
    set("n_8192_logq_29_60_60_logt_15", 8192, 16_411, Q_29_60_60),
    set("n_8192_logq_40_60_60_logt_26", 8192, 33_832_961, Q_40_60_60),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predefined_set_keeps_the_rules() {
        for set in PREDEFINED {
            let parameters = set.parameters();
            assert_eq!(parameters.security(), Security::Quantum128, "{}", set.name);
            let logarithm = set.name.rsplit('_').next().and_then(|n| n.parse().ok());
            assert_eq!(
                logarithm,
                Some(64 - (parameters.plaintext_modulus() - 1).leading_zeros()),
                "{}",
                set.name
            );
            assert_eq!(Predefined::named(set.name), Some(set));
        }
    }

    #[test]
    fn sizes_are_those_of_the_published_sets() {
        check("n_4096_logq_27_28_28_logt_4", 1_536, [20, 12]);
        check("n_4096_logq_27_28_28_logt_5", 2_048, [19, 11]);
        check("n_8192_logq_3x55_logt_24", 23_552, [28, 19]);
        check("n_8192_logq_29_60_60_logt_15", 14_336, [11, 2]);
    }

    #[test]
    fn broken_parameters_are_refused_by_name() {
        let new = |degree, t, moduli: &[u64]| {
            Parameters::new(degree, t, moduli, Security::Quantum128).err()
        };
        assert_eq!(new(4095, 17, Q_27_28_28), Some(Error::Degree));
        assert_eq!(new(4096, 17, &Q_27_28_28[..1]), Some(Error::ModuliCount));
        assert_eq!(new(4096, 17, &[17, 19]), Some(Error::CoefficientModulus));
        assert_eq!(new(4096, 15, Q_27_28_28), Some(Error::PlaintextModulus));
        assert_eq!(new(4096, 17, Q_3X55), Some(Error::Insecure));
        let twice = [Q_27_28_28[0], Q_27_28_28[0]];
        assert_eq!(new(4096, 17, &twice), Some(Error::RepeatedModulus));
    }

    #[track_caller]
    fn check(name: &str, bytes: usize, dropped: [u32; 2]) {
        let parameters = Predefined::named(name).expect("a set").parameters();
        assert_eq!(parameters.plaintext_bytes(), bytes);
        assert_eq!(parameters.dropped_bits(), dropped);
    }
}
