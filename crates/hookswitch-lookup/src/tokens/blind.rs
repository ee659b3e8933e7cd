//! Blind signatures: RSABSSA-SHA384-PSS-Deterministic of RFC 9474, with keys of 2,048 bits.
//!
//! # Promises
//!
//! - **D1** what is blinded with fresh chance says nothing of the message to the signer.
//! - **D2** a signature is checked before it is handed out, by signer (CRT faults) and client.
//!
//! The private operation is OpenSSL's, which is constant in time and blinds its input once more.

use anyhow::{Context, Result, ensure};
use openssl::bn::{BigNum, BigNumContext};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use sha2::{Digest, Sha256, Sha384};

/// Bytes of a modulus, and so of a blinded message and of a signature.
pub const BYTES: usize = 256;
/// Bytes of the salt of a signature, and of the digest.
pub const SALT: usize = 48;

/// `SubjectPublicKeyInfo` of RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes, up
/// to the key (RFC 9578, 8.2.2).
const SPKI_HEAD: [u8; 72] = [
    0x30, 0x82, 0x01, 0x52, 0x30, 0x3d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x0a, 0x30, 0x30, 0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
    0x02, 0x02, 0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x08, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0xa2, 0x03,
    0x02, 0x01, 0x30, 0x03, 0x82, 0x01, 0x0f, 0x00,
];

/// A public key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    rsa: Rsa<Public>,
    checking: PKey<Public>,
    spki: Vec<u8>,
}

/// A message on its way to the signer and back.
pub struct Blinded {
    /// What the signer sees.
    pub message: Vec<u8>,
    /// What takes the blinding away again.
    inverse: BigNum,
}

impl PublicKey {
    /// Reads a key as it is published.
    ///
    /// # Errors
    ///
    /// When it is no RSA key of 2,048 bits with these parameters.
    pub fn from_spki(spki: &[u8]) -> Result<Self> {
        let key = spki.strip_prefix(&SPKI_HEAD);
        let key = key.context("this is no key for tokens of type 2")?;
        let rsa = Rsa::public_key_from_der_pkcs1(key).context("this is no RSA key")?;
        ensure!(rsa.size() as usize == BYTES, "the key has not 2,048 bits");
        let canonical = rsa.public_key_to_der_pkcs1()?;
        ensure!(canonical == key, "the key is spelled in an unusual way");
        Ok(Self {
            checking: PKey::from_rsa(rsa.clone())?,
            rsa,
            spki: spki.to_vec(),
        })
    }

    /// The key as it is published.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The id of the key: the SHA-256 of what is published.
    pub fn id(&self) -> [u8; 32] {
        Sha256::digest(&self.spki).into()
    }

    /// Blinds a message with chance: a salt, and a number that has an inverse.
    ///
    /// # Errors
    ///
    /// When the number has none; take another.
    pub fn blind(&self, message: &[u8], salt: &[u8; SALT], blind: &[u8]) -> Result<Blinded> {
        let mut context = BigNumContext::new_secure()?;
        let (n, e) = (self.rsa.n(), self.rsa.e());
        let encoded = BigNum::from_slice(&pss_encode(message, salt))?;
        let mut chance = BigNum::from_slice(blind)?;
        chance.set_const_time();
        ensure!(chance.ucmp(n).is_lt(), "the blind is too large");
        let (mut inverse, mut power) = (BigNum::new()?, BigNum::new()?);
        inverse.mod_inverse(&chance, n, &mut context)?;
        power.mod_exp(&chance, e, n, &mut context)?;
        let mut blinded = BigNum::new()?;
        blinded.mod_mul(&encoded, &power, n, &mut context)?;
        Ok(Blinded {
            message: blinded.to_vec_padded(BYTES as i32)?,
            inverse,
        })
    }

