//! Tables for people.

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Text, which may be cut where there is no room for it.
    Text,
    /// What is short and must be whole.
    Word,
    /// A number: to the right, and whole.
    Number,
}

/// No column is cut to less than this.
const LEAST: usize = 8;

/// Between two columns.
const GAP: &str = "  ";

/// Rows below a head.
pub struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table that has only a head.
    pub fn new(head: [(&str, Column); N]) -> Table<N> {
        Table {
            columns: head.map(|(_, column)| column),
            rows: vec![head.map(|(name, _)| name.to_owned())],
        }
    }

    /// Adds a row. Its cells must be of one line.
    pub fn add(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The lines of the table. Texts are cut, the longest first, until they fit into `width` characters if there is one.
    pub fn text(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.columns);
            let cells: Vec<String> = cells
                .map(|((cell, width), column)| set(cell, *width, *column))
                .collect();
            text.push_str(cells.join(GAP).trim_end());
            text.push('\n');
        }
        text
    }

    fn widths(&self, width: Option<usize>) -> [usize; N] {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let Some(width) = width else {
            return widths;
        };
        let gaps = GAP.len() * N.saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            let texts = widths.iter_mut().zip(&self.columns);
            let texts = texts.filter(|(width, column)| **column == Column::Text && **width > LEAST);
            match texts.map(|(width, _)| width).max() {
                Some(longest) => *longest -= 1,
                None => break,
            }
        }
        widths
    }
}

fn set(cell: &str, width: usize, column: Column) -> String {
    match column {
        Column::Number => format!("{cell:>width$}"),
        Column::Text | Column::Word => format!("{:<width$}", cut(cell, width)),
    }
}

/// A text of at most `width` characters.
fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(width.saturating_sub(3)).collect();
            format!("{kept}...")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<3> {
        let mut table = Table::new([
            ("name", Column::Text),
            ("status", Column::Word),
            ("n", Column::Number),
        ]);
        table.add([
            "a-long-name-of-something".into(),
            "FAILED".into(),
            "7".into(),
        ]);
        table.add(["short".into(), "SUCCEEDED".into(), "123".into()]);
        table
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let expected = "\
name                      status       n
a-long-name-of-something  FAILED       7
short                     SUCCEEDED  123
";
        assert_eq!(table().text(None), expected);
        assert_eq!(table().text(Some(200)), expected);
    }

    #[test]
    fn texts_are_cut_until_the_table_fits() {
        let expected = "\
name          status       n
a-long-na...  FAILED       7
short         SUCCEEDED  123
";
        assert_eq!(table().text(Some(28)), expected);
        let least = table().text(Some(1));
        assert_eq!(least.lines().nth(1), Some("a-lon...  FAILED       7"));
    }
}
