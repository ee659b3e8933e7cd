//! Durable loads and start-up, on a real disk:
//! `cargo run --release -p hookswitch-directory-store --example reload -- [--json] [DIRECTORY]`.
//!
//! Memory is measured in a process of its own, which makes up its numbers one by one
//! (`--memory COUNT`). The directory should be on the disk that is meant; without one it is the
//! current one. The generator needs about 500 MB of memory for the 50 million numbers of the
//! start-up.

#[expect(dead_code, reason = "only one of the shapes is loaded")]
#[path = "../../../hookswitch-directory/examples/figures/shapes.rs"]
mod shapes;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hookswitch_directory::load::{Entry, Limits};
use hookswitch_directory_store::{Extension, RealFiles};
use shapes::{Rng, Shape};

const LIMITS: Limits = Limits {
    entries: 50_000_000,
    entries_in_all: 100_000_000,
};

/// One figure: its name, its unit, its value.
type Figure = (&'static str, &'static str, f64);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, count, directory] = &words[..]
        && word == "--memory"
    {
        let count = count.parse().expect("a count");
        println!("{}", memory(Path::new(directory), count));
        return;
    }
    let is_json = words.iter().any(|word| word == "--json");
    let place = words.iter().find(|word| *word != "--json");
    let root = Path::new(place.map_or(".", String::as_str)).join("reload-figures");
    let _ = fs::remove_dir_all(&root);
    let mut figures = vec![("one fdatasync of 8 KB, median", "ms", one_sync(&root))];
    full(&root.join("full"), &mut figures);
    changes(&root.join("changes"), &mut figures);
    start(&root.join("start"), &mut figures);
    let _ = fs::remove_dir_all(&root);
    if is_json {
        let rows: Vec<String> = figures
            .iter()
            .map(|(name, unit, value)| {
                format!("{{\"name\":\"{name}\",\"unit\":\"{unit}\",\"value\":{value:.3}}}")
            })
            .collect();
        println!("[{}]", rows.join(",\n "));
    } else {
        for (name, unit, value) in figures {
            println!("{name:52} {value:12.3} {unit}");
        }
    }
}

