//! Every picture of every story is well formed, complete in itself and the same each time; the
//! pictures in `docs/pictures` are what the command makes.

use std::fs;
use std::path::{Path, PathBuf};

use hookswitch_sim::cli::{find, load};
use hookswitch_sim::picture::{Form, Theme, junit};
use hookswitch_sim::player::play;
use hookswitch_sim::scenario::parse;
use hookswitch_sim::trace::{Trace, chain};
use serde_json::Value;

/// What the documentation shows: the story, and the picture of it.
const SHOWN: [(&str, &str); 3] = [
    ("feature/devices-glare.hsw", "devices.svg"),
    (
        "posts/post-09-no-audio-after-resuming-quirk.hsw",
        "resume-quirk-on.svg",
    ),
    (
        "posts/post-09-no-audio-after-resuming.hsw",
        "resume-quirk-off.svg",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn trace_of(text: &str) -> Trace {
    let story = parse(text).expect("a readable story");
    hookswitch_sim::trace::of(&story, &play(&story))
}

fn all() -> impl Iterator<Item = (PathBuf, Trace)> {
    let files = find(&[root().join("scenarios")]).expect("the scenarios are readable");
    files.into_iter().map(|file| {
        let story = load(&file).expect("a readable story");
        let trace = hookswitch_sim::trace::of(&story, &play(&story));
        (file, trace)
    })
}

#[test]
fn the_pictures_in_the_documentation_are_what_the_command_makes() {
    for (story, picture) in SHOWN {
        let story = load(&root().join("scenarios").join(story)).expect("a readable story");
        let trace = hookswitch_sim::trace::of(&story, &play(&story));
        let drawn = Form::Svg.draw(&trace, Theme::Auto);
        let path = root().join("docs/pictures").join(picture);
        if std::env::var_os("HOOKSWITCH_BLESS").is_some() {
            fs::write(&path, &drawn).expect("writable");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == drawn,
            "{} differs; look at it and run this test with HOOKSWITCH_BLESS=1",
            path.display()
        );
    }
}

#[test]
fn every_story_has_well_formed_pictures() {
    for (file, trace) in all() {
        let shown = file.display();
        let drawing = Form::Svg.draw(&trace, Theme::Auto);
        well_formed(&drawing).unwrap_or_else(|why| panic!("{shown}: {why}"));
        let page = Form::Html.draw(&trace, Theme::Auto);
        for outside in ["http://", "https://", "url(h", "@import", "src="] {
            let allowed = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!allowed.contains(outside), "{shown}: {outside}");
        }
        let events: Value = serde_json::from_str(&Form::Perfetto.draw(&trace, Theme::Auto))
            .unwrap_or_else(|why| panic!("{shown}: {why}"));
        for event in events["traceEvents"].as_array().expect("a list of events") {
            let phase = event["ph"].as_str().expect("a phase");
            assert!(["M", "X", "s", "f"].contains(&phase), "{shown}: {event}");
            assert!(
                event["pid"].is_u64() && event["tid"].is_u64(),
                "{shown}: {event}"
            );
            assert!(phase == "M" || event["ts"].is_number(), "{shown}: {event}");
            assert!(phase != "X" || event["dur"].is_number(), "{shown}: {event}");
        }
        let mermaid = Form::Mermaid.draw(&trace, Theme::Auto);
        assert!(mermaid.starts_with("sequenceDiagram\n"), "{shown}");
        let text = Form::Text.draw(&trace, Theme::Auto);
        let widest = text.lines().skip(1).map(|line| line.chars().count()).max();
        assert!(widest.unwrap_or(0) <= 80, "{shown}: {widest:?} columns");
    }
}

#[test]
fn no_label_lies_on_another() {
    for (file, trace) in all() {
        let drawing = Form::Svg.draw(&trace, Theme::Light);
        let labels: Vec<(f64, f64, f64, String)> = drawing
            .lines()
            .filter(|line| line.starts_with("<text ") && line.contains("data-label"))
            .map(place)
            .collect();
        for (number, (x, y, half, text)) in labels.iter().enumerate() {
            for (other_x, other_y, other_half, other) in &labels[number + 1..] {
                let apart = (x - other_x).abs() - half - other_half;
                assert!(
                    (y - other_y).abs() > 8.0 || apart >= 2.0,
                    "{}: {text:?} lies on {other:?}",
                    file.display()
                );
            }
        }
    }
}

/// Middle, base line, half width (as wide faces have it) and text of a label.
fn place(line: &str) -> (f64, f64, f64, String) {
    let number = |name: &str| {
        let rest = line
            .split(name)
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        rest.and_then(|text| text.parse().ok()).expect("a number")
    };
    let text = line
        .split('>')
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let text = text.unwrap_or_default().replace("&amp;", "&");
    let wide = |letter: char| {
        if "fijlrt ,.:-()".contains(letter) {
            4.6
        } else {
            7.8
        }
    };
    let half = text.chars().map(wide).sum::<f64>() / 2.0;
    (number(" x=\""), number(" y=\""), half, text)
}

#[test]
fn what_is_written_reads_back_the_same() {
    for (file, trace) in all() {
        let back = Trace::read(&trace.write()).expect("readable");
        assert_eq!(back, trace, "{}", file.display());
        assert_eq!(back.write(), trace.write(), "{}", file.display());
    }
}

#[test]
fn every_cause_is_an_earlier_line() {
    for (file, trace) in all() {
        for line in &trace.lines {
            let first = chain(&trace.lines, line.seq)[0];
            assert!(first.cause.is_none(), "{}: {line:?}", file.display());
        }
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let text = "hookswitch-scenario 1\ntitle <script>alert(1)</script> & \"x\"\n\
                app sip { id=org.example.Sip }\n\
                at 0s sip reports incoming a\n  expect a active\n";
    let trace = trace_of(text);
    for form in [Form::Svg, Form::Html, Form::Markdown] {
        let drawn = form.draw(&trace, Theme::Auto);
        assert!(!drawn.contains("<script>alert"), "{form:?}");
    }
    well_formed(&Form::Svg.draw(&trace, Theme::Dark)).expect("well formed");
}

#[test]
fn a_failure_is_in_the_picture_and_in_the_report() {
    let text = "hookswitch-scenario 1\ntitle a failure\napp sip\n\
                at 0s sip reports incoming a\n  within 2s expect a active\n";
    let story = parse(text).expect("readable");
    let run = play(&story);
    let trace = hookswitch_sim::trace::of(&story, &run);
    assert_eq!(trace.head.unmet.len(), 1);
    let drawing = Form::Svg.draw(&trace, Theme::Auto);
    for part in ["1 broken", "Expected", "line 5", "2.000"] {
        assert!(drawing.contains(part), "{part} is not in\n{drawing}");
    }
    let report = junit::report(&[junit::Case::of(Path::new("a/b.hsw"), &story, &run)]);
    well_formed(report.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        .expect("well formed");
    for part in [
        "<testsuites name=\"hookswitch sim\" tests=\"1\" failures=\"1\" errors=\"0\">",
        "<testcase classname=\"a\" name=\"b\" assertions=\"1\" time=\"2.000\">",
        "message=\"line 5: expected within 2s expect a active\"",
        "seed 0",
    ] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
}

#[test]
fn a_small_story_in_mermaid_and_in_the_terminal() {
    let text = "hookswitch-scenario 1\ntitle one call\napp sip\n\
                at 0s sip reports incoming a\nat 1s user answers a\nat 2s time passes\n";
    let trace = trace_of(text);
    let want = "sequenceDiagram\n  actor p0 as User\n  participant p1 as Calling UI\n  \
                participant p2 as Audio\n  participant p3 as Daemon\n  \
                participant p4 as sip (call a)\n  actor p5 as Other party\n  \
                Note over p0,p5: 0s\n  p5->>p4: calls\n  p4->>p3: calls\n  p3->>p1: rings\n  \
                Note over p0,p5: 1s\n  p0->>p1: Answer\n  p3->>p4: ask answer\n  \
                Note over p0,p5: 1.05s\n  p4->>p3: fulfill\n  p3->>p2: sip on\n";
    assert_eq!(Form::Mermaid.draw(&trace, Theme::Auto), want);
    let drawn = Form::Text.draw(&trace, Theme::Auto);
    let row = "        1s  ●─────▶     │     │  answers-auto a";
    assert!(drawn.contains(row), "{row}\nis not in\n{drawn}");
}

/// Whether every element is closed in order and every sign that XML reads is written for it.
fn well_formed(text: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        check_text(&rest[..at])?;
        let end = rest[at..].find('>').ok_or("an element without an end")? + at;
        let element = &rest[at + 1..end];
        rest = &rest[end + 1..];
        let name = element.trim_start_matches('/').split([' ', '/']).next();
        let name = name.unwrap_or_default();
        if element.starts_with('/') {
            let last = open
                .pop()
                .ok_or_else(|| format!("</{name}> without a beginning"))?;
            if last != name {
                return Err(format!("<{last}> ends as </{name}>"));
            }
        } else if !element.ends_with('/') {
            open.push(name);
        }
        if element.matches('"').count() % 2 == 1 {
            return Err(format!("an open quotation mark in <{element}>"));
        }
    }
    match open.pop() {
        Some(name) => Err(format!("<{name}> has no end")),
        None => check_text(rest),
    }
}

fn check_text(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        if !["amp;", "lt;", "gt;", "quot;", "#39;"]
            .iter()
            .any(|name| part.starts_with(name))
        {
            return Err(format!("a bare ampersand before {part:.20}"));
        }
    }
    Ok(())
}
