//! Packages `apple.swift_homomorphic_encryption.api.v1` and `api.shared.v1`: the bodies of the
//! HTTP requests and answers.

use prost::{Message, Oneof};

use super::he::{EvaluationKeyConfig, SerializedEvaluationKey};
use super::lookup::{OprfRequest, OprfResponse, PirConfig, PirRequest, PirResponse};

#[derive(Clone, Eq, Message, PartialEq)]
pub struct EvaluationKeyMetadata {
    #[prost(uint64, tag = "1")]
    pub timestamp: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub identifier: Vec<u8>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct EvaluationKey {
    #[prost(message, optional, tag = "1")]
    pub metadata: Option<EvaluationKeyMetadata>,
    #[prost(message, optional, tag = "2")]
    pub evaluation_key: Option<SerializedEvaluationKey>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct EvaluationKeys {
    #[prost(message, repeated, tag = "1")]
    pub keys: Vec<EvaluationKey>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct KeyStatus {
    #[prost(uint64, tag = "1")]
    pub timestamp: u64,
    #[prost(message, optional, tag = "2")]
    pub key_config: Option<EvaluationKeyConfig>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct ConfigRequest {
    #[prost(string, repeated, tag = "1")]
    pub usecases: Vec<String>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub existing_config_ids: Vec<Vec<u8>>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct Config {
    #[prost(message, optional, tag = "1")]
    pub pir_config: Option<PirConfig>,
    #[prost(bytes = "vec", tag = "3")]
    pub config_id: Vec<u8>,
    #[prost(bool, tag = "4")]
    pub reuse_existing_config: bool,
}

/// One entry of the map of a [`ConfigResponse`].
#[derive(Clone, Eq, Message, PartialEq)]
pub struct ConfigEntry {
    #[prost(string, tag = "1")]
    pub usecase: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<Config>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct ConfigResponse {
    #[prost(message, repeated, tag = "1")]
    pub configs: Vec<ConfigEntry>,
    #[prost(message, repeated, tag = "2")]
    pub key_info: Vec<KeyStatus>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct Request {
    #[prost(string, tag = "1")]
    pub usecase: String,
    #[prost(oneof = "request::Kind", tags = "2, 4")]
    pub kind: Option<request::Kind>,
}

pub mod request {
    //! The kinds of requests that are spoken here.

    use super::{Oneof, OprfRequest, PirRequest};

    #[derive(Clone, Eq, Oneof, PartialEq)]
    pub enum Kind {
        #[prost(message, tag = "2")]
        Pir(Box<PirRequest>),
        #[prost(message, tag = "4")]
        Oprf(OprfRequest),
    }
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct Requests {
    #[prost(message, repeated, tag = "1")]
    pub requests: Vec<Request>,
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct Response {
    #[prost(oneof = "response::Kind", tags = "1, 3")]
    pub kind: Option<response::Kind>,
}

pub mod response {
    //! The kinds of answers that are spoken here.

    use super::{Oneof, OprfResponse, PirResponse};

    #[derive(Clone, Eq, Oneof, PartialEq)]
    pub enum Kind {
        #[prost(message, tag = "1")]
        Pir(PirResponse),
        #[prost(message, tag = "3")]
        Oprf(OprfResponse),
    }
}

#[derive(Clone, Eq, Message, PartialEq)]
pub struct Responses {
    #[prost(message, repeated, tag = "1")]
    pub responses: Vec<Response>,
}
