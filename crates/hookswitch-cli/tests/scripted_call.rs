//! The command line against the real daemon: what people and programs read during one call.
//!
//! The app is the SDK's own sample provider. Ids and times differ from run to run, so they are
//! replaced before the comparison.

mod stage;

use hookswitch_testbed::{Bed, PrivateBus, wait_for};
use serde_json::Value;
use stage::{PATIENCE, Stage, fits, hookswitch};

#[test]
fn a_call_reads_well_from_ring_to_recents() {
    let stage = Stage::set();
    assert_eq!(stage.text(&["list"]), "No calls.\n");
    assert_eq!(stage.text(&["recents"]), "No calls yet.\n");
    let mut app = stage.app();
    let watch = stage.spawn(&["watch"]);
    watch.wait_for_line("ringing", PATIENCE);

    let list = stage.text(&["list"]);
    assert_eq!(
        scrubbed(&list),
        "ID       WHO                        APP            STATE              TIME\n\
         <id>     Ana Kowalska               Example        ringing            <t>\n"
    );
    assert_eq!(stage.text(&["silence"]), "Silenced Ana Kowalska.\n");
    assert!(stage.text(&["list"]).contains("silenced"));
    assert_eq!(stage.text(&["answer"]), "Answered Ana Kowalska.\n");
    assert_eq!(stage.text(&["mute"]), "Muted the call with Ana Kowalska.\n");
    assert!(stage.text(&["list"]).contains("muted"));
    assert_eq!(
        stage.text(&["unmute"]),
        "Unmuted the call with Ana Kowalska.\n"
    );
    assert_eq!(
        stage.text(&["digits", "12#"]),
        "Sent the digits to Ana Kowalska.\n"
    );
    assert_eq!(stage.text(&["hold"]), "On hold: Ana Kowalska.\n");
    assert!(stage.text(&["list"]).contains("on hold"));
    assert_eq!(
        stage.text(&["resume"]),
        "On the line again: Ana Kowalska.\n"
    );
    assert_eq!(stage.text(&["end"]), "Ended the call with Ana Kowalska.\n");

    watch.wait_for_line("ended", PATIENCE);
    assert!(app.wait(PATIENCE).success());
    wait_for("the call in the recents", PATIENCE, || {
        let recents = stage.text(&["recents"]);
        recents.contains("<- Ana Kowalska").then_some(())
    });
    fits(&watch.log());
}

#[test]
fn audio_front_and_a_forced_end_are_said() {
    let stage = Stage::set();
    let rule = stage.text(&["front", "stay"]);
    assert_eq!(rule, "Answering a call brings nothing to the front.\n");
    let driving = stage.text(&["driving", "on"]);
    assert!(driving.starts_with("You drive: nothing comes"), "{driving}");
    let front = stage.json(&["driving", "off", "--json"]);
    assert_eq!(
        (front["driving"].as_bool(), &front["on_answer"]),
        (Some(false), &"stay".into())
    );

    let audio = stage.text(&["audio"]);
    assert!(audio.contains("No call has the audio."), "{audio}");
    assert_eq!(stage.json(&["audio", "--json"])["lease"], Value::Null);
    stage.refused(&["route", "kazoo"], 1, "there is no audio device \"kazoo\"");
    stage.refused(&["headset", "press"], 1, "there is no call");

    let app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    assert_eq!(stage.text(&["headset", "press"]), "Pressed.\n");
    let audio = stage.text(&["audio"]);
    assert!(audio.contains("has the audio, through Example."), "{audio}");
    stage.refused(&["video", "decline"], 1, "nobody offers video");
    stage.refused(&["translate", "--local", "en", "--remote", "pl"], 1, "");
    let ended = stage.text(&["end", "--force"]);
    assert!(
        ended.starts_with("Ended here, with Ana Kowalska."),
        "{ended}"
    );
    assert_eq!(stage.text(&["list"]), "No calls.\n");
}

#[test]
fn programs_read_json() {
    let stage = Stage::set();
    let app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    let state = stage.json(&["list", "--json"]);
    let call = &state["calls"][0];
    assert_eq!(call["name"], "Ana Kowalska");
    assert_eq!(call["phase"]["name"], "ringing");
    let id = call["id"].as_str().expect("ids are text");

    let done = stage.json(&["--json", "answer", &id[..6]]);
    assert_eq!(done["call"], id);
    assert_eq!(done["complete"], true);
    assert!(done["transaction"].is_string());
    stage.json(&["end", "--json"]);
    let entry = wait_for("the call in the recents", PATIENCE, || {
        let recents = stage.json(&["recents", "--json", "--limit", "1"]);
        recents["entries"].get(0).cloned()
    });
    assert_eq!(entry["call"], id);
    assert_eq!(entry["direction"], "incoming");
    let url = stage.json(&["ui", "--json"]);
    let url = url["url"].as_str().expect("an address");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
}