fn extension(directory: &Path) -> Extension<RealFiles> {
    let files = RealFiles::open(directory).expect("a directory");
    Extension::open(files).expect("whole").extension
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn one_sync(root: &Path) -> f64 {
    fs::create_dir_all(root).expect("a directory");
    let mut file = File::create(root.join("sync")).expect("a file");
    let mut times: Vec<f64> = (0..21)
        .map(|_| {
            file.write_all(&[7; 8192]).expect("written");
            let began = Instant::now();
            file.sync_data().expect("synced");
            millis(began.elapsed())
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Loads all numbers; milliseconds from begin to commit.
fn load(extension: &mut Extension<RealFiles>, numbers: &[u64]) -> f64 {
    let began = Instant::now();
    let mut loading = extension.begin(LIMITS).expect("nothing goes on");
    for number in numbers {
        loading.block(Entry::number(*number as i64)).expect("fine");
    }
    extension.commit(loading, 0, 0).expect("kept");
    millis(began.elapsed())
}

fn full(directory: &Path, figures: &mut Vec<Figure>) {
    let numbers = Shape::Dir.numbers(2_000_000, 1);
    let mut extension = extension(directory);
    let mut times: Vec<f64> = (0..5).map(|_| load(&mut extension, &numbers)).collect();
    times.sort_by(f64::total_cmp);
    figures.push(("full load of 2 M, durable, median of 5", "ms", times[2]));
    figures.push(("full load of 2 M, durable, best of 5", "ms", times[0]));
    let many = Shape::Dir.numbers(10_000_000, 1);
    figures.push((
        "full load of 10 M, durable",
        "ms",
        load(&mut extension, &many),
    ));
    let peak = memory_of_process(&directory.join("memory"), 10_000_000);
    figures.push(("memory for a load of 10 M, peak", "MB", peak));
}

fn changes(directory: &Path, figures: &mut Vec<Figure>) {
    let numbers = Shape::Dir.numbers(10_000_000, 1);
    let new: Vec<u64> = Shape::Dir
        .numbers(1_200_000, 5)
        .into_iter()
        .filter(|number| numbers.binary_search(number).is_err())
        .collect();
    let mut extension = extension(directory);
    load(&mut extension, &numbers);
    let mut rng = Rng::new(11);
    let mut times: Vec<f64> = (0..11)
        .map(|_| change(&mut extension, &numbers, &new, 1000, &mut rng))
        .collect();
    times.sort_by(f64::total_cmp);
    let log = fs::metadata(directory.join("log-1")).expect("a log").len();
    figures.push((
        "+1,000 -1,000 on 10 M, durable and visible, median",
        "ms",
        times[5],
    ));
    figures.push(("written for that", "KB", log as f64 / 11.0 / 1024.0));
    let time = change(&mut extension, &numbers, &new, 1_000_000, &mut rng);
    let view = extension.view().expect("data");
    let image = directory.join(format!("image-{}", view.generation()));
    let size = fs::metadata(image).expect("an image").len();
    figures.push(("+1 M -1 M on 10 M, durable and visible", "ms", time));
    figures.push(("written for that", "MB", size as f64 / 1e6));
    let began = Instant::now();
    extension.rebuild().expect("kept");
    figures.push(("a new image of 10 M", "ms", millis(began.elapsed())));
}

/// Removes some numbers that are there and adds some new ones; milliseconds from the first entry.
fn change(
    extension: &mut Extension<RealFiles>,
    numbers: &[u64],
    new: &[u64],
    many: usize,
    rng: &mut Rng,
) -> f64 {
    let mut pick = |from: &[u64]| {
        let step = (from.len() / many).max(1);
        let first = rng.below(step);
        let picked = from.iter().skip(first).step_by(step).take(many);
        picked.copied().collect::<Vec<u64>>()
    };
    let (old, new) = (pick(numbers), pick(new));
    let began = Instant::now();
    let mut loading = extension.begin(LIMITS).expect("nothing goes on");
    assert!(loading.ask_incremental());
    for number in &old {
        loading
            .unblock(Entry::number(*number as i64))
            .expect("fine");
    }
    for number in &new {
        loading.block(Entry::number(*number as i64)).expect("fine");
    }
    extension.commit(loading, 0, 0).expect("kept");
    let time = millis(began.elapsed());
    let view = extension.view().expect("data");
    assert!(view.blocks(new[many / 2]) && !view.blocks(old[many / 2]));
    time
}

fn start(directory: &Path, figures: &mut Vec<Figure>) {
    let numbers = Shape::Dir.numbers(50_000_000, 1);
    let time = load(&mut extension(directory), &numbers);
    figures.push(("full load of 50 M, durable", "ms", time));
    let peak = memory_of_process(&directory.join("memory"), 50_000_000);
    figures.push(("memory for a load of 50 M, peak", "MB", peak));
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let began = Instant::now();
            let view = extension(directory).view().expect("data");
            assert!(view.blocks(numbers[numbers.len() / 3]));
            millis(began.elapsed())
        })
        .collect();
    times.sort_by(f64::total_cmp);
    figures.push((
        "start with 50 M, all checked, to the first answer",
        "ms",
        times[2],
    ));
    let size = fs::metadata(directory.join("image-1"))
        .expect("an image")
        .len();
    let bits = size as f64 * 8.0 / numbers.len() as f64;
    figures.push(("bits for each of 50 M, whole file", "bits", bits));
}

/// Megabytes that a load takes in a process of its own.
fn memory_of_process(directory: &Path, count: u64) -> f64 {
    let this = std::env::current_exe().expect("this program");
    let mut command = Command::new(this);
    command
        .arg("--memory")
        .arg(count.to_string())
        .arg(directory);
    let output = command.output().expect("it runs");
    let words = String::from_utf8_lossy(&output.stdout);
    words.trim().parse().expect("a number")
}

/// Loads made-up numbers; how many megabytes of anonymous memory that takes at most.
fn memory(directory: &Path, count: u64) -> f64 {
    let mut rng = Rng::new(1);
    let mut extension = extension(directory);
    let (before, mut peak, mut number) = (anonymous(), 0.0f64, 1i64);
    let mut loading = extension.begin(LIMITS).expect("nothing goes on");
    for index in 0..count {
        number += 2 + rng.below(2000) as i64;
        loading.block(Entry::number(number)).expect("fine");
        if index % 4096 == 0 {
            peak = peak.max(anonymous());
        }
    }
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak = 0.0f64;
            while !is_done.load(Ordering::Relaxed) {
                peak = peak.max(anonymous());
            }
            peak
        });
        extension.commit(loading, 0, 0).expect("kept");
        is_done.store(true, Ordering::Relaxed);
        peak = peak.max(watcher.join().expect("it only reads"));
    });
    (peak - before) / 1024.0
}

/// Kilobytes of anonymous memory of this process.
fn anonymous() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|word| word.parse().ok()).unwrap_or(0.0)
}
