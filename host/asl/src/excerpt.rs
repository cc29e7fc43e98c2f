//! The line of a source that a message is about, the place in it underlined.

use data::{Source, Span};

/// Wider lines are cut to a window around the place.
const WIDTH: usize = 100;
/// What stays visible before the place in a cut line.
const BEFORE: usize = 30;

/// Two lines of text: the source line and the underline. Nothing for a source without text.
pub(crate) fn of(source: &Source, span: Span) -> String {
    if source.text.is_empty() {
        return String::new();
    }
    let position = source.position(span);
    let line = source.line(span);
    let marked = marked_columns(source, span, line, position.column - 1);
    let cells: Vec<Cell> = line.chars().map(Cell::of).collect();
    let window = Window::around(&cells, position.column - 1, marked);
    let number = position.line.to_string();
    let gutter = " ".repeat(number.len());
    format!(
        "  {number} | {}\n  {gutter} | {}\n",
        window.text, window.underline
    )
}

/// How many characters of the line the span covers; at least one.
fn marked_columns(source: &Source, span: Span, line: &str, column: usize) -> usize {
    let rest = line.chars().count().saturating_sub(column);
    let covered = source.text.get(span.start..span.end).unwrap_or("");
    covered
        .chars()
        .take_while(|&c| c != '\n' && c != '\r')
        .count()
        .min(rest)
        .max(1)
}

/// A character as it is shown, and how many columns that takes.
struct Cell {
    shown: String,
    width: usize,
}

impl Cell {
    fn of(character: char) -> Cell {
        match character {
            '\t' => Cell {
                shown: "    ".into(),
                width: 4,
            },
            c if c.is_control() => Cell {
                shown: "\u{fffd}".into(),
                width: 1,
            },
            c => Cell {
                shown: c.into(),
                width: width(c),
            },
        }
    }
}

/// Columns of a terminal, near enough: East Asian and pictographic characters take two, marks none.
fn width(character: char) -> usize {
    match u32::from(character) {
        0x300..=0x36f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069 | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff => 2,
        0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 => 2,
        0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

struct Window {
    text: String,
    underline: String,
}

impl Window {
    fn around(cells: &[Cell], column: usize, marked: usize) -> Window {
        let total: usize = cells.iter().map(|cell| cell.width).sum();
        let (from, to) = if total <= WIDTH {
            (0, cells.len())
        } else {
            cut(cells, column)
        };
        let mut window = Window {
            text: String::new(),
            underline: String::new(),
        };
        if from > 0 {
            window.push("... ", 4, ' ');
        }
        for (at, cell) in cells.iter().enumerate().take(to).skip(from) {
            let mark = if (column..column + marked).contains(&at) {
                '^'
            } else {
                ' '
            };
            window.push(&cell.shown, cell.width, mark);
        }
        if column >= cells.len() {
            window.push("", 1, '^');
        }
        if to < cells.len() {
            window.text.push_str(" ...");
        }
        window.underline.truncate(window.underline.trim_end().len());
        window
    }

    fn push(&mut self, shown: &str, width: usize, mark: char) {
        self.text.push_str(shown);
        self.underline.extend(std::iter::repeat_n(mark, width));
    }
}

/// The range of cells to show: some before the column, and as many after it as fit.
fn cut(cells: &[Cell], column: usize) -> (usize, usize) {
    let from = column.min(cells.len()).saturating_sub(BEFORE);
    let mut width = 0;
    let fitting = cells[from..].iter().take_while(|cell| {
        width += cell.width;
        width <= WIDTH
    });
    (from, from + fitting.count())
}
