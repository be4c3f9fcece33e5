//! Tables of plain text: words to the left, numbers to the right, two spaces between.

use std::fmt;

/// A table under a line of column names.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    numbers: bool,
}

impl Table {
    /// An empty table. Columns whose name starts with `#` hold numbers.
    #[must_use]
    pub fn new(names: &[&'static str]) -> Self {
        let column = |name: &&'static str| Column {
            name: name.trim_start_matches('#'),
            numbers: name.starts_with('#'),
        };
        Self {
            columns: names.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells that are missing are empty.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn width(&self, at: usize) -> usize {
        let cells = self
            .rows
            .iter()
            .filter_map(|row| row.get(at))
            .map(|cell| cell.chars().count());
        cells.chain([self.columns[at].name.chars().count()]).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.columns.len()).map(|at| self.width(at)).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let padded = self.columns.iter().zip(&widths).map(|(column, &width)| {
                let cell = cells.next().unwrap_or_default();
                if column.numbers {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        writeln!(f, "  {}", line(&mut self.columns.iter().map(|column| column.name)))?;
        for row in &self.rows {
            writeln!(f, "  {}", line(&mut row.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_left_and_numbers_right() {
        let mut table = Table::new(&["TICKER", "#MENTIONS", "WHY"]);
        table.row(["GME".into(), "7".into(), "yes".into()]);
        table.row(["LONGNAME".into(), "1234567890".into(), String::new()]);
        let expected = "  TICKER      MENTIONS  WHY\n  GME                7  yes\n  LONGNAME  1234567890\n";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_letter_counts_once_whatever_its_bytes() {
        let mut table = Table::new(&["NAME", "#N"]);
        table.row(["é".into(), "1".into()]);
        table.row(["ab".into(), "2".into()]);
        assert_eq!(table.to_string(), "  NAME  N\n  é     1\n  ab    2\n");
    }
}
