//! Who may come in: token, `Host`, `Origin`; and what every answer carries.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use hookswitch_http::HttpLimits;
use serde_json::json;

use client::{TOKEN, World, world};

#[tokio::test]
async fn without_the_token_nothing_is_told() {
    let world = standard().await;
    let wrong = TOKEN.replace('0', "1");
    let host = format!("Host: {}\r\n", world.host());
    for shown in [
        String::new(),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: Bearer {wrong}\r\n"),
        format!("Authorization: Basic {TOKEN}\r\n"),
        format!("Authorization: Bearer {}\r\n", &TOKEN[..63]),
        format!("Cookie: hookswitch_token={wrong}\r\n"),
        format!("Cookie: other={TOKEN}\r\n"),
    ] {
        for path in [
            "/api/v1/view",
            "/api/v1/recents",
            "/api/v1/openapi.json",
            "/api/v1/ws",
        ] {
            let answer = world.send("GET", path, &format!("{host}{shown}"), "").await;
            assert_eq!(
                (answer.status, &answer.json()["error"]),
                (401, &json!("Unauthorized"))
            );
        }
        let answer = world.send("GET", "/", &format!("{host}{shown}"), "").await;
        assert_eq!(answer.status, 401);
        assert!(answer.body.contains("hookswitch ui"), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_page_without_the_token_says_what_to_do_in_our_look() {
    let world = standard().await;
    let host = format!("Host: {}\r\n", world.host());
    let page = world.send("GET", "/", &host, "").await;
    assert_eq!(page.status, 401);
    for part in ["href=\"/plain.css\"", "<pre>hookswitch ui</pre>"] {
        assert!(page.body.contains(part), "{part}");
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self';"), "{policy}");
    assert!(!page.body.contains("<style") && !page.body.contains(" style="));
    let style = world.send("GET", "/plain.css", &host, "").await;
    assert_eq!(style.status, 200);
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert!(style.body.contains("color-scheme: light dark"));
}

#[tokio::test]
async fn a_foreign_page_gets_not_even_the_style() {
    let world = standard().await;
    let foreign = "Host: rebound.example:80\r\n";
    let answer = world.send("GET", "/plain.css", foreign, "").await;
    assert_eq!(answer.status, 421);
}

#[tokio::test]
async fn the_login_address_sets_a_cookie_that_lets_in() {
    let world = standard().await;
    let host = format!("Host: {}\r\n", world.host());
    let login = world
        .send("GET", &format!("/?token={TOKEN}"), &host, "")
        .await;
    assert_eq!((login.status, login.header("location")), (303, Some("/")));
    let cookie = login.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().unwrap();
    let with_cookie = format!("{host}Cookie: theme=dark; {pair}\r\n");
    let page = world.send("GET", "/", &with_cookie, "").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let view = world.send("GET", "/api/v1/view", &with_cookie, "").await;
    assert_eq!(view.status, 200);

    let refused = world.send("GET", "/?token=guess", &host, "").await;
    assert_eq!((refused.status, refused.header("set-cookie")), (401, None));
}

#[tokio::test]
async fn a_foreign_host_is_refused_even_with_the_token() {
    let world = standard().await;
    let port = world.address.port();
    for (host, want) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("evil.example:{port}"), 421),
        (format!("127.0.0.1.evil.example:{port}"), 421),
        (format!("localhost.:{port}"), 421),
        ("127.0.0.1".to_owned(), 421),
        ("localhost:1".to_owned(), 421),
        (format!("127.0.0.2:{port}"), 421),
        (format!("user@127.0.0.1:{port}"), 421),
    ] {
        let head = format!("Host: {host}\r\nAuthorization: Bearer {TOKEN}\r\n");
        let answer = world.send("GET", "/api/v1/view", &head, "").await;
        assert_eq!(answer.status, want, "{host}");
    }
    let login = format!("Host: evil.example:{port}\r\n");
    let answer = world
        .send("GET", &format!("/?token={TOKEN}"), &login, "")
        .await;
    assert_eq!((answer.status, answer.header("set-cookie")), (421, None));
    let twice = format!(
        "Host: {0}\r\nHost: evil.example:{port}\r\nAuthorization: Bearer {TOKEN}\r\n",
        world.host()
    );
    assert_ne!(
        world.send("GET", "/api/v1/view", &twice, "").await.status,
        200
    );
    let absolute = format!("http://evil.example:{port}/api/v1/view");
    let head = format!(
        "Host: {}\r\nAuthorization: Bearer {TOKEN}\r\n",
        world.host()
    );
    assert_eq!(world.send("GET", &absolute, &head, "").await.status, 421);
}

#[tokio::test]
async fn a_foreign_origin_is_refused() {
    let mut world = standard().await;
    let port = world.address.port();
    for (origin, want) in [
        (format!("http://127.0.0.1:{port}"), 200),
        (format!("http://localhost:{port}"), 200),
        (format!("https://127.0.0.1:{port}"), 403),
        ("http://127.0.0.1:1".to_owned(), 403),
        ("https://evil.example".to_owned(), 403),
        ("null".to_owned(), 403),
    ] {
        let head = format!(
            "Host: {}\r\nOrigin: {origin}\r\nCookie: hookswitch_token={TOKEN}\r\n",
            world.host()
        );
        let answer = world.send("GET", "/api/v1/view", &head, "").await;
        assert_eq!(answer.status, want, "{origin}");
        if want == 403 {
            let head = format!("{head}Content-Type: application/json\r\n");
            let body = r#"{"request":"swap"}"#;
            let answer = world.send("POST", "/api/v1/requests", &head, body).await;
            assert_eq!(answer.status, 403, "{origin}");
        }
    }
    assert!(world.commands.try_recv().is_err());
}

#[tokio::test]
async fn every_answer_carries_the_safety_headers() {
    let world = standard().await;
    let host = format!("Host: {}\r\n", world.host());
    let foreign = "Host: evil.example\r\n";
    for (path, head) in [("/", host.as_str()), ("/nothing", &host), ("/", foreign)] {
        let answer = world.send("GET", path, head, "").await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "script-src 'self'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

async fn standard() -> World {
    world(HttpLimits::default(), 8).await
}
