//! Takes a case of the interoperability vectors into the tree.
//!
//! `cargo run -p hookswitch-lookup-wire --example pack_vectors -- FROM TO QUERIES`: copies the
//! binary files and the JSON files that tests read, of these queries (numbers with commas between),
//! and packs the databases as `tests/vectors/packed.rs` says.

use std::path::Path;
use std::{env, fs, io};

use hookswitch_lookup_pir::file::Reader;
use hookswitch_lookup_pir::shape::Shape;
use hookswitch_lookup_ring::bits::pack as pack_bits;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::messages::pir::PirParameters;
use hookswitch_lookup_wire::{Message, convert};
use sha2::{Digest, Sha256};

/// Files of every case.
const FILES: &[&str] = &[
    "case.json",
    "input.bin",
    "config.bin",
    "config_response.bin",
    "evaluation_key.bin",
    "evaluation_key_config.bin",
    "secret_key.bin",
];

fn main() -> io::Result<()> {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    let [from, to, queries] = &arguments[..] else {
        return Err(io::Error::other("give FROM TO QUERIES"));
    };
    let (from, to) = (Path::new(from), Path::new(to));
    fs::create_dir_all(to)?;
    for name in FILES {
        fs::copy(from.join(name), to.join(name))?;
    }
    for number in queries.split(',') {
        for name in ["query-N.bin", "response-N.bin", "expected-N.json"] {
            let name = name.replace('N', number);
            fs::copy(from.join(&name), to.join(&name))?;
        }
    }
    for shard in (0..).take_while(|shard| from.join(format!("params-{shard}.bin")).exists()) {
        let name = format!("params-{shard}.bin");
        fs::copy(from.join(&name), to.join(&name))?;
        let params = PirParameters::decode(&fs::read(from.join(&name))?[..])?;
        let parameters = params
            .encryption_parameters
            .as_ref()
            .map(convert::parameters);
        let parameters = parameters.ok_or_else(|| io::Error::other("no parameters"))?;
        let parameters = parameters.map_err(io::Error::other)?;
        let bytes = fs::read(from.join(format!("database-{shard}.bin")))?;
        let packed = match parameters.is_narrow() {
            true => pack::<u32>(&params, &bytes),
            false => pack::<u64>(&params, &bytes),
        };
        fs::write(to.join(format!("database-{shard}.packed")), packed)?;
    }
    Ok(())
}

fn pack<W: Word>(params: &PirParameters, bytes: &[u8]) -> Vec<u8> {
    let parameters = params
        .encryption_parameters
        .as_ref()
        .expect("it was checked");
    let parameters = convert::parameters(parameters).expect("it was checked");
    let context = Context::<W>::new(parameters, Kernels::detect()).expect("the word fits");
    let shape = convert::shape(context.parameters(), params).expect("a shape");
    pack_database(&context, &shape, bytes)
}

/// Packs the bytes of a processed database.
fn pack_database<W: Word>(context: &Context<W>, shape: &Shape, bytes: &[u8]) -> Vec<u8> {
    let mut packed = Sha256::digest(bytes).to_vec();
    for poly in Reader::new(context, shape, bytes).expect("a database") {
        let mut payload = Vec::new();
        if let Some(poly) = poly.expect("a plaintext") {
            let plaintext = context.decode(&poly).expect("a plaintext");
            pack_bits(plaintext, shape.payload_bits(), &mut payload);
            let used = payload.iter().rposition(|byte| *byte != 0);
            payload.truncate(used.map_or(0, |last| last + 1));
        }
        packed.extend((payload.len() as u32).to_le_bytes());
        packed.extend(payload);
    }
    packed
}
