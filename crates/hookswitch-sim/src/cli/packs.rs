//! `hookswitch sim packs`: what the shipped packs hold, play them, write them out.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::{Problem, counted, failure_text};
use crate::packs::{Engine, Item, Pack, Played, Shipped, files_of, packs, read};
use crate::player::play;

/// Which packs, and what to do with them.
#[derive(Args, Debug)]
pub struct PacksArgs {
    /// Names of packs; all if none is named.
    names: Vec<String>,
    /// List every item with the files that play it.
    #[arg(long)]
    items: bool,
    /// Play the files of the packs.
    #[arg(long)]
    run: bool,
    /// Write all shipped scenario files below this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "run")]
    write: Option<PathBuf>,
}

/// Carries the command out.
pub(super) fn show_packs(
    args: &PacksArgs,
    json: bool,
    shipped: &[Shipped],
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let chosen = choose(&args.names)?;
    let played = read(shipped).map_err(Problem::Text)?;
    if let Some(folder) = &args.write {
        return write_files(folder, shipped, json, out);
    }
    if args.run {
        return run_packs(&chosen, &played, json, out);
    }
    if json {
        let list: Vec<Value> = chosen.iter().map(|pack| to_json(pack, &played)).collect();
        writeln!(out, "{}", json!({ "v": 1, "packs": list }))?;
        return Ok(true);
    }
    for pack in chosen {
        print_pack(pack, &played, args.items, out)?;
    }
    Ok(true)
}

fn choose(names: &[String]) -> Result<Vec<&'static Pack>, Problem> {
    if names.is_empty() {
        return Ok(packs().iter().collect());
    }
    let find = |name: &String| {
        let pack = packs().iter().find(|pack| pack.name == name);
        pack.ok_or_else(|| {
            let known: Vec<&str> = packs().iter().map(|pack| pack.name).collect();
            Problem::Text(format!("no pack {name:?}; there are {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

/// What keeps an item from being played.
fn outstanding(item: &Item, played: &[Played<'_>]) -> Option<Option<Engine>> {
    files_of(item.id, played).is_empty().then_some(item.needs)
}

fn print_pack(
    pack: &Pack,
    played: &[Played<'_>],
    items: bool,
    out: &mut impl Write,
) -> Result<(), Problem> {
    let missing: Vec<(&Item, Option<Engine>)> = pack
        .items
        .iter()
        .filter_map(|item| Some((item, outstanding(item, played)?)))
        .collect();
    let there = pack.items.len() - missing.len();
    let all = counted(pack.items.len(), "item");
    let about = format!("{there} of {all}: {}", pack.about);
    write_hanging(&format!("{:<9} ", pack.name), &about, out)?;
    for engine in Engine::ALL.map(Some).into_iter().chain([None]) {
        let of_engine = missing.iter().filter(|(_, needs)| *needs == engine);
        let ids: Vec<&str> = of_engine.map(|(item, _)| item.id).collect();
        if ids.is_empty() {
            continue;
        }
        let why = match engine {
            Some(engine) => format!("come with the {} engine", engine.name()),
            None => "are not written yet".to_owned(),
        };
        writeln!(out, "          {} outstanding, {why}:", ids.len())?;
        for some in ids.chunks(10) {
            writeln!(out, "            {}", some.join(" "))?;
        }
    }
    if items {
        for item in pack.items {
            write_hanging(&format!("  {:<22} ", item.id), item.about, out)?;
            for file in files_of(item.id, played) {
                writeln!(out, "    {file}")?;
            }
        }
    }
    Ok(())
}

/// Columns of a terminal that nobody has made wider.
const WIDTH: usize = 80;

/// Writes a text behind its name; lines that follow begin below the first word of the text.
fn write_hanging(name: &str, text: &str, out: &mut impl Write) -> Result<(), Problem> {
    let indent = name.chars().count();
    let (mut line, mut is_fresh) = (name.to_owned(), true);
    for word in text.split(' ') {
        let width = line.chars().count() + word.chars().count() + usize::from(!is_fresh);
        if width > WIDTH && !is_fresh {
            writeln!(out, "{line}")?;
            (line, is_fresh) = (" ".repeat(indent), true);
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    Ok(writeln!(out, "{line}")?)
}

fn to_json(pack: &Pack, played: &[Played<'_>]) -> Value {
    let items: Vec<Value> = pack
        .items
        .iter()
        .map(|item| {
            json!({
                "id": item.id,
                "about": item.about,
                "files": files_of(item.id, played),
                "outstanding_for": outstanding(item, played)
                    .map(|needs| needs.map_or("a scenario file", Engine::name)),
            })
        })
        .collect();
    json!({ "name": pack.name, "about": pack.about, "items": items })
}

fn run_packs(
    chosen: &[&Pack],
    played: &[Played<'_>],
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    let began = Instant::now();
    let belongs = |one: &&Played<'_>| {
        let items = chosen.iter().flat_map(|pack| pack.items);
        items
            .into_iter()
            .any(|item| one.story.covers.iter().any(|id| id == item.id))
    };
    let (mut files, mut failed, mut checks) = (0, Vec::new(), 0);
    for one in played.iter().filter(belongs) {
        files += 1;
        let run = play(&one.story);
        checks += run.checks;
        if run.failures.is_empty() {
            continue;
        }
        failed.push(one.file.path.to_string());
        if !json {
            for failure in &run.failures {
                let path = PathBuf::from(one.file.path.as_ref());
                write!(out, "{}", failure_text(&path, one.story.seed, failure))?;
            }
        }
    }
    let millis = began.elapsed().as_millis();
    if json {
        let value = json!({
            "v": 1, "files": files, "checks": checks, "failed": failed, "real_ms": millis,
        });
        writeln!(out, "{value}")?;
    } else {
        let passed = files - failed.len();
        let all = counted(files, "file");
        writeln!(
            out,
            "{passed} of {all} passed, {checks} checks, {millis} ms"
        )?;
    }
    Ok(failed.is_empty())
}

fn write_files(
    folder: &Path,
    shipped: &[Shipped],
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Problem> {
    for file in shipped {
        let path = folder.join(file.path.as_ref());
        if path.exists() {
            let text = format!("{} is there already; name an empty folder", path.display());
            return Err(Problem::Text(text));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, file.text.as_ref())?;
    }
    let (count, folder) = (shipped.len(), folder.display().to_string());
    if json {
        writeln!(
            out,
            "{}",
            json!({ "v": 1, "files": count, "folder": folder })
        )?;
    } else {
        writeln!(out, "{} written to {folder}", counted(count, "file"))?;
    }
    Ok(true)
}
