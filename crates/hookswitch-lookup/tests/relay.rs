//! TLS, HTTP/2 and Oblivious HTTP: a client asks through a relay that learns nothing.

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bhttp::{Message, Mode};
use hookswitch_lookup::ask::ask;
use hookswitch_lookup::bounds::Bounds;
use hookswitch_lookup::gateway::{self, Gateway};
use hookswitch_lookup::post::{Peer, Transport};
use hookswitch_lookup::serve::{Front, Stop, pages, serve};
use hookswitch_lookup::service::Service;
use hookswitch_lookup::tls;
use hookswitch_lookup::tokens::verifier::Access;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ohttp::ClientRequest;
use support::{Got, exchange, folder};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A service with a certificate of its own and a gateway, and what ends it.
struct Covered {
    /// `localhost:port`.
    host: String,
    /// The certificate, which is its own authority.
    authority: PathBuf,
    configs: Vec<u8>,
    stop: Stop,
    serving: JoinHandle<()>,
    _folders: [TempDir; 2],
}

impl Covered {
    async fn start() -> Self {
        let (data, secrets) = (folder(), tempfile::tempdir().expect("a folder"));
        let at = |name: &str| secrets.path().join(name);
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.expect("a certificate");
        std::fs::write(at("cert"), made.cert.pem()).expect("it is written");
        std::fs::write(at("key"), made.signing_key.serialize_pem()).expect("it is written");
        assert_eq!(gateway::add_key(&at("gateway")).expect("a key"), 1);
        let front = Front::new(Bounds::default());
        let service = Service::load(data.path()).expect("it loads");
        let pages = pages(service, Access::Open, front.clone());
        let gateway = Gateway::open(&at("gateway")).expect("a gateway");
        let pages = gateway.router(pages, front.clone());
        let acceptor = tls::server(&at("cert"), &at("key")).expect("TLS");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (stop, serving) = serve(listener, Some(acceptor), pages, &front);
        let serving = tokio::spawn(serving);
        let (host, authority) = (format!("localhost:{port}"), at("cert"));
        let transport = direct(&host, &authority);
        let configs = blocking(move || transport.get(gateway::PATH, &[])).await;
        Self {
            configs: configs.expect("the key configurations"),
            host,
            authority,
            stop,
            serving,
            _folders: [data, secrets],
        }
    }

    async fn stop(self) {
        self.stop.stop();
        self.serving.await.expect("it ends");
    }
}

fn direct(host: &str, authority: &Path) -> Transport {
    Transport::tls(host, tls::client(Some(authority)).expect("TLS"))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("it ends")
}

/// What a relay has seen: the heads and bodies of requests, and those of answers.
type Seen = Arc<Mutex<Vec<u8>>>;

async fn relay(
    State((gateway, seen)): State<(Transport, Seen)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, StatusCode> {
    let kind = [("Content-Type", gateway::REQUEST)];
    let sent = body.clone();
    let answer = blocking(move || gateway.post(gateway::PATH, &kind, &sent)).await;
    let answer = answer.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let mut seen = seen.lock().expect("it is whole");
    seen.extend(format!("{headers:?}").into_bytes());
    seen.extend(body);
    seen.extend(&answer);
    Ok(answer)
}

#[tokio::test]
async fn a_number_is_looked_up_through_a_relay_that_learns_nothing() {
    let covered = Covered::start().await;
    let target = direct(&covered.host, &covered.authority);
    let seen = Seen::default();
    let state = (target.clone(), Arc::clone(&seen));
    let front = Front::new(Bounds::default());
    let relaying = Router::new().route("/relay", post(relay)).with_state(state);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (stop, serving) = serve(listener, None, relaying, &front);
    let serving = tokio::spawn(serving);
    let peer = |transport| Peer {
        transport,
        user: "a-very-secret-user".to_owned(),
        wallet: None,
    };
    let near = peer(target.clone());
    let relay = Transport::plain(&address);
    let far = peer(target.through(relay, "/relay", covered.configs.clone()));
    blocking(move || {
        for peer in [near, far] {
            let answer = ask(&peer, "org.example", "+14085551212").expect("an answer");
            let name = answer.identity.expect("it is known").name;
            assert_eq!(name, "Johnny Appleseed");
            let error = ask(&peer, "org.nothing", "+14085551212").expect_err("no use case");
            assert!(error.to_string().contains("404"), "{error}");
        }
    })
    .await;
    let seen = std::mem::take(&mut *seen.lock().expect("it is whole"));
    assert!(seen.len() > 100_000, "the relay carried an evaluation key");
    for secret in [
        "a-very-secret-user",
        "user-identifier",
        "org.example",
        "/queries",
        "Johnny",
    ] {
        let found = seen
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "the relay saw {secret}");
    }
    stop.stop();
    serving.await.expect("it ends");
    covered.stop().await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let covered = Covered::start().await;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let other = covered.authority.with_extension("other");
    std::fs::write(&other, made.expect("a certificate").cert.pem()).expect("it is written");
    let transport = direct(&covered.host, &other);
    let error = blocking(move || transport.get("/ohttp-keys", &[])).await;
    let error = format!("{:#}", error.expect_err("it is refused"));
    assert!(error.contains("certificate"), "{error}");
    covered.stop().await;
}

