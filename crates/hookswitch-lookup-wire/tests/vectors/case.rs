//! One case of the interoperability vectors, checked whole.
//!
//! Input: a folder with the files of a case. Output: what was checked, or a panic that says what
//! differs.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use hookswitch_lookup_pir::cuckoo::{Config, Row, Tables};
use hookswitch_lookup_pir::file::{self, Reader};
use hookswitch_lookup_pir::server::Server;
use hookswitch_lookup_pir::shape::{Compression, Shape};
use hookswitch_lookup_pir::{client, keyword, process};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::drbg::Drbg;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::keys::EvaluationKey;
use hookswitch_lookup_ring::sample::Random;
use hookswitch_lookup_ring::secret::SecretKey;
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::messages::{api, he, lookup, pir};
use hookswitch_lookup_wire::{Message, convert};
use serde_json::Value;

use crate::packed::unpack_database;

/// Chance that is the same every time.
pub struct Chance(Drbg);

impl Chance {
    /// Chance of a number.
    pub fn new(seed: u8) -> Self {
        Self(Drbg::new(&[seed; 32]))
    }
}

impl Random for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(16) {
            let next = self.0.next_u128().to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// What was checked.
#[derive(Debug, Default)]
pub struct Report {
    /// Files that were read and written again byte for byte.
    pub files: usize,
    /// Answers computed byte for byte.
    pub answers: usize,
    /// Answers decrypted to what they must be.
    pub decrypted: usize,
    /// Own queries answered and decrypted.
    pub own: usize,
    /// The least noise budget of an answer before low bits were dropped, in bits.
    pub budget: f64,
}

/// Checks a case with these kernels.
pub fn check(folder: &Path, kernels: Kernels) -> Report {
    let params = read::<pir::PirParameters>(folder, "params-0.bin");
    let parameters = convert::parameters(&params.encryption_parameters.expect("it has them"));
    let parameters = parameters.expect("they are good");
    let case = match parameters.is_narrow() {
        true => check_words(Case::<u32>::open(folder, kernels)),
        false => check_words(Case::<u64>::open(folder, kernels)),
    };
    Report {
        files: check_messages(folder),
        ..case
    }
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read<M: Message + Default>(folder: &Path, name: &str) -> M {
    M::decode(&bytes(folder, name)[..]).expect(name)
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&bytes(folder, name)).expect(name)
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = (0..text.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits"))
        .collect()
}

/// Every message is read and written again.
fn check_messages(folder: &Path) -> usize {
    let names = fs::read_dir(folder).expect("a folder");
    let names = names.map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let names = names.filter(|name| name.ends_with(".bin") && !name.starts_with("database"));
    names.map(|name| check_message(folder, &name)).count()
}

fn check_message(folder: &Path, name: &str) {
    let bytes = bytes(folder, name);
    let kind = name.trim_end_matches(".bin");
    let kind = kind.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let again = match kind {
        "input" => again::<pir::KeywordDatabase>(&bytes),
        "params" => again::<pir::PirParameters>(&bytes),
        "config" => again::<lookup::PirConfig>(&bytes),
        "config_response" => again::<api::ConfigResponse>(&bytes),
        "evaluation_key_config" => again::<he::EvaluationKeyConfig>(&bytes),
        "secret_key" => again::<he::SerializedSecretKey>(&bytes),
        "evaluation_key" => again::<he::SerializedEvaluationKey>(&bytes),
        "evaluation_keys" => again::<api::EvaluationKeys>(&bytes),
        "query" => again::<pir::EncryptedIndices>(&bytes),
        "response" => again::<lookup::PirResponse>(&bytes),
        "requests" => again::<api::Requests>(&bytes),
        "responses" => again::<api::Responses>(&bytes),
        other => panic!("what is {other}?"),
    };
    assert!(again == bytes, "{name} is another when written again");
}

fn again<M: Message + Default>(bytes: &[u8]) -> Vec<u8> {
    M::decode(bytes).expect("a message").encode_to_vec()
}

/// A case in memory.
struct Case<'a, W: Word> {
    folder: &'a Path,
    context: Arc<Context<W>>,
    servers: Vec<Server<W>>,
    key: EvaluationKey<W>,
    secret: SecretKey<W>,
    rows: Vec<pir::KeywordDatabaseRow>,
    queries: Vec<usize>,
}

impl<'a, W: Word> Case<'a, W> {
    fn open(folder: &'a Path, kernels: Kernels) -> Self {
        let description = json(folder, "case.json");
        let params = read::<pir::PirParameters>(folder, "params-0.bin");
        let parameters = convert::parameters(&params.encryption_parameters.expect("it has them"));
        let parameters = parameters.expect("they are good");
        let context = Context::<W>::new(parameters, kernels).expect("the word is wide enough");
        let context = Arc::new(context);
        let shards = description["shard_count"].as_u64().expect("a number");
        let servers = (0..shards).map(|shard| server(folder, &context, shard));
        let key = read::<he::SerializedEvaluationKey>(folder, "evaluation_key.bin");
        let elements = read::<he::EvaluationKeyConfig>(folder, "evaluation_key_config.bin");
        let elements = elements.galois_elements;
        let secret = read::<he::SerializedSecretKey>(folder, "secret_key.bin");
        let queries = (1..10).filter(|n| folder.join(format!("query-{n}.bin")).exists());
        Self {
            servers: servers.collect(),
            key: convert::evaluation_key(&context, &key, &elements).expect("a key"),
            secret: convert::secret_key(&context, &secret).expect("a key"),
            rows: read::<pir::KeywordDatabase>(folder, "input.bin").rows,
            queries: queries.collect(),
            folder,
            context,
        }
    }
}

/// The processed database of a shard: as a file, or packed.
fn database<W: Word>(folder: &Path, context: &Context<W>, shape: &Shape, shard: u64) -> Vec<u8> {
    let name = format!("database-{shard}.bin");
    match folder.join(&name).exists() {
        true => bytes(folder, &name),
        false => {
            let packed = bytes(folder, &format!("database-{shard}.packed"));
            unpack_database(context, shape, &packed)
        }
    }
}

fn server<W: Word>(folder: &Path, context: &Arc<Context<W>>, shard: u64) -> Server<W> {
    let params = read::<pir::PirParameters>(folder, &format!("params-{shard}.bin"));
    let shape = convert::shape(context.parameters(), &params).expect("a shape");
    let bytes = database(folder, context, &shape, shard);
    let plaintexts = Reader::new(context, &shape, &bytes).expect("a database");
    let mut written = file::header(&shape);
    let plaintexts = plaintexts.map(|poly| poly.expect("a plaintext"));
    let plaintexts = plaintexts.inspect(|poly| {
        written.extend(file::plaintext(context, poly.as_ref()));
        // The plaintext decodes, and encodes to the same.
        if let Some(poly) = poly {
            let plaintext = context.decode(poly).expect("a plaintext");
            assert!(context.encode(&plaintext).as_ref() == Ok(poly));
        }
    });
    let plaintexts = plaintexts.map(Ok::<_, hookswitch_lookup_pir::error::Error>);
    let server = Server::new(context.clone(), shape, plaintexts).expect("a server");
    assert!(
        written == bytes,
        "the database of shard {shard} is another when written again"
    );
    server
}

fn check_words<W: Word>(case: Case<'_, W>) -> Report {
    let mut report = Report {
        budget: f64::INFINITY,
        ..Report::default()
    };
    for number in &case.queries {
        check_query(&case, *number, &mut report);
    }
    for shard in 0..case.servers.len() {
        check_own(&case, shard, &mut report);
    }
    report
}

/// The given query is answered with the given bytes, and decrypts to the given value.
fn check_query<W: Word>(case: &Case<'_, W>, number: usize, report: &mut Report) {
    let (folder, context) = (case.folder, &case.context);
    let expected = json(folder, &format!("expected-{number}.json"));
    let text = |field: &str| expected[field].as_str().unwrap_or_default().to_owned();
    let keyword = text("keyword");
    let hash = keyword::hash(keyword.as_bytes());
    assert_eq!(format!("{hash:016x}"), text("keyword_hash_u64"));
    let shard = expected["shard_index"].as_u64().expect("a number") as usize;
    let shards = case.servers.len() as u32;
    assert_eq!(keyword::Sharding::Sha256.shard(hash, shards), shard as u32);
    let server = &case.servers[shard];
    let shape = server.shape();
    let buckets = keyword::buckets(hash, shape.entries(), shape.tables());
    assert_eq!(Value::from(buckets.clone()), expected["bucket_indices"]);
    let coordinates = buckets.iter().map(|index| shape.coordinates(*index));
    let coordinates = coordinates.collect::<Vec<_>>();
    assert_eq!(Value::from(coordinates), expected["plaintext_coordinates"]);

    let query = read::<pir::EncryptedIndices>(folder, &format!("query-{number}.bin"));
    let query = convert::query(context, &query).expect("a query");
    let plaintexts = client::query_plaintexts(context, shape, hash);
    for (plaintext, ciphertext) in plaintexts.iter().zip(&query.ciphertexts) {
        let mut decrypted = case.secret.decrypt(context, ciphertext);
        decrypted.truncate(plaintext.len());
        assert_eq!(decrypted, *plaintext, "query {number}");
    }

    let answer = server.answer(query, &case.key).expect("an answer");
    let noise = answer
        .iter()
        .flatten()
        .map(|c| case.secret.noise(context, c));
    let budget = noise.map(|n| (n.modulus as f64 / (2.0 * n.largest.max(1) as f64)).log2());
    let budget = budget.fold(f64::INFINITY, f64::min);
    let wanted = expected["noise_budget_bits_before_bit_dropping"].as_f64();
    if let Some(wanted) = wanted {
        assert!(
            (budget - wanted).abs() < 0.01,
            "budget {budget}, not {wanted}"
        );
    }
    report.budget = report.budget.min(budget);
    let message = convert::answer_message(context, &answer);
    let given = bytes(folder, &format!("response-{number}.bin"));
    assert!(
        message.encode_to_vec() == given,
        "answer {number} has other bytes"
    );
    report.answers += 1;
    check_answer(case, server, &expected, &given);
    report.decrypted += 1;
}

/// The given answer decrypts to the expected buckets and value.
fn check_answer<W: Word>(case: &Case<'_, W>, server: &Server<W>, expected: &Value, given: &[u8]) {
    let (context, shape) = (&case.context, server.shape());
    let hash = keyword::hash(expected["keyword"].as_str().expect("text").as_bytes());
    let answer = lookup::PirResponse::decode(given).expect("a response");
    let answer = convert::answer(context, &answer).expect("an answer");
    let decrypted = client::buckets(context, shape, &case.secret, hash, &answer);
    let wanted = expected["bucket_bytes_without_trailing_zeros"].as_array();
    for (bucket, wanted) in decrypted
        .expect("buckets")
        .iter()
        .zip(wanted.expect("buckets"))
    {
        let wanted = unhex(wanted.as_str().expect("text"));
        let (start, rest) = bucket.split_at(wanted.len());
        assert!(start == wanted && rest.iter().all(|byte| *byte == 0));
    }
    let value = client::value(context, shape, &case.secret, hash, &answer).expect("a value");
    assert_eq!(value, expected["value"].as_str().map(unhex),);
}

/// Own tables, shape, files, keys and queries work together, and ask Apple's database too.
fn check_own<W: Word>(case: &Case<'_, W>, shard: usize, report: &mut Report) {
    let (context, mut random) = (&case.context, Chance::new(shard as u8));
    let shards = case.servers.len() as u32;
    let is_here = |hash: &u64| keyword::Sharding::Sha256.shard(*hash, shards) == shard as u32;
    let rows = case.rows.iter().map(|row| Row {
        hash: keyword::hash(&row.keyword),
        value: row.value.clone(),
    });
    let rows = rows.filter(|row| is_here(&row.hash)).collect::<Vec<_>>();
    let longest = rows.iter().map(|row| row.value.len()).max().unwrap_or(0);
    let parameters = context.parameters();
    let config = Config::new(longest, parameters.plaintext_bytes());
    let tables = Tables::build(config, rows.clone(), &mut random).expect("they fit");
    let (entries, size) = (tables.buckets_per_table(), tables.entry_size());
    let shape = Shape::choose(parameters, entries, size, tables.tables()).expect("a shape");
    let plaintexts = process::plaintexts(context, &shape, &tables);
    let own = Server::new(context.clone(), shape.clone(), plaintexts).expect("a server");

    for compression in [Compression::None, Compression::Maximum, Compression::Hybrid] {
        let secret = SecretKey::generate(context, &mut random);
        let mut elements = own.shape().galois_elements(compression);
        elements.extend(case.servers[shard].shape().galois_elements(compression));
        elements.sort_unstable();
        elements.dedup();
        let key = secret
            .evaluation_key(context, &elements, &mut random)
            .expect("a key");
        let message = convert::evaluation_key_message(context, &key);
        let received = convert::evaluation_key(context, &message, &elements).expect("a key");
        assert!(
            received == key.expand(context),
            "a key is another when received"
        );
        for server in [&own, &case.servers[shard]] {
            for row in [&rows[0], &rows[rows.len() / 2]] {
                let value = ask(context, server, &secret, &received, row.hash, &mut random);
                assert_eq!(value.as_ref(), Some(&row.value));
                report.own += 1;
            }
        }
        let absent = ask(context, &own, &secret, &received, 12345, &mut random);
        assert_eq!(absent, None);
        report.own += 1;
    }
}

fn ask<W: Word>(
    context: &Context<W>,
    server: &Server<W>,
    secret: &SecretKey<W>,
    key: &EvaluationKey<W>,
    hash: u64,
    random: &mut dyn Random,
) -> Option<Vec<u8>> {
    let shape = server.shape();
    let query = client::query(context, shape, secret, hash, random).expect("a query");
    let message = convert::query_message(context, shape, &query);
    let query = convert::query(context, &message).expect("a query");
    let answer = server.answer(query, key).expect("an answer");
    let message = convert::answer_message(context, &answer);
    let answer = convert::answer(context, &message).expect("an answer");
    client::value(context, shape, secret, hash, &answer).expect("a value")
}
