//! Messages of strangers are refused by name, whatever they hold.

use std::path::Path;
use std::sync::Arc;

use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::error::Error as RingError;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::parameters::Predefined;
use hookswitch_lookup_wire::error::Error;
use hookswitch_lookup_wire::messages::he::SerializedEvaluationKey;
use hookswitch_lookup_wire::messages::lookup::{PirConfig, PirResponse};
use hookswitch_lookup_wire::messages::pir::{EncryptedIndices, PirParameters};
use hookswitch_lookup_wire::{Message, convert};
use proptest::prelude::*;

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/n4096_t17_niltable");
    std::fs::read(folder.join(name)).expect(name)
}

fn context() -> Arc<Context<u32>> {
    let set = Predefined::named("n_4096_logq_27_28_28_logt_5").expect("a set");
    let context = Context::new(set.parameters(), Kernels::detect());
    Arc::new(context.expect("it fits"))
}

/// Reads the bytes as each message that a stranger may send; only a panic fails.
fn read_all(context: &Context<u32>, bytes: &[u8]) {
    if let Ok(message) = EncryptedIndices::decode(bytes) {
        let _ = convert::query(context, &message);
    }
    if let Ok(message) = PirResponse::decode(bytes) {
        let _ = convert::answer(context, &message);
    }
    if let Ok(message) = SerializedEvaluationKey::decode(bytes) {
        let _ = convert::evaluation_key(context, &message, &[2049, 4097]);
    }
    if let Ok(message) = PirParameters::decode(bytes) {
        let _ = convert::shape(context.parameters(), &message);
    }
    if let Ok(message) = PirConfig::decode(bytes) {
        let parameters = message
            .encryption_parameters
            .as_ref()
            .map(convert::parameters);
        if let Some(Ok(parameters)) = parameters {
            for shard in &message.shard_configs {
                let _ = convert::published_shape(&parameters, shard, message.batch_size);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_bytes_make_a_reader_panic(noise: Vec<u8>, changes: [(u32, u8); 3], cut in 0.0..1.5_f64) {
        let context = context_once();
        read_all(&context, &noise);
        for name in ["query-1.bin", "response-1.bin", "params-0.bin", "config.bin"] {
            let mut bytes = bytes(name);
            for (place, value) in changes {
                let length = bytes.len();
                bytes[place as usize % length.min(64)] ^= value;
                bytes[place as usize % length] ^= value;
            }
            bytes.truncate((bytes.len() as f64 * cut) as usize);
            read_all(&context, &bytes);
        }
    }
}

thread_local! {
    static CONTEXT: Arc<Context<u32>> = context();
}

fn context_once() -> Arc<Context<u32>> {
    CONTEXT.with(Arc::clone)
}

#[test]
fn a_key_must_have_what_is_published_and_nothing_else_is_kept() {
    let context = context();
    let message = SerializedEvaluationKey::decode(&bytes("evaluation_key.bin")[..]);
    let message = message.expect("a key");
    let read = |elements: &[u32]| convert::evaluation_key(&context, &message, elements);
    let key = read(&[4097]).expect("it is there");
    assert_eq!(key.elements().collect::<Vec<_>>(), [4097]);
    let missing = Err(Error::from(RingError::MissingGaloisKey));
    assert_eq!(read(&[1025]), missing);
}
