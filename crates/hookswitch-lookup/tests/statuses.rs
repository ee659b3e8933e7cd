//! Everything that a stranger can send has its status, and nothing that they do takes the service
//! away from others.

mod support;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup_wire::Message;
use hookswitch_lookup_wire::messages::api::{
    ConfigRequest, EvaluationKey, Request, Requests, request,
};
use hookswitch_lookup_wire::messages::he::SerializedEvaluationKey;
use hookswitch_lookup_wire::messages::lookup::{OprfRequest, PirRequest};
use hookswitch_lookup_wire::messages::pir::EncryptedIndices;
use support::{Device, Running, USECASE, connect, exchange, head, post, read_answer};

/// A request and the status it gets.
struct Row {
    name: &'static str,
    head: String,
    body: Vec<u8>,
    want: u16,
}

fn raw(name: &'static str, head: &str, body: &[u8], want: u16) -> Row {
    Row {
        name,
        head: head.to_owned(),
        body: body.to_vec(),
        want,
    }
}

fn good(name: &'static str, path: &str, message: &impl Message, want: u16) -> Row {
    let body = message.encode_to_vec();
    raw(name, &head(path, body.len()), &body, want)
}

fn config(usecases: &[&str], existing: usize) -> ConfigRequest {
    ConfigRequest {
        usecases: usecases.iter().map(|&name| name.to_owned()).collect(),
        existing_config_ids: vec![Vec::new(); existing],
    }
}

fn heads() -> Vec<Row> {
    let end = "Host: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let agent = "User-Agent: iOS/18.2\r\n";
    let long = "x".repeat(257);
    let huge = "x".repeat(40 << 10);
    let row = |name, start: &str, want| raw(name, &format!("{start}{end}"), &[], want);
    vec![
        row("no such path", "POST /nothing HTTP/1.1\r\n", 404),
        row("no page", "GET / HTTP/1.1\r\n", 404),
        row("another method", "GET /config HTTP/1.1\r\n", 405),
        row("another method", "DELETE /queries HTTP/1.1\r\n", 405),
        row(
            "no user agent",
            "POST /config HTTP/1.1\r\nUser-Identifier: a\r\n",
            400,
        ),
        row("no user", &format!("POST /config HTTP/1.1\r\n{agent}"), 400),
        row("no user", &format!("POST /key HTTP/1.1\r\n{agent}"), 400),
        row(
            "no user",
            &format!("POST /queries HTTP/1.1\r\n{agent}"),
            400,
        ),
        row(
            "an empty user",
            &format!("POST /config HTTP/1.1\r\n{agent}User-Identifier: \r\n"),
            400,
        ),
        row(
            "a long user",
            &format!("POST /config HTTP/1.1\r\n{agent}User-Identifier: {long}\r\n"),
            400,
        ),
        row(
            "a user that is no text",
            &format!("POST /config HTTP/1.1\r\n{agent}User-Identifier: \u{e9}\r\n"),
            400,
        ),
        row(
            "a huge head",
            &format!("POST /config HTTP/1.1\r\nX: {huge}\r\n"),
            431,
        ),
        row("no HTTP", "\u{1}\u{2}\u{3}\r\n", 400),
        raw(
            "TLS",
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\r\n\r\n",
            &[],
            400,
        ),
        raw(
            "a length that is none",
            "POST /config HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
            &[],
            400,
        ),
    ]
}

fn bodies() -> Vec<Row> {
    let noise = |name, path, want| raw(name, &head(path, 5), &[0xff; 5], want);
    let larger = (10 << 20) + 1;
    let chunked = "POST /queries HTTP/1.1\r\nHost: x\r\nUser-Agent: a\r\nUser-Identifier: b\r\n\
                   Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut chunks = b"100000\r\n".to_vec();
    chunks.resize(chunks.len() + (1 << 20), 0);
    chunks.extend(b"\r\n");
    vec![
        noise("noise", "/config", 400),
        noise("noise", "/key", 400),
        noise("noise", "/queries", 400),
        raw(
            "more than 10 MiB announced",
            &head("/key", larger),
            &[],
            413,
        ),
        raw("more than 10 MiB sent", chunked, &chunks.repeat(11), 413),
        raw("a chunk that is none", chunked, b"zz\r\n", 400),
        good("no use case", "/config", &config(&[], 0), 200),
        good("a use case", "/config", &config(&[USECASE], 0), 200),
        good(
            "an unknown use case",
            "/config",
            &config(&["org.example.nothing"], 0),
            404,
        ),
        good(
            "more ids than use cases",
            "/config",
            &config(&[USECASE], 2),
            400,
        ),
        good("many use cases", "/config", &config(&[USECASE; 17], 0), 400),
    ]
}