    /// Takes the blinding away.
    ///
    /// # Errors
    ///
    /// When what is left is no signature of the message.
    pub fn finalize(&self, blinded: &Blinded, signed: &[u8], message: &[u8]) -> Result<Vec<u8>> {
        let mut context = BigNumContext::new_secure()?;
        let signed = BigNum::from_slice(signed)?;
        let mut signature = BigNum::new()?;
        signature.mod_mul(&signed, &blinded.inverse, self.rsa.n(), &mut context)?;
        let signature = signature.to_vec_padded(BYTES as i32)?;
        ensure!(
            self.verify(message, &signature),
            "the issuer's answer is no signature"
        );
        Ok(signature)
    }

    /// Whether this is a signature of the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let check = || {
            let mut verifier = Verifier::new(MessageDigest::sha384(), &self.checking)?;
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(MessageDigest::sha384())?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(SALT as i32))?;
            verifier.verify_oneshot(signature, message)
        };
        signature.len() == BYTES && check().unwrap_or(false)
    }
}

/// A secret key. `Debug` says nothing.
pub struct SecretKey {
    rsa: Rsa<Private>,
    public: PublicKey,
}

impl SecretKey {
    /// A new key.
    ///
    /// # Errors
    ///
    /// When the system has no chance to give.
    pub fn generate() -> Result<Self> {
        Self::new(Rsa::generate(8 * BYTES as u32)?)
    }

    /// Reads a key as PEM.
    ///
    /// # Errors
    ///
    /// When it is no RSA key of 2,048 bits.
    pub fn from_pem(pem: &[u8]) -> Result<Self> {
        let key = PKey::private_key_from_pem(pem).context("this is no private key")?;
        Self::new(key.rsa().context("this is no RSA key")?)
    }

    fn new(rsa: Rsa<Private>) -> Result<Self> {
        let public = Rsa::from_public_components(rsa.n().to_owned()?, rsa.e().to_owned()?)?;
        let mut spki = SPKI_HEAD.to_vec();
        spki.extend(public.public_key_to_der_pkcs1()?);
        let public = PublicKey::from_spki(&spki)?;
        Ok(Self { rsa, public })
    }

    /// The key as PEM (PKCS #8), to be kept where nobody else reads.
    ///
    /// # Errors
    ///
    /// When OpenSSL cannot write it.
    pub fn to_pem(&self) -> Result<Vec<u8>> {
        Ok(PKey::from_rsa(self.rsa.clone())?.private_key_to_pem_pkcs8()?)
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs what it cannot read.
    ///
    /// # Errors
    ///
    /// When the message is not smaller than the modulus.
    pub fn sign(&self, blinded: &[u8]) -> Result<Vec<u8>> {
        let mut signed = vec![0; BYTES];
        let written = self
            .rsa
            .private_encrypt(blinded, &mut signed, Padding::NONE)?;
        let mut check = vec![0; BYTES];
        self.public
            .rsa
            .public_decrypt(&signed, &mut check, Padding::NONE)?;
        ensure!(
            written == BYTES && check == blinded,
            "the signature is wrong"
        );
        Ok(signed)
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// EMSA-PSS-ENCODE of RFC 8017, 9.1.1, with SHA-384 and a modulus of 2,048 bits.
fn pss_encode(message: &[u8], salt: &[u8; SALT]) -> [u8; BYTES] {
    const MASKED: usize = BYTES - SALT - 1;
    let mut hash = Sha384::new();
    hash.update([0; 8]);
    hash.update(Sha384::digest(message));
    hash.update(salt);
    let hash = hash.finalize();
    let mut encoded = [0; BYTES];
    encoded[MASKED - SALT - 1] = 1;
    encoded[MASKED - SALT..MASKED].copy_from_slice(salt);
    for (counter, chunk) in encoded[..MASKED].chunks_mut(SALT).enumerate() {
        let mut mask = Sha384::new();
        mask.update(hash);
        mask.update((counter as u32).to_be_bytes());
        for (byte, mask) in chunk.iter_mut().zip(mask.finalize()) {
            *byte ^= mask;
        }
    }
    encoded[0] &= 0x7f;
    encoded[MASKED..BYTES - 1].copy_from_slice(&hash);
    encoded[BYTES - 1] = 0xbc;
    encoded
}
