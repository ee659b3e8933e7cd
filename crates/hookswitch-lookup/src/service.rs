//! What the service knows and how it answers, apart from HTTP.
//!
//! # Promises
//!
//! - **G1** a refusal has the status that Apple's example service gives for it.
//! - **G2** at most [`KEYS_MAX`] evaluation keys are kept; the one unused for longest makes way.
//! - **G3** the time of a key that a device sent is given back to it unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use hookswitch_lookup_wire::convert;
use hookswitch_lookup_wire::messages::api::{
    Config, ConfigEntry, ConfigRequest, ConfigResponse, EvaluationKeys, KeyStatus, Request,
    Requests, Response, Responses, request, response,
};
use hookswitch_lookup_wire::messages::he::{EvaluationKeyConfig, SerializedEvaluationKey};
use hookswitch_lookup_wire::messages::lookup::{PirConfig, PirRequest};
use hookswitch_lookup_wire::messages::pir::PirParameters;

use crate::manifest::Manifest;
use crate::refusal::Refusal;
use crate::shard::{Key, Shard};

/// Most evaluation keys that are kept.
pub const KEYS_MAX: usize = 1024;
/// Most requests in one body.
pub const REQUESTS_MAX: usize = 16;
/// Most use cases in one question for the configuration.
pub const USECASES_MAX: usize = 16;

/// One use case, ready to answer.
struct UseCase {
    config: PirConfig,
    config_id: Vec<u8>,
    key_config: EvaluationKeyConfig,
    key_id: Vec<u8>,
    shards: Vec<Shard>,
}

/// A key that a user sent.
struct Kept {
    timestamp: u64,
    key: Key,
    used: u64,
}

/// Keys by user and key id, and a count of uses.
#[derive(Default)]
struct Keys {
    kept: BTreeMap<(String, Vec<u8>), Kept>,
    uses: u64,
}

/// The service.
pub struct Service {
    usecases: BTreeMap<String, UseCase>,
    keys: Mutex<Keys>,
}

impl Service {
    /// Loads a folder of processed shards.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the shards of a use case do not belong together.
    pub fn load(folder: &Path) -> Result<Self> {
        let mut usecases = BTreeMap::new();
        for usecase in Manifest::read(folder)?.usecases {
            let loaded = (0..usecase.shards).map(|n| Shard::load(folder, &usecase.stem, n));
            let loaded = loaded.collect::<Result<Vec<_>>>()?;
            let name = usecase.name;
            let usecase = UseCase::new(loaded).with_context(|| format!("use case {name}"))?;
            usecases.insert(name, usecase);
        }
        Ok(Self {
            usecases,
            keys: Mutex::default(),
        })
    }

    /// The configuration of the use cases asked for, and what is known of the user's keys.
    ///
    /// # Errors
    ///
    /// When a use case is unknown or the lists do not match.
    pub fn config(&self, user: &str, asked: &ConfigRequest) -> Result<ConfigResponse, Refusal> {
        let existing = &asked.existing_config_ids;
        if asked.usecases.len() > USECASES_MAX {
            return Err(Refusal::new(400, "too many use cases"));
        }
        if !existing.is_empty() && existing.len() != asked.usecases.len() {
            return Err(Refusal::new(
                400,
                "existing_config_ids must be as many as usecases",
            ));
        }
        let mut names = BTreeSet::new();
        if !asked.usecases.iter().all(|name| names.insert(name)) {
            return Err(Refusal::new(400, "a use case is named twice"));
        }
        let mut answer = ConfigResponse::default();
        let mut key_ids = Vec::new();
        for (index, name) in asked.usecases.iter().enumerate() {
            let usecase = self.usecases.get(name);
            let usecase = usecase.ok_or_else(|| Refusal::new(404, "there is no such use case"))?;
            let is_known = existing.get(index) == Some(&usecase.config_id);
            answer.configs.push(ConfigEntry {
                usecase: name.clone(),
                config: Some(Config {
                    pir_config: (!is_known).then(|| usecase.config.clone()),
                    config_id: usecase.config_id.clone(),
                    reuse_existing_config: is_known,
                }),
            });
            if !key_ids.contains(&&usecase.key_id) {
                key_ids.push(&usecase.key_id);
                answer.key_info.push(KeyStatus {
                    timestamp: self.timestamp(user, &usecase.key_id),
                    key_config: Some(usecase.key_config.clone()),
                });
            }
        }
        Ok(answer)
    }

    /// Keeps the keys that a user sent.
    ///
    /// # Errors
    ///
    /// When a key is none, or nothing here needs it.
    pub fn keep(&self, user: &str, sent: &EvaluationKeys) -> Result<(), Refusal> {
        for sent in &sent.keys {
            let metadata = sent.metadata.as_ref();
            let metadata = metadata.ok_or_else(|| Refusal::new(400, "a key has no metadata"))?;
            let mut usecases = self.usecases.values();
            let usecase = usecases.find(|usecase| usecase.key_id == metadata.identifier);
            let usecase =
                usecase.ok_or_else(|| Refusal::new(400, "no use case has this key config"))?;
            let key = sent.evaluation_key.as_ref();
            let key = key.ok_or_else(|| Refusal::new(400, "a key is empty"))?;
            let key = usecase.key(key)?;
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.insert(
                (user.to_owned(), metadata.identifier.clone()),
                metadata.timestamp,
                key,
            );
        }
        Ok(())
    }

