//! A shard in memory, whatever the size of its words.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use hookswitch_lookup_pir::file::Reader;
use hookswitch_lookup_pir::server::Server;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::keys::EvaluationKey;
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::error::Error;
use hookswitch_lookup_wire::messages::he::SerializedEvaluationKey;
use hookswitch_lookup_wire::messages::lookup::{PirResponse, PirShardConfig};
use hookswitch_lookup_wire::messages::pir::{EncryptedIndices, PirParameters};
use hookswitch_lookup_wire::{Message, convert};

/// A shard with words of 32 or 64 bits.
pub enum Shard {
    /// 32 bits.
    Narrow(Server<u32>),
    /// 64 bits.
    Broad(Server<u64>),
}

/// An evaluation key with words of 32 or 64 bits.
#[derive(Clone)]
pub enum Key {
    /// 32 bits.
    Narrow(Arc<EvaluationKey<u32>>),
    /// 64 bits.
    Broad(Arc<EvaluationKey<u64>>),
}

impl Shard {
    /// Loads a shard and what was said about it when it was built.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or is none.
    pub fn load(folder: &Path, stem: &str, number: u32) -> Result<(Self, PirParameters)> {
        let path = folder.join(format!("{stem}-{number}.params.binpb"));
        let say = || format!("reading {}", path.display());
        let params = PirParameters::decode(&fs::read(&path).with_context(say)?[..]);
        let params = params.with_context(say)?;
        let path = folder.join(format!("{stem}-{number}.bin"));
        let say = || format!("reading {}", path.display());
        let bytes = fs::read(&path).with_context(say)?;
        let parameters = params.encryption_parameters.as_ref().with_context(say)?;
        let shard = match convert::parameters(parameters)?.is_narrow() {
            true => Self::Narrow(server(&params, &bytes).with_context(say)?),
            false => Self::Broad(server(&params, &bytes).with_context(say)?),
        };
        Ok((shard, params))
    }

    /// What is published of the shard.
    pub fn config(&self) -> PirShardConfig {
        match self {
            Self::Narrow(server) => convert::shard_config(server.shape()),
            Self::Broad(server) => convert::shard_config(server.shape()),
        }
    }

    /// Reads an evaluation key, which must have these Galois elements; others are not kept.
    ///
    /// # Errors
    ///
    /// When it is none or has too few.
    pub fn key(&self, message: &SerializedEvaluationKey, elements: &[u32]) -> Result<Key, Error> {
        Ok(match self {
            Self::Narrow(server) => Key::Narrow(Arc::new(convert::evaluation_key(
                server.context(),
                message,
                elements,
            )?)),
            Self::Broad(server) => Key::Broad(Arc::new(convert::evaluation_key(
                server.context(),
                message,
                elements,
            )?)),
        })
    }

    /// Answers a query.
    ///
    /// # Errors
    ///
    /// When the query or the key does not belong here.
    pub fn answer(&self, query: &EncryptedIndices, key: &Key) -> Result<PirResponse, Error> {
        match (self, key) {
            (Self::Narrow(server), Key::Narrow(key)) => answer(server, query, key),
            (Self::Broad(server), Key::Broad(key)) => answer(server, query, key),
            (Self::Narrow(_), Key::Broad(_)) | (Self::Broad(_), Key::Narrow(_)) => {
                Err(Error::Unsupported("evaluation_key"))
            }
        }
    }
}

fn server<W: Word>(params: &PirParameters, bytes: &[u8]) -> Result<Server<W>> {
    let parameters = params.encryption_parameters.as_ref();
    let parameters = convert::parameters(parameters.context("there are no parameters")?)?;
    let shape = convert::shape(&parameters, params)?;
    let context = Arc::new(Context::<W>::new(parameters, Kernels::detect())?);
    let plaintexts = Reader::new(&context, &shape, bytes)?;
    Ok(Server::new(context.clone(), shape.clone(), plaintexts)?)
}

fn answer<W: Word>(
    server: &Server<W>,
    query: &EncryptedIndices,
    key: &EvaluationKey<W>,
) -> Result<PirResponse, Error> {
    let query = convert::query(server.context(), query)?;
    let answer = server.answer(query, key)?;
    Ok(convert::answer_message(server.context(), &answer))
}
