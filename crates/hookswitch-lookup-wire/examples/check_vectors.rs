//! Checks folders of interoperability vectors, with every kernel this machine has.
//!
//! `cargo run -p hookswitch-lookup-wire --example check_vectors -- FOLDER…`: each folder holds the
//! files of one case. Ends with a panic at the first difference.

#[path = "../tests/vectors/case.rs"]
mod case;
#[path = "../tests/vectors/packed.rs"]
mod packed;

use std::path::Path;
use std::time::Instant;

use hookswitch_lookup_ring::kernels::Kernels;

fn main() {
    for folder in std::env::args().skip(1) {
        for kernels in Kernels::available() {
            let start = Instant::now();
            let report = case::check(Path::new(&folder), kernels);
            let name = kernels.name();
            let case::Report {
                files,
                answers,
                decrypted,
                own,
                budget,
            } = report;
            println!(
                "{folder}: {name}, {:.1?}; {files} files and {answers} answers byte for byte, \
                 {decrypted} decrypted, {own} own lookups, noise budget at least {budget:.2} bits",
                start.elapsed()
            );
        }
    }
}
