//! Provider tokens: reading the operator's keys, checking signatures, making a token.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hookswitch_push_core::apns::reason::Reason;
use hookswitch_push_core::apns::sender::{Claims, Key};
use hookswitch_push_core::time::Utc;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde::Deserialize;

use crate::config::KeyFile;

/// The longest token that is looked at, in bytes.
const TOKEN_MAX: usize = 2_048;
/// What stands before the point of every P-256 key in DER (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// All keys of senders.
#[derive(Clone, Debug)]
pub struct Keys(Vec<(Key, Vec<u8>)>);

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Body {
    iss: String,
    iat: u64,
}

impl Keys {
    /// Reads the files of all keys.
    ///
    /// # Errors
    ///
    /// When one cannot be read or is no P-256 key.
    pub fn read(files: &[KeyFile]) -> Result<Self> {
        let mut keys = Vec::new();
        for file in files {
            let name = file.file.display();
            let point = point(&file.file).with_context(|| format!("key {name}"))?;
            let key = Key {
                id: file.id.clone(),
                team: file.team.clone(),
                environment: file.environment.map(crate::config::World::environment),
                apps: file.apps.clone(),
            };
            keys.push((key, point));
        }
        Ok(Self(keys))
    }

    /// The key and the claims of a token with a good signature.
    ///
    /// # Errors
    ///
    /// `InvalidProviderToken`.
    pub fn verify(&self, token: &str) -> Result<(&Key, Claims), Reason> {
        self.open(token).ok_or(Reason::InvalidProviderToken)
    }

    fn open(&self, token: &str) -> Option<(&Key, Claims)> {
        let (signed, signature) = token
            .rsplit_once('.')
            .filter(|_| token.len() <= TOKEN_MAX)?;
        let (header, body) = signed.split_once('.')?;
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        let (key, point) = self.0.iter().find(|(key, _)| key.id == header.kid)?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        let good = public.verify(signed.as_bytes(), &decode(signature)?);
        good.ok().filter(|()| header.alg == "ES256")?;
        let body: Body = serde_json::from_slice(&decode(body)?).ok()?;
        let claims = Claims {
            team: body.iss,
            issued: Utc(body.iat.saturating_mul(1_000)),
        };
        Some((key, claims))
    }
}

/// Makes a provider token with a `.p8` file, for trying out.
///
/// # Errors
///
/// When the file is no P-256 key.
pub fn sign(file: &Path, id: &str, team: &str, issued: Utc) -> Result<String> {
    let header = serde_json::json!({ "alg": "ES256", "kid": id });
    let body = serde_json::json!({ "iss": team, "iat": issued.0 / 1_000 });
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!(
        "{}.{}",
        encode(header.to_string().as_bytes()),
        encode(body.to_string().as_bytes())
    );
    let pair = pair(file)?;
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes());
    let Ok(signature) = signature else {
        bail!("this key cannot sign");
    };
    Ok(format!("{signed}.{}", encode(signature.as_ref())))
}

/// The public point of a file with a public key, or with a `.p8` key.
fn point(file: &Path) -> Result<Vec<u8>> {
    if let Ok(public) = SubjectPublicKeyInfoDer::from_pem_file(file) {
        let point = public.strip_prefix(P256.as_slice());
        let point = point.filter(|point| point.len() == 65);
        return point.map(<[u8]>::to_vec).context("this is no P-256 key");
    }
    Ok(pair(file)?.public_key().as_ref().to_vec())
}

fn pair(file: &Path) -> Result<EcdsaKeyPair> {
    let private = PrivatePkcs8KeyDer::from_pem_file(file);
    let Ok(private) = private else {
        bail!("there is no PEM with a public key or a PKCS#8 key");
    };
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let bytes = private.secret_pkcs8_der();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, bytes, &SystemRandom::new());
    ensure!(pair.is_ok(), "this is no P-256 key");
    pair.ok().context("this is no P-256 key")
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_its_key_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.p8");
        let pair = rcgen::KeyPair::generate().unwrap();
        std::fs::write(&file, pair.serialize_pem()).unwrap();
        let public = folder.path().join("public.pem");
        std::fs::write(&public, pair.public_key_pem()).unwrap();
        let key = |file: &Path| KeyFile {
            id: "K1".to_owned(),
            team: "T1".to_owned(),
            file: file.to_owned(),
            environment: None,
            apps: None,
        };
        let token = sign(&file, "K1", "T1", Utc(1_000_000)).unwrap();
        for file in [&file, &public] {
            let keys = Keys::read(&[key(file)]).unwrap();
            let (found, claims) = keys.verify(&token).unwrap();
            assert_eq!((found.id.as_str(), claims.team.as_str()), ("K1", "T1"));
            assert_eq!(claims.issued, Utc(1_000_000));
            let (head, tail) = token.split_at(token.len() - 4);
            let other = sign(&folder.path().join("key.p8"), "K2", "T1", Utc(0)).unwrap();
            for bad in [head, "", "a.b.c", &format!("{head}AAAA"), &other, tail] {
                let refused = keys.verify(bad).map(|_| ());
                assert_eq!(refused, Err(Reason::InvalidProviderToken), "{bad}");
            }
        }
    }
}
