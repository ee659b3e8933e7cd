//! The client: asks a service for a number without telling it which.
//!
//! First whether to block, then who it is. The secret key is made for the run and forgotten with
//! it; one serves both use cases where the service publishes one key config for both.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::identity::CallIdentity;
use hookswitch_lookup_wire::messages::api::{
    Config, ConfigRequest, ConfigResponse, KeyStatus, Requests, Responses,
};
use hookswitch_lookup_wire::messages::he::EvaluationKeyConfig;
use hookswitch_lookup_wire::{Message, convert};

use crate::post::Peer;
use crate::question::{self, Asker};
use crate::rows;

/// What a service says about a number. `Debug` does not show the name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// Whether to block it; `None` when the service does not know it.
    pub block: Option<bool>,
    /// Who it belongs to.
    pub identity: Option<CallIdentity>,
}

/// A use case as the service published it.
struct Published {
    name: String,
    config: Config,
    key_config: EvaluationKeyConfig,
}

/// Asks for a number with its plus sign, in the use cases of an app extension.
///
/// # Errors
///
/// When this is no number, the service cannot be reached or does not keep the protocol.
pub fn ask(peer: &Peer, bundle: &str, number: &str) -> Result<Answer> {
    ensure!(
        rows::is_number(number),
        "this is no number: write a plus sign and up to 15 digits, without spaces"
    );
    let block = published(peer, &format!("{bundle}.block"))?;
    let identity = published(peer, &format!("{bundle}.identity"))?;
    let mut found = if block.key_config == identity.key_config {
        values(peer, &[block, identity], number)?
    } else {
        let mut found = values(peer, &[block], number)?;
        found.extend(values(peer, &[identity], number)?);
        found
    }
    .into_iter();
    let (block, identity) = (found.next().flatten(), found.next().flatten());
    let identity = identity.map(|bytes| CallIdentity::decode(&bytes[..]));
    Ok(Answer {
        block: block.map(|bytes| bytes == [1]),
        identity: identity.transpose().context("the identity is none")?,
    })
}

/// What the service publishes of a use case.
fn published(peer: &Peer, usecase: &str) -> Result<Published> {
    let asked = ConfigRequest {
        usecases: vec![usecase.to_owned()],
        existing_config_ids: Vec::new(),
    };
    let answer = peer.post("/config", &asked.encode_to_vec())?;
    let answer = ConfigResponse::decode(&answer[..]).context("/config")?;
    let mut entries = answer.configs.into_iter();
    let entry = entries.find(|entry| entry.usecase == usecase);
    let config = entry.and_then(|entry| entry.config);
    let config = config.context("the configuration is missing")?;
    let pir = config.pir_config.as_ref();
    let wanted = &pir
        .context("the configuration is empty")?
        .evaluation_key_config_hash;
    let of_it = |status: &KeyStatus| {
        let config = status.key_config.as_ref();
        config.is_some_and(|config| convert::id(config) == *wanted)
    };
    let status = answer.key_info.into_iter().find(of_it);
    let key_config = status.and_then(|status| status.key_config);
    let key_config = key_config.context("the key config of the use case is missing")?;
    Ok(Published {
        name: usecase.to_owned(),
        config,
        key_config,
    })
}

/// The values of a number in use cases with one key config.
fn values(peer: &Peer, usecases: &[Published], number: &str) -> Result<Vec<Option<Vec<u8>>>> {
    let Some(first) = usecases.first() else {
        return Ok(Vec::new());
    };
    match question::parameters(&first.key_config)?.is_narrow() {
        true => values_of::<u32>(peer, &first.key_config, usecases, number),
        false => values_of::<u64>(peer, &first.key_config, usecases, number),
    }
}

fn values_of<W: Word>(
    peer: &Peer,
    key_config: &EvaluationKeyConfig,
    usecases: &[Published],
    number: &str,
) -> Result<Vec<Option<Vec<u8>>>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let asker = Asker::<W>::new(key_config, now.map_or(1, |now| now.as_secs()))?;
    peer.post("/key", &asker.keys()?.encode_to_vec())?;
    let value = |usecase: &Published| {
        let put = asker.put(&usecase.name, &usecase.config, number)?;
        let requests = Requests {
            requests: vec![put.request.clone()],
        };
        let answer = peer.post("/queries", &requests.encode_to_vec())?;
        let answer = Responses::decode(&answer[..]).context("/queries")?;
        let answer = answer.responses.first().context("there is no answer")?;
        asker.read(&put, answer)
    };
    usecases.iter().map(value).collect()
}