#[test]
fn who_may_do_what_is_listed_with_the_reason() {
    let stage = Stage::set();
    let app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    // The place of a program may be longer than a line.
    let list = stage.done(&["rights", "list"]);
    let id = "org.hookswitch.example.Provider";
    let line = list.lines().find(|line| line.contains(id));
    let line = line.unwrap_or_else(|| panic!("the app is not in:\n{list}"));
    assert!(line.contains(&format!("process {}", app.pid())), "{line}");
    let why = "  as a program of your own: provider, controller, observer, ui";
    assert!(list.lines().any(|line| line == why), "{list}");
    assert!(list.contains("[[grant]]"), "{list}");
    let documents = stage.done(&["rights", "list", "--json"]);
    let mut callers = documents.lines().map(serde_json::from_str::<Value>);
    let is_app = |caller: Result<Value, _>| caller.is_ok_and(|caller| caller["app"] == id);
    assert!(callers.any(is_app), "{documents}");
}

#[test]
fn what_does_not_work_says_why_and_what_next() {
    let stage = Stage::set();
    stage.refused(
        &["answer"],
        1,
        "no call is ringing; \"hookswitch list\" shows all calls",
    );
    stage.refused(
        &["end", "abc"],
        1,
        "no live call has an id that begins with \"abc\"",
    );
    stage.refused(
        &["swap"],
        1,
        "not possible: there is no pair of calls to swap",
    );
    stage.refused(&["dial", "ana"], 1, "no calling app is registered");
    let nobody = ["dial", "--app", "org.example.NotInstalled", "ana"];
    stage.refused(&nobody, 1, "is the app installed?");
    stage.refused(&["frobnicate"], 2, "unrecognized subcommand");
    stage.refused(&["answer", "--hold", "--end"], 2, "cannot be used with");

    let app = stage.app();
    app.wait_for_line("ringing", PATIENCE);
    stage.refused(&["hold"], 1, "no call is on the line");
    stage.refused(&["digits", "12x"], 1, "no call is on the line");
    stage.text(&["answer"]);
    stage.refused(
        &["digits", "12x"],
        2,
        "digits: must be made of 0-9 * # A-D , ;",
    );

    let output = stage.output(&["answer", "--json"]);
    let error: Value = serde_json::from_slice(&output.stderr).expect("one JSON document");
    assert_eq!(error["error"], "NoSuchCall");
}

#[test]
fn without_a_daemon_the_exit_code_is_three() {
    let bed = Bed::new();
    let bus = PrivateBus::start(&bed);
    for (env, words) in [
        (bus.env(), "the call system is not running"),
        (Vec::new(), "no session bus found"),
    ] {
        let mut command = hookswitch(&bed);
        let output = command.envs(env).arg("list").output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains(words) && text.contains("hookswitchd"),
            "{text}"
        );
        assert_eq!(output.status.code(), Some(3));
        fits(&text);
    }
}

#[test]
fn the_doctor_examines_every_part() {
    let stage = Stage::set();
    let output = stage.output(&["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in [
        "ok    session bus     DBUS_SESSION_BUS_ADDRESS",
        "ok    call system     running, version",
        "ok    calling UI      http://127.0.0.1:",
        "warn  apps            none registered",
        "warn  notifications   no notification server",
        "ok    disk",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("token"), "{text}");
    fits(&text);
    let report = stage.json(&["doctor", "--json"]);
    assert_eq!(report["findings"][0]["health"], "ok");

    let bed = Bed::new();
    let output = hookswitch(&bed).arg("doctor").output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("fail  session bus"));
}

#[test]
fn the_simulator_speaks_json_too() {
    let bed = Bed::new();
    for (args, code, member) in [
        (
            &["sim", "explore", "--worlds", "3", "--json"][..],
            0,
            "worlds",
        ),
        (
            &["--json", "sim", "fmt", "--check", "../../scenarios/demo"],
            0,
            "changed",
        ),
        (
            &["sim", "run", "../../scenarios/demo", "--json"],
            0,
            "failed",
        ),
        (&["sim", "run", "nowhere.hsw", "--json"], 2, "message"),
    ] {
        let output = hookswitch(&bed).args(args).output().expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        let told = [output.stdout, output.stderr].concat();
        let value: Value = serde_json::from_slice(&told).expect("one JSON document");
        assert!(!value[member].is_null(), "{args:?}: {value}");
        assert_eq!(
            told.iter().filter(|byte| **byte == b'\n').count(),
            1,
            "one line"
        );
    }
}

#[test]
fn shells_get_their_completion() {
    let bed = Bed::new();
    for shell in ["bash", "zsh", "fish"] {
        let output = hookswitch(&bed)
            .args(["completion", shell])
            .output()
            .expect("it runs");
        assert!(output.status.success());
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("silence"),
            "{shell}"
        );
    }
}

/// Ids and times replaced, columns kept.
fn scrubbed(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in lines.iter_mut().skip(1) {
        line.replace_range(..8, "<id>    ");
        let time = line.rfind(' ').map_or(0, |at| at + 1);
        line.replace_range(time.., "<t>");
    }
    lines.join("\n") + "\n"
}
