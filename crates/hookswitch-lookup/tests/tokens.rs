//! Privacy Pass: the published vectors, the issuer, the service that takes tokens, the wallet.

mod support;

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue};
use hookswitch_lookup::ask::ask;
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::post::{Peer, Transport};
use hookswitch_lookup::refusal::Refusal;
use hookswitch_lookup::serve::{Front, Stop, pages, serve};
use hookswitch_lookup::service::Service;
use hookswitch_lookup::tokens::blind::{PublicKey, SecretKey};
use hookswitch_lookup::tokens::issuer::{Issuer, Tier, Users};
use hookswitch_lookup::tokens::keys;
use hookswitch_lookup::tokens::message::{Token, challenge, input, request};
use hookswitch_lookup::tokens::spent::Spent;
use hookswitch_lookup::tokens::verifier::{Access, Verifier};
use hookswitch_lookup::tokens::wallet::{Habit, IssuerPeer, Wallet};
use support::{exchange, folder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const ISSUER: &str = "issuer.example";
const USER: &str = "dXNlcg";

/// A value of the vectors of RFC 9578.
fn vector(name: &str) -> Vec<u8> {
    let text = include_str!("fixtures/rfc9578-2.txt");
    let start = format!("\n{name}:");
    let text = &text[text.find(&start).expect(name) + start.len()..];
    let end = text
        .find(':')
        .map_or(text.len(), |end| text[..end].rfind('\n').expect(name));
    let digits = text[..end]
        .bytes()
        .filter(u8::is_ascii_hexdigit)
        .collect::<Vec<_>>();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect(name), 16);
    digits
        .chunks(2)
        .map(|pair| byte(pair).expect(name))
        .collect()
}

#[test]
fn the_vectors_of_rfc_9578_come_out() {
    let secret = SecretKey::from_pem(&vector("skS")).expect("a key");
    assert_eq!(secret.public().spki(), vector("pkS"));
    let key = PublicKey::from_spki(&vector("pkS")).expect("a key");
    let want = Token::from_bytes(vector("token")).expect("a token");
    assert_eq!(want.key_id(), key.id());
    let nonce = vector("nonce").try_into().expect("32 bytes");
    let input = input(&nonce, &vector("token_challenge"), &key.id());
    assert_eq!(input, want.input());
    let salt = vector("salt").try_into().expect("48 bytes");
    let blinded = key
        .blind(&input, &salt, &vector("blind"))
        .expect("it has an inverse");
    assert_eq!(
        request(&key.id(), &blinded.message),
        vector("token_request")
    );
    let signed = secret.sign(&blinded.message).expect("it is signed");
    assert_eq!(signed, vector("token_response"));
    let signature = key
        .finalize(&blinded, &signed, &input)
        .expect("a signature");
    assert_eq!(
        Token::new(input.clone(), &signature).bytes(),
        vector("token")
    );
    assert!(key.finalize(&blinded, &vector("blind"), &input).is_err());
    let header = want.to_header();
    assert_eq!(Token::from_header(&header).expect("a token"), want);
    let bare = header
        .trim_end_matches('=')
        .replace("token=", "a=b, token=\"")
        + "\"";
    assert_eq!(Token::from_header(&bare).expect("a token"), want);
    assert_eq!(challenge(ISSUER), b"\0\x02\0\x0eissuer.example\0\0\0");
}

/// A folder of keys for two tiers.
fn key_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let tiers = ["tier1".to_owned(), "tier2".to_owned()];
    keys::add(folder.path(), ISSUER, &tiers, 0).expect("keys");
    folder
}

fn issuer(folder: &Path, per_hour: u32) -> Issuer {
    let users = Users {
        per_hour,
        users: vec![
            Tier {
                tier: "tier1".to_owned(),
                tokens: vec![USER.to_owned()],
            },
            Tier {
                tier: "tier2".to_owned(),
                tokens: vec!["b3RoZXI=".to_owned()],
            },
        ],
    };
    Issuer::open(folder, &users).expect("an issuer")
}

/// A token of tier 1, signed here.
fn token(folder: &Path, nonce: u8, issuer: &str) -> Token {
    let list = keys::List::read(folder).expect("a list");
    let key = keys::secret(folder, &list.keys[0]).expect("a key");
    let input = input(&[nonce; 32], &challenge(issuer), &key.public().id());
    signed(&key, input)
}

