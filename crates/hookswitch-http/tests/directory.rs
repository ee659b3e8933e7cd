//! The call directory over real loopback connections: changes, reasons, files.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use hookswitch_http::{DirectoryQuery, DirectoryRefusal, HttpLimits, RefusalKind};
use hookswitch_wire::json::ListChange;
use hookswitch_wire::view::{DecisionView, ImportReport};
use serde_json::Value;

use client::{Answer, PATIENCE, TOKEN, World, exchange, world};

async fn next(world: &mut World) -> DirectoryQuery {
    let next = tokio::time::timeout(PATIENCE, world.directory.recv()).await;
    next.unwrap().unwrap()
}

fn sends(
    world: &World,
    path: &str,
    kind: &str,
    body: &str,
) -> impl Future<Output = Answer> + use<> {
    let head = format!(
        "Authorization: Bearer {TOKEN}\r\nHost: {}\r\nContent-Type: {kind}\r\n",
        world.host()
    );
    let (host, path, body) = (world.host(), path.to_owned(), body.to_owned());
    async move { exchange(&host, "POST", &path, &head, &body).await }
}

fn refusal(kind: RefusalKind) -> DirectoryRefusal {
    DirectoryRefusal {
        kind,
        error: "NoExtensionFound".to_owned(),
        message: "There is no such list.".to_owned(),
    }
}

fn decision() -> DecisionView {
    serde_json::from_str(
        r#"{"verdict":"ring","headline":"Rings.","rule":null,"list":null,"at":1,
            "candidates":[],"steps":[],"labels":[]}"#,
    )
    .unwrap()
}

#[tokio::test]
async fn a_change_of_lists_goes_to_their_keeper_and_a_refusal_comes_back() {
    let mut world = world(HttpLimits::default(), 8).await;
    for (result, status) in [
        (Ok(()), 202),
        (Err(refusal(RefusalKind::Absent)), 404),
        (Err(refusal(RefusalKind::Conflict)), 409),
        (Err(refusal(RefusalKind::Busy)), 503),
    ] {
        let body = r#"{"request":"list-switch","list":"spam","on":true}"#;
        let sent = sends(&world, "/api/v1/requests", "application/json", body);
        let sent = tokio::spawn(sent);
        let DirectoryQuery::Change(change, reply) = next(&mut world).await else {
            panic!("a change");
        };
        assert_eq!(change, ListChange::Enable("spam".to_owned(), true));
        reply.send(result).unwrap();
        assert_eq!(sent.await.unwrap().status, status);
    }
    assert!(world.commands.try_recv().is_err(), "the core is not asked");
}

#[tokio::test]
async fn a_caller_is_explained_hidden_ones_too() {
    let mut world = world(HttpLimits::default(), 8).await;
    for (handle, kind) in [("+44 7700 900123", Some("phone-number")), ("", None)] {
        let body = format!(r#"{{"handle":"{handle}"}}"#);
        let path = "/api/v1/directory/explain";
        let sent = tokio::spawn(sends(&world, path, "application/json", &body));
        let DirectoryQuery::Explain(asked, reply) = next(&mut world).await else {
            panic!("a question");
        };
        assert_eq!(asked.as_ref().map(|handle| handle.kind().name()), kind);
        reply.send(Ok(decision())).unwrap();
        assert_eq!(sent.await.unwrap().json()["headline"], "Rings.");
    }
    let form = sends(&world, "/api/v1/directory/explain", "text/plain", "{}").await;
    assert_eq!(form.status, 415);
    let call = world.get("/api/v1/directory/calls/7").await;
    assert_eq!(call.status, 400);
}

#[tokio::test]
async fn a_file_comes_in_pieces_with_an_end_and_has_a_bound() {
    let limits = HttpLimits {
        file: 100_000,
        ..HttpLimits::default()
    };
    let mut world = world(limits, 8).await;
    let path = "/api/v1/directory/lists/spam?file=a.csv&names=true";
    for (size, status) in [(60_000, 200), (200_000, 413)] {
        let body = "7".repeat(size);
        let sent = tokio::spawn(sends(&world, path, "application/octet-stream", &body));
        let DirectoryQuery::Import(mut import) = next(&mut world).await else {
            panic!("a file");
        };
        assert_eq!(import.list.as_deref(), Some("spam"));
        assert!(import.options.names && !import.options.wide);
        let (mut read, mut whole) = (0, false);
        while let Some(piece) = import.pieces.recv().await {
            read += piece.len();
            whole = piece.is_empty();
        }
        assert_eq!(whole, status == 200);
        let report = ImportReport {
            blocks: read as u64,
            ..ImportReport::default()
        };
        // Nobody waits for what was told that it is too large.
        let is_awaited = import.reply.send(Ok(report)).is_ok();
        assert_eq!(is_awaited, status == 200);
        let answer = sent.await.unwrap();
        assert_eq!(answer.status, status, "{}", answer.body);
        if status == 200 {
            assert_eq!(answer.json()["blocks"], Value::from(size));
        }
    }
    let form = sends(&world, path, "text/plain", "7").await;
    assert_eq!(form.status, 415);
    let odd = path.replace("names", "name");
    let odd = sends(&world, &odd, "application/octet-stream", "7").await;
    assert_eq!(odd.status, 400);
}
