//! A question, encrypted, and how its answer is read; apart from the way it travels.
//!
//! # Promises
//!
//! - **H1** one secret key serves all use cases with one key config; it is forgotten when dropped.
//! - **H2** what a service publishes is checked before it is used; nothing it says makes a question
//!   larger than [`SHARDS_MAX`] shards and the parameter rules allow.

use anyhow::{Context as _, Result, bail, ensure};
use hookswitch_lookup_pir::shape::Shape;
use hookswitch_lookup_pir::{client, keyword};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::parameters::Parameters;
use hookswitch_lookup_ring::secret::SecretKey;
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::convert;
use hookswitch_lookup_wire::messages::api::{
    Config, EvaluationKey, EvaluationKeyMetadata, EvaluationKeys, Request, Response, request,
    response,
};
use hookswitch_lookup_wire::messages::he::EvaluationKeyConfig;
use hookswitch_lookup_wire::messages::lookup::{
    PirConfig, PirRequest, PirShardConfig, pir_shard_configs,
};

use crate::chance::SystemChance;

/// Most shards that a use case may have.
pub const SHARDS_MAX: u32 = 1 << 20;

/// Who asks: a secret key for one key config.
pub struct Asker<W: Word> {
    context: Context<W>,
    secret: SecretKey<W>,
    metadata: EvaluationKeyMetadata,
    elements: Vec<u32>,
}

/// A question that was put, and what is needed to read its answer.
#[derive(Debug)]
pub struct Put {
    /// What is sent.
    pub request: Request,
    shape: Shape,
    hash: u64,
}

/// The checked parameters of a key config.
///
/// # Errors
///
/// When they break a rule.
pub fn parameters(config: &EvaluationKeyConfig) -> Result<Parameters> {
    let parameters = config.encryption_parameters.as_ref();
    Ok(convert::parameters(
        parameters.context("there are no parameters")?,
    )?)
}

impl<W: Word> Asker<W> {
    /// A new secret key. The time, in seconds, is what the service is to say when it has the key.
    ///
    /// # Errors
    ///
    /// When the key config breaks a rule.
    pub fn new(config: &EvaluationKeyConfig, timestamp: u64) -> Result<Self> {
        let context = Context::<W>::new(parameters(config)?, Kernels::detect())?;
        let secret = SecretKey::generate(&context, &mut SystemChance);
        Ok(Self {
            context,
            secret,
            metadata: EvaluationKeyMetadata {
                timestamp,
                identifier: convert::id(config),
            },
            elements: config.galois_elements.clone(),
        })
    }

    /// The evaluation key, as the body of `POST /key`.
    ///
    /// # Errors
    ///
    /// When the key config has an element that is none.
    pub fn keys(&self) -> Result<EvaluationKeys> {
        let key = self
            .secret
            .evaluation_key(&self.context, &self.elements, &mut SystemChance)?;
        Ok(EvaluationKeys {
            keys: vec![EvaluationKey {
                metadata: Some(self.metadata.clone()),
                evaluation_key: Some(convert::evaluation_key_message(&self.context, &key)),
            }],
        })
    }

    /// Asks for a number in a use case.
    ///
    /// # Errors
    ///
    /// When the configuration of the use case breaks a rule, or wants another key.
    pub fn put(&self, usecase: &str, config: &Config, number: &str) -> Result<Put> {
        let pir = config.pir_config.as_ref();
        let pir = pir.context("the configuration is empty")?;
        ensure!(
            pir.evaluation_key_config_hash == self.metadata.identifier,
            "the use case wants another key"
        );
        let keywords = pir.keyword_pir_params.as_ref();
        let sharding = convert::sharding(keywords.context("there are no keywords")?)?;
        let hash = keyword::hash(number.as_bytes());
        let (published, count) = Shards::of(pir)?;
        let shard = sharding.shard(hash, count);
        let published = published.shard(shard).context("there are no shards")?;
        let tables = pir.batch_size;
        let shape = convert::published_shape(self.context.parameters(), published, tables)?;
        let chance = &mut SystemChance;
        let query = client::query(&self.context, &shape, &self.secret, hash, chance)?;
        let pir = PirRequest {
            shard_index: shard,
            query: Some(convert::query_message(&self.context, &shape, &query)),
            evaluation_key_metadata: Some(self.metadata.clone()),
            configuration_hash: config.config_id.clone(),
            shard_id: None,
            evaluation_key: None,
        };
        let request = Request {
            usecase: usecase.to_owned(),
            kind: Some(request::Kind::Pir(Box::new(pir))),
        };
        Ok(Put {
            request,
            shape,
            hash,
        })
    }

    /// Reads an answer; `None` when the service does not know the number.
    ///
    /// # Errors
    ///
    /// When the answer is none.
    pub fn read(&self, put: &Put, answer: &Response) -> Result<Option<Vec<u8>>> {
        let Some(response::Kind::Pir(answer)) = &answer.kind else {
            bail!("the answer is not of the kind that was asked for");
        };
        let answer = convert::answer(&self.context, answer)?;
        let (context, secret) = (&self.context, &self.secret);
        Ok(client::value(
            context, &put.shape, secret, put.hash, &answer,
        )?)
    }
}

/// The shards of a use case, listed or all alike.
enum Shards<'a> {
    Listed(&'a [PirShardConfig]),
    Alike(&'a PirShardConfig),
}

impl<'a> Shards<'a> {
    fn of(pir: &'a PirConfig) -> Result<(Self, u32)> {
        let alike = pir.pir_shard_configs.as_ref();
        let (shards, count) = match alike.and_then(|alike| alike.kind.as_ref()) {
            Some(pir_shard_configs::Kind::RepeatedShardConfig(alike)) => {
                let config = alike.shard_config.as_ref();
                let config = config.context("there are no shards")?;
                (Self::Alike(config), alike.shard_count)
            }
            None => {
                let count = u32::try_from(pir.shard_configs.len()).unwrap_or(u32::MAX);
                (Self::Listed(&pir.shard_configs), count)
            }
        };
        ensure!(
            (1..=SHARDS_MAX).contains(&count),
            "the service says that there are {count} shards"
        );
        Ok((shards, count))
    }

    fn shard(&self, index: u32) -> Option<&'a PirShardConfig> {
        match self {
            Self::Listed(shards) => shards.get(index as usize),
            Self::Alike(config) => Some(config),
        }
    }
}
