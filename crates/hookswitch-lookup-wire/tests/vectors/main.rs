//! The interoperability vectors of the tree: every byte of Apple's library, with every kernel.

mod case;
mod packed;

use std::path::Path;

use hookswitch_lookup_ring::kernels::Kernels;

#[test]
fn identities_in_three_shards() {
    check("n4096_t17_identity_3shards", 3);
}

#[test]
fn values_longer_than_a_plaintext() {
    check("n4096_t17_large", 2);
}

#[test]
fn words_of_64_bits() {
    check("n8192_t24_40B", 1);
}

#[test]
fn keys_with_maximum_compression() {
    check("n4096_t17_maxcompression", 2);
}

#[test]
fn keys_with_hybrid_compression() {
    check("n4096_t17_hybridcompression", 2);
}

#[test]
fn a_table_of_zeros() {
    check("n4096_t17_niltable", 2);
}

#[track_caller]
fn check(name: &str, answers: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    for kernels in Kernels::available() {
        let report = case::check(&folder, kernels);
        assert_eq!(report.answers, answers, "{report:?}");
        assert_eq!(report.decrypted, answers, "{report:?}");
        assert!(
            report.files > 8 && report.own >= 15 && report.budget > 3.0,
            "{report:?}"
        );
    }
}
