//! Tables of what happens to players, and what each is told.

use super::*;

/// Runs steps on players; each step says which orders it must lead to.
///
/// Steps: `P inherited`, `all listed`, `P comes`, `P goes`, `P playing`, `P paused`, `P stopped`,
/// `P refuses pause`,
/// `P misses play`, `ring`, `call`, `off`, `+MS`.
#[track_caller]
fn check(on_ring: bool, steps: &[(&str, &str)]) {
    let mut players = Players::new(on_ring);
    let mut now = Instant::now();
    for (index, (step, want)) in steps.iter().enumerate() {
        let orders = run(&mut players, &mut now, step);
        let got: Vec<_> = orders.iter().map(say).collect();
        assert_eq!(got.join(", "), *want, "step {index}: {step}");
    }
}

fn run(players: &mut Players, now: &mut Instant, step: &str) -> Vec<Order> {
    if let Some(millis) = step.strip_prefix('+') {
        *now += Duration::from_millis(millis.parse().unwrap());
        return players.tick(*now);
    }
    let order = |kind: &str, player: &str| match kind {
        "pause" => Order::Pause(player.to_owned()),
        "play" => Order::Play(player.to_owned()),
        other => panic!("no order: {other}"),
    };
    let words: Vec<_> = step.split(' ').collect();
    match words[..] {
        ["ring"] => players.hush(MediaHush::Ring, *now),
        ["call"] => players.hush(MediaHush::Call, *now),
        ["off"] => players.hush(MediaHush::Off, *now),
        [player, "comes"] => {
            players.appeared(&format!("name.{player}"), player);
            Vec::new()
        }
        [player, "inherited"] => {
            players.inherit(&BTreeSet::from([player.to_owned()]), *now);
            Vec::new()
        }
        ["all", "listed"] => {
            players.listed();
            Vec::new()
        }
        [player, "goes"] => {
            players.gone(&format!("name.{player}"));
            Vec::new()
        }
        [player, verb @ ("refuses" | "misses"), kind] => {
            players.failed(&order(kind, player), verb == "refuses");
            Vec::new()
        }
        [player, status] => {
            let status = status[..1].to_uppercase() + &status[1..];
            let playback = Playback::from_name(&status).unwrap();
            players.said(player, playback).into_iter().collect()
        }
        _ => panic!("no step: {step}"),
    }
}

fn say(order: &Order) -> String {
    match order {
        Order::Pause(player) => format!("pause {player}"),
        Order::Play(player) => format!("play {player}"),
    }
}

/// Two players, of which `a` plays.
const TWO: [(&str, &str); 4] = [
    ("a comes", ""),
    ("a playing", ""),
    ("b comes", ""),
    ("b paused", ""),
];

#[track_caller]
fn check_two(steps: &[(&str, &str)]) {
    check(false, &[&TWO, steps].concat());
}

#[test]
fn only_what_played_is_paused_and_plays_again() {
    check_two(&[
        ("ring", ""),
        ("call", "pause a"),
        ("a paused", ""),
        ("off", ""),
        ("+499", ""),
        ("+1", "play a"),
        ("a playing", ""),
        ("+1000", ""),
        ("call", "pause a"),
    ]);
}

#[test]
fn a_ring_pauses_nothing_unless_the_policy_says_so() {
    check_two(&[("ring", ""), ("off", ""), ("+1000", "")]);
    let declined = [
        ("ring", "pause a"),
        ("a paused", ""),
        ("off", ""),
        ("+500", "play a"),
    ];
    check(true, &[&TWO[..], &declined].concat());
    let answered = [
        ("ring", "pause a"),
        ("a paused", ""),
        ("call", ""),
        ("+9000", ""),
        ("off", ""),
        ("+500", "play a"),
    ];
    check(true, &[&TWO[..], &answered].concat());
}

#[test]
fn a_call_soon_after_another_one_keeps_players_paused() {
    check_two(&[
        ("call", "pause a"),
        ("a paused", ""),
        ("off", ""),
        ("+400", ""),
        ("call", ""),
        ("+9000", ""),
        ("off", ""),
        ("off", ""),
        ("+500", "play a"),
    ]);
}

#[test]
fn what_the_user_does_during_a_call_stays_so() {
    // Starts the other player.
    check_two(&[
        ("call", "pause a"),
        ("a paused", ""),
        ("b playing", ""),
        ("off", ""),
        ("+500", "play a"),
    ]);
    // Starts the paused one and pauses it again.
    check_two(&[
        ("call", "pause a"),
        ("a paused", ""),
        ("a playing", ""),
        ("a paused", ""),
        ("off", ""),
        ("+500", ""),
    ]);
    // Stops the paused one, also before it has said that it pauses.
    check_two(&[
        ("call", "pause a"),
        ("a paused", ""),
        ("a stopped", ""),
        ("off", ""),
        ("+500", ""),
    ]);
    check_two(&[
        ("call", "pause a"),
        ("a stopped", ""),
        ("off", ""),
        ("+500", ""),
    ]);
    // Pauses while it rings: not ours.
    check_two(&[
        ("ring", ""),
        ("a paused", ""),
        ("call", ""),
        ("off", ""),
        ("+500", ""),
    ]);
}

