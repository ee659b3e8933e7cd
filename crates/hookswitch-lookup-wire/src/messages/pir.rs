//! Package `apple.swift_homomorphic_encryption.pir.v1`: databases, parameters of shards, queries.

use prost::{Enumeration, Message, Oneof};

use super::he::{EncryptionParameters, EvaluationKeyConfig, SerializedCiphertext};

#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum PirAlgorithm {
    AclsPir = 0,
    MulPir = 1,
}

#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum KeyCompressionStrategy {
    Unspecified = 0,
    Maximum = 1,
    Hybrid = 2,
}

#[derive(Clone, Copy, Debug, Enumeration, Eq, PartialEq)]
#[repr(i32)]
pub enum SymmetricPirConfigType {
    Unspecified = 0,
    OprfP384AesGcm192Nonce96Tag128 = 1,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct KeywordDatabaseRow {
    #[prost(bytes = "vec", tag = "1")]
    pub keyword: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct KeywordDatabase {
    #[prost(message, repeated, tag = "1")]
    pub rows: Vec<KeywordDatabaseRow>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct SymmetricPirClientConfig {
    #[prost(bytes = "vec", tag = "1")]
    pub server_public_key: Vec<u8>,
    #[prost(enumeration = "SymmetricPirConfigType", tag = "2")]
    pub config_type: i32,
}

#[derive(Clone, Copy, Eq, Message, PartialEq)]
pub struct ShardingSha256 {}

#[derive(Clone, Copy, Eq, Message, PartialEq)]
pub struct ShardingDoubleMod {
    #[prost(uint32, tag = "1")]
    pub other_shard_count: u32,
}

#[derive(Clone, Copy, Eq, Message, PartialEq)]
pub struct ShardingFunction {
    #[prost(oneof = "sharding_function::Kind", tags = "1, 2")]
    pub kind: Option<sharding_function::Kind>,
}

pub mod sharding_function {
    //! The sharding functions.

    use super::{Oneof, ShardingDoubleMod, ShardingSha256};

    #[derive(Clone, Copy, Eq, Oneof, PartialEq)]
    pub enum Kind {
        #[prost(message, tag = "1")]
        Sha256(ShardingSha256),
        #[prost(message, tag = "2")]
        DoubleMod(ShardingDoubleMod),
    }
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct KeywordPirParameters {
    #[prost(uint64, tag = "1")]
    pub num_hash_functions: u64,
    #[prost(message, optional, tag = "3")]
    pub symmetric_pir_client_config: Option<SymmetricPirClientConfig>,
    #[prost(message, optional, tag = "4")]
    pub sharding_function: Option<ShardingFunction>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirParameters {
    #[prost(message, optional, tag = "1")]
    pub encryption_parameters: Option<EncryptionParameters>,
    #[prost(uint64, tag = "2")]
    pub num_entries: u64,
    #[prost(uint64, tag = "3")]
    pub entry_size: u64,
    #[prost(uint64, repeated, tag = "4")]
    pub dimensions: Vec<u64>,
    #[prost(message, optional, tag = "5")]
    pub keyword_pir_params: Option<KeywordPirParameters>,
    #[prost(enumeration = "PirAlgorithm", tag = "6")]
    pub algorithm: i32,
    #[prost(uint64, tag = "7")]
    pub batch_size: u64,
    #[prost(message, optional, tag = "8")]
    pub evaluation_key_config: Option<EvaluationKeyConfig>,
    #[prost(enumeration = "KeyCompressionStrategy", tag = "9")]
    pub key_compression_strategy: i32,
    #[prost(bool, tag = "13")]
    pub encoding_entry_size: bool,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct EncryptedIndices {
    #[prost(message, repeated, tag = "1")]
    pub ciphertexts: Vec<SerializedCiphertext>,
    #[prost(uint64, tag = "2")]
    pub num_pir_calls: u64,
}
