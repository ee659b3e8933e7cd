//! What a stranger could take, and does not get: room, tokens, memory, another use case's key.

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::build::{Options, build};
use hookswitch_lookup::manifest::Manifest;
use hookswitch_lookup::rows::read;
use hookswitch_lookup::serve::body::Room;
use hookswitch_lookup::service::Service;
use hookswitch_lookup::tokens::keys;
use hookswitch_lookup::tokens::message::{Token, challenge, input};
use hookswitch_lookup::tokens::verifier::{Access, Verifier};
use hookswitch_lookup_wire::Message as _;
use hookswitch_lookup_wire::messages::api::ConfigRequest;
use support::{Device, Running, USECASE, USER, connect, exchange, head, post, read_answer};

const ISSUER: &str = "issuer.example";

async fn blocking<T: Send + 'static>(check: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(check)
        .await
        .expect("the checks pass")
}

#[tokio::test]
async fn small_chunks_take_the_room_of_their_bytes_and_no_more() {
    let bounds = Bounds {
        bodies_bytes: 64 << 10,
        ..Bounds::default()
    };
    let running = Running::start(bounds).await;
    let address = running.address.clone();
    blocking(move || {
        let chunked = "POST /key HTTP/1.1\r\nHost: x\r\nUser-Agent: a\r\nUser-Identifier: b\r\n\
                       Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        let body = b"1\r\n\xff\r\n".repeat(1_000);
        let body = [&body[..], b"0\r\n\r\n"].concat();
        let got = exchange(&address, chunked, &body).expect("an answer");
        assert_eq!(got.status, 400, "{}", String::from_utf8_lossy(&got.body));
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn one_connection_takes_its_part_of_the_room() {
    let bounds = Bounds {
        bodies_bytes: 64 << 10,
        connection_bodies_bytes: 16 << 10,
        ..Bounds::default()
    };
    let room = Room::new(&bounds);
    let (near, far) = (room.connection(&bounds), room.connection(&bounds));
    let body = || Body::from(vec![0; 12 << 10]);
    let read = |own| room.read(body(), &bounds, bounds.body_bytes, own);
    let first = read(Some(&near)).await.expect("there is room");
    let refused = read(Some(&near)).await.expect_err("it has its part");
    assert_eq!(refused.status, 503);
    read(Some(&far)).await.expect("there is room for others");
    drop(first);
    read(Some(&near)).await.expect("there is room again");
}

/// A token of the first key of a folder.
fn token(folder: &Path, nonce: u8) -> String {
    let list = keys::List::read(folder).expect("a list");
    let key = keys::secret(folder, &list.keys[0]).expect("a key");
    let input = input(&[nonce; 32], &challenge(ISSUER), &key.public().id());
    let blinded = key.public().blind(&input, &[1; 48], &[7; 200]);
    let blinded = blinded.expect("it is blinded");
    let signed = key.sign(&blinded.message).expect("it is signed");
    let signature = key.public().finalize(&blinded, &signed, &input);
    Token::new(input, &signature.expect("a signature")).to_header()
}

fn with_token(path: &str, token: &str, length: usize) -> String {
    let head = head(path, length);
    head.replacen("\r\n", &format!("\r\nAuthorization: {token}\r\n"), 1)
}

/// Sends a head and waits until the service reads the body.
fn begun(address: &str, token: &str) -> TcpStream {
    let mut stream = connect(address);
    let head = with_token("/config", token, 100);
    let head = head.replacen("\r\n", "\r\nExpect: 100-continue\r\n", 1);
    stream.write_all(head.as_bytes()).expect("it is taken");
    let mut said = [0; 25];
    stream.read_exact(&mut said).expect("an answer");
    assert_eq!(&said, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn a_token_is_good_for_one_body_whatever_becomes_of_it() {
    let keys = tempfile::tempdir().expect("a folder");
    keys::add(keys.path(), ISSUER, &["tier1".to_owned()], 0).expect("keys");
    let spent = keys.path().join("spent");
    let open = |keys: &Path| Arc::new(Verifier::open(keys, Some(&spent)).expect("a verifier"));
    let verifier = open(keys.path());
    let bounds = Bounds {
        body: Duration::from_millis(500),
        ..Bounds::default()
    };
    let running = Running::start_for(bounds, Access::Tokens(Arc::clone(&verifier))).await;
    let (address, folder) = (running.address.clone(), keys.path().to_owned());
    blocking(move || {
        let again = |token: &str| {
            let got = exchange(&address, &with_token("/config", token, 0), &[]);
            got.expect("an answer").status
        };
        let (slow, gone, large, broken) = (
            token(&folder, 1),
            token(&folder, 2),
            token(&folder, 3),
            token(&folder, 4),
        );
        let mut first = begun(&address, &slow);
        assert_eq!(again(&slow), 401, "another request has it");
        assert_eq!(read_answer(&mut first).expect("an answer").status, 408);
        assert_eq!(again(&slow), 401, "the body took too long");
        drop(begun(&address, &gone));
        assert_eq!(again(&gone), 401, "the sender went away");
        let got = exchange(&address, &with_token("/key", &large, 11 << 20), &[]);
        assert_eq!(got.expect("an answer").status, 413);
        assert_eq!(again(&large), 401, "the body was too large");
        let got = exchange(&address, &with_token("/key", &broken, 3), &[0xff; 3]);
        assert_eq!(got.expect("an answer").status, 400);
        assert_eq!(again(&broken), 401, "the body was none");
    })
    .await;
    running.stop().await;
    let began = Instant::now();
    let written = || std::fs::metadata(&spent).expect("the file").len();
    while written() < 4 * 24 {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "all are written down"
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(verifier.spent(), 4);
    drop(verifier);
    assert_eq!(open(keys.path()).spent(), 4, "a new start knows them");
}

#[tokio::test]
async fn who_is_told_to_come_again_keeps_the_token() {
    let keys = tempfile::tempdir().expect("a folder");
    keys::add(keys.path(), ISSUER, &["tier1".to_owned()], 0).expect("keys");
    let verifier = Arc::new(Verifier::open(keys.path(), None).expect("a verifier"));
    let bounds = Bounds {
        cores: Some(0),
        line: 0,
        ..Bounds::default()
    };
    let running = Running::start_for(bounds, Access::Tokens(Arc::clone(&verifier))).await;
    let (address, token) = (running.address.clone(), token(keys.path(), 1));
    blocking(move || {
        for _ in 0..2 {
            let got = exchange(&address, &with_token("/config", &token, 0), &[]);
            assert_eq!(got.expect("an answer").status, 503);
        }
    })
    .await;
    assert_eq!(verifier.spent(), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_body_of_many_small_parts_is_refused_before_it_is_built() {
    let running = Running::start(Bounds::default()).await;
    let address = running.address.clone();
    blocking(move || {
        let rows: [(&str, &[u8]); 3] = [
            ("/queries", &[0x0a, 2, 0x12, 0]),
            ("/queries", &[0x0a, 0]),
            ("/key", &[0x0a, 0]),
        ];
        for (path, part) in rows {
            let body = part.repeat((10 << 20) / part.len());
            let got = post(&address, path, &body).expect("an answer");
            let said = String::from_utf8_lossy(&got.body).into_owned();
            assert_eq!(got.status, 400, "{said}");
            assert!(said.contains("too many parts"), "{path}: {said}");
        }
        let long = post(&address, "/config", &[0x0a; 20 << 10]);
        assert_eq!(long.expect("an answer").status, 413);
    })
    .await;
    running.stop().await;
}

#[test]
fn a_use_case_is_named_once_in_a_question_for_the_configuration() {
    let folder = support::folder();
    let service = Service::load(folder.path()).expect("it loads");
    let asked = ConfigRequest {
        usecases: vec![USECASE.to_owned(); 2],
        existing_config_ids: Vec::new(),
    };
    let refused = service.config(USER, &asked).expect_err("it is refused");
    assert_eq!(refused.status, 400);
    assert!(asked.encode_to_vec().len() < 100);
}

/// The small database, and another use case beside it with other parameters.
fn two_parameter_sets() -> (tempfile::TempDir, Service) {
    let folder = support::folder();
    let other = Options {
        bundle: "org.other".to_owned(),
        parameters: "n_4096_logq_27_28_28_logt_13".to_owned(),
        rows_per_shard: 50_000,
    };
    let table = "number,name,block\n+14085551212,Johnny Appleseed,no\n";
    let mut first = Manifest::read(folder.path()).expect("a list");
    let aside = tempfile::tempdir().expect("a folder");
    let records = read(table.as_bytes()).expect("a table");
    build(&records, &other, aside.path()).expect("it is built");
    for usecase in Manifest::read(aside.path()).expect("a list").usecases {
        let stem = format!("other-{}", usecase.stem);
        for end in ["0.bin", "0.params.binpb"] {
            let from = aside.path().join(format!("{}-{end}", usecase.stem));
            let to = folder.path().join(format!("{stem}-{end}"));
            std::fs::copy(from, to).expect("it is copied");
        }
        first
            .usecases
            .push(hookswitch_lookup::manifest::UseCase { stem, ..usecase });
    }
    first.write(folder.path()).expect("it is written");
    let service = Service::load(folder.path()).expect("it loads");
    (folder, service)
}

#[test]
fn a_key_of_another_use_case_answers_nothing() {
    let (_folder, service) = two_parameter_sets();
    let device = Device::new(&service);
    let asked = ConfigRequest {
        usecases: vec!["org.other.block".to_owned()],
        existing_config_ids: Vec::new(),
    };
    let answer = service.config(USER, &asked).expect("a configuration");
    let config = answer.key_info[0].key_config.clone().expect("a key config");
    let asker = hookswitch_lookup::question::Asker::<u32>::new(&config, 7).expect("an asker");
    let keys = asker.keys().expect("keys");
    let other = keys.keys[0].metadata.clone();
    service.keep(USER, &keys).expect("it is kept");
    let question = device.question(|pir| pir.evaluation_key_metadata = other);
    let refused = service.answer(USER, &question).expect_err("it is refused");
    assert_eq!(refused.status, 400);
    assert!(refused.message.contains("another use case"), "{refused}");
}