#[tokio::test]
async fn http_2_is_spoken_over_tls() {
    let covered = Covered::start().await;
    let client = tls::client(Some(&covered.authority)).expect("TLS");
    let mut client = Arc::unwrap_or_clone(client);
    client.alpn_protocols = vec![b"h2".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let stream = TcpStream::connect(&covered.host.replace("localhost", "127.0.0.1")).await;
    let name = "localhost".try_into().expect("a name");
    let stream = connector
        .connect(name, stream.expect("it listens"))
        .await
        .expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (executor, stream) = (TokioExecutor::new(), TokioIo::new(stream));
    let spoken = hyper::client::conn::http2::handshake(executor, stream).await;
    let (mut sender, connection) = spoken.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let request = hyper::Request::get("https://localhost/ohttp-keys");
    let request = request.body(Full::<Bytes>::default()).expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/ohttp-keys");
    let body = answer
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    assert_eq!(body, covered.configs);
    drop(sender);
    covered.stop().await;
    let _ = connection.await;
}

/// A message wrapped for the gateway.
fn wrapped(configs: &[u8], bytes: &[u8]) -> Vec<u8> {
    let request = ClientRequest::from_encoded_config_list(configs).expect("a configuration");
    request.encapsulate(bytes).expect("it is wrapped").0
}

fn message(method: &str, path: &str, header: &str) -> Vec<u8> {
    let mut message = Message::request(method.into(), "https".into(), "x".into(), path.into());
    message.put_header(header, "x");
    let mut bytes = Vec::new();
    message
        .write_bhttp(Mode::KnownLength, &mut bytes)
        .expect("a message");
    bytes
}

#[tokio::test]
async fn the_gateway_refuses_what_is_no_request() {
    let secrets = tempfile::tempdir().expect("a folder");
    let file = secrets.path().join("gateway");
    gateway::add_key(&file).expect("a key");
    let old = Gateway::open(&file).expect("a gateway");
    let front = Front::new(Bounds::default());
    let old = configs_of(old, &front).await;
    for count in 2..=4 {
        assert_eq!(gateway::add_key(&file).expect("a key"), count);
    }
    let pages = Router::new().route("/page", post(async || "a page"));
    let gateway = Gateway::open(&file).expect("a gateway");
    let pages = gateway.router(pages, front.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (stop, serving) = serve(listener, None, pages, &front);
    let serving = tokio::spawn(serving);
    blocking(move || check_gateway(&address, &old)).await;
    stop.stop();
    serving.await.expect("it ends");
}

/// Posts to the gateway as it is.
fn post_wrapped(address: &str, kind: &str, body: &[u8]) -> Got {
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n",
        gateway::PATH,
        body.len()
    );
    exchange(address, &head, body).expect("an answer")
}

fn check_gateway(address: &str, old: &[u8]) {
    let configs = Transport::plain(address);
    let configs = configs.get("/ohttp-keys", &[]).expect("keys");
    let wrap = |method, path, header| wrapped(&configs, &message(method, path, header));
    let good = wrap("POST", "/page", "a");
    let mut unknown = good.clone();
    unknown[0] = 99;
    let mut changed = good.clone();
    *changed.last_mut().expect("bytes") ^= 1;
    let rows = [
        ("nothing", Vec::new(), 400),
        ("an unknown key", unknown.clone(), 400),
        ("a changed request", changed, 400),
        ("a short request", good[..20].to_vec(), 400),
        ("no HTTP inside", wrapped(&configs, &[0xff; 40]), 400),
        (
            "an answer inside",
            wrapped(&configs, &[1, 0x40, 200, 0]),
            400,
        ),
        ("no path", wrap("POST", " ", "a"), 400),
        ("no method", wrap("", "/page", "a"), 400),
        ("no header", wrap("POST", "/", "\n"), 400),
        ("a page", good.clone(), 200),
        ("no page", wrap("GET", "/x", "a"), 200),
        ("itself", wrap("POST", gateway::PATH, "a"), 200),
        (
            "the key of before",
            wrapped(old, &message("GET", "/x", "a")),
            200,
        ),
    ];
    for (name, body, want) in rows {
        let got = post_wrapped(address, gateway::REQUEST, &body);
        assert_eq!(
            got.status,
            want,
            "{name}: {}",
            String::from_utf8_lossy(&got.body)
        );
    }
    assert_eq!(post_wrapped(address, "text/plain", &good).status, 415);
    let problem = post_wrapped(address, gateway::REQUEST, &unknown);
    assert!(
        problem.head.contains("application/problem+json"),
        "{}",
        problem.head
    );
    assert!(String::from_utf8_lossy(&problem.body).contains("#ohttp-key"));
}

/// The key configurations that a gateway publishes.
async fn configs_of(gateway: Gateway, front: &Front) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let pages = gateway.router(Router::new(), front.clone());
    let (stop, serving) = serve(listener, None, pages, front);
    let serving = tokio::spawn(serving);
    let configs = blocking(move || Transport::plain(&address).get("/ohttp-keys", &[])).await;
    stop.stop();
    serving.await.expect("it ends");
    configs.expect("keys")
}
