//! On a real disk: several extensions, damage to one of them, and processes that are killed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use hookswitch_directory::decide::Source as _;
use hookswitch_directory::load::{Code, Entry, Limits, Why};
use hookswitch_directory_store::{DirectoryStore, Extension, Listed, Note, RealFiles, StoreError};
use hookswitch_model::{Text, Wall};

const LIMITS: Limits = Limits {
    entries: 100_000,
    entries_in_all: 150_000,
};

fn load(store: &mut DirectoryStore, name: &str, numbers: std::ops::Range<i64>) {
    let mut loading = store.begin(name, LIMITS).expect("nothing goes on");
    for number in numbers {
        loading.block(Entry::number(number)).expect("ascending");
    }
    loading.identify(Entry::number(7), "Seven").expect("one");
    store.commit(name, loading, 5_000).expect("kept");
}

fn open(root: &Path) -> DirectoryStore {
    DirectoryStore::open(root).expect("a directory")
}

#[test]
fn what_happens_to_one_extension_touches_no_other() {
    let root = tempfile::tempdir().expect("a directory");
    let mut store = open(root.path());
    load(&mut store, "spam", 100..200);
    load(&mut store, "spam", 100..300);
    load(&mut store, "work", 500..600);
    let kept = store
        .slot("spam")
        .and_then(|slot| slot.view())
        .expect("data");
    drop(store);
    for entry in fs::read_dir(root.path().join("spam")).expect("files") {
        fs::write(entry.expect("a file").path(), b"something else").expect("written");
    }
    let mut store = open(root.path());
    let slot = store.slot("spam").expect("it is listed");
    assert!(slot.is_damaged() && slot.view().is_none());
    let work = store
        .slot("work")
        .and_then(|slot| slot.view())
        .expect("data");
    assert!(work.blocks(550) && !work.blocks(600));
    load(&mut store, "spam", 100..150);
    let slot = store.slot("spam").expect("it is listed");
    assert!(!slot.is_damaged());
    assert!(
        slot.view()
            .is_some_and(|view| view.blocks(149) && !view.blocks(150))
    );
    drop(kept);
}

#[test]
fn a_damaged_image_gives_way_to_the_one_before() {
    let root = tempfile::tempdir().expect("a directory");
    let mut store = open(root.path());
    load(&mut store, "spam", 100..200);
    load(&mut store, "spam", 100..300);
    drop(store);
    let image = root.path().join("spam/image-2");
    let mut bytes = fs::read(&image).expect("the second image");
    bytes[100] ^= 1;
    fs::remove_file(&image).expect("removed");
    fs::write(&image, bytes).expect("written");
    let mut store = open(root.path());
    let slot = store.slot("spam").expect("it is listed");
    assert_eq!(slot.notes(), [Note::Image(2)]);
    let view = slot.view().expect("the first image");
    assert_eq!((view.generation(), view.counts()), (1, (100, 1)));
    load(&mut store, "spam", 100..250);
    let again = open(root.path());
    let view = again.slot("spam").and_then(|slot| slot.view());
    assert_eq!(view.map(|view| view.counts()), Some((150, 1)));
}

#[test]
fn a_view_stays_as_it_is_while_others_load() {
    let root = tempfile::tempdir().expect("a directory");
    let mut store = open(root.path());
    load(&mut store, "spam", 100..200);
    let old = store
        .slot("spam")
        .and_then(|slot| slot.view())
        .expect("data");
    for last in 300..310 {
        load(&mut store, "spam", 200..last);
    }
    assert!(old.blocks(150) && !old.blocks(200));
    let listed = Listed {
        name: Text::new("Spam").expect("a name"),
        order: 1,
        is_enabled: true,
        view: Some(old),
    };
    let mut labels = Vec::new();
    listed.labels(7, &mut |label| labels.push(label.to_owned()));
    assert_eq!((labels, listed.generation()), (vec!["Seven".to_owned()], 1));
    assert_eq!(listed.loaded(), Some(Wall::from_millis(5_000)));
}

#[test]
fn a_load_has_the_extension_for_itself_and_names_are_names() {
    let root = tempfile::tempdir().expect("a directory");
    let mut store = open(root.path());
    let code = |result: Result<_, StoreError>| match result.err() {
        Some(StoreError::Load(error)) => Some((error.code(), error.why)),
        Some(_) | None => None,
    };
    for name in ["", "..", "a/b", ".hidden"] {
        let refused = code(store.begin(name, LIMITS).map(drop));
        assert_eq!(
            refused,
            Some((Code::NoExtensionFound, Why::NoExtension)),
            "{name}"
        );
    }
    let first = store.begin("spam", LIMITS).expect("nothing goes on");
    let second = code(store.begin("spam", LIMITS).map(drop));
    assert_eq!(second, Some((Code::CurrentlyLoading, Why::Loading)));
    drop(first);
    load(&mut store, "spam", 1..100_000);
    let mut loading = store.begin("work", LIMITS).expect("nothing goes on");
    for number in 1..=60_000 {
        loading.block(Entry::number(number)).expect("ascending");
    }
    let over = code(store.commit("work", loading, 0).map(drop));
    let why = Why::TooManyInAll(150_000);
    assert_eq!(over, Some((Code::MaximumEntriesExceeded, why)));
    store.remove("spam").expect("nothing goes on");
    assert!(store.slot("spam").is_none() && !root.path().join("spam").exists());
}

/// The directory that the process below loads into; without it there is nothing to do.
const DIRECTORY: &str = "HOOKSWITCH_TEST_DIRECTORY";

/// Runs in a process of its own, see below: loads without end, and says so after each.
#[test]
fn a_process_that_loads_without_end() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let files = RealFiles::open(Path::new(&directory)).expect("a directory");
    let mut extension = Extension::open(files).expect("whole").extension;
    let mut round = extension.view().map_or(0, |view| newest(&view));
    loop {
        round += 1;
        let mut loading = extension.begin(LIMITS).expect("nothing goes on");
        let is_change = round % 3 != 0 && loading.ask_incremental();
        let first = if is_change { round } else { 1 };
        for number in first..=round {
            loading.block(Entry::number(number)).expect("ascending");
            let label = format!("number {number}");
            loading
                .identify(Entry::number(number), &label)
                .expect("ascending");
        }
        extension.commit(loading, round, 0).expect("kept");
        println!("kept {round}");
    }
}

/// In round N the numbers 1 to N are there.
fn newest(view: &hookswitch_directory_store::View) -> i64 {
    view.counts().0 as i64
}

#[test]
fn a_process_that_is_killed_leaves_what_it_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    for turn in 1..=12 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "a_process_that_loads_without_end", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let kept = lines
            .map_while(Result::ok)
            .filter_map(|line| line.rsplit_once("kept ")?.1.parse::<i64>().ok());
        // It is in the middle of the next load, wherever that is.
        let kept = kept.take(turn).last().expect("it loads");
        child.kill().expect("it runs");
        child.wait().expect("it is gone");
        let files = RealFiles::open(directory.path()).expect("a directory");
        let opened = Extension::open(files).expect("whole");
        let view = opened.extension.view().expect("data");
        let found = newest(&view);
        assert!(found >= kept, "{found} of {kept}");
        for number in 1..=found as u64 {
            assert!(view.blocks(number));
            let mut labels = Vec::new();
            view.labels(number, &mut |label| labels.push(label.to_owned()));
            assert_eq!(labels, [format!("number {number}")]);
        }
        assert!(!view.blocks(found as u64 + 1));
    }
}
