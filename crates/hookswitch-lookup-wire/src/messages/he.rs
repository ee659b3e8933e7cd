//! Package `apple.swift_homomorphic_encryption.v1`: parameters, keys and ciphertexts.

use prost::{Enumeration, Message, Oneof};

#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum HeScheme {
    Unspecified = 0,
    Bfv = 1,
    Bgv = 2,
}

#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum SecurityLevel {
    Unspecified = 0,
    Quantum128 = 1,
}

#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum ErrorStdDev {
    StdDev32 = 0,
    StdDev64 = 1,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct EncryptionParameters {
    #[prost(uint64, tag = "1")]
    pub polynomial_degree: u64,
    #[prost(uint64, tag = "2")]
    pub plaintext_modulus: u64,
    #[prost(uint64, repeated, tag = "3")]
    pub coefficient_moduli: Vec<u64>,
    #[prost(enumeration = "ErrorStdDev", tag = "4")]
    pub error_std_dev: i32,
    #[prost(enumeration = "SecurityLevel", tag = "5")]
    pub security_level: i32,
    #[prost(enumeration = "HeScheme", tag = "6")]
    pub he_scheme: i32,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedPlaintext {
    #[prost(bytes = "vec", tag = "1")]
    pub poly: Vec<u8>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedSeededCiphertext {
    #[prost(bytes = "vec", tag = "1")]
    pub poly0: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub seed: Vec<u8>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedFullCiphertext {
    #[prost(bytes = "vec", tag = "1")]
    pub polys: Vec<u8>,
    #[prost(uint32, repeated, tag = "2")]
    pub skip_lsbs: Vec<u32>,
    #[prost(uint64, tag = "3")]
    pub correction_factor: u64,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedCiphertext {
    #[prost(oneof = "serialized_ciphertext::Kind", tags = "1, 2")]
    pub kind: Option<serialized_ciphertext::Kind>,
}

pub mod serialized_ciphertext {
    //! The two forms of a ciphertext.

    use super::{Oneof, SerializedFullCiphertext, SerializedSeededCiphertext};

    #[derive(Clone, Eq, Oneof, PartialEq)]
    pub enum Kind {
        #[prost(message, tag = "1")]
        Seeded(SerializedSeededCiphertext),
        #[prost(message, tag = "2")]
        Full(SerializedFullCiphertext),
    }
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedCiphertextVec {
    #[prost(message, repeated, tag = "1")]
    pub ciphertexts: Vec<SerializedCiphertext>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedKeySwitchKey {
    #[prost(message, optional, tag = "1")]
    pub key_switch_key: Option<SerializedCiphertextVec>,
}

/// One entry of the map of a [`SerializedGaloisKey`].
#[derive(Clone, Eq, Message, PartialEq)]
pub struct GaloisKeyEntry {
    #[prost(uint64, tag = "1")]
    pub element: u64,
    #[prost(message, optional, tag = "2")]
    pub key: Option<SerializedKeySwitchKey>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedGaloisKey {
    #[prost(message, repeated, tag = "1")]
    pub key_switch_keys: Vec<GaloisKeyEntry>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedRelinKey {
    #[prost(message, optional, tag = "1")]
    pub relin_key: Option<SerializedKeySwitchKey>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SerializedEvaluationKey {
    #[prost(message, optional, tag = "1")]
    pub galois_key: Option<SerializedGaloisKey>,
    #[prost(message, optional, tag = "2")]
    pub relin_key: Option<SerializedRelinKey>,
}

/// Its `Debug` says nothing: the polynomials are secret.
#[derive(Clone, Eq, Message, PartialEq)]
#[prost(skip_debug)]
pub struct SerializedSecretKey {
    #[prost(bytes = "vec", tag = "1")]
    pub polys: Vec<u8>,
}

impl std::fmt::Debug for SerializedSecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SerializedSecretKey(..)")
    }
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct EvaluationKeyConfig {
    #[prost(message, optional, tag = "1")]
    pub encryption_parameters: Option<EncryptionParameters>,
    #[prost(uint32, repeated, tag = "2")]
    pub galois_elements: Vec<u32>,
    #[prost(bool, tag = "3")]
    pub has_relin_key: bool,
}
