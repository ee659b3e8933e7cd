//! Media players that pause for a call: a real one, and some that behave oddly.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use hookswitch_testbed::{Process, tone, wait_for};
use tokio::sync::{Semaphore, mpsc};
use zbus::{Connection, Variant, connection, interface};

use crate::app::{App, configuration};
use crate::world::{HANG, World, start_daemon};

const PATH: &str = "/org/mpris/MediaPlayer2";
/// Where Debian's `mpv-mpris` is.
const MPV_MPRIS: &str = "/usr/lib/mpv-mpris/mpris.so";

#[zbus::proxy(
    interface = "org.mpris.MediaPlayer2.Player",
    default_service = "org.mpris.MediaPlayer2.mpv",
    default_path = "/org/mpris/MediaPlayer2"
)]
trait Mpv {
    #[zbus(property)]
    fn playback_status(&self) -> zbus::Result<String>;
}

/// A player inside the test.
struct Player {
    connection: Connection,
    status: Status,
    told: mpsc::UnboundedReceiver<&'static str>,
    /// Closed while orders are to be followed at once.
    answers: Arc<Semaphore>,
}

type Status = Arc<Mutex<&'static str>>;

struct Side {
    status: Status,
    told: mpsc::UnboundedSender<&'static str>,
    answers: Arc<Semaphore>,
}

#[interface(name = "org.mpris.MediaPlayer2.Player", spawn = false)]
impl Side {
    async fn pause(&self, #[zbus(connection)] connection: &Connection) {
        self.obey(connection, "pause", "Paused").await;
    }

    async fn play(&self, #[zbus(connection)] connection: &Connection) {
        self.obey(connection, "play", "Playing").await;
    }

    async fn play_pause(&self) {
        self.told.send("toggle").expect("the test looks");
    }

    #[zbus(property)]
    async fn playback_status(&self) -> String {
        (*self.status.lock().expect("no panic")).to_owned()
    }
}

impl Side {
    async fn obey(&self, connection: &Connection, order: &'static str, status: &'static str) {
        // An error means that the test does not look any more.
        let _ = self.told.send(order);
        // An error means that nothing is to be waited for.
        let _ = self.answers.acquire().await;
        change(connection, &self.status, status).await;
    }
}

/// Tells a change, as players do.
async fn change(connection: &Connection, status: &Status, to: &'static str) {
    *status.lock().expect("no panic") = to;
    let changed = HashMap::from([("PlaybackStatus", Variant::from(to))]);
    let body = ("org.mpris.MediaPlayer2.Player", changed, Vec::<&str>::new());
    let properties = "org.freedesktop.DBus.Properties";
    let told = connection.emit_signal(
        None::<zbus::names::BusName<'_>>,
        PATH,
        properties,
        "PropertiesChanged",
        &body,
    );
    told.await.expect("told");
}

impl Player {
    async fn start(world: &World, name: &str, playback: &'static str) -> Self {
        let player = Self::start_hung(world, name, playback).await;
        player.answers.close();
        player
    }

    /// A player that does not answer to orders until `answers` is closed.
    async fn start_hung(world: &World, name: &str, playback: &'static str) -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        let status = Arc::new(Mutex::new(playback));
        let answers = Arc::new(Semaphore::new(0));
        let side = Side {
            status: status.clone(),
            told: sender,
            answers: answers.clone(),
        };
        let connection = connection::Builder::address(world.bus.address())
            .serve_at(PATH, side)
            .name(format!("org.mpris.MediaPlayer2.{name}"))
            .build()
            .await
            .expect("a bus");
        let player = Self {
            connection,
            status,
            told,
            answers,
        };
        player.heard(world, "answered", playback, 1);
        player
    }

    /// The user's hand at the player itself.
    async fn user(&self, world: &World, to: &'static str, count: usize) {
        change(&self.connection, &self.status, to).await;
        self.heard(world, "changed", to, count);
    }

    /// Waits until the daemon has heard so often what the player does.
    #[track_caller]
    fn heard(&self, world: &World, how: &str, playback: &str, count: usize) {
        let name = self.connection.unique_name().expect("a bus").to_string();
        let (player, playback) = (format!("{name}\""), format!("Some({playback})"));
        wait_for(&format!("{name} {how} {playback}"), HANG, || {
            let log = world.daemon.log();
            let is_it = |line: &&str| {
                line.contains(&format!("media player {how}"))
                    && line.contains(&player)
                    && line.contains(&playback)
            };
            (log.lines().filter(is_it).count() >= count).then_some(())
        });
    }

    async fn next(&mut self) -> &'static str {
        let told = tokio::time::timeout(HANG, self.told.recv()).await;
        told.expect("told in time").expect("the player runs")
    }
}

/// A call that was answered.
async fn talk(world: &World, app: &mut App, key: &str) -> String {
    let call = app.ring(key, "Ana").await;
    let taken = world.hand.controller.answer(&call, "auto").await;
    taken.expect("taken");
    app.does("answer").await;
    world.hand.wait_phase(&call, "active").await;
    call
}

