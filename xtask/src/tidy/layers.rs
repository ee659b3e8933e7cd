//! Who may depend on whom.
//!
//! Input: `cargo metadata`. Output: every dependency between our crates that the table does not
//! allow, every crate that is missing in the table, and every foreign crate under a pure one.

use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Finding;
use super::purity::PURE;

/// One row: crate, layer, and which of our crates it may use.
type Row = (&'static str, u8, &'static [&'static str]);

/// The picture of ARCHITECTURE.md as a table.
const TABLE: &[Row] = &[
    ("hookswitch-model", 0, &[]),
    ("hookswitch-core", 1, &["hookswitch-model"]),
    ("hookswitch-directory", 1, &["hookswitch-model"]),
    ("hookswitch-push-core", 1, &["hookswitch-model"]),
    ("hookswitch-lookup-ring", 0, &[]),
    ("hookswitch-lookup-pir", 1, &["hookswitch-lookup-ring"]),
    (
        "hookswitch-lookup-wire",
        2,
        &["hookswitch-lookup-ring", "hookswitch-lookup-pir"],
    ),
    (
        "hookswitch-wire",
        2,
        &["hookswitch-model", "hookswitch-push-core"],
    ),
    (
        "hookswitch-bus",
        3,
        &[
            "hookswitch-model",
            "hookswitch-core",
            "hookswitch-push-core",
            "hookswitch-wire",
        ],
    ),
    (
        "hookswitch-http",
        3,
        &["hookswitch-model", "hookswitch-core", "hookswitch-wire"],
    ),
    (
        "hookswitch-store",
        3,
        &["hookswitch-model", "hookswitch-wire"],
    ),
    (
        "hookswitch-directory-store",
        3,
        &["hookswitch-model", "hookswitch-directory"],
    ),
    (
        "hookswitch-trace",
        3,
        &["hookswitch-model", "hookswitch-core", "hookswitch-wire"],
    ),
    ("hookswitch-audio", 3, &[]),
    (
        "hookswitch-number",
        3,
        &["hookswitch-model", "hookswitch-directory"],
    ),
    ("hookswitch", 3, &["hookswitch-wire"]),
    ("hookswitch-push-link", 3, &["hookswitch-push-core"]),
    (
        "hookswitch-sim",
        4,
        &[
            "hookswitch-model",
            "hookswitch-core",
            "hookswitch-wire",
            "hookswitch-directory",
            "hookswitch-number",
            "hookswitch-push-core",
            "hookswitch-trace",
        ],
    ),
    (
        "hookswitchd",
        4,
        &[
            "hookswitch-model",
            "hookswitch-core",
            "hookswitch-wire",
            "hookswitch-bus",
            "hookswitch-http",
            "hookswitch-store",
            "hookswitch-audio",
            "hookswitch-directory",
            "hookswitch-directory-store",
            "hookswitch-number",
            "hookswitch-trace",
            "hookswitch-push-core",
            "hookswitch-push-link",
        ],
    ),
    (
        "hookswitch-host",
        4,
        &[
            "hookswitch-model",
            "hookswitch-core",
            "hookswitch-bus",
            "hookswitch-sim",
        ],
    ),
    (
        "hookswitch-cli",
        4,
        &[
            "hookswitch",
            "hookswitch-host",
            "hookswitch-sim",
            "hookswitch-directory",
            "hookswitch-number",
            "hookswitch-wire",
        ],
    ),
    ("hookswitch-phone", 4, &["hookswitch", "hookswitch-audio"]),
    ("hookswitch-modem", 4, &["hookswitch"]),
    (
        "hookswitch-push",
        4,
        &["hookswitch-push-core", "hookswitch-push-link"],
    ),
    (
        "hookswitch-lookup",
        4,
        &[
            "hookswitch-lookup-ring",
            "hookswitch-lookup-pir",
            "hookswitch-lookup-wire",
        ],
    ),
    ("hookswitch-testbed", DEV, &[]),
    ("hookswitch-e2e", DEV, &["hookswitch-testbed"]),
    ("xtask", DEV, &[]),
];

/// Crates that only tests and maintainers use.
const DEV: u8 = 9;

/// Reads the packages of the workspace and their dependencies.
///
/// # Errors
///
/// When `cargo metadata` fails.
pub fn metadata(root: &Path) -> io::Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(complaint));
    }
    serde_json::from_slice(&output.stdout).map_err(io::Error::other)
}

/// Checks the packages against the table.
pub fn check(metadata: &Value) -> Vec<Finding> {
    ours(metadata).flat_map(check_package).collect()
}

/// The packages of the workspace.
fn ours(metadata: &Value) -> impl Iterator<Item = &Value> {
    let local = |package: &&Value| package["source"].is_null();
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(local)
}

fn check_package(package: &Value) -> Vec<Finding> {
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = format!("crates/{name}/Cargo.toml");
    let Some((_, layer, allowed)) = TABLE.iter().find(|(row, _, _)| *row == name) else {
        let message = format!("`{name}` is not in the layer table (xtask, ARCHITECTURE.md)");
        return vec![Finding::new(manifest, 1, message)];
    };
    let mut findings = Vec::new();
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let used = dependency["name"].as_str().unwrap_or_default();
        let is_dev = dependency["kind"] == "dev";
        let refused = match TABLE.iter().find(|(row, _, _)| *row == used) {
            Some(row) if is_dev => refuse_dev(*layer, row),
            Some(row) => (!allowed.contains(&row.0)).then_some("the layer table forbids it"),
            None if PURE.contains(&name) && !is_dev => Some("a pure crate uses only our own"),
            None => None,
        };
        if let Some(why) = refused {
            let message = format!("`{name}` (layer {layer}) uses `{used}`: {why}");
            findings.push(Finding::new(&manifest, 1, message));
        }
    }
    findings
}

/// Tests may use what stands below, the SDK, and the test beds.
fn refuse_dev(layer: u8, (used, below, _): &Row) -> Option<&'static str> {
    let fine = *below < layer || *below == DEV || matches!(*used, "hookswitch");
    (!fine).then_some("even a test looks down, not up")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_itself_points_down() {
        for (name, layer, allowed) in TABLE {
            for used in *allowed {
                let row = TABLE.iter().find(|(row, _, _)| row == used);
                let below = row.map(|(_, below, _)| *below).unwrap_or(DEV);
                let same = matches!(
                    *name,
                    "hookswitch-cli" | "hookswitch-host" | "hookswitch-e2e"
                );
                assert!(below < *layer || same, "{name} -> {used}");
            }
        }
    }

    #[test]
    fn a_wrong_edge_is_found() {
        find("hookswitch-bus", "hookswitch-http", None, 1);
        find("hookswitch-phone", "hookswitch-core", None, 1);
        find("hookswitch-core", "rand", None, 1);
        find("hookswitch-core", "proptest", Some("dev"), 0);
        find("hookswitch-bus", "hookswitch", Some("dev"), 0);
        find("hookswitch-model", "hookswitchd", Some("dev"), 1);
        find("hookswitch-new", "rand", None, 1);
    }

    #[track_caller]
    fn find(name: &str, used: &str, kind: Option<&str>, want: usize) {
        let dependencies = json!([{ "name": used, "kind": kind }]);
        let package = json!({ "name": name, "source": null, "dependencies": dependencies });
        let findings = check(&json!({ "packages": [package] }));
        assert_eq!(findings.len(), want, "{findings:?}");
    }
}
