//! Whatever bytes a stranger sends, the service answers or refuses; it never panics.
//!
//! Each round takes messages that keep the protocol, spoils them in a way that is drawn from a
//! seed, and sends them through the decoder and the service as a request would go. The seeds of CI
//! are fixed, and a round that fails says its seed. To look further:
//! `HOOKSWITCH_FUZZ_ROUNDS=100000 cargo nextest run -p hookswitch-lookup --test fuzz`.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};

use hookswitch_lookup::refusal::Refusal;
use hookswitch_lookup::service::Service;
use hookswitch_lookup_ring::drbg::Drbg;
use hookswitch_lookup_wire::Message;
use hookswitch_lookup_wire::messages::api::{ConfigRequest, EvaluationKeys, Requests};
use hookswitch_lookup_wire::messages::he::serialized_ciphertext::Kind;
use hookswitch_lookup_wire::messages::he::{
    SerializedCiphertext, SerializedEvaluationKey, SerializedFullCiphertext,
};
use hookswitch_lookup_wire::messages::lookup::PirRequest;
use support::{Device, USECASE, USER};

/// Rounds of CI.
const ROUNDS: u64 = 600;

/// Chance that a seed gives again.
struct Dice(Drbg);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self(Drbg::new(&bytes))
    }

    fn below(&mut self, most: usize) -> usize {
        (self.0.next_u128() % most.max(1) as u128) as usize
    }

    /// Spoils bytes: often near the start, where lengths and tags are.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let length = bytes.len();
            let near = match self.below(3) {
                0 => length,
                1 => length.min(64),
                _ => length.min(2_048),
            };
            let place = self.below(near);
            match self.below(7) {
                0 if length > 0 => bytes[place] ^= 1 << self.below(8),
                1 if length > 0 => bytes[place] = self.below(256) as u8,
                2 => bytes.truncate(place),
                3 => bytes.insert(place.min(length), self.below(256) as u8),
                4 if length > 0 => {
                    bytes.remove(place);
                }
                5 if length > 0 => bytes[place..(place + 10).min(length)].fill(0xff),
                _ => {
                    let tail = bytes[place.min(length)..].to_vec();
                    bytes.extend_from_slice(&tail[..tail.len().min(4_096)]);
                }
            }
        }
    }
}

/// Spoils the fields of a ciphertext, so that it is still a message.
fn spoil_ciphertext(dice: &mut Dice, message: &mut SerializedCiphertext) {
    match dice.below(5) {
        0 => dice.spoil(&mut support::seeded(message).poly0),
        1 => dice.spoil(&mut support::seeded(message).seed),
        2 => {
            let poly = &mut support::seeded(message).poly0;
            let length = poly.len();
            poly[dice.below(length)..].fill(0xff);
        }
        3 => {
            let polys = support::seeded(message).poly0.repeat(2);
            let mut full = SerializedFullCiphertext {
                polys,
                skip_lsbs: vec![dice.below(70) as u32; dice.below(4)],
                correction_factor: dice.below(3) as u64,
            };
            full.polys
                .splice(0..0, [dice.below(4) as u8, dice.below(2) as u8]);
            message.kind = Some(Kind::Full(full));
        }
        _ => message.kind = None,
    }
}

/// Spoils the fields of a question.
fn spoil_question(dice: &mut Dice, pir: &mut PirRequest) {
    let number = 1_u64 << dice.below(64);
    let query = pir.query.as_mut().expect("a query");
    match dice.below(6) {
        0 => pir.shard_index = number as u32,
        1 => query.num_pir_calls = number,
        2 => query.ciphertexts = vec![query.ciphertexts[0].clone(); dice.below(12)],
        3 => dice.spoil(&mut pir.configuration_hash),
        _ => spoil_ciphertext(dice, &mut query.ciphertexts[0]),
    }
    if let Some(key) = &mut pir.evaluation_key {
        spoil_key(dice, key);
    }
}