async fn hang_up(world: &World, app: &App, key: &str, call: &str) {
    let ended = app.provider.report_ended(key, "remote-hangup").await;
    ended.expect("reported");
    world.hand.wait_gone(call).await;
}

fn start_mpv(world: &World) -> Process {
    let sound = world.bed.path().join("sound.wav");
    let samples = tone::sine(8000, 440.0, -20.0, 20_000);
    tone::write_wav(&sound, 8000, &samples).expect("a file");
    let mut command = Command::new("mpv");
    command
        .args(["--no-config", "--load-scripts=no", "--no-video", "--loop"])
        .args(["--ao=null", "--no-input-terminal"])
        .arg(format!("--script={MPV_MPRIS}"))
        .arg(sound)
        .envs(world.bed.env())
        .envs(world.bus.env());
    Process::spawn("mpv", command)
}

async fn wait_status(mpv: &MpvProxy<'_>, wanted: &str) {
    let mut changes = mpv.receive_playback_status_changed().await;
    let waiting = async {
        while let Some(change) = changes.next().await {
            if change.get().await.is_ok_and(|status| status == wanted) {
                return;
            }
        }
        panic!("the bus went away");
    };
    let waited = tokio::time::timeout(HANG, waiting).await;
    waited.unwrap_or_else(|_| panic!("mpv is never {wanted}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_player_pauses_for_a_call_and_plays_on_after_it() {
    let world = World::start("").await;
    let _player = start_mpv(&world);
    world.daemon.wait_for_line("a media player is there", HANG);
    let mpv = MpvProxy::new(&world.hand.connection)
        .await
        .expect("a proxy");
    wait_status(&mpv, "Playing").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let call = talk(&world, &mut app, "1").await;
    wait_status(&mpv, "Paused").await;
    hang_up(&world, &app, "1", &call).await;
    wait_status(&mpv, "Playing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_players_delay_nobody_and_the_user_has_the_last_word() {
    let world = World::start("").await;
    let mut hung = Player::start_hung(&world, "hung", "Playing").await;
    let mut user = Player::start(&world, "user", "Playing").await;
    let mut late = Player::start(&world, "late", "Paused").await;
    let mut dying = Player::start(&world, "dying", "Playing").await;
    let mut good = Player::start(&world, "good", "Playing").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;

    let call = talk(&world, &mut app, "1").await;
    for player in [&mut hung, &mut user, &mut dying, &mut good] {
        assert_eq!(player.next().await, "pause");
    }
    good.heard(&world, "changed", "Paused", 1);
    user.heard(&world, "changed", "Paused", 1);
    user.user(&world, "Playing", 1).await;
    user.user(&world, "Paused", 2).await;
    late.user(&world, "Playing", 1).await;
    drop(dying);
    hang_up(&world, &app, "1", &call).await;
    assert_eq!(good.next().await, "play");
    hung.answers.close();
    assert_eq!(hung.next().await, "play");
    for player in [&good, &hung] {
        player.heard(&world, "changed", "Playing", 1);
    }

    // What comes next shows that nothing came before.
    user.user(&world, "Playing", 2).await;
    talk(&world, &mut app, "2").await;
    for player in [&mut user, &mut late, &mut good, &mut hung] {
        assert_eq!(player.next().await, "pause");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn players_pause_as_soon_as_it_rings_where_that_is_wanted() {
    let world = World::start("[media]\npause_on_ring = true\n").await;
    let mut player = Player::start(&world, "a", "Playing").await;
    let app = App::register(world.bus.address(), "org.example.A").await;
    let call = app.ring("1", "Ana").await;
    assert_eq!(player.next().await, "pause");
    player.heard(&world, "changed", "Paused", 1);
    hang_up(&world, &app, "1", &call).await;
    assert_eq!(player.next().await, "play");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_dies_leaves_no_player_paused() {
    let mut world = World::start("").await;
    let mut player = Player::start(&world, "a", "Playing").await;
    let mut other = Player::start(&world, "b", "Paused").await;
    let mut app = App::register(world.bus.address(), "org.example.A").await;
    let call = talk(&world, &mut app, "1").await;
    assert_eq!(player.next().await, "pause");
    player.heard(&world, "changed", "Paused", 1);

    world.daemon.kill();
    world.daemon = start_daemon(&world.bed, world.bus.env(), "");
    let registered = app.provider.register("org.example.A", configuration("A"));
    registered.await.expect("registered");
    app.provider.adopt("1").await.expect("adopted");
    world.hand.wait_phase(&call, "active").await;
    player.heard(&world, "answered", "Paused", 1);
    hang_up(&world, &app, "1", &call).await;
    assert_eq!(player.next().await, "play");
    // What comes next shows that nothing came before.
    other.user(&world, "Playing", 1).await;
    talk(&world, &mut app, "2").await;
    assert_eq!(other.next().await, "pause");
    assert_eq!(player.next().await, "pause");
}
