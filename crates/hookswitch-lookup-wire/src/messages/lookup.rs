//! Package `apple.swift_homomorphic_encryption.api.pir.v1`: what a device asks and gets.

use prost::{Message, Oneof};

use super::api::EvaluationKeyMetadata;
use super::he::{EncryptionParameters, SerializedCiphertextVec, SerializedEvaluationKey};
use super::pir::{EncryptedIndices, KeywordPirParameters, PirAlgorithm};

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirShardConfig {
    #[prost(uint64, tag = "1")]
    pub num_entries: u64,
    #[prost(uint64, tag = "2")]
    pub entry_size: u64,
    #[prost(uint64, repeated, tag = "3")]
    pub dimensions: Vec<u64>,
    #[prost(string, optional, tag = "4")]
    pub shard_id: Option<String>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirFixedShardConfig {
    #[prost(message, optional, tag = "1")]
    pub shard_config: Option<PirShardConfig>,
    #[prost(uint32, tag = "2")]
    pub shard_count: u32,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirShardConfigs {
    #[prost(oneof = "pir_shard_configs::Kind", tags = "1")]
    pub kind: Option<pir_shard_configs::Kind>,
}

pub mod pir_shard_configs {
    //! The forms of a list of shards.

    use super::{Oneof, PirFixedShardConfig};

    #[derive(Clone, Eq, Oneof, PartialEq)]
    pub enum Kind {
        #[prost(message, tag = "1")]
        RepeatedShardConfig(PirFixedShardConfig),
    }
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirConfig {
    #[prost(message, optional, tag = "1")]
    pub encryption_parameters: Option<EncryptionParameters>,
    #[prost(message, repeated, tag = "2")]
    pub shard_configs: Vec<PirShardConfig>,
    #[prost(message, optional, tag = "3")]
    pub keyword_pir_params: Option<KeywordPirParameters>,
    #[prost(enumeration = "PirAlgorithm", tag = "4")]
    pub algorithm: i32,
    #[prost(uint64, tag = "5")]
    pub batch_size: u64,
    #[prost(bytes = "vec", tag = "6")]
    pub evaluation_key_config_hash: Vec<u8>,
    #[prost(message, optional, tag = "10")]
    pub pir_shard_configs: Option<PirShardConfigs>,
    #[prost(bool, optional, tag = "11")]
    pub encoding_entry_size: Option<bool>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirRequest {
    #[prost(uint32, tag = "1")]
    pub shard_index: u32,
    #[prost(message, optional, tag = "2")]
    pub query: Option<EncryptedIndices>,
    #[prost(message, optional, tag = "3")]
    pub evaluation_key_metadata: Option<EvaluationKeyMetadata>,
    #[prost(bytes = "vec", tag = "4")]
    pub configuration_hash: Vec<u8>,
    #[prost(string, optional, tag = "5")]
    pub shard_id: Option<String>,
    #[prost(message, optional, tag = "6")]
    pub evaluation_key: Option<SerializedEvaluationKey>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct StashOfEntries {
    #[prost(uint64, repeated, tag = "1")]
    pub hashed_keywords: Vec<u64>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub values: Vec<Vec<u8>>,
    #[prost(uint64, repeated, tag = "3")]
    pub removed_hashed_keywords: Vec<u64>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct PirResponse {
    #[prost(message, repeated, tag = "1")]
    pub replies: Vec<SerializedCiphertextVec>,
    #[prost(message, optional, tag = "2")]
    pub stash: Option<StashOfEntries>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct OprfRequest {
    #[prost(bytes = "vec", tag = "1")]
    pub query_element: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub config_id: Vec<u8>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct OprfResponse {
    #[prost(bytes = "vec", tag = "1")]
    pub evaluated_element: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub proof: Vec<u8>,
}
