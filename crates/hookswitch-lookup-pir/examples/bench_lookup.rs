//! What a lookup costs: CPU time of one thread, least of several rounds.
//!
//! `cargo run --release -p hookswitch-lookup-pir --example bench_lookup -- [ROWSxBYTES…]`. First
//! the parts (transform, key switch, product of two ciphertexts) with every kernel of the machine,
//! then whole answers over databases of the given sizes, with the phases apart.

use std::sync::Arc;
use std::time::Duration;

use hookswitch_lookup_pir::cuckoo::{Config, Row, Tables};
use hookswitch_lookup_pir::server::{Query, Server};
use hookswitch_lookup_pir::shape::{Compression, Shape};
use hookswitch_lookup_pir::{client, keyword, process};
use hookswitch_lookup_ring::ciphertext::Seeded;
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::drbg::Drbg;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::parameters::Predefined;
use hookswitch_lookup_ring::sample::Random;
use hookswitch_lookup_ring::secret::SecretKey;
use hookswitch_lookup_ring::switch::{Workspace, apply_galois, relinearize};
use hookswitch_lookup_ring::word::Word;
use rustix::time::{ClockId, clock_gettime};

/// Chance that is the same every time.
struct Chance(Drbg);

impl Random for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(16) {
            let next = self.0.next_u128().to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a program reads its arguments")]
fn main() {
    println!("CPU time of one thread, least of the rounds\n");
    for kernels in Kernels::available() {
        parts::<u32>("n_4096_logq_27_28_28_logt_5", kernels);
        parts::<u64>("n_8192_logq_3x55_logt_24", kernels);
    }
    let sizes = std::env::args().skip(1).collect::<Vec<_>>();
    let sizes = match sizes.is_empty() {
        true => vec![
            "50000x1".to_owned(),
            "50000x40".to_owned(),
            "10000x100".to_owned(),
        ],
        false => sizes,
    };
    println!();
    for size in sizes {
        let (rows, bytes) = size.split_once('x').expect("ROWSxBYTES");
        let (rows, bytes) = (rows.parse().expect("rows"), bytes.parse().expect("bytes"));
        whole::<u32>("n_4096_logq_27_28_28_logt_5", rows, bytes);
    }
}

/// The CPU time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

fn least<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    let time = |_| {
        let start = now();
        std::hint::black_box(work());
        now() - start
    };
    (0..rounds).map(time).min().unwrap_or_default()
}

fn parts<W: Word>(name: &str, kernels: Kernels) {
    let set = Predefined::named(name).expect("a set");
    let context = Context::<W>::new(set.parameters(), kernels).expect("it fits");
    let mut random = Chance(Drbg::new(&[1; 32]));
    let secret = SecretKey::generate(&context, &mut random);
    let key = secret
        .evaluation_key(&context, &[3], &mut random)
        .expect("a key");
    let key = key.expand(&context);
    let plaintext = vec![1; context.degree()];
    let seeded = secret
        .encrypt(&context, &plaintext, &mut random)
        .expect("it fits");
    let ciphertext = seeded.expand(&context);

    let ntt = &context.basis()[0];
    let mut row = ciphertext.polys()[0].row(0).to_vec();
    let mut scratch = row.clone();
    let forward = least(2000, || ntt.forward(kernels, &mut row, &mut scratch));
    let inverse = least(2000, || ntt.inverse(kernels, &mut row, &mut scratch));
    let mut work = Workspace::new(&context);
    let switch = least(200, || {
        apply_galois(&context, &ciphertext, 3, &key, &mut work)
    });
    let behz = context.behz();
    let lift = least(200, || behz.lift(&context, &ciphertext, None));
    let lifted = behz.lift(&context, &ciphertext, None);
    let mut sum = behz.sum();
    let product = least(200, || {
        behz.add_product(&context, &mut sum, &lifted, &lifted)
    });
    let finish = least(200, || behz.finish(&context, &sum));
    let finished = behz.finish(&context, &sum);
    let relinearized = least(200, || {
        relinearize(&context, finished.clone(), &key, &mut work)
    });
    println!(
        "{name}, {}: transform {forward:.2?}, back {inverse:.2?}; automorphism with key switch \
         {switch:.1?}; lift {lift:.1?}, multiply {product:.1?}, scale {finish:.1?}, relinearize \
         {relinearized:.1?}",
        kernels.name()
    );
}

fn whole<W: Word>(name: &str, rows: usize, bytes: usize) {
    let parameters = Predefined::named(name).expect("a set").parameters();
    let context = Context::<W>::new(parameters.clone(), Kernels::detect()).expect("it fits");
    let context = Arc::new(context);
    let mut random = Chance(Drbg::new(&[2; 32]));
    let row = |number: usize| {
        let hash = keyword::hash(format!("+1{number:010}").as_bytes());
        let value = hash.to_le_bytes().into_iter().cycle().take(bytes).collect();
        Row { hash, value }
    };
    let start = now();
    let config = Config::new(bytes, parameters.plaintext_bytes());
    let tables = Tables::build(config, (0..rows).map(row).collect(), &mut random);
    let tables = tables.expect("they fit");
    let (entries, size) = (tables.buckets_per_table(), tables.entry_size());
    let shape = Shape::choose(&parameters, entries, size, tables.tables()).expect("a shape");
    let plaintexts = process::plaintexts(&context, &shape, &tables);
    let server = Server::new(context.clone(), shape.clone(), plaintexts).expect("a server");
    let preparation = now() - start;

    let secret = SecretKey::generate(&context, &mut random);
    let elements = shape.galois_elements(Compression::None);
    let key = secret
        .evaluation_key(&context, &elements, &mut random)
        .expect("a key");
    let parsing = least(3, || key.expand(&context));
    let key = key.expand(&context);
    let hash = row(rows / 2).hash;
    let query = client::query(&context, &shape, &secret, hash, &mut random).expect("a query");
    let ciphertexts = || {
        query
            .iter()
            .map(|c: &Seeded<W, _>| c.expand(&context))
            .collect()
    };
    let ask = || Query {
        ciphertexts: ciphertexts(),
        tables: shape.tables(),
    };
    let total = least(9, || server.answer(ask(), &key));
    let expansion = least(9, || server.expand(ask(), &key));
    let expanded = server.expand(ask(), &key).expect("a query");
    let all = || {
        let tables = expanded.iter().enumerate();
        let columns = tables.flat_map(|(table, query)| {
            let server = &server;
            (0..shape.chunks()).map(move |chunk| server.inner_products(table, chunk, query))
        });
        columns.collect::<Vec<_>>()
    };
    let inner = least(9, all);
    let answer = server.answer(ask(), &key).expect("an answer");
    let value = client::value(&context, &shape, &secret, hash, &answer).expect("a value");
    assert_eq!(value, Some(row(rows / 2).value), "the lookup is right");
    let noise = answer.iter().flatten().map(|c| secret.noise(&context, c));
    let budget = noise.map(|n| (n.modulus as f64 / (2.0 * n.largest as f64)).log2());
    println!(
        "{rows} x {bytes} B, {:?}, {} MB: total {total:.1?} = expansion {expansion:.1?}, inner \
         product {inner:.1?}, rest {:.1?}; noise budget {:.1} bits; key {parsing:.1?}; \
         preparation {preparation:.1?}",
        shape.dimensions(),
        server.bytes() / 1_000_000,
        total.saturating_sub(expansion + inner),
        budget.fold(f64::INFINITY, f64::min),
    );
}
