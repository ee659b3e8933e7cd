//! What the pages do with lists, in the real daemon: check a file, load it, ask why, change lists.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::world::{HANG, World};

#[tokio::test]
async fn a_page_checks_and_loads_a_file_and_asks_why() {
    let world = World::start("").await;
    let page = Page::of(&world).await;
    let long = "x".repeat(300);
    let csv = format!("number,name\n+12025550101,Pest\n+12025550102,{long}\n07911 123456,A\n");
    let (status, report) = page.send("lint?file=spam.csv", csv.as_bytes());
    assert_eq!(status, 200, "{report}");
    assert_eq!(
        (&report["blocks"], &report["names"]),
        (&json!(2), &json!(2))
    );
    let notes = report["notes"].to_string();
    assert!(notes.contains("Enter the region"), "{notes}");
    assert!(notes.contains("more than 256 bytes"), "{notes}");
    assert!(
        !notes.contains("--"),
        "no options of a command line: {notes}"
    );
    assert_eq!(page.sources(), [] as [String; 0]);

    let (status, loaded) = page.send("lists/spam?file=spam.csv", csv.as_bytes());
    assert_eq!((status, &loaded["loaded"]), (200, &json!(true)), "{loaded}");
    assert_eq!(
        (&loaded["blocks"], &loaded["names"]),
        (&report["blocks"], &report["names"])
    );
    let why = page.explain("+12025550102");
    assert_eq!(why["list"], "spam", "{why}");
    let name = why["labels"][0]["text"].as_str().unwrap_or_default();
    assert_eq!(name.len(), 256, "{why}");

    let off = json!({ "request": "list-switch", "list": "spam", "on": false });
    assert_eq!(
        page.ask("POST", "requests", off.to_string().as_bytes()).0,
        202
    );
    assert_eq!(page.explain("+12025550102")["verdict"], "ring");
    let (status, none) = page.get("directory/calls/00000000-0000-4000-8000-000000000000");
    assert_eq!(
        (status, &none["error"]),
        (404, &json!("UnknownCall")),
        "{none}"
    );
}

#[tokio::test]
async fn what_is_refused_or_given_up_leaves_nothing_behind() {
    let world = World::start("").await;
    let page = Page::of(&world).await;
    for (query, text, status, error) in [
        ("lists/new?file=a.txt", "nothing\n", 409, "NothingFound"),
        ("lists/new?file=a.txt", "+44*\n", 409, "TooWide"),
        ("lists/a.b?file=a.txt", "+12025550101\n", 400, "BadName"),
        (
            "lists/a%20b?file=a.txt",
            "+12025550101\n",
            400,
            "InvalidArgument",
        ),
        (
            "lint?file=a.txt&region=XX",
            "+12025550101\n",
            400,
            "BadRegion",
        ),
    ] {
        let (told, body) = page.send(query, text.as_bytes());
        assert_eq!(
            (told, &body["error"]),
            (status, &json!(error)),
            "{query}: {body}"
        );
        assert_eq!(page.sources(), [] as [String; 0], "{query}");
    }
    // A list that is there keeps what it had.
    let (status, _) = page.send("lists/mine?file=a.txt", b"+12025550101\n");
    assert_eq!(status, 200);
    let (status, _) = page.send("lists/mine?file=a.txt", b"+44*\n");
    assert_eq!(status, 409);
    assert_eq!(page.explain("+12025550101")["verdict"], "block");
    // A page that leaves in the middle of its file.
    let mut half = page.connect();
    half.write_all(page.head("POST", "directory/lists/half", 1_000).as_bytes())
        .expect("sent");
    half.write_all(b"+12025550102\n").expect("sent");
    drop(half);
    let (status, _) = page.send("lists/after?file=a.txt", b"+12025550103\n");
    assert_eq!(status, 200);
    assert_eq!(page.sources(), ["mine", "after"]);
    assert_eq!(page.explain("+12025550102")["verdict"], "ring");
}

/// A page of the user.
struct Page {
    host: String,
    token: String,
}

impl Page {
    async fn of(world: &World) -> Self {
        let login = world.hand.controller.ui_address().await.expect("served");
        let (url, token) = login.split_once("/?token=").expect("a login");
        let host = url.strip_prefix("http://").expect("plain HTTP");
        Self {
            host: host.to_owned(),
            token: token.to_owned(),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.host).expect("served");
        stream.set_read_timeout(Some(HANG)).expect("a deadline");
        stream
    }

    fn head(&self, method: &str, path: &str, length: usize) -> String {
        let kind = if path.starts_with("directory/l") {
            "octet-stream"
        } else {
            "json"
        };
        let (host, token) = (&self.host, &self.token);
        format!(
            "{method} /api/v1/{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/{kind}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n"
        )
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        let mut stream = self.connect();
        let head = self.head(method, path, body.len());
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        (status.expect("a status"), body)
    }

    fn send(&self, query: &str, file: &[u8]) -> (u16, Value) {
        self.ask("POST", &format!("directory/{query}"), file)
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, b"")
    }

    fn explain(&self, number: &str) -> Value {
        let body = json!({ "handle": number }).to_string();
        let (status, why) = self.ask("POST", "directory/explain", body.as_bytes());
        assert_eq!(status, 200, "{why}");
        why
    }

    /// The lists that the pages show.
    fn sources(&self) -> Vec<String> {
        let (_, view) = self.get("view");
        let lists = view["sources"].as_array();
        let ids = lists.into_iter().flatten().map(|list| list["id"].as_str());
        ids.flatten().map(str::to_owned).collect()
    }
}