fn keys(device: &Device) -> Vec<Row> {
    let row = |name, want, change: &dyn Fn(&mut EvaluationKey)| {
        let mut keys = device.keys.clone();
        change(&mut keys.keys[0]);
        good(name, "/key", &keys, want)
    };
    let spoil = |name, change: &dyn Fn(&mut Vec<u8>, &mut Vec<u8>)| {
        row(name, 400, &|key| {
            let key = key.evaluation_key.as_mut().expect("a key");
            let galois = key.galois_key.as_mut().expect("keys");
            let first = galois.key_switch_keys[0].key.as_mut().expect("a key");
            let row = support::seeded_row(first);
            change(&mut row.poly0, &mut row.seed);
        })
    };
    vec![
        row("no metadata", 400, &|key| key.metadata = None),
        row("no key", 400, &|key| key.evaluation_key = None),
        row("an unknown key config", 400, &|key| {
            key.metadata.as_mut().expect("metadata").identifier = vec![1; 32];
        }),
        row("no Galois keys", 400, &|key| {
            key.evaluation_key.as_mut().expect("a key").galois_key = None;
        }),
        row("a missing Galois element", 400, &|key| {
            let key = key.evaluation_key.as_mut().expect("a key");
            key.galois_key.as_mut().expect("keys").key_switch_keys.pop();
        }),
        row("a Galois element that is none", 400, &|key| {
            let key = key.evaluation_key.as_mut().expect("a key");
            key.galois_key.as_mut().expect("keys").key_switch_keys[0].element = 1 << 40;
        }),
        row("too few rows", 400, &|key| {
            let key = key.evaluation_key.as_mut().expect("a key");
            let rows = &mut key.relin_key.as_mut().expect("a key").relin_key;
            let rows = rows.as_mut().expect("rows").key_switch_key.as_mut();
            rows.expect("rows").ciphertexts.pop();
        }),
        spoil("coefficients above the modulus", &|poly, _| poly.fill(0xff)),
        spoil("a short polynomial", &|poly, _| poly.truncate(100)),
        spoil("a long polynomial", &|poly, _| poly.push(0)),
        spoil("a short seed", &|_, seed| seed.truncate(31)),
        spoil("no seed", &|_, seed| seed.clear()),
        good("a key", "/key", &device.keys, 200),
    ]
}

fn queries(device: &Device) -> Vec<Row> {
    let row = |name, want, change: &dyn Fn(&mut PirRequest)| {
        good(name, "/queries", &device.question(change), want)
    };
    let only = |request| Requests {
        requests: vec![request],
    };
    let unknown = Request {
        usecase: "org.example.nothing".to_owned(),
        ..device.put.request.clone()
    };
    let oprf = Request {
        kind: Some(request::Kind::Oprf(OprfRequest::default())),
        ..device.empty_question()
    };
    let many = Requests {
        requests: vec![device.empty_question(); 17],
    };
    vec![
        good("nothing asked", "/queries", &Requests::default(), 200),
        good("an unknown use case", "/queries", &only(unknown), 400),
        good(
            "an empty request",
            "/queries",
            &only(device.empty_question()),
            400,
        ),
        good("a symmetric request", "/queries", &only(oprf), 400),
        good("many requests", "/queries", &many, 400),
        row("a configuration that is gone", 410, &|pir| {
            pir.configuration_hash = vec![9; 32]
        }),
        row("no configuration", 410, &|pir| {
            pir.configuration_hash.clear()
        }),
        row("a shard by name", 501, &|pir| {
            pir.shard_id = Some("a".to_owned())
        }),
        row("a shard that is none", 400, &|pir| pir.shard_index = 2),
        row("the largest shard", 400, &|pir| pir.shard_index = u32::MAX),
        row("another key", 400, &|pir| {
            let metadata = pir.evaluation_key_metadata.as_mut();
            metadata.expect("metadata").identifier = vec![9; 32];
        }),
        row("no query", 400, &|pir| pir.query = None),
        row("a broken inline key", 400, &|pir| {
            pir.evaluation_key = Some(SerializedEvaluationKey::default());
        }),
        row("a question", 200, &|_| {}),
    ]
}

fn spoiled_queries(device: &Device) -> Vec<Row> {
    let row = |name, change: &dyn Fn(&mut EncryptedIndices)| {
        let question = device.question(|pir| change(pir.query.as_mut().expect("a query")));
        good(name, "/queries", &question, 400)
    };
    vec![
        row("no ciphertext", &|query| query.ciphertexts.clear()),
        row("nine ciphertexts", &|query| {
            query.ciphertexts = vec![query.ciphertexts[0].clone(); 9];
        }),
        row("two ciphertexts", &|query| {
            query.ciphertexts.push(query.ciphertexts[0].clone());
        }),
        row("an empty ciphertext", &|query| {
            query.ciphertexts[0].kind = None
        }),
        row("three tables", &|query| query.num_pir_calls = 3),
        row("all tables", &|query| query.num_pir_calls = u64::MAX),
        row("coefficients above the modulus", &|query| {
            support::seeded(&mut query.ciphertexts[0]).poly0.fill(0xff);
        }),
    ]
}