/// A token that is signed, whatever it says.
fn signed(key: &SecretKey, input: Vec<u8>) -> Token {
    let blinded = key
        .public()
        .blind(&input, &[1; 48], &[7; 200])
        .expect("it is blinded");
    let signed = key.sign(&blinded.message).expect("it is signed");
    let signature = key.public().finalize(&blinded, &signed, &input);
    Token::new(input, &signature.expect("a signature"))
}

/// A server that stops at the end.
struct Server {
    address: String,
    stop: Stop,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(pages: axum::Router, front: &Front) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, serving) = serve(listener, None, pages, front);
        Self {
            address,
            stop,
            serving: tokio::spawn(serving),
        }
    }

    async fn stop(self) {
        self.stop.stop();
        self.serving.await.expect("it ends");
    }
}

async fn blocking(check: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(check)
        .await
        .expect("the checks pass");
}

fn with_token(path: &str, authorization: &str, length: usize) -> String {
    let authorization = match authorization {
        "" => String::new(),
        value => format!("Authorization: {value}\r\n"),
    };
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: a\r\nUser-Identifier: b\r\n\
         {authorization}Connection: close\r\nContent-Length: {length}\r\n\r\n"
    )
}

#[tokio::test]
async fn only_a_token_that_was_never_spent_is_answered() {
    let (data, keys) = (folder(), key_folder());
    let front = Front::new(Bounds::default());
    let verifier = Arc::new(Verifier::open(keys.path(), None).expect("a verifier"));
    let service = Service::load(data.path()).expect("it loads");
    let pages = pages(
        service,
        Access::Tokens(Arc::clone(&verifier)),
        front.clone(),
    );
    let server = Server::start(pages, &front).await;
    let address = server.address.clone();
    blocking(move || {
        let good = token(keys.path(), 1, ISSUER);
        let spoiled = |place: usize| {
            let mut bytes = good.bytes().to_vec();
            bytes[place] ^= 1;
            Token::from_bytes(bytes).map_or("PrivateToken token=AAAA".to_owned(), |t| t.to_header())
        };
        let other = token(keys.path(), 2, "another.example").to_header();
        let list = keys::List::read(keys.path()).expect("a list");
        let key = keys::secret(keys.path(), &list.keys[0]).expect("a key");
        let lie = |place: usize| {
            let mut input = good.input().to_vec();
            input[place] ^= 1;
            signed(&key, input).to_header()
        };
        let rows = [
            ("no token", String::new(), 401),
            ("another scheme", "Bearer dXNlcg".to_owned(), 401),
            ("no base64", "PrivateToken token=***".to_owned(), 401),
            ("nothing", "PrivateToken token=".to_owned(), 401),
            (
                "long",
                format!("PrivateToken token={}", "A".repeat(5_000)),
                401,
            ),
            ("another type", spoiled(1), 401),
            ("another type, signed", lie(1), 401),
            ("another key, signed", lie(97), 401),
            ("another challenge, signed", lie(40), 401),
            ("another nonce", spoiled(2), 401),
            ("another challenge", spoiled(40), 401),
            ("another key", spoiled(70), 401),
            ("another signature", spoiled(353), 401),
            ("another issuer", other, 401),
            ("a token", good.to_header(), 200),
            ("the same token", good.to_header(), 401),
        ];
        for (name, authorization, want) in rows {
            let head = with_token("/config", &authorization, 0);
            let got = exchange(&address, &head, &[]).expect("an answer");
            assert_eq!(got.status, want, "{name}");
        }
        for path in ["/config", "/key", "/queries"] {
            // Who has no token is refused before the body is read.
            let got = exchange(&address, &with_token(path, "", 9 << 20), &[]);
            assert_eq!(got.expect("an answer").status, 401);
        }
        race(&address, &token(keys.path(), 3, ISSUER).to_header());
    })
    .await;
    assert_eq!(verifier.spent(), 2);
    server.stop().await;
}

/// Thirty-two requests with one token at once: exactly one is answered.
fn race(address: &str, token: &str) {
    let start = Arc::new(Barrier::new(32));
    let racer = |_| {
        let (start, address, token) = (Arc::clone(&start), address.to_owned(), token.to_owned());
        std::thread::spawn(move || {
            start.wait();
            let head = with_token("/queries", &token, 0);
            exchange(&address, &head, &[]).expect("an answer").status
        })
    };
    let racers = (0..32).map(racer).collect::<Vec<_>>();
    let statuses = racers
        .into_iter()
        .map(|racer| racer.join().expect("an answer"));
    let mut statuses = statuses.collect::<Vec<_>>();
    statuses.sort_unstable();
    let mut want = vec![401; 32];
    want[0] = 200;
    assert_eq!(statuses, want);
}

