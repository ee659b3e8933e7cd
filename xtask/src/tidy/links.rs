//! Links of the documents lead somewhere.
//!
//! Input: the Markdown files. Output: every link to a file that is not there.

use std::path::{Component, Path, PathBuf};

use super::Finding;
use super::tree::File;

/// Checks every Markdown file.
pub fn check(root: &Path, files: &[File]) -> Vec<Finding> {
    let markdown = files
        .iter()
        .filter(|f| f.path.extension().is_some_and(|e| e == "md"));
    markdown.flat_map(|file| dead_links(root, file)).collect()
}

fn dead_links(root: &Path, file: &File) -> Vec<Finding> {
    let folder = file.path.parent().unwrap_or(Path::new(""));
    let mut findings = Vec::new();
    let mut in_code = false;
    for (line, text) in file.text.lines().enumerate() {
        in_code ^= text.trim_start().starts_with("```");
        for target in targets(text).into_iter().filter(|_| !in_code) {
            let path = target.split(['#', '?']).next().unwrap_or_default();
            let outside = path.is_empty() || path.contains(':');
            if outside || root.join(normal(&folder.join(path))).exists() {
                continue;
            }
            let message = format!("the link to `{target}` leads nowhere");
            findings.push(Finding::new(&file.path, line + 1, message));
        }
    }
    findings
}

/// What `](…)` and `src="…"` point to.
fn targets(line: &str) -> Vec<&str> {
    let inline = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let inline = inline.filter_map(|target| target.split_whitespace().next());
    let images = line
        .split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    inline.chain(images).collect()
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            Component::Normal(name) => out.push(name),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_are_found_and_others_are_not() {
        let root = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(root.path().join("docs")).expect("a folder");
        std::fs::write(root.path().join("docs/b.md"), "").expect("a file");
        let text = "[b](b.md#top) [up](../docs/b.md) [web](https://example.org) [x](x.md)\n\
                    ```\n[y](y.md)\n```\n<img src=\"z.png\">\n";
        let findings = check(root.path(), &[File::new("docs/a.md", text)]);
        let lines = findings
            .iter()
            .map(|finding| finding.line)
            .collect::<Vec<_>>();
        assert_eq!(lines, [1, 5], "{findings:?}");
    }
}
