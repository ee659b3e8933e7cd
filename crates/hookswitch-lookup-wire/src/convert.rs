//! Messages to values and back.

use std::collections::BTreeMap;

use hookswitch_lookup_pir::keyword::Sharding;
use hookswitch_lookup_pir::server::{Answer, Query};
use hookswitch_lookup_pir::shape::Shape;
use hookswitch_lookup_ring::bytes::{CiphertextBytes, read_polys, write_polys};
use hookswitch_lookup_ring::ciphertext::{Ciphertext, Seeded};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::error::Error as RingError;
use hookswitch_lookup_ring::galois;
use hookswitch_lookup_ring::keys::{
    EvaluationKey, KeySwitchKey, SeededEvaluationKey, SeededKeySwitchKey,
};
use hookswitch_lookup_ring::parameters::{Parameters, Security};
use hookswitch_lookup_ring::poly::Coefficients;
use hookswitch_lookup_ring::secret::SecretKey;
use hookswitch_lookup_ring::word::Word;
use prost::Message;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::messages::he::serialized_ciphertext::Kind;
use crate::messages::he::{
    EncryptionParameters, ErrorStdDev, EvaluationKeyConfig, GaloisKeyEntry, HeScheme,
    SecurityLevel, SerializedCiphertext, SerializedCiphertextVec, SerializedEvaluationKey,
    SerializedFullCiphertext, SerializedGaloisKey, SerializedKeySwitchKey, SerializedRelinKey,
    SerializedSecretKey, SerializedSeededCiphertext,
};
use crate::messages::lookup::{PirResponse, PirShardConfig};
use crate::messages::pir::sharding_function::Kind as ShardingKind;
use crate::messages::pir::{
    EncryptedIndices, KeywordPirParameters, PirAlgorithm, PirParameters, ShardingDoubleMod,
    ShardingFunction, ShardingSha256,
};

/// The id of a message: the SHA-256 of its bytes.
pub fn id(message: &impl Message) -> Vec<u8> {
    Sha256::digest(message.encode_to_vec()).to_vec()
}

/// Checked parameters of a message.
///
/// # Errors
///
/// When they break a rule, or name another scheme.
pub fn parameters(message: &EncryptionParameters) -> Result<Parameters, Error> {
    if message.he_scheme() != HeScheme::Bfv {
        return Err(Error::Unsupported("he_scheme"));
    }
    if message.error_std_dev() != ErrorStdDev::StdDev32 {
        return Err(Error::Unsupported("error_std_dev"));
    }
    let security = match message.security_level() {
        SecurityLevel::Quantum128 => Security::Quantum128,
        SecurityLevel::Unspecified => return Err(Error::Unsupported("security_level")),
    };
    let degree = usize::try_from(message.polynomial_degree).map_err(|_| RingError::Degree)?;
    let (t, moduli) = (message.plaintext_modulus, &message.coefficient_moduli);
    Ok(Parameters::new(degree, t, moduli, security)?)
}

/// The message of parameters.
pub fn parameters_message(parameters: &Parameters) -> EncryptionParameters {
    let security = match parameters.security() {
        Security::Quantum128 => SecurityLevel::Quantum128,
        Security::Unchecked => SecurityLevel::Unspecified,
    };
    EncryptionParameters {
        polynomial_degree: parameters.degree() as u64,
        plaintext_modulus: parameters.plaintext_modulus(),
        coefficient_moduli: parameters.coefficient_moduli().to_vec(),
        error_std_dev: ErrorStdDev::StdDev32.into(),
        security_level: security.into(),
        he_scheme: HeScheme::Bfv.into(),
    }
}

fn shape_of(
    parameters: &Parameters,
    entries: u64,
    entry_size: u64,
    dimensions: &[u64],
    tables: u64,
) -> Result<Shape, Error> {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let dimensions = dimensions.iter().map(|d| size(*d)).collect::<Vec<_>>();
    let (entries, entry_size, tables) = (size(entries), size(entry_size), size(tables));
    Ok(Shape::new(
        parameters,
        entries,
        entry_size,
        &dimensions,
        tables,
    )?)
}

/// The shape that the parameter file of a shard describes.
///
/// # Errors
///
/// When it breaks a rule or names another algorithm.
pub fn shape(parameters: &Parameters, message: &PirParameters) -> Result<Shape, Error> {
    if message.algorithm() != PirAlgorithm::MulPir {
        return Err(Error::Unsupported("algorithm"));
    }
    if message.encoding_entry_size {
        return Err(Error::Unsupported("encoding_entry_size"));
    }
    let (entries, size) = (message.num_entries, message.entry_size);
    shape_of(
        parameters,
        entries,
        size,
        &message.dimensions,
        message.batch_size,
    )
}

/// The shape that a published configuration gives a shard.
///
/// # Errors
///
/// When it breaks a rule.
pub fn published_shape(
    parameters: &Parameters,
    shard: &PirShardConfig,
    tables: u64,
) -> Result<Shape, Error> {
    let (entries, size) = (shard.num_entries, shard.entry_size);
    shape_of(parameters, entries, size, &shard.dimensions, tables)
}

