//! Every dependency may be shipped under MIT OR Apache-2.0.
//!
//! Input: `cargo metadata`. Output: every crate whose license leaves only the GPL family, or
//! says nothing.

use serde_json::Value;

use super::Finding;

/// Checks every package of the lock file.
pub fn check(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter_map(check_package).collect()
}

fn check_package(package: &Value) -> Option<Finding> {
    let name = package["name"].as_str().unwrap_or_default();
    let refused = match package["license"].as_str() {
        Some(license) if may_be_shipped(license) => return None,
        Some(license) => format!("`{name}` is under {license}"),
        None if package["license_file"].is_string() => return None,
        None => format!("`{name}` names no license"),
    };
    Some(Finding::new(
        "Cargo.lock",
        1,
        format!("{refused}: use another crate"),
    ))
}

/// Whether some alternative of the expression is outside the GPL family.
fn may_be_shipped(license: &str) -> bool {
    let alternatives = license.replace('/', " OR ");
    alternatives
        .split(" OR ")
        .any(|alternative| !alternative.contains("GPL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copyleft_license_without_an_alternative_is_refused() {
        assert!(may_be_shipped("MIT OR Apache-2.0"));
        assert!(may_be_shipped("MIT/Apache-2.0"));
        assert!(may_be_shipped("Apache-2.0 OR LGPL-2.1-or-later OR MIT"));
        assert!(!may_be_shipped("GPL-3.0-only"));
        assert!(!may_be_shipped("GPL-2.0 OR AGPL-3.0"));
    }
}
