//! The sets that are compared, each built from the same sorted numbers.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use hookswitch_directory::set::{Builder, NumberSet};
use rusqlite::{Connection, OptionalExtension as _};

/// One of them, built.
pub struct Peer {
    pub name: &'static str,
    pub set: Box<dyn Set>,
    /// Bytes that it takes, in memory or in its file.
    pub bytes: usize,
    pub built: Duration,
    /// It is asked fewer questions.
    pub is_slow: bool,
}

/// Whether a number is in it.
pub trait Set {
    fn contains(&self, number: u64) -> bool;
}

impl<F: Fn(u64) -> bool> Set for F {
    fn contains(&self, number: u64) -> bool {
        self(number)
    }
}

type Make = fn(&[u64]) -> Peer;

pub const ALL: [Make; 6] = [ours, vec, roaring, fst, elias_fano, sqlite];

fn peer(name: &'static str, began: Instant, bytes: usize, set: impl Set + 'static) -> Peer {
    Peer {
        name,
        built: began.elapsed(),
        bytes,
        set: Box::new(set),
        is_slow: false,
    }
}

fn ours(numbers: &[u64]) -> Peer {
    let began = Instant::now();
    let mut builder = Builder::new();
    let mut bytes = Vec::new();
    for number in numbers {
        builder.push(*number).expect("ascending");
        if builder.ready() > 1 << 16 {
            bytes.append(&mut builder.take());
        }
    }
    bytes.append(&mut builder.finish());
    let len = bytes.len();
    // As long as the program: a set borrows its bytes.
    let bytes: &'static [u8] = Vec::leak(bytes);
    let set = NumberSet::open(bytes).expect("whole");
    peer("hookswitch-directory", began, len, move |number: u64| {
        set.contains(number)
    })
}

fn vec(numbers: &[u64]) -> Peer {
    let began = Instant::now();
    let sorted = numbers.to_vec();
    let bytes = size_of_val(&sorted[..]);
    let find = move |number: u64| sorted.binary_search(&number).is_ok();
    peer("Vec, binary search", began, bytes, find)
}

fn roaring(numbers: &[u64]) -> Peer {
    let began = Instant::now();
    let map = roaring::RoaringTreemap::from_sorted_iter(numbers.iter().copied());
    let mut map = map.expect("ascending");
    map.optimize();
    let bytes = map.serialized_size();
    peer("roaring 0.12", began, bytes, move |number: u64| {
        map.contains(number)
    })
}

/// Six bytes hold 14 digits; the numbers have at most 13.
fn key(number: u64) -> [u8; 6] {
    let bytes = number.to_be_bytes();
    bytes[2..].try_into().expect("six bytes")
}

fn fst(numbers: &[u64]) -> Peer {
    let began = Instant::now();
    let mut builder = fst::SetBuilder::memory();
    for number in numbers {
        builder.insert(key(*number)).expect("ascending");
    }
    let set = builder.into_set();
    let bytes = set.as_fst().as_bytes().len();
    peer("fst 0.4", began, bytes, move |number: u64| {
        set.contains(key(number))
    })
}

fn elias_fano(numbers: &[u64]) -> Peer {
    let began = Instant::now();
    let set = vers_vecs::EliasFanoVec::from_slice(numbers);
    let bytes = set.heap_size();
    let find = move |number: u64| set.predecessor(number) == Some(number);
    peer("vers-vecs 1.10 (EF)", began, bytes, find)
}

struct Sqlite {
    connection: RefCell<Connection>,
    _folder: tempfile::TempDir,
}

impl Set for Sqlite {
    fn contains(&self, number: u64) -> bool {
        let connection = self.connection.borrow();
        let sql = "SELECT 1 FROM numbers WHERE number = ?1";
        let mut asked = connection.prepare_cached(sql).expect("prepared");
        let row = asked.query_row([number as i64], |_| Ok(()));
        row.optional().expect("asked").is_some()
    }
}

fn sqlite(numbers: &[u64]) -> Peer {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("numbers.db");
    let began = Instant::now();
    let mut connection = Connection::open(&path).expect("opened");
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                    PRAGMA mmap_size = 4294967296; \
                    CREATE TABLE numbers (number INTEGER PRIMARY KEY)";
    connection.execute_batch(settings).expect("a table");
    let filling = connection.transaction().expect("begun");
    {
        let sql = "INSERT INTO numbers VALUES (?1)";
        let mut insert = filling.prepare(sql).expect("prepared");
        for number in numbers {
            insert.execute([*number as i64]).expect("inserted");
        }
    }
    filling.commit().expect("kept");
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    connection
        .query_row(checkpoint, [], |_| Ok(()))
        .expect("one file");
    let bytes = path.metadata().map_or(0, |about| about.len() as usize);
    let connection = RefCell::new(connection);
    let set = Sqlite {
        connection,
        _folder: folder,
    };
    Peer {
        is_slow: true,
        ..peer("SQLite, mmap", began, bytes, set)
    }
}
