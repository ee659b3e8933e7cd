//! The page `docs/callkit.md` is complete and true.
//!
//! Complete: every name and number of Apple's that this folder lists has its row. True: every name
//! of ours on the page exists, and every number is the one that the code gives. The same checks are
//! played on untrue copies of the page, which they must find.

mod apple;
mod members;
mod names;
mod numbers;
mod page;

use members::Members;
use names::Items;
use page::Row;

const PAGE: &str = include_str!("../../../../docs/callkit.md");

/// The columns of ours.
const OURS: [&str; 3] = ["core", "D-Bus", "SDK"];

#[test]
fn the_page_is_complete_and_true() {
    let faults = faults(PAGE);
    assert!(faults.is_empty(), "docs/callkit.md:\n{}", faults.join("\n"));
}

/// Everything that is wrong with a page.
fn faults(page: &str) -> Vec<String> {
    let rows = page::rows(page);
    let names = Names::read();
    let mut faults: Vec<String> = rows.iter().flat_map(|row| names.unknown(row)).collect();
    faults.extend(rows.iter().filter_map(unanswered));
    faults.extend(apple::missing(&rows));
    faults.extend(numbers::wrong(&rows, &names.core));
    faults
}

struct Names {
    core: Items,
    sdk: Items,
    members: Members,
}

impl Names {
    fn read() -> Self {
        Self {
            core: Items::core(),
            sdk: Items::sdk(),
            members: Members::read(),
        }
    }

    /// The names of ours in a row that do not exist.
    fn unknown(&self, row: &Row) -> Vec<String> {
        let unknown = |head: &str, has: &dyn Fn(&str) -> bool| {
            let names = row.names(head).into_iter();
            let unknown = names.filter(|name| !has(name));
            let text = |name| format!("{}: there is no `{name}` in {head}", row.section);
            unknown.map(text).collect::<Vec<_>>()
        };
        let mut found = unknown("core", &|name| self.core.has(name));
        found.extend(unknown("D-Bus", &|name| self.members.has(name)));
        found.extend(unknown("SDK", &|name| self.sdk.has(name)));
        if row.heads.iter().any(|head| head == "code") {
            found.extend(unknown("ours", &|name| {
                self.core.has(name) || self.sdk.has(name)
            }));
        }
        found
    }
}

/// A row must say something in each cell but the last, and why, where we have nothing.
fn unanswered(row: &Row) -> Option<String> {
    let at = format!("{}: {}", row.section, row.cells.first()?);
    if row.cells.len() != row.heads.len() {
        return Some(format!("{at}: {} cells", row.cells.len()));
    }
    let (last, others) = row.cells.split_last()?;
    if others.iter().any(String::is_empty) {
        return Some(format!("{at}: an empty cell"));
    }
    let ours: Vec<&str> = OURS.iter().filter_map(|head| row.cell(head)).collect();
    let ours = if ours.is_empty() && row.cell("code").is_some() {
        vec![row.cell("ours")?]
    } else {
        ours
    };
    let named = |cell: &&str| cell.contains('`') || *cell == "none";
    if !ours.iter().all(named) {
        return Some(format!("{at}: neither a name nor none"));
    }
    let nothing = !ours.is_empty() && ours.iter().all(|cell| *cell == "none");
    (nothing && last.is_empty()).then(|| format!("{at}: none, and not why"))
}

#[test]
fn an_untrue_page_is_found() {
    let base = faults(PAGE);
    for (true_text, untrue) in [
        ("`ProviderEvent::Perform`", "`ProviderEvent::Ask`"),
        (
            "`Provider::pending_transactions`, ",
            "`Provider::open_asks`, ",
        ),
        ("`App1.Perform.deadline_ms`", "`App1.Perform.deadline`"),
        (
            "`Provider.Register.translation`",
            "`Provider.Register.translations`",
        ),
        ("`Provider.Invalidate`", "`Controller.Invalidate`"),
        ("`Effect::AskExpired`", "`Effect::Expired`"),
        ("| 3 | `entriesOutOfOrder`", "| 5 | `entriesOutOfOrder`"),
        ("`Code::DuplicateEntries`", "none"),
        (
            "| `ErrorCode::LimitReached` |",
            "| `ErrorCode::LimitReached`, `ErrorCode::Busy` |",
        ),
        ("| `busy` | `failed` 1 |", "| `busy` | `unanswered` 3 |"),
        (
            "| `answeredElsewhere` 4 | `joinedElsewhere` |",
            "| `answeredElsewhere` 4 | `failed` |",
        ),
        (
            "| none | throws | none |\n| `ArrivedLate`",
            "| 4 | throws | none |\n| `ArrivedLate`",
        ),
        ("561017449 | none | none |", "none | none | none |"),
        ("`RouteCause::DeviceLost`", "`RouteCause::DeviceAdded`"),
        ("`TonesKind::SoftPause`", "`TonesKind::HardPause`"),
        ("nobody takes notes here", ""),
        ("| `contactIdentifier` |", "| `contact` |"),
        ("| 64 | `allowAirPlay`", "| 65 | `allowAirPlay`"),
        ("`LoadError`", "none, or so"),
    ] {
        assert!(PAGE.contains(true_text), "{true_text} is not on the page");
        let page = PAGE.replacen(true_text, untrue, 1);
        assert_ne!(faults(&page), base, "not found: {untrue}");
    }
}
