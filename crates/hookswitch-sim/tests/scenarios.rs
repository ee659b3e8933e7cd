//! One test per scenario file; `UPDATE_SCENARIOS=1` rewrites their `>` and `=` lines.

use std::fs;
use std::path::{Path, PathBuf};

use hookswitch_sim::cli::{failure_text, find};
use hookswitch_sim::player::play;
use hookswitch_sim::scenario::{from_json, parse, print, rewrite, to_json};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let args = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let files = find(std::slice::from_ref(&root)).expect("the folder of scenarios is readable");
    let trials = files
        .into_iter()
        .map(|file| {
            let name = file
                .strip_prefix(&root)
                .unwrap_or(&file)
                .display()
                .to_string();
            Trial::test(name, move || check(&file))
        })
        .chain([Trial::test("the-one-in-the-readme", check_readme)])
        .collect();
    libtest_mimic::run(&args, trials).exit();
}

/// What the README shows must work as it stands there.
fn check_readme() -> Result<(), Failed> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = fs::read_to_string(&readme)?;
    let begin = text.find("hookswitch-scenario 1");
    let story = begin.and_then(|at| text[at..].split("```").next());
    let story = story.ok_or("the README shows no scenario")?;
    let story = parse(story).map_err(|why| format!("README.md: {why}"))?;
    let failures = play(&story).failures;
    if failures.is_empty() {
        Ok(())
    } else {
        Err(format!("README.md: {failures:?}").into())
    }
}

fn check(file: &PathBuf) -> Result<(), Failed> {
    let text = fs::read_to_string(file)?;
    let mut story = parse(&text).map_err(|why| format!("{}:{why}", file.display()))?;
    if std::env::var_os("UPDATE_SCENARIOS").is_some_and(|value| value == "1") {
        let new = print(&rewrite(&story, &play(&story).seen));
        fs::write(file, &new)?;
        story = parse(&new).map_err(|why| format!("{}:{why}", file.display()))?;
    } else if print(&story) != text {
        return Err(format!("{}: not in its canonical form; run sim fmt", file.display()).into());
    }
    let json = to_json(&story);
    let back = from_json(&json).map_err(|why| why.to_string())?;
    if print(&back) != print(&story) {
        return Err("the JSON form does not read back the same".into());
    }
    let run = play(&story);
    let again = play(&back);
    let write = |run| hookswitch_sim::trace::of(&story, run).write();
    if write(&run) != write(&again) {
        return Err("two runs differ".into());
    }
    let failures: String = run
        .failures
        .iter()
        .map(|failure| failure_text(file, story.seed, failure))
        .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.into())
    }
}
