//! The `hookswitch sim` commands: run, parse and format scenario files, explore seeds.
//!
//! The program that has a command line delegates to [`run`]; it owns no logic of its own.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};

use crate::explore;
use crate::player::{Failure, Run, play};
use crate::scenario::{self, Scenario, from_json, parse, print, rewrite, to_json};
use crate::{diagram, trace};

/// The commands of the simulator.
#[derive(Debug, Subcommand)]
pub enum SimCommand {
    /// Play scenario files and check what they expect.
    Run(RunArgs),
    /// Read a scenario file and say what is wrong with it, or write its JSON form.
    Parse(ParseArgs),
    /// Rewrite scenario files in their canonical form.
    Fmt(FmtArgs),
    /// Play random worlds from seeds and check the laws.
    Explore(ExploreArgs),
}

/// What to play and what to show.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Files, or folders that are searched for .hsw files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write the trace of the one file as JSON lines.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print a summary as JSON.
    #[arg(long)]
    json: bool,
    /// Draw who told whom what.
    #[arg(long)]
    diagram: bool,
    /// Play with this seed.
    #[arg(long)]
    seed: Option<u64>,
}

/// What to read.
#[derive(Args, Debug)]
pub struct ParseArgs {
    /// The file; `.json` is read as the JSON form.
    file: PathBuf,
    /// Print the JSON form.
    #[arg(long)]
    json: bool,
}

/// What to format.
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Files, or folders that are searched for .hsw files.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Change nothing; fail if something would change.
    #[arg(long)]
    check: bool,
}

/// What to explore.
#[derive(Args, Debug)]
pub struct ExploreArgs {
    /// How many worlds.
    #[arg(long, default_value_t = 1000)]
    worlds: u64,
    /// About how many acts each.
    #[arg(long, default_value_t = 100)]
    acts: usize,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Go on after a broken law, and show one story per law.
    #[arg(long)]
    keep_going: bool,
}

/// A whole command line, for [`main`].
#[derive(Debug, Parser)]
#[command(name = "hookswitch sim", about = "Play call scenarios in virtual time")]
struct Line {
    #[command(subcommand)]
    command: SimCommand,
}

/// Reads the arguments after `hookswitch sim` and carries them out.
#[must_use]
pub fn main(args: &[OsString]) -> ExitCode {
    let name = OsString::from("hookswitch sim");
    match Line::try_parse_from(std::iter::once(&name).chain(args)) {
        Ok(line) => run(line.command, false),
        Err(error) => {
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

/// Carries out one command: 0 all is well, 1 an expectation failed, 2 a file could not be read.
/// With `json`, results and errors are JSON documents.
#[must_use]
pub fn run(command: SimCommand, json: bool) -> ExitCode {
    let mut out = io::stdout().lock();
    let result = match command {
        SimCommand::Run(args) => run_files(&args, &mut out),
        SimCommand::Parse(args) => parse_file(&args, &mut out),
        SimCommand::Fmt(args) => format_files(&args, json, &mut out),
        SimCommand::Explore(args) => explore_seeds(&args, json, &mut out),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Problem::Io(why)) if why.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(problem) => {
            if json {
                eprintln!(
                    "{}",
                    json!({ "error": "Failed", "message": problem.to_string() })
                );
            } else {
                eprintln!("hookswitch sim: {problem}");
            }
            ExitCode::from(2)
        }
    }
}

/// Why a command could not be carried out.
#[derive(Debug)]
enum Problem {
    Io(io::Error),
    Text(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(why) => write!(f, "{why}"),
            Self::Text(why) => f.write_str(why),
        }
    }
}

impl From<io::Error> for Problem {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

/// Reads a scenario file, in either form.
///
/// # Errors
///
/// A sentence with file, line and column.
pub fn load(path: &Path) -> Result<Scenario, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|why| format!("{shown}: {why}"))?;
    if path.extension().is_some_and(|ext| ext == "json") {
        from_json(&text).map_err(|why| format!("{shown}: {why}"))
    } else {
        parse(&text).map_err(|why| format!("{shown}:{why}"))
    }
}

