//! The client: asks a service for a number without telling it which.
//!
//! First whether to block, then who it is. The secret key is made for the run and forgotten with
//! it.

use anyhow::{Context as _, Result, bail};
use hookswitch_lookup_pir::{client, keyword};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::parameters::Parameters;
use hookswitch_lookup_ring::secret::SecretKey;
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::identity::CallIdentity;
use hookswitch_lookup_wire::messages::api::{
    ConfigRequest, ConfigResponse, EvaluationKey, EvaluationKeyMetadata, EvaluationKeys, Request,
    Requests, Responses, request, response,
};
use hookswitch_lookup_wire::messages::lookup::{PirConfig, PirRequest};
use hookswitch_lookup_wire::{Message, convert};

use crate::chance::SystemChance;
use crate::post::Peer;

/// What a service says about a number. `Debug` does not show the name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// Whether to block it; `None` when the service does not know it.
    pub block: Option<bool>,
    /// Who it belongs to.
    pub identity: Option<CallIdentity>,
}

/// Asks for a number with its plus sign, in the use cases of an app extension.
///
/// # Errors
///
/// When the service cannot be reached or does not keep the protocol.
pub fn ask(peer: &Peer, bundle: &str, number: &str) -> Result<Answer> {
    let block = value(peer, &format!("{bundle}.block"), number)?;
    let identity = value(peer, &format!("{bundle}.identity"), number)?;
    let identity = identity.map(|bytes| CallIdentity::decode(&bytes[..]));
    Ok(Answer {
        block: block.map(|bytes| bytes == [1]),
        identity: identity.transpose().context("the identity is none")?,
    })
}

/// The value of a number in one use case.
fn value(peer: &Peer, usecase: &str, number: &str) -> Result<Option<Vec<u8>>> {
    let asked = ConfigRequest {
        usecases: vec![usecase.to_owned()],
        existing_config_ids: Vec::new(),
    };
    let answer = peer.post("/config", &asked.encode_to_vec())?;
    let answer = ConfigResponse::decode(&answer[..]).context("/config")?;
    let entry = answer.configs.iter().find(|entry| entry.usecase == usecase);
    let config = entry.and_then(|entry| entry.config.as_ref());
    let config = config.context("the configuration is missing")?;
    let pir = config
        .pir_config
        .as_ref()
        .context("the configuration is empty")?;
    let status = answer
        .key_info
        .first()
        .context("the key config is missing")?;
    let key_config = status
        .key_config
        .as_ref()
        .context("the key config is empty")?;
    if convert::id(key_config) != pir.evaluation_key_config_hash {
        bail!("the key config is not that of the use case");
    }
    let parameters = pir.encryption_parameters.as_ref();
    let parameters = convert::parameters(parameters.context("there are no parameters")?)?;
    let question = Question {
        peer,
        usecase,
        number,
        pir,
        elements: &key_config.galois_elements,
        config_id: &config.config_id,
    };
    match parameters.is_narrow() {
        true => question.put::<u32>(parameters),
        false => question.put::<u64>(parameters),
    }
}

struct Question<'a> {
    peer: &'a Peer,
    usecase: &'a str,
    number: &'a str,
    pir: &'a PirConfig,
    elements: &'a [u32],
    config_id: &'a [u8],
}

impl Question<'_> {
    fn put<W: Word>(&self, parameters: Parameters) -> Result<Option<Vec<u8>>> {
        let context = Context::<W>::new(parameters, Kernels::detect())?;
        let mut chance = SystemChance;
        let secret = SecretKey::generate(&context, &mut chance);
        let key = secret.evaluation_key(&context, self.elements, &mut chance)?;
        let metadata = EvaluationKeyMetadata {
            timestamp: 1,
            identifier: self.pir.evaluation_key_config_hash.clone(),
        };
        let keys = EvaluationKeys {
            keys: vec![EvaluationKey {
                metadata: Some(metadata.clone()),
                evaluation_key: Some(convert::evaluation_key_message(&context, &key)),
            }],
        };
        self.peer.post("/key", &keys.encode_to_vec())?;

        let keywords = self.pir.keyword_pir_params.as_ref();
        let sharding = convert::sharding(keywords.context("there are no keywords")?)?;
        let hash = keyword::hash(self.number.as_bytes());
        let shards = &self.pir.shard_configs;
        let shard = sharding.shard(hash, shards.len() as u32);
        let published = shards.get(shard as usize).context("there are no shards")?;
        let tables = self.pir.batch_size;
        let shape = convert::published_shape(context.parameters(), published, tables)?;
        let query = client::query(&context, &shape, &secret, hash, &mut chance)?;
        let request = Request {
            usecase: self.usecase.to_owned(),
            kind: Some(request::Kind::Pir(Box::new(PirRequest {
                shard_index: shard,
                query: Some(convert::query_message(&context, &shape, &query)),
                evaluation_key_metadata: Some(metadata),
                configuration_hash: self.config_id.to_vec(),
                shard_id: None,
                evaluation_key: None,
            }))),
        };
        let requests = Requests {
            requests: vec![request],
        };
        let answer = self.peer.post("/queries", &requests.encode_to_vec())?;
        let answer = Responses::decode(&answer[..]).context("/queries")?;
        let answer = answer.responses.into_iter().next().and_then(|one| one.kind);
        let Some(response::Kind::Pir(answer)) = answer else {
            bail!("the answer is not of the kind that was asked for");
        };
        let answer = convert::answer(&context, &answer)?;
        Ok(client::value(&context, &shape, &secret, hash, &answer)?)
    }
}