/// Spends a token as a request does.
fn spend(spent: &Spent, token: &Token) -> Result<(), Refusal> {
    spent.reserve(token)?;
    spent.write(token)
}

#[test]
fn of_many_that_spend_one_token_at_once_exactly_one_wins() {
    let keys = key_folder();
    let file = keys.path().join("spent");
    let list = keys::List::read(keys.path()).expect("a list");
    let ids = list.public(keys.path()).expect("keys");
    let ids = ids.iter().map(|listed| listed.key.id()).collect::<Vec<_>>();
    let tokens = (0..20)
        .map(|nonce| token(keys.path(), nonce, ISSUER))
        .collect::<Vec<_>>();
    let spent = Spent::open(&file, &ids).expect("a memory");
    let start = Barrier::new(16);
    let wins = std::thread::scope(|scope| {
        let race = || {
            tokens
                .iter()
                .filter(|token| {
                    start.wait();
                    spend(&spent, token).is_ok()
                })
                .count()
        };
        let threads = (0..16).map(|_| scope.spawn(race)).collect::<Vec<_>>();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it ends"))
            .sum::<usize>()
    });
    assert_eq!((wins, spent.count()), (20, 20));
    let second = Spent::open(&file, &ids).expect_err("another has the file");
    assert!(
        format!("{second:#}").contains("another service"),
        "{second:#}"
    );
    drop(spent);
    // A record that was cut off is no record, and keys that are not taken any more are left out.
    let mut bytes = std::fs::read(&file).expect("the file");
    bytes.extend([1; 7]);
    std::fs::write(&file, bytes).expect("it is written");
    let again = Spent::open(&file, &ids).expect("a memory");
    assert_eq!(
        spend(&again, &tokens[7]).expect_err("it was spent").status,
        401
    );
    drop(again);
    let other = Spent::open(&file, &ids[1..]).expect("a memory");
    assert_eq!(other.count(), 0);
    let small = Spent::forgetful(1);
    spend(&small, &tokens[0]).expect("the first is spent");
    assert_eq!(
        spend(&small, &tokens[1]).expect_err("it is full").status,
        503
    );
    assert_eq!(
        spend(&small, &tokens[0]).expect_err("it was spent").status,
        401
    );
}

