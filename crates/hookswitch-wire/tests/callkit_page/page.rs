//! The page as data: its sections, each with its tables.

/// A row of a table, with the names of its columns.
#[derive(Clone, Debug)]
pub struct Row {
    /// The heading above the table.
    pub section: String,
    /// The heads of the columns.
    pub heads: Vec<String>,
    /// The cells, as many as heads.
    pub cells: Vec<String>,
}

impl Row {
    /// The cell under a head; none if the table has no such column.
    pub fn cell(&self, head: &str) -> Option<&str> {
        let at = self.heads.iter().position(|known| known == head)?;
        self.cells.get(at).map(String::as_str)
    }

    /// The names in code letters of the cell under a head.
    pub fn names(&self, head: &str) -> Vec<&str> {
        self.cell(head).map(names).unwrap_or_default()
    }
}

/// What stands in code letters.
pub fn names(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// All rows of all tables, in order.
pub fn rows(page: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut section, mut heads) = (String::new(), Vec::new());
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            section = heading.trim_start_matches('#').trim().to_owned();
        }
        let Some(inside) = line.strip_prefix('|').and_then(|l| l.strip_suffix('|')) else {
            heads = Vec::new();
            continue;
        };
        let cells: Vec<String> = inside.split('|').map(|c| c.trim().to_owned()).collect();
        if cells.iter().all(|cell| cell == "---") {
            continue;
        }
        if heads.is_empty() {
            heads = cells;
            continue;
        }
        rows.push(Row {
            section: section.clone(),
            heads: heads.clone(),
            cells,
        });
    }
    rows
}
