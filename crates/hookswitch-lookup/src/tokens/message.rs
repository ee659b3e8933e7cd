//! The messages of Privacy Pass: challenge, request, token (RFC 9577 and 9578).

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};

use super::blind::BYTES;

/// The type of tokens that anybody can check: blind RSA of 2,048 bits.
pub const TYPE: u16 = 2;
/// Bytes of a token without its signature: what is signed.
const INPUT: usize = 2 + 32 + 32 + 32;
/// Bytes of a token.
pub const TOKEN: usize = INPUT + BYTES;
/// Bytes of a request for a token.
pub const REQUEST: usize = 2 + 1 + BYTES;

/// Base64 for URLs, written with padding, read with or without.
pub const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a token is for: an issuer, no redemption context, no origin.
pub fn challenge(issuer: &str) -> Vec<u8> {
    let mut bytes = TYPE.to_be_bytes().to_vec();
    bytes.extend((issuer.len() as u16).to_be_bytes());
    bytes.extend(issuer.as_bytes());
    bytes.extend([0, 0, 0]);
    bytes
}

/// The part of a token that is signed.
pub fn input(nonce: &[u8; 32], challenge: &[u8], key_id: &[u8; 32]) -> Vec<u8> {
    let mut bytes = TYPE.to_be_bytes().to_vec();
    bytes.extend(nonce);
    bytes.extend(Sha256::digest(challenge));
    bytes.extend(key_id);
    bytes
}

/// A token. `Debug` says nothing: it is worth a question.
#[derive(Clone, Eq, PartialEq)]
pub struct Token {
    bytes: Vec<u8>,
}

impl Token {
    /// A token of its signed part and the signature.
    pub fn new(mut input: Vec<u8>, signature: &[u8]) -> Self {
        input.extend(signature);
        Self { bytes: input }
    }

    /// Reads a token.
    ///
    /// # Errors
    ///
    /// When it has another length or type.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        ensure!(bytes.len() == TOKEN, "a token has {TOKEN} bytes");
        ensure!(
            bytes[..2] == TYPE.to_be_bytes(),
            "this type of token is not taken"
        );
        Ok(Self { bytes })
    }

    /// Reads the token of a header `Authorization`.
    ///
    /// # Errors
    ///
    /// When it has none.
    pub fn from_header(header: &str) -> Result<Self> {
        let (scheme, rest) = header.split_once(' ').context("there is no token")?;
        ensure!(
            scheme.eq_ignore_ascii_case("PrivateToken"),
            "there is no token"
        );
        let mut parts = rest.split(',').map(str::trim);
        let token = parts.find_map(|part| part.strip_prefix("token="));
        let token = token.context("there is no token")?.trim_matches('"');
        ensure!(token.len() < 2 * TOKEN, "the token is too long");
        Self::from_bytes(BASE64.decode(token).context("the token is no base64")?)
    }

    /// The token as a header `Authorization`.
    pub fn to_header(&self) -> String {
        format!("PrivateToken token={}", BASE64.encode(&self.bytes))
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The client's number, which is used once.
    pub fn nonce(&self) -> &[u8] {
        &self.bytes[2..34]
    }

    /// The SHA-256 of the challenge.
    pub fn challenge_digest(&self) -> &[u8] {
        &self.bytes[34..66]
    }

    /// The id of the key that signed it.
    pub fn key_id(&self) -> [u8; 32] {
        let mut id = [0; 32];
        id.copy_from_slice(&self.bytes[66..INPUT]);
        id
    }

    /// The part that is signed.
    pub fn input(&self) -> &[u8] {
        &self.bytes[..INPUT]
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        &self.bytes[INPUT..]
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The request for a token: type, last byte of the key id, blinded message.
pub fn request(key_id: &[u8; 32], blinded: &[u8]) -> Vec<u8> {
    let mut bytes = TYPE.to_be_bytes().to_vec();
    bytes.push(key_id[31]);
    bytes.extend(blinded);
    bytes
}