#[test]
fn a_player_that_comes_or_goes_during_a_call_is_left_alone() {
    check_two(&[
        ("call", "pause a"),
        ("a goes", ""),
        ("a paused", ""),
        ("c comes", ""),
        ("c playing", ""),
        ("off", ""),
        ("+500", ""),
        ("call", "pause c"),
    ]);
    // The same name with another owner is another player.
    check_two(&[
        ("call", "pause a"),
        ("a paused", ""),
        ("a goes", ""),
        ("a comes", ""),
        ("a paused", ""),
        ("off", ""),
        ("+500", ""),
    ]);
}

#[test]
fn a_player_that_is_slow_to_say_that_it_plays_is_still_paused() {
    check(
        false,
        &[
            ("a comes", ""),
            ("call", ""),
            ("a playing", "pause a"),
            ("a playing", ""),
            ("a paused", ""),
            ("off", ""),
            ("+500", "play a"),
        ],
    );
}

#[test]
fn a_player_that_refuses_to_pause_is_not_told_to_play() {
    check_two(&[
        ("call", "pause a"),
        ("a refuses pause", ""),
        ("off", ""),
        ("+500", ""),
    ]);
}

#[test]
fn a_player_that_hangs_gets_both_orders_in_the_end() {
    check_two(&[
        ("call", "pause a"),
        ("a misses pause", ""),
        ("off", ""),
        ("+500", "play a"),
        ("a misses play", ""),
        ("a paused", ""),
        ("a playing", ""),
        ("call", "pause a"),
    ]);
}

#[test]
fn a_call_right_after_play_pauses_again() {
    check_two(&[
        ("call", "pause a"),
        ("a paused", ""),
        ("off", ""),
        ("+500", "play a"),
        ("call", "pause a"),
        ("a paused", ""),
        ("off", ""),
        ("+500", "play a"),
    ]);
}

#[test]
fn an_answer_that_was_overtaken_does_not_count() {
    let mut players = Players::new(false);
    players.appeared("name.a", "a");
    let first = players.ask("a").unwrap();
    players.said("a", Playback::Paused);
    assert_eq!(players.answer("a", first, Playback::Playing), None);
    assert_eq!(players.hush(MediaHush::Call, Instant::now()), []);
    let (second, third) = (players.ask("a").unwrap(), players.ask("a").unwrap());
    players.answer("a", third, Playback::Stopped);
    players.answer("a", second, Playback::Playing);
    assert_eq!(players.players["a"].seen, Some(Playback::Stopped));
}

#[test]
fn a_player_with_two_names_is_one_player() {
    let mut players = Players::new(false);
    assert!(players.appeared("name.vlc", "1"));
    assert!(!players.appeared("name.vlc.instance7", "1"));
    assert_eq!(players.said("1", Playback::Playing), None);
    players.gone("name.vlc");
    assert!(players.knows("1"));
    let orders = players.hush(MediaHush::Call, Instant::now());
    assert_eq!(orders, [Order::Pause("1".to_owned())]);
    players.gone("name.vlc.instance7");
    assert!(!players.knows("1"));
}

#[test]
fn further_names_than_the_limit_are_left_alone() {
    let mut players = Players::new(false);
    for index in 0..PLAYERS_MAX {
        assert!(players.appeared(&format!("name{index}"), &format!("owner{index}")));
    }
    assert!(!players.appeared("one-more", "more"));
    assert!(!players.knows("more"));
    assert!(players.appeared("name0", "another"), "a name changes hands");
    players.gone("name1");
    assert!(players.appeared("one-more", "more"));
}

#[test]
fn what_the_daemon_before_paused_plays_again_after_its_call() {
    let steps = [("a inherited", ""), ("a comes", ""), ("a paused", "")];
    let call_is_back = [("off", ""), ("+1000", ""), ("call", ""), ("+9000", "")];
    let over = [("off", ""), ("+499", ""), ("+1", "play a")];
    check(false, &[&steps[..], &call_is_back, &over].concat());
    let call_is_lost = [("off", ""), ("+4999", ""), ("+1", "play a")];
    check(false, &[&steps[..], &call_is_lost].concat());
}

#[test]
fn what_the_daemon_before_paused_is_left_as_the_user_wants_it() {
    let plays = [
        ("a inherited", ""),
        ("a comes", ""),
        ("a playing", ""),
        ("off", ""),
        ("a paused", ""),
        ("+5000", ""),
    ];
    check(false, &plays);
    let late = [
        ("a inherited", ""),
        ("a comes", ""),
        ("off", ""),
        ("+5000", ""),
        ("a paused", "play a"),
    ];
    check(false, &late);
    let gone = [
        ("a inherited", ""),
        ("a comes", ""),
        ("a goes", ""),
        ("a comes", ""),
        ("a paused", ""),
        ("+5000", ""),
    ];
    check(false, &gone);
    let gone_before = [
        ("b comes", ""),
        ("b playing", ""),
        ("a inherited", ""),
        ("all listed", ""),
        ("call", "pause b"),
    ];
    check(false, &gone_before);
}

#[test]
fn what_is_kept_for_the_next_daemon_is_what_is_paused() {
    let mut players = Players::new(false);
    let mut now = Instant::now();
    let mut after = |step: &str| {
        run(&mut players, &mut now, step);
        let paused: Vec<_> = players.paused().into_iter().collect();
        paused.join(" ")
    };
    assert_eq!(after("c inherited"), "c");
    for (step, _) in TWO {
        assert_eq!(after(step), "c");
    }
    assert_eq!(after("a playing"), "c");
    assert_eq!(after("off"), "c");
    assert_eq!(after("+5000"), "c");
    assert_eq!(after("call"), "a c");
    assert_eq!(after("a paused"), "a c");
    assert_eq!(after("a playing"), "c");
}