/// Spoils the fields of a key.
fn spoil_key(dice: &mut Dice, key: &mut SerializedEvaluationKey) {
    let keys = &mut key.galois_key.as_mut().expect("keys").key_switch_keys;
    let place = dice.below(keys.len());
    match dice.below(6) {
        0 => keys[place].element = 1_u64 << dice.below(64),
        1 => keys[place].key = None,
        2 => keys.push(keys[place].clone()),
        3 => {
            keys.remove(place);
        }
        4 => key.relin_key = None,
        _ => {
            let rows = keys[place]
                .key
                .as_mut()
                .expect("a key")
                .key_switch_key
                .as_mut();
            let rows = &mut rows.expect("rows").ciphertexts;
            let place = dice.below(rows.len());
            spoil_ciphertext(dice, &mut rows[place]);
        }
    }
}

/// One request as the service takes it.
fn send(service: &Service, path: usize, bytes: &[u8]) -> Option<Refusal> {
    match path {
        0 => service
            .config(USER, &ConfigRequest::decode(bytes).ok()?)
            .err(),
        1 => service
            .keep("another", &EvaluationKeys::decode(bytes).ok()?)
            .err(),
        _ => service.answer(USER, &Requests::decode(bytes).ok()?).err(),
    }
}

/// A request whose bytes or fields are spoiled.
fn spoiled(dice: &mut Dice, device: &Device, good: &[(usize, Vec<u8>)]) -> (usize, Vec<u8>) {
    match dice.below(4) {
        0 => {
            let (path, bytes) = &good[dice.below(good.len())];
            let mut bytes = bytes.clone();
            dice.spoil(&mut bytes);
            (*path, bytes)
        }
        1 => {
            let mut keys = device.keys.clone();
            spoil_key(dice, keys.keys[0].evaluation_key.as_mut().expect("a key"));
            (1, keys.encode_to_vec())
        }
        chosen => {
            let question = device.question(|pir| {
                if chosen == 2 {
                    pir.evaluation_key = device.keys.keys[0].evaluation_key.clone();
                }
                spoil_question(dice, pir);
            });
            (2, question.encode_to_vec())
        }
    }
}

#[test]
fn no_bytes_of_a_stranger_make_the_service_panic() {
    let folder = support::folder();
    let service = Service::load(folder.path()).expect("it loads");
    let device = Device::new(&service);
    service.keep(USER, &device.keys).expect("it is kept");
    let config = ConfigRequest {
        usecases: vec![USECASE.to_owned(); 2],
        existing_config_ids: vec![device.config.config_id.clone(); 2],
    };
    let inline = device.question(|pir| {
        pir.evaluation_key = device.keys.keys[0].evaluation_key.clone();
    });
    let good = [
        (0, config.encode_to_vec()),
        (1, device.keys.encode_to_vec()),
        (2, device.question(|_| {}).encode_to_vec()),
        (2, inline.encode_to_vec()),
        (2, Vec::new()),
    ];
    let rounds = std::env::var("HOOKSWITCH_FUZZ_ROUNDS").ok();
    let rounds = rounds
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS);
    let mut refused = 0;
    for seed in 0..rounds {
        let mut dice = Dice::new(seed);
        let (path, bytes) = spoiled(&mut dice, &device, &good);
        let sent = catch_unwind(AssertUnwindSafe(|| send(&service, path, &bytes)));
        let Ok(refusal) = sent else {
            panic!("seed {seed}: the service panicked");
        };
        refused += usize::from(refusal.is_some());
        let status = refusal.map_or(200, |refusal| refusal.status);
        assert!(
            matches!(status, 200 | 400 | 404 | 410 | 501),
            "seed {seed}: {status}"
        );
    }
    assert!(
        refused as u64 > rounds / 3,
        "{refused} of {rounds} were refused by the service"
    );
    let answer = service
        .answer(USER, &device.question(|_| {}))
        .expect("it still answers");
    let value = device.asker.read(&device.put, &answer.responses[0]);
    assert_eq!(value.expect("it can be read"), Some(vec![0]));
}