#[tokio::test]
async fn the_issuer_has_its_statuses() {
    let keys = key_folder();
    let front = Front::new(Bounds::default());
    let pages = issuer(keys.path(), 2).router(front.clone());
    let server = Server::start(pages, &front).await;
    let address = server.address.clone();
    blocking(move || {
        let list = keys::List::read(keys.path()).expect("a list");
        let public = list.public(keys.path()).expect("keys");
        let get = |path: &str, user: &str| {
            let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{user}Connection: close\r\n\r\n");
            exchange(&address, &head, &[]).expect("an answer")
        };
        let directory = get("/.well-known/private-token-issuer-directory", "");
        let said = String::from_utf8(directory.body).expect("text");
        assert!(
            said.starts_with("{\"issuer-request-uri\":\"/issue\",\"token-keys\":["),
            "{said}"
        );
        assert_eq!(said.matches("\"token-type\":2").count(), 2);
        let key = get(
            "/token-key-for-user-token",
            &format!("Authorization: Bearer {USER}\r\n"),
        );
        assert_eq!((key.status, key.body.len()), (200, 342));
        assert_eq!(key.body, public[0].key.spki());
        for user in [
            "",
            "Authorization: Bearer \r\n",
            "Authorization: Bearer x\r\n",
        ] {
            assert_eq!(get("/token-key-for-user-token", user).status, 401);
        }
        let ask = request(&public[0].key.id(), &[1; 256]);
        let of_another_tier = request(&public[1].key.id(), &[1; 256]);
        let mut of_another_type = ask.clone();
        of_another_type[1] = 1;
        let too_large = request(&public[0].key.id(), &[0xff; 256]);
        let user = &format!("Bearer {USER}")[..];
        let rows = [
            ("no user", "", &ask[..], 401),
            ("another user", "Bearer eHh4", &ask, 401),
            ("short", user, &ask[..258], 422),
            ("empty", user, &[], 422),
            ("long", user, &[0; 1_000], 422),
            ("another type", user, &of_another_type, 422),
            ("the key of another tier", user, &of_another_tier, 422),
            ("a message above the modulus", user, &too_large, 422),
            ("a request", user, &ask, 200),
            ("too many of one user", user, &ask, 429),
            (
                "another user has its own count",
                "Bearer b3RoZXI",
                &of_another_tier,
                200,
            ),
        ];
        for (name, user, body, want) in rows {
            let head = with_token("/issue", user, body.len());
            let got = exchange(&address, &head, body).expect("an answer");
            assert_eq!(got.status, want, "{name}");
            assert!(want != 200 || got.body.len() == 256, "{name}");
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn a_client_asks_with_tokens_of_an_issuer_that_is_another_server() {
    let (data, keys) = (folder(), key_folder());
    let front = Front::new(Bounds::default());
    let issuing = issuer(keys.path(), 600).router(front.clone());
    let issuing = Server::start(issuing, &front).await;
    let spent = keys.path().join("spent");
    let verifier = Verifier::open(keys.path(), Some(&spent)).expect("a verifier");
    let service = Service::load(data.path()).expect("it loads");
    let pages = pages(service, Access::Tokens(Arc::new(verifier)), front.clone());
    let serving = Server::start(pages, &front).await;
    let issuer = IssuerPeer {
        transport: Transport::plain(&issuing.address),
        name: ISSUER.to_owned(),
        user_token: USER.to_owned(),
    };
    let mut peer = Peer {
        transport: Transport::plain(&serving.address),
        user: "b".to_owned(),
        wallet: None,
    };
    blocking(move || {
        let error = ask(&peer, "org.example", "+14085551212").expect_err("no token");
        assert!(error.to_string().contains("401"), "{error}");
        let wallet = Wallet::new(issuer, Habit::default());
        peer.wallet = Some(wallet.clone());
        let answer = ask(&peer, "org.example", "+14085551212").expect("an answer");
        assert_eq!(
            answer.identity.expect("it is known").name,
            "Johnny Appleseed"
        );
        let began = Instant::now();
        while wallet.count() < 5 {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "the wallet is filled again"
            );
            std::thread::yield_now();
        }
    })
    .await;
    serving.stop().await;
    issuing.stop().await;
}

#[test]
fn keys_are_rotated_again_and_again_and_keep_their_issuer() {
    let keys = key_folder();
    let tier = ["tier1".to_owned()];
    let path = keys.path().join("keys.toml");
    for round in 1..4 {
        let list = keys::add(keys.path(), ISSUER, &tier, round).expect("a new key");
        assert_eq!(list.keys.len(), 3);
        // The oldest is taken off the list; its files stay.
        let text = std::fs::read_to_string(&path).expect("the list");
        let start = text.find("[[keys]]").expect("a key");
        let end = start + 1 + text[start + 1..].find("[[keys]]").expect("another");
        let text = [&text[..start], &text[end..]].concat();
        std::fs::write(&path, text).expect("it is written");
    }
    let refused = keys::add(keys.path(), "isuer.example", &tier, 0).expect_err("a slip");
    assert!(refused.to_string().contains(ISSUER), "{refused}");
    assert_eq!(
        keys::List::read(keys.path()).expect("a list").issuer,
        ISSUER
    );
}

#[tokio::test]
async fn a_key_signs_when_its_time_has_come_and_the_old_one_is_still_taken() {
    let keys = key_folder();
    let before = token(keys.path(), 1, ISSUER);
    let tier = ["tier1".to_owned()];
    keys::add(keys.path(), ISSUER, &tier, u64::MAX / 4).expect("a key for later");
    let list = keys::add(keys.path(), ISSUER, &tier, 1_000).expect("a key for now");
    let newest = list.public(keys.path()).expect("keys").remove(3).key;
    let front = Front::new(Bounds::default());
    let pages = issuer(keys.path(), 1).router(front.clone());
    let server = Server::start(pages, &front).await;
    let transport = Transport::plain(&server.address);
    blocking(move || {
        let user = format!("Bearer {USER}");
        let key = transport.get("/token-key-for-user-token", &[("Authorization", &user)]);
        assert_eq!(key.expect("a key"), newest.spki());
    })
    .await;
    server.stop().await;
    let verifier = Verifier::open(keys.path(), None).expect("a verifier");
    let access = Access::Tokens(Arc::new(verifier));
    let mut headers = HeaderMap::new();
    let header = HeaderValue::from_str(&before.to_header()).expect("a header");
    headers.insert("authorization", header);
    let ticket = access
        .check(&headers)
        .expect("it is taken")
        .expect("a ticket");
    ticket.spend().expect("it is spent");
}
