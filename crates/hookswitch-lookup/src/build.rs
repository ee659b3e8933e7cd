//! From a table to processed shards.
//!
//! Input: records. Output: a folder with `lookup.toml`, and for each shard the processed database
//! in Apple's format and its parameters. Every number is in the use case that blocks, those with a
//! name in the one that identifies. All shards publish one list of Galois elements, the longest, so
//! that one evaluation key serves both use cases.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use hookswitch_lookup_pir::cuckoo::{Config, Row, Tables};
use hookswitch_lookup_pir::keyword::{self, Sharding};
use hookswitch_lookup_pir::shape::{Compression, Shape};
use hookswitch_lookup_pir::{file, process};
use hookswitch_lookup_ring::context::Context;
use hookswitch_lookup_ring::kernels::Kernels;
use hookswitch_lookup_ring::parameters::{Parameters, Predefined};
use hookswitch_lookup_ring::word::Word;
use hookswitch_lookup_wire::{Message, convert};

use crate::chance::SystemChance;
use crate::manifest::{Manifest, UseCase};
use crate::rows::Record;

/// How a database is built.
#[derive(Clone, Debug)]
pub struct Options {
    /// The bundle id of the app extension; use cases are named after it.
    pub bundle: String,
    /// The name of a predefined parameter set.
    pub parameters: String,
    /// Rows that a shard should have; the number of shards is what this goes into the rows,
    /// rounded down. More rows hide a question among more numbers, and cost more.
    pub rows_per_shard: usize,
}

/// What was built.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Rows of the use case that blocks.
    pub block_rows: usize,
    /// Rows of the use case that identifies.
    pub identity_rows: usize,
    /// Shards of both.
    pub shards: u32,
}

/// A shard between placing and writing.
struct Placed {
    name: String,
    shape: Shape,
    tables: Tables,
}

/// Builds both use cases into a folder.
///
/// # Errors
///
/// When the records do not fit, or a file cannot be written.
pub fn build(records: &[Record], options: &Options, folder: &Path) -> Result<Report> {
    let set = Predefined::named(&options.parameters);
    let set = set.with_context(|| format!("there is no set `{}`", options.parameters))?;
    let parameters = set.parameters();
    ensure!(
        !records.is_empty(),
        "the table has no rows: a database needs at least one number"
    );
    let mut numbers = BTreeSet::new();
    if let Some(twice) = records.iter().position(|r| !numbers.insert(&r.number)) {
        bail!("line {} has the number of an earlier line", twice + 2);
    }
    let block = records
        .iter()
        .map(|r| (r, r.block_value()))
        .collect::<Vec<_>>();
    let identity = records
        .iter()
        .filter_map(|r| Some((r, r.identity_value()?)));
    let identity = identity.collect::<Vec<_>>();
    let (block_rows, identity_rows) = (block.len(), identity.len());
    let mut placed = Vec::new();
    let mut usecases = Vec::new();
    for (stem, rows) in [("block", block), ("identity", identity)] {
        if rows.is_empty() {
            continue;
        }
        let shards = (rows.len() / options.rows_per_shard.max(1)).max(1) as u32;
        placed.extend(place(&parameters, stem, &rows, shards)?);
        usecases.push(UseCase {
            name: format!("{}.{stem}", options.bundle),
            stem: stem.to_owned(),
            shards,
        });
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    match parameters.is_narrow() {
        true => write::<u32>(&parameters, &placed, folder)?,
        false => write::<u64>(&parameters, &placed, folder)?,
    }
    let shards = placed.len() as u32;
    Manifest { usecases }.write(folder)?;
    Ok(Report {
        block_rows,
        identity_rows,
        shards,
    })
}

/// Deals the rows to shards and places them in tables.
fn place(
    parameters: &Parameters,
    stem: &str,
    rows: &[(&Record, Vec<u8>)],
    shards: u32,
) -> Result<Vec<Placed>> {
    let mut dealt = vec![Vec::new(); shards as usize];
    for (record, value) in rows {
        let hash = keyword::hash(record.number.as_bytes());
        let shard = Sharding::Sha256.shard(hash, shards);
        dealt[shard as usize].push(Row {
            hash,
            value: value.clone(),
        });
    }
    let longest = rows.iter().map(|(_, value)| value.len()).max().unwrap_or(0);
    let config = Config::new(longest, parameters.plaintext_bytes());
    let place = |(number, rows): (usize, Vec<Row>)| {
        let name = format!("{stem}-{number}");
        let tables = Tables::build(config, rows, &mut SystemChance);
        let tables = tables.with_context(|| format!("shard {name}"))?;
        let (entries, size) = (tables.buckets_per_table(), tables.entry_size());
        let shape = Shape::choose(parameters, entries, size, tables.tables());
        Ok(Placed {
            shape: shape.with_context(|| format!("shard {name}"))?,
            name,
            tables,
        })
    };
    dealt.into_iter().enumerate().map(place).collect()
}

fn write<W: Word>(parameters: &Parameters, placed: &[Placed], folder: &Path) -> Result<()> {
    let context = Context::<W>::new(parameters.clone(), Kernels::detect())?;
    let elements = placed
        .iter()
        .map(|shard| shard.shape.galois_elements(Compression::None));
    let elements = elements.flatten().collect::<BTreeSet<_>>();
    let elements = elements.into_iter().collect::<Vec<_>>();
    for shard in placed {
        let (shape, path) = (&shard.shape, folder.join(format!("{}.bin", shard.name)));
        let say = || format!("writing {}", path.display());
        let mut output = BufWriter::new(File::create(&path).with_context(say)?);
        output.write_all(&file::header(shape)).with_context(say)?;
        for poly in process::plaintexts(&context, shape, &shard.tables) {
            let bytes = file::plaintext(&context, poly?.as_ref());
            output.write_all(&bytes).with_context(say)?;
        }
        output.flush().with_context(say)?;
        let message = convert::shard_parameters(parameters, shape, Sharding::Sha256, &elements);
        let path = folder.join(format!("{}.params.binpb", shard.name));
        let say = || format!("writing {}", path.display());
        fs::write(&path, message.encode_to_vec()).with_context(say)?;
    }
    Ok(())
}