/// All scenario files under the paths, sorted.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn find(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders.push(path.clone());
        } else {
            files.push(path.clone());
        }
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "hsw") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn run_files(args: &RunArgs, out: &mut impl Write) -> Result<bool, Problem> {
    let files = find(&args.paths)?;
    if files.is_empty() {
        return Err(Problem::Text(nothing_in(&args.paths)));
    }
    if args.trace.is_some() && files.len() != 1 {
        return Err(Problem::Text("--trace needs exactly one file".to_owned()));
    }
    let began = Instant::now();
    let mut summary = Vec::new();
    let mut failed = 0usize;
    for file in &files {
        let mut story = load(file).map_err(Problem::Text)?;
        story.seed = args.seed.unwrap_or(story.seed);
        let run = update(file, &story)?;
        failed += usize::from(!run.failures.is_empty());
        if let Some(path) = &args.trace {
            let profile = story.profile.name();
            fs::write(
                path,
                trace::write(&story.title, profile, story.seed, &run.entries),
            )?;
        }
        if args.json {
            summary.push(run_json(file, &story, &run));
            continue;
        }
        if args.diagram {
            writeln!(out, "{}\n{}", story.title, diagram::draw(&run.entries))?;
        }
        for failure in &run.failures {
            write!(out, "{}", failure_text(file, story.seed, failure))?;
        }
    }
    let millis = began.elapsed().as_millis();
    if args.json {
        let value = json!({ "v": 1, "scenarios": summary, "failed": failed });
        writeln!(out, "{value}")?;
    } else {
        let passed = files.len() - failed;
        let all = counted(files.len(), "scenario");
        writeln!(out, "{passed} of {all} passed in {millis} ms")?;
    }
    Ok(failed == 0)
}

fn nothing_in(folders: &[PathBuf]) -> String {
    let folders = folders.iter().map(|folder| folder.display().to_string());
    let folders = folders.collect::<Vec<_>>().join(", ");
    format!("no .hsw file in {folders}; name a scenario file, or a folder with some")
}

/// "1 call", "2 calls".
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
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

fn run_json(file: &Path, story: &Scenario, run: &Run) -> Value {
    json!({
        "file": file.display().to_string(),
        "title": story.title,
        "profile": story.profile.name(),
        "seed": story.seed,
        "level": "D2",
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

fn parse_file(args: &ParseArgs, out: &mut impl Write) -> Result<bool, Problem> {
    let story = load(&args.file).map_err(Problem::Text)?;
    if args.json {
        write!(out, "{}", to_json(&story))?;
    } else {
        let inputs = story.lines.iter();
        let inputs = inputs.filter(|line| matches!(line.kind, scenario::LineKind::Input(_)));
        writeln!(
            out,
            "{}: {}, {}, {}",
            story.title,
            counted(story.apps.len(), "app"),
            counted(story.calls.len(), "call"),
            counted(inputs.count(), "input")
        )?;
    }
    Ok(true)
}

fn format_files(args: &FmtArgs, json: bool, out: &mut impl Write) -> Result<bool, Problem> {
    let mut changed = Vec::new();
    let files = find(&args.paths)?;
    if files.is_empty() {
        return Err(Problem::Text(nothing_in(&args.paths)));
    }
    for file in files {
        let text = print(&load(&file).map_err(Problem::Text)?);
        if fs::read_to_string(&file)? == text {
            continue;
        }
        if !args.check {
            fs::write(&file, text)?;
        }
        changed.push(file.display().to_string());
    }
    if json {
        writeln!(out, "{}", json!({ "v": 1, "changed": changed }))?;
    } else {
        for file in &changed {
            writeln!(out, "{file}")?;
        }
    }
    Ok(changed.is_empty() || !args.check)
}

fn explore_seeds(args: &ExploreArgs, json: bool, out: &mut impl Write) -> Result<bool, Problem> {
    let began = Instant::now();
    let mut entries = 0usize;
    let mut broken: Vec<String> = Vec::new();
    let mut stories = Vec::new();
    let mut played = 0u64;
    for seed in args.seed..args.seed.saturating_add(args.worlds) {
        played += 1;
        match explore::explore(seed, args.acts) {
            Ok(steps) => entries += steps,
            Err(found) => {
                if !broken.contains(&found.failure.expected) {
                    if !json {
                        writeln!(out, "{found}")?;
                    }
                    stories.push(found.to_string());
                    broken.push(found.failure.expected.clone());
                }
                if !args.keep_going {
                    break;
                }
            }
        }
    }
    if json {
        let value = json!({
            "v": 1, "worlds": played, "entries": entries, "broken": stories,
        });
        writeln!(out, "{value}")?;
        return Ok(broken.is_empty());
    }
    let spent = began.elapsed().as_secs_f64();
    let verdict = match broken.len() {
        0 => "no law broken".to_owned(),
        1 => "1 law broken".to_owned(),
        count => format!("{count} laws broken"),
    };
    writeln!(
        out,
        "{}, {entries} lines of trace, {verdict}, {spent:.2} s",
        counted(usize::try_from(played).unwrap_or(usize::MAX), "world")
    )?;
    Ok(broken.is_empty())
}
