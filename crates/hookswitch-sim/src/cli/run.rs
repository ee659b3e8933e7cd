//! `hookswitch sim run`: plays scenario files and says what failed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use hookswitch_model::AppId;
use serde_json::{Value, json};

use super::picture::Outputs;
use super::{Problem, counted, find, load, nothing_in, span};
use crate::diagram;
use crate::guest::{Guests, Process};
use crate::outside::{Hosts, OutsideApp, Pace};
use crate::picture::junit;
use crate::player::{Failure, Run, play, play_outside, play_with};
use crate::scenario::{Scenario, parse, print, rewrite};

/// What to play and what to show.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Files, or folders that are searched for .hsw files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    outputs: Outputs,
    /// Print a summary as JSON.
    #[arg(long)]
    json: bool,
    /// Draw who told whom what.
    #[arg(long)]
    diagram: bool,
    /// Play with this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// A real process in the place of an app, such as --app sip='./my-app --test'.
    #[arg(long, value_name = "NAME=COMMAND")]
    app: Vec<String>,
    /// The apps of --app speak D-Bus: a private bus is served for them, with the real interfaces.
    #[arg(long, requires = "app")]
    dbus: bool,
    /// How virtual time follows apps on D-Bus.
    #[arg(long, value_enum, default_value_t, requires = "dbus")]
    pace: Pace,
    /// How long an app under test may take in real time for one turn, or to start.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = span)]
    app_timeout: Duration,
}

impl RunArgs {
    /// How far a run can be repeated.
    fn level(&self) -> &'static str {
        match self.dbus {
            true => self.pace.level(),
            false => "D2",
        }
    }
}

pub(super) fn run_files(
    args: &RunArgs,
    hosts: &dyn Hosts,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let files = find(&args.paths)?;
    if files.is_empty() {
        return Err(Problem::Text(nothing_in(&args.paths)));
    }
    if files.len() != 1 {
        args.outputs.refuse_many()?;
    }
    let said_apart = args.outputs.takes_stdout()?;
    if said_apart && args.json {
        let why = "--json and an output to standard output exclude each other; name a file";
        return Err(Problem::Text(why.to_owned()));
    }
    let mut said = Vec::new();
    let mut report = Vec::new();
    let began = Instant::now();
    let mut summary = Vec::new();
    let mut failed = 0usize;
    for file in &files {
        let mut story = load(file).map_err(Problem::Text)?;
        story.seed = args.seed.unwrap_or(story.seed);
        let run = if args.app.is_empty() {
            update(file, &story)?
        } else if args.dbus {
            outside(args, hosts, &story)?
        } else {
            play_with(&story, guests(args, &story)?)
        };
        failed += usize::from(!run.failures.is_empty());
        args.outputs.write_one(&story, &run, out)?;
        report.push(junit::Case::of(file, &story, &run));
        if args.json {
            summary.push(run_json(file, &story, &run, args.level()));
            continue;
        }
        if args.diagram {
            writeln!(said, "{}\n{}", story.title, diagram::draw(&run.entries))?;
        }
        for failure in &run.failures {
            write!(said, "{}", failure_text(file, story.seed, failure))?;
        }
        say(said_apart, &mut said, out)?;
    }
    args.outputs.write_report(&report, out)?;
    let millis = began.elapsed().as_millis();
    if args.json {
        let value = json!({ "v": 1, "scenarios": summary, "failed": failed });
        writeln!(out, "{value}")?;
    } else {
        let passed = files.len() - failed;
        let all = counted(files.len(), "scenario");
        let level = args.level();
        writeln!(
            said,
            "{passed} of {all} passed in {millis} ms, level {level}"
        )?;
        say(said_apart, &mut said, out)?;
    }
    Ok(failed == 0)
}

/// Shows what was said so far, apart from what was written if that is on standard output.
fn say(apart: bool, said: &mut Vec<u8>, out: &mut impl Write) -> Result<(), Problem> {
    let said = core::mem::take(said);
    match apart {
        true => std::io::stderr().write_all(&said)?,
        false => out.write_all(&said)?,
    }
    Ok(())
}