/// What is published of a shape. The empty shard id is there, as Apple's service writes it.
pub fn shard_config(shape: &Shape) -> PirShardConfig {
    PirShardConfig {
        num_entries: shape.entries() as u64,
        entry_size: shape.entry_size() as u64,
        dimensions: shape.dimensions().iter().map(|d| *d as u64).collect(),
        shard_id: Some(String::new()),
    }
}

/// The parameter file of a shard.
pub fn shard_parameters(
    parameters: &Parameters,
    shape: &Shape,
    sharding: Sharding,
    elements: &[u32],
) -> PirParameters {
    PirParameters {
        encryption_parameters: Some(parameters_message(parameters)),
        num_entries: shape.entries() as u64,
        entry_size: shape.entry_size() as u64,
        dimensions: shape.dimensions().iter().map(|d| *d as u64).collect(),
        keyword_pir_params: Some(keyword_parameters(shape, sharding)),
        algorithm: PirAlgorithm::MulPir.into(),
        batch_size: shape.tables() as u64,
        evaluation_key_config: Some(key_config(parameters, elements)),
        key_compression_strategy: 0,
        encoding_entry_size: false,
    }
}

/// What a client must know about keywords.
pub fn keyword_parameters(shape: &Shape, sharding: Sharding) -> KeywordPirParameters {
    let kind = match sharding {
        Sharding::Sha256 => ShardingKind::Sha256(ShardingSha256 {}),
        Sharding::DoubleMod { other } => ShardingKind::DoubleMod(ShardingDoubleMod {
            other_shard_count: other,
        }),
    };
    KeywordPirParameters {
        num_hash_functions: shape.tables() as u64,
        symmetric_pir_client_config: None,
        sharding_function: Some(ShardingFunction { kind: Some(kind) }),
    }
}

/// The sharding function of a message.
///
/// # Errors
///
/// When none is said.
pub fn sharding(message: &KeywordPirParameters) -> Result<Sharding, Error> {
    let function = message.sharding_function.as_ref();
    match function.and_then(|function| function.kind) {
        Some(ShardingKind::Sha256(_)) => Ok(Sharding::Sha256),
        Some(ShardingKind::DoubleMod(double)) => Ok(Sharding::DoubleMod {
            other: double.other_shard_count,
        }),
        None => Err(Error::Missing("sharding_function")),
    }
}

/// What evaluation key a client must send; the elements in ascending order.
pub fn key_config(parameters: &Parameters, elements: &[u32]) -> EvaluationKeyConfig {
    EvaluationKeyConfig {
        encryption_parameters: Some(parameters_message(parameters)),
        galois_elements: elements.to_vec(),
        has_relin_key: true,
    }
}

/// A ciphertext of a message, in either form.
///
/// # Errors
///
/// When it has none.
pub fn ciphertext(message: &SerializedCiphertext) -> Result<CiphertextBytes, Error> {
    let kind = message.kind.as_ref().ok_or(Error::Missing("ciphertext"))?;
    Ok(match kind {
        Kind::Seeded(seeded) => CiphertextBytes::Seeded {
            first: seeded.poly0.clone(),
            seed: seeded.seed.clone(),
        },
        Kind::Full(full) => CiphertextBytes::Full {
            polys: full.polys.clone(),
            dropped: full.skip_lsbs.clone(),
            correction: full.correction_factor,
        },
    })
}

/// The message of a ciphertext.
pub fn ciphertext_message(ciphertext: CiphertextBytes) -> SerializedCiphertext {
    let kind = match ciphertext {
        CiphertextBytes::Seeded { first, seed } => {
            Kind::Seeded(SerializedSeededCiphertext { poly0: first, seed })
        }
        CiphertextBytes::Full {
            polys,
            dropped,
            correction,
        } => Kind::Full(SerializedFullCiphertext {
            polys,
            skip_lsbs: dropped,
            correction_factor: correction,
        }),
    };
    SerializedCiphertext { kind: Some(kind) }
}

/// A query of a message.
///
/// # Errors
///
/// When a ciphertext is none, or there are more than eight.
pub fn query<W: Word>(context: &Context<W>, message: &EncryptedIndices) -> Result<Query<W>, Error> {
    const CIPHERTEXTS_MAX: usize = 8;
    if message.ciphertexts.len() > CIPHERTEXTS_MAX {
        return Err(Error::Unsupported("ciphertexts"));
    }
    let read = |message: &SerializedCiphertext| {
        let bytes = ciphertext(message)?;
        Ok(Ciphertext::from_bytes(context, &bytes, context.level())?)
    };
    let ciphertexts = message.ciphertexts.iter().map(read);
    Ok(Query {
        ciphertexts: ciphertexts.collect::<Result<_, Error>>()?,
        tables: usize::try_from(message.num_pir_calls).unwrap_or(usize::MAX),
    })
}

