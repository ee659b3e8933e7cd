//! The phone's page over real HTTP: who gets in, what it says, what it refuses.

use std::time::Duration;

use hookswitch::BusAddress;
use hookswitch_audio::Backend;
use hookswitch_phone::config::Config;
use hookswitch_phone::run::{self, Options, Running};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_page_lets_in_by_token_only_and_shows_the_phone() {
    let bed = Bed::start().await;
    let token = format!("Authorization: Bearer {}", bed.running.address.token);
    assert_eq!(bed.get("/api/v1/status", &[]).await.0, 401);
    assert_eq!(bed.get("/", &[]).await.0, 401);
    assert_eq!(bed.get("/?token=wrong", &[]).await.0, 401);
    let (status, body) = bed.get("/api/v1/status", &[&token]).await;
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["sip"], bed.running.address.sip.to_string());
    assert_eq!(body["system"]["ready"], false);
    assert_eq!(body["browser"], "absent");
    let (status, page) = bed.get("/", &[&token]).await;
    assert!(status == 200 && page.contains("Use this browser for audio"));
}

#[tokio::test]
async fn the_entry_address_sets_the_cookie_that_opens_the_page() {
    let bed = Bed::start().await;
    let reply = bed
        .raw(
            "GET",
            &format!("/?token={}", bed.running.address.token),
            &[],
            "",
        )
        .await;
    assert!(reply.starts_with("HTTP/1.1 303"), "{reply}");
    let cookie = reply
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie
        .expect("a cookie is set")
        .split(';')
        .next()
        .expect("it has a value");
    assert!(reply.contains("HttpOnly; SameSite=Strict"), "{reply}");
    let (status, _page) = bed.get("/", &[&format!("Cookie: {cookie}")]).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn wrong_requests_get_a_typed_error() {
    let bed = Bed::start().await;
    for (path, body, want, name) in [
        (
            "dial",
            json!({"to": "sip:bob@127.0.0.1"}),
            503,
            "SystemAway",
        ),
        ("browser-offer", json!({"sdp": "nonsense"}), 422, "BadOffer"),
    ] {
        let (status, body) = bed.post(path, &body.to_string()).await;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(
            (status, body["error"].as_str()),
            (want, Some(name)),
            "{body}"
        );
    }
    for body in ["", "{", "{\"endpoint\":\"moon\"}", "[]"] {
        let (status, _body) = bed.post("endpoint", body).await;
        assert!((400..500).contains(&status), "{body:?} gave {status}");
    }
    assert_eq!(
        bed.post("endpoint", "{\"endpoint\":\"browser\"}").await.0,
        204
    );
    let large = "x".repeat(1_000_000);
    let (status, _body) = bed
        .post("browser-offer", &json!({ "sdp": large }).to_string())
        .await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn the_address_file_is_private_and_goes_with_the_phone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bed = Bed::start().await;
    let file = bed.folder.path().join("phone");
    let mode = std::fs::metadata(&file)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        run::find(bed.folder.path()),
        Some(bed.running.address.clone())
    );
    let stopping = std::time::Instant::now();
    bed.running.stop().await;
    assert!(!file.exists() && stopping.elapsed() < PATIENCE);
}

/// A phone without a daemon, on free ports.
struct Bed {
    running: Running,
    folder: tempfile::TempDir,
}

impl Bed {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a writable temporary folder");
        let nowhere = format!("unix:path={}/no-bus", folder.path().display());
        let options = Options {
            config: Config {
                port: Some(0),
                page_port: Some(0),
                ..Config::default()
            },
            backend: Backend::Null,
            bus: BusAddress::At(nowhere),
            runtime_dir: Some(folder.path().to_owned()),
        };
        let running = run::start(options).await.expect("the phone starts");
        Self { running, folder }
    }

    async fn get(&self, path: &str, headers: &[&str]) -> (u16, String) {
        split(&self.raw("GET", path, headers, "").await)
    }

    async fn post(&self, path: &str, body: &str) -> (u16, String) {
        let token = format!("Authorization: Bearer {}", self.running.address.token);
        let headers = [token.as_str(), "Content-Type: application/json"];
        split(
            &self
                .raw("POST", &format!("/api/v1/{path}"), &headers, body)
                .await,
        )
    }

    async fn raw(&self, method: &str, path: &str, headers: &[&str], body: &str) -> String {
        let host = self
            .running
            .address
            .url
            .strip_prefix("http://")
            .expect("an http address");
        let mut socket = TcpStream::connect(host).await.expect("the page listens");
        let headers: String = headers
            .iter()
            .map(|header| format!("{header}\r\n"))
            .collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut reply = Vec::new();
        let exchange = async {
            // A refused large body may be answered before it is read whole.
            socket.write_all(request.as_bytes()).await.ok();
            socket.read_to_end(&mut reply).await.ok();
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .expect("the page answers in time");
        String::from_utf8_lossy(&reply).into_owned()
    }
}

fn split(reply: &str) -> (u16, String) {
    let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((reply, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    (status, body.to_owned())
}