#[tokio::test]
async fn every_request_has_its_status() {
    let running = Running::start(Bounds::default()).await;
    let (device, address) = (&running.device, running.address.clone());
    let missing = good("a missing key", "/queries", &device.question(|_| {}), 400);
    let rows = [
        vec![missing],
        heads(),
        bodies(),
        keys(device),
        queries(device),
        spoiled_queries(device),
    ];
    let rows = rows.into_iter().flatten().collect::<Vec<_>>();
    let checked = tokio::task::spawn_blocking(move || {
        for row in rows {
            let got = exchange(&address, &row.head, &row.body);
            let got = got.unwrap_or_else(|| panic!("{}: no answer", row.name));
            let said = String::from_utf8_lossy(&got.body);
            assert_eq!(got.status, row.want, "{}: {said}", row.name);
            // A refusal by the service itself says what to do.
            let framework = matches!(got.status, 404 | 405 | 431) || row.head.len() < 60;
            assert!(
                got.status == 200 || framework || !said.is_empty(),
                "{}",
                row.name
            );
        }
        let nothing = post(&address, "/queries", &[]).expect("an answer");
        assert!(
            nothing.body.is_empty() && nothing.status == 200,
            "{nothing:?}"
        );
    });
    checked.await.expect("the checks pass");
    running.stop().await;
}

async fn within(bounds: Bounds, check: impl FnOnce(&str, &Device) + Send + 'static) {
    let running = Running::start(bounds).await;
    let checked = tokio::task::spawn_blocking(move || {
        check(&running.address, &running.device);
        running
    });
    checked.await.expect("the checks pass").stop().await;
}

const SOON: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_slow_body_is_refused_and_a_slow_head_is_closed() {
    let bounds = Bounds {
        head: SOON,
        body: SOON,
        ..Bounds::default()
    };
    within(bounds, |address, _| {
        let mut slow = connect(address);
        slow.write_all(head("/config", 10).as_bytes())
            .expect("it is taken");
        slow.write_all(b"12345").expect("it is taken");
        assert_eq!(read_answer(&mut slow).expect("an answer").status, 408);
        for start in ["", "P", "POST /config HTTP/1.1\r\nHost: x\r\nX: y"] {
            let began = Instant::now();
            let mut slow = connect(address);
            slow.write_all(start.as_bytes()).expect("it is taken");
            let got = read_answer(&mut slow).map(|got| got.status);
            assert!(matches!(got, None | Some(408)), "{got:?}");
            assert!(began.elapsed() < Duration::from_secs(9), "{start}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_ends_and_a_long_one_is_asked_to() {
    let bounds = Bounds {
        head: Duration::from_secs(60),
        connection: SOON,
        drain: SOON,
        ..Bounds::default()
    };
    within(bounds, |address, _| {
        let mut idle = connect(address);
        let mut end = Vec::new();
        idle.read_to_end(&mut end).expect("it ends");
    })
    .await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_when_to_come_again() {
    let bounds = Bounds {
        connections: 1,
        ..Bounds::default()
    };
    within(bounds, |address, _| {
        let first = connect(address);
        let mut second = connect(address);
        let got = read_answer(&mut second).expect("an answer");
        assert_eq!(got.status, 503);
        assert!(got.head.contains("Retry-After: 2"), "{}", got.head);
        drop(first);
        let again = || post(address, "/config", &[]).map(|got| got.status);
        let began = Instant::now();
        while again() != Some(200) {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "its place is free"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_line_and_a_long_wait_are_503() {
    for (line, said) in [
        (0, "the line is full"),
        (1, "the wait in line was too long"),
    ] {
        let bounds = Bounds {
            cores: Some(0),
            line,
            line_wait: SOON,
            retry_seconds: 3,
            ..Bounds::default()
        };
        within(bounds, move |address, device| {
            let body = device.question(|_| {}).encode_to_vec();
            let got = post(address, "/queries", &body).expect("an answer");
            assert_eq!((got.status, &got.body[..]), (503, said.as_bytes()));
            assert!(
                got.head.to_lowercase().contains("retry-after: 3"),
                "{}",
                got.head
            );
        })
        .await;
    }
}

#[tokio::test]
async fn bodies_together_have_a_bound_and_announced_ones_take_nothing() {
    let bounds = Bounds {
        bodies_bytes: 64 << 10,
        ..Bounds::default()
    };
    within(bounds, |address, device| {
        let mut announced = connect(address);
        announced
            .write_all(head("/key", 9 << 20).as_bytes())
            .expect("it is taken");
        let asked = config(&[USECASE], 0).encode_to_vec();
        assert_eq!(
            post(address, "/config", &asked).expect("an answer").status,
            200
        );
        let key = device.keys.encode_to_vec();
        let got = post(address, "/key", &key).expect("an answer");
        assert_eq!(
            (got.status, &got.body[..]),
            (503, &b"too many bodies at once"[..])
        );
        assert_eq!(
            post(address, "/config", &asked).expect("an answer").status,
            200
        );
    })
    .await;
}
