//! What apps bring along: heard on a real PipeWire server, seen on the page's own interface.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use hookswitch_testbed::{AudioServer, Bed, PrivateBus, RECORD_RATE_HZ, tone};
use zbus::Fd;

use crate::app::App;
use crate::world::{HANG, World};

const NAME: &str = "org.example.Acme";
/// The app's own ringtone.
const OWN_HZ: f64 = 700.0;

#[zbus::proxy(
    interface = "org.hookswitch.Calls1.Materials",
    default_service = "org.hookswitch.Calls1",
    default_path = "/org/hookswitch/Calls1"
)]
trait Materials {
    fn set_ringtone(&self, sound: Fd<'_>) -> zbus::Result<()>;
    fn clear_ringtone(&self) -> zbus::Result<()>;
    fn set_icon(&self, picture: Fd<'_>) -> zbus::Result<()>;
}

async fn materials(app: &App) -> MaterialsProxy<'static> {
    let connection = app.provider.inner().connection();
    MaterialsProxy::new(connection).await.expect("a proxy")
}

fn file(world: &World, name: &str, bytes: &[u8]) -> std::os::fd::OwnedFd {
    let path = world.bed.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    File::open(path).expect("readable").into()
}

#[tokio::test]
async fn a_call_rings_with_what_its_app_brought_along() {
    let bed = Bed::new();
    let server = AudioServer::start(&bed);
    server.add_sink("speaker");
    server.set_default_sink("speaker");
    let bus = PrivateBus::start(&bed);
    let world = World::start_on(bed, bus, "").await;
    let app = App::register(world.bus.address(), NAME).await;
    let sound = world.bed.path().join("own.wav");
    tone::write_wav(&sound, 16_000, &tone::sine(16_000, OWN_HZ, -12.0, 2_000)).expect("written");
    let brought = materials(&app).await;
    let own = std::os::fd::OwnedFd::from(File::open(&sound).expect("readable"));
    brought
        .set_ringtone(own.into())
        .await
        .expect("it is a sound");

    let call = app.ring("a", "Ana").await;
    let state = world.hand.wait("the own ringtone", |state| {
        state["ring"]["ringtone"].is_string()
    });
    state.await;
    let recording = server.record("speaker");
    recording.until(HANG * 3, |samples| {
        let tone = tone::last(samples, RECORD_RATE_HZ, 200)?;
        ((tone.frequency_hz - OWN_HZ).abs() < 10.0 && tone.level_dbfs > -40.0).then_some(())
    });
    world
        .hand
        .controller
        .decline(&call)
        .await
        .expect("declined");

    // What is no sound is refused, and the app rings as it did.
    let refused = brought
        .set_ringtone(file(&world, "x.wav", b"OggS").into())
        .await;
    let text = refused.expect_err("no WAV").to_string();
    assert!(
        text.contains("InvalidArgument") && text.contains("no WAV"),
        "{text}"
    );
    let kept = world.bed.path().join("state/hookswitch/apps").join(NAME);
    assert_eq!(std::fs::read_dir(kept).expect("a folder").count(), 1);
}

#[tokio::test]
async fn an_icon_is_on_the_page_with_its_type_and_nothing_else_is() {
    let world = World::start("").await;
    let app = App::register(world.bus.address(), NAME).await;
    let brought = materials(&app).await;
    let picture = include_bytes!("mask.png");
    let icon = file(&world, "icon.png", picture);
    brought
        .set_icon(icon.into())
        .await
        .expect("it is a picture");
    let refused = brought
        .set_icon(file(&world, "no.png", b"<svg/>").into())
        .await;
    assert!(refused.is_err_and(|why| why.to_string().contains("no PNG")));

    let login = world.hand.controller.ui_address().await.expect("served");
    let get = |path: &str| get(&login, path);
    let view = get("/api/v1/view");
    let view = String::from_utf8_lossy(&view).into_owned();
    let at = view
        .find("/api/v1/apps/org.example.Acme/icon?v=")
        .expect("in the view");
    let path = view[at..].split('"').next().expect("a path");
    let answer = get(path);
    let head = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("content-type: image/png"), "{head}");
    assert!(head.contains("x-content-type-options: nosniff"), "{head}");
    assert!(
        head.contains("content-security-policy: default-src 'none'"),
        "{head}"
    );
    assert!(answer.ends_with(picture));
    for wrong in [
        "/api/v1/apps/org.example.Acme/icon",
        "/api/v1/apps/..%2f/icon?v=1",
    ] {
        assert!(get(wrong).starts_with(b"HTTP/1.1 404"), "{wrong}");
    }
}

fn get(login: &str, path: &str) -> Vec<u8> {
    let (url, token) = login.split_once("/?token=").expect("a login");
    let host = url.strip_prefix("http://").expect("plain HTTP");
    let mut stream = TcpStream::connect(host).expect("served");
    stream.set_read_timeout(Some(HANG)).expect("a deadline");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    answer
}