/// The processes that take the place of apps of a story.
fn guests(args: &RunArgs, story: &Scenario) -> Result<Guests, Problem> {
    let mut guests = Guests::new();
    for text in &args.app {
        let (app, command) = named(text, story)?;
        guests.push((app, Box::new(Process::new(command, args.app_timeout))));
    }
    Ok(guests)
}

/// Plays a story with apps on D-Bus.
fn outside(args: &RunArgs, hosts: &dyn Hosts, story: &Scenario) -> Result<Run, Problem> {
    let (mut numbers, mut apps) = (Vec::new(), Vec::new());
    for text in &args.app {
        let (app, command) = named(text, story)?;
        let decl = &story.apps[app];
        let id = AppId::new(&decl.id).expect("the reader checked every bus name");
        numbers.push(app);
        apps.push(OutsideApp {
            name: decl.name.clone(),
            id,
            command: command.to_owned(),
        });
    }
    let host = hosts.host(&apps, args.pace, args.app_timeout);
    Ok(play_outside(story, host.map_err(Problem::Text)?, numbers))
}

/// The app of the story and the command of one `--app`.
fn named<'a>(text: &'a str, story: &Scenario) -> Result<(usize, &'a str), Problem> {
    let Some((name, command)) = text.split_once('=') else {
        let why = format!("--app {text}: write NAME=COMMAND, such as sip='./my-app'");
        return Err(Problem::Text(why));
    };
    let app = story.app(name).ok_or_else(|| {
        let known: Vec<_> = story.apps.iter().map(|app| app.name.as_str()).collect();
        Problem::Text(format!(
            "--app {name}: the story {:?} has no such app; it has {}",
            story.title,
            known.join(", ")
        ))
    })?;
    Ok((app, command))
}

/// Plays a story; with `UPDATE_SCENARIOS=1` its `>` and `=` lines are rewritten first.
fn update(file: &Path, story: &Scenario) -> Result<Run, Problem> {
    let run = play(story);
    let wanted = std::env::var_os("UPDATE_SCENARIOS").is_some_and(|value| value == "1");
    if !wanted || file.extension().is_some_and(|ext| ext == "json") {
        return Ok(run);
    }
    let text = print(&rewrite(story, &run.seen));
    if fs::read_to_string(file)? != text {
        fs::write(file, &text)?;
    }
    let again = parse(&text).map_err(|why| Problem::Text(format!("{}:{why}", file.display())))?;
    Ok(play(&again))
}

fn run_json(file: &Path, story: &Scenario, run: &Run, level: &str) -> Value {
    json!({
        "file": file.display().to_string(),
        "title": story.title,
        "profile": story.profile.name(),
        "seed": story.seed,
        "level": level,
        "passed": run.failures.is_empty(),
        "checks": run.checks,
        "virtual_ms": run.end.as_millis(),
        "entries": run.entries.len(),
        "failures": run.failures.iter().map(failure_json).collect::<Vec<_>>(),
    })
}

fn failure_json(failure: &Failure) -> Value {
    json!({
        "line": failure.line,
        "expected": failure.expected,
        "found": failure.found,
        "timeline": failure.timeline,
        "chain": failure.chain,
    })
}

/// A failure as people read it.
#[must_use]
pub fn failure_text(file: &Path, seed: u64, failure: &Failure) -> String {
    let mut out = format!(
        "{}:{}: expected {}\n    but {}\n",
        file.display(),
        failure.line,
        failure
            .expected
            .strip_prefix("expect ")
            .unwrap_or(&failure.expected),
        failure.found
    );
    out.push_str("    what happened last:\n");
    for line in &failure.timeline {
        out.push_str(&format!("    {line}\n"));
    }
    out.push_str("    why the last of it happened:\n");
    for line in &failure.chain {
        out.push_str(&format!("    {line}\n"));
    }
    out.push_str(&format!("    seed {seed}\n\n"));
    out
}