    /// Answers requests, in their order.
    ///
    /// # Errors
    ///
    /// When one of them is refused.
    pub fn answer(&self, user: &str, asked: &Requests) -> Result<Responses, Refusal> {
        if asked.requests.len() > REQUESTS_MAX {
            return Err(Refusal::new(400, "too many requests in one body"));
        }
        let responses = asked.requests.iter().map(|request| self.one(user, request));
        let responses = responses.collect::<Result<_, _>>()?;
        Ok(Responses { responses })
    }

    fn one(&self, user: &str, asked: &Request) -> Result<Response, Refusal> {
        let usecase = self.usecases.get(&asked.usecase);
        let usecase = usecase.ok_or_else(|| Refusal::new(400, "there is no such use case"))?;
        let pir = match &asked.kind {
            Some(request::Kind::Pir(pir)) => pir,
            Some(request::Kind::Oprf(_)) => {
                return Err(Refusal::new(400, "this use case is not symmetric"));
            }
            None => return Err(Refusal::new(400, "the request is empty")),
        };
        if pir.configuration_hash != usecase.config_id {
            return Err(Refusal::new(
                410,
                "the configuration is gone: ask for the current one",
            ));
        }
        if pir.shard_id.as_ref().is_some_and(|id| !id.is_empty()) {
            return Err(Refusal::new(501, "shards have numbers, not ids"));
        }
        let shard = usecase.shards.get(pir.shard_index as usize);
        let shard = shard.ok_or_else(|| Refusal::new(400, "there is no such shard"))?;
        let key = self.key(user, usecase, pir)?;
        let query = pir.query.as_ref();
        let query = query.ok_or_else(|| Refusal::new(400, "the query is missing"))?;
        let answer = shard
            .answer(query, &key)
            .map_err(|e| Refusal::new(400, e))?;
        Ok(Response {
            kind: Some(response::Kind::Pir(answer)),
        })
    }

    /// The key of a request: with it, or kept.
    fn key(&self, user: &str, usecase: &UseCase, pir: &PirRequest) -> Result<Key, Refusal> {
        if let Some(inline) = &pir.evaluation_key {
            return usecase.key(inline);
        }
        let metadata = pir.evaluation_key_metadata.as_ref();
        let id = metadata.map_or(&usecase.key_id, |metadata| &metadata.identifier);
        if *id != usecase.key_id {
            return Err(Refusal::new(400, "this is the key of another use case"));
        }
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys.find(user, id);
        key.ok_or_else(|| Refusal::new(400, "the evaluation key is missing: send it"))
    }

    fn timestamp(&self, user: &str, key_id: &[u8]) -> u64 {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = keys.kept.get(&(user.to_owned(), key_id.to_vec()));
        kept.map_or(0, |kept| kept.timestamp)
    }
}

impl Keys {
    fn insert(&mut self, place: (String, Vec<u8>), timestamp: u64, key: Key) {
        self.uses += 1;
        let used = self.uses;
        self.kept.insert(
            place,
            Kept {
                timestamp,
                key,
                used,
            },
        );
        if self.kept.len() > KEYS_MAX {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used);
            let oldest = oldest.map(|(place, _)| place.clone());
            oldest.map(|place| self.kept.remove(&place));
        }
    }

    fn find(&mut self, user: &str, id: &[u8]) -> Option<Key> {
        self.uses += 1;
        let kept = self.kept.get_mut(&(user.to_owned(), id.to_vec()))?;
        kept.used = self.uses;
        Some(kept.key.clone())
    }
}

impl UseCase {
    /// Reads an evaluation key with the elements that are published.
    fn key(&self, message: &SerializedEvaluationKey) -> Result<Key, Refusal> {
        let key = self.shards[0].key(message, &self.key_config.galois_elements);
        key.map_err(|error| Refusal::new(400, error))
    }

    fn new(loaded: Vec<(Shard, PirParameters)>) -> Result<Self> {
        let (_, params) = loaded.first().context("there are no shards")?;
        let params = params.clone();
        let key_config = params.evaluation_key_config.clone();
        let key_config = key_config.context("the key config is missing")?;
        for (_, other) in &loaded {
            let is_same = other.encryption_parameters == params.encryption_parameters
                && other.keyword_pir_params == params.keyword_pir_params
                && other.evaluation_key_config == params.evaluation_key_config;
            ensure!(is_same, "its shards were built with different parameters");
        }
        let shards = loaded
            .into_iter()
            .map(|(shard, _)| shard)
            .collect::<Vec<_>>();
        let key_id = convert::id(&key_config);
        let config = PirConfig {
            encryption_parameters: params.encryption_parameters,
            shard_configs: shards.iter().map(Shard::config).collect(),
            keyword_pir_params: params.keyword_pir_params,
            algorithm: params.algorithm,
            batch_size: params.batch_size,
            evaluation_key_config_hash: key_id.clone(),
            pir_shard_configs: None,
            encoding_entry_size: None,
        };
        Ok(Self {
            config_id: convert::id(&config),
            config,
            key_config,
            key_id,
            shards,
        })
    }
}
