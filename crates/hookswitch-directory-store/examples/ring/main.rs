//! The decision about a call over mapped lists, with its trace and its labels:
//! `cargo run --release -p hookswitch-directory-store --example ring -- [DIRECTORY]`.
//!
//! 16 lists with 10 million numbers in all, and 5 with 50 million; one number in ten also has a
//! label. The directory is for the files; without one it is the current one.

#[expect(dead_code, reason = "only one of the shapes is loaded")]
#[path = "../../../hookswitch-directory/examples/figures/shapes.rs"]
mod shapes;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use hookswitch_directory::decide::{
    Caller, Contact, OwnBlocks, Presented, Source, UserRules, decide,
};
use hookswitch_directory::load::{Entry, Limits};
use hookswitch_directory_store::{Extension, Listed, RealFiles};
use hookswitch_model::{CallerRules, Candidate, Formed, Text, Verdict, Wall};
use shapes::{Rng, Shape};

const LIMITS: Limits = Limits {
    entries: 50_000_000,
    entries_in_all: 100_000_000,
};

fn main() {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let root = Path::new(&place).join("ring-figures");
    for (lists, numbers) in [(16, 10_000_000), (5, 50_000_000)] {
        let _ = fs::remove_dir_all(&root);
        figures(&root, lists, numbers);
    }
    let _ = fs::remove_dir_all(&root);
}

fn figures(root: &Path, lists: usize, count: usize) {
    let numbers = Shape::Dir.numbers(count, 1);
    let listed: Vec<Listed> = (0..lists)
        .map(|list| load(root, list, lists, &numbers))
        .collect();
    let sources: Vec<&dyn Source> = listed.iter().map(|list| list as &dyn Source).collect();
    let hits: Vec<u64> = numbers.iter().copied().step_by(501).collect();
    let misses: Vec<u64> = Shape::Dir
        .numbers(20_000, 3)
        .into_iter()
        .filter(|number| numbers.binary_search(number).is_err())
        .collect();
    drop(numbers);
    println!("{lists} lists, {count} numbers");
    for (name, queries, wanted) in [
        ("blocked", &hits, Verdict::Block),
        ("not found", &misses, Verdict::Ring),
    ] {
        let hot = times(&sources, queries, wanted, 20_000, None);
        let cold = times(&sources, queries, wanted, 201, Some(vec![0; 80 << 20]));
        println!(
            "    {name:10} hot p50 {:6.2} us, p99 {:6.2} us; cold p50 {:6.2} us, p99 {:6.2} us",
            hot[hot.len() / 2],
            hot[hot.len() * 99 / 100],
            cold[cold.len() / 2],
            cold[cold.len() * 99 / 100],
        );
    }
}

/// One of the lists: it has each number whose turn it is.
fn load(root: &Path, list: usize, lists: usize, numbers: &[u64]) -> Listed {
    let files = RealFiles::open(&root.join(format!("list-{list}"))).expect("a directory");
    let mut extension = Extension::open(files).expect("whole").extension;
    let mut loading = extension.begin(LIMITS).expect("nothing goes on");
    for (at, number) in numbers.iter().enumerate().skip(list).step_by(lists) {
        let entry = Entry::number(*number as i64);
        loading.block(entry).expect("ascending");
        if (at / lists).is_multiple_of(10) {
            let label = format!("Company {}", at % 20_000);
            loading.identify(entry, &label).expect("ascending");
        }
    }
    extension.commit(loading, 0, 0).expect("kept");
    Listed {
        name: Text::new(&format!("List {list}")).expect("a name"),
        order: list as u32,
        is_enabled: true,
        view: extension.view(),
    }
}

/// Microseconds of each of some decisions, sorted; `other` is memory that is written before each.
fn times(
    sources: &[&dyn Source],
    queries: &[u64],
    wanted: Verdict,
    many: usize,
    mut other: Option<Vec<u8>>,
) -> Vec<f64> {
    let (callers, blocked) = (CallerRules::default(), OwnBlocks::default());
    let user = UserRules {
        callers: &callers,
        blocked: &blocked,
        regions: &[*b"US"],
    };
    let mut rng = Rng::new(5);
    let mut times: Vec<f64> = (0..many)
        .map(|round| {
            let number = queries[rng.below(queries.len())];
            let caller = Caller {
                presented: Presented::Number,
                candidates: vec![Candidate {
                    number,
                    formed: Formed::International,
                }],
                short: None,
                address: None,
                contact: Contact::NoContacts,
                called: None,
            };
            if let Some(other) = &mut other {
                other.fill(round as u8);
                black_box(&*other);
            }
            // The clock itself shall not be cold.
            black_box(Instant::now());
            let began = Instant::now();
            let decision = decide(black_box(&caller), &user, sources, Wall::from_millis(1));
            let time = began.elapsed().as_nanos() as f64 / 1e3;
            assert_eq!(decision.verdict, wanted);
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}