/// The message of a query.
pub fn query_message<W: Word>(
    context: &Context<W>,
    shape: &Shape,
    ciphertexts: &[Seeded<W, Coefficients>],
) -> EncryptedIndices {
    let messages = ciphertexts
        .iter()
        .map(|c| ciphertext_message(c.to_bytes(context)));
    EncryptedIndices {
        ciphertexts: messages.collect(),
        num_pir_calls: shape.tables() as u64,
    }
}

/// The message of an answer.
pub fn answer_message<W: Word>(context: &Context<W>, answer: &Answer<W>) -> PirResponse {
    let reply = |reply: &Vec<Ciphertext<W, Coefficients>>| {
        let messages = reply
            .iter()
            .map(|c| ciphertext_message(c.to_answer_bytes(context)));
        SerializedCiphertextVec {
            ciphertexts: messages.collect(),
        }
    };
    PirResponse {
        replies: answer.iter().map(reply).collect(),
        stash: None,
    }
}

/// The answer of a message.
///
/// # Errors
///
/// When a ciphertext is none.
pub fn answer<W: Word>(context: &Context<W>, message: &PirResponse) -> Result<Answer<W>, Error> {
    let read = |message: &SerializedCiphertext| {
        Ok(Ciphertext::from_bytes(context, &ciphertext(message)?, 1)?)
    };
    let replies = message.replies.iter();
    replies
        .map(|reply| reply.ciphertexts.iter().map(read).collect())
        .collect()
}

/// A whole evaluation key of a message: seeds stretched, ready to compute with. It must have these
/// Galois elements; others are not kept, so a stranger decides neither the memory of a key nor how
/// often a smaller element has to stand in for a larger one.
///
/// # Errors
///
/// When an element is missing, or a row is none.
pub fn evaluation_key<W: Word>(
    context: &Context<W>,
    message: &SerializedEvaluationKey,
    elements: &[u32],
) -> Result<EvaluationKey<W>, Error> {
    let key = |message: Option<&SerializedKeySwitchKey>| {
        let rows = message.and_then(|key| key.key_switch_key.as_ref());
        let rows = rows.ok_or(Error::Missing("key_switch_key"))?;
        if rows.ciphertexts.len() != context.level() {
            return Err(Error::from(RingError::KeyRows));
        }
        let read = |row: &SerializedCiphertext| {
            Ok(Ciphertext::from_key_bytes(context, &ciphertext(row)?)?)
        };
        let rows = rows.ciphertexts.iter().map(read);
        Ok(KeySwitchKey::new(rows.collect::<Result<_, Error>>()?))
    };
    let mut keys = BTreeMap::new();
    let entries = message.galois_key.as_ref();
    for entry in entries
        .into_iter()
        .flat_map(|galois| &galois.key_switch_keys)
    {
        let element = u32::try_from(entry.element).map_err(|_| RingError::GaloisElement)?;
        galois::check(element, context.degree())?;
        if elements.contains(&element) && !keys.contains_key(&element) {
            keys.insert(element, key(entry.key.as_ref())?);
        }
    }
    if elements.iter().any(|element| !keys.contains_key(element)) {
        return Err(Error::from(RingError::MissingGaloisKey));
    }
    let relinearization = message.relin_key.as_ref();
    let relinearization = relinearization.map(|relin| key(relin.relin_key.as_ref()));
    Ok(EvaluationKey::new(keys, relinearization.transpose()?))
}

/// The message of an evaluation key.
pub fn evaluation_key_message<W: Word>(
    context: &Context<W>,
    key: &SeededEvaluationKey<W>,
) -> SerializedEvaluationKey {
    let rows = |rows: &SeededKeySwitchKey<W>| SerializedKeySwitchKey {
        key_switch_key: Some(SerializedCiphertextVec {
            ciphertexts: rows
                .iter()
                .map(|row| ciphertext_message(row.to_bytes(context)))
                .collect(),
        }),
    };
    let entries = key.galois.iter().map(|(element, key)| GaloisKeyEntry {
        element: u64::from(*element),
        key: Some(rows(key)),
    });
    SerializedEvaluationKey {
        galois_key: Some(SerializedGaloisKey {
            key_switch_keys: entries.collect(),
        }),
        relin_key: key.relinearization.as_ref().map(|key| SerializedRelinKey {
            relin_key: Some(rows(key)),
        }),
    }
}

/// The secret key of a message.
///
/// # Errors
///
/// When it is none.
pub fn secret_key<W: Word>(
    context: &Context<W>,
    message: &SerializedSecretKey,
) -> Result<SecretKey<W>, Error> {
    let moduli = context.basis().len();
    let mut polys = read_polys(context, &message.polys, moduli, &[])?;
    match polys.len() {
        1 => Ok(SecretKey::from_values(polys.remove(0))),
        _ => Err(Error::from(RingError::PolyCount)),
    }
}

/// The message of a secret key, to be kept where nobody else reads.
pub fn secret_key_message<W: Word>(
    context: &Context<W>,
    secret: &SecretKey<W>,
) -> SerializedSecretKey {
    SerializedSecretKey {
        polys: write_polys(context, std::slice::from_ref(secret.expose()), &[0]),
    }
}
