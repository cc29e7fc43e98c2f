//! The first difference, for a person to read.

use data::{Data, Object};

/// Where two values differ first.
#[derive(Debug)]
pub struct Difference {
    /// As a JSONPath.
    pub place: String,
    /// What AWS has there; none if nothing.
    pub expected: Option<Data>,
    /// What we have there.
    pub found: Option<Data>,
}

const COLUMN: usize = 76;
const LONGEST: usize = 400;

impl Difference {
    /// The difference by itself.
    pub fn render(&self) -> String {
        let show = |value: &Option<Data>| {
            let text = value.as_ref().map(ToString::to_string);
            shorten(&text.unwrap_or_else(|| "nothing".into()), LONGEST)
        };
        format!(
            "at       {}\nexpected {}\nfound    {}",
            self.place,
            show(&self.expected),
            show(&self.found)
        )
    }
}

/// Two values side by side, equal lines beside each other; `|` marks those that only one of them has.
pub fn side_by_side(expected: Option<&Data>, found: Option<&Data>) -> String {
    let lines = |value: Option<&Data>| -> Vec<String> {
        let text = value.map_or_else(|| "nothing".to_owned(), |value| sorted(value).to_pretty());
        text.lines().map(|line| shorten(line, COLUMN)).collect()
    };
    let (left, right) = (lines(expected), lines(found));
    let mut text = format!("  {:COLUMN$}   {}", "AWS", "found");
    for (a, b) in aligned(&left, &right) {
        let mark = if a == b { ' ' } else { '|' };
        let line = format!("\n  {:COLUMN$} {mark} {}", a.unwrap_or(""), b.unwrap_or(""));
        text.push_str(line.trim_end_matches(' '));
    }
    text
}

/// The lines in pairs, equal ones beside each other: a longest common subsequence.
fn aligned<'l>(left: &'l [String], right: &'l [String]) -> Vec<(Option<&'l str>, Option<&'l str>)> {
    let mut common = vec![vec![0usize; right.len() + 1]; left.len() + 1];
    for (i, a) in left.iter().enumerate().rev() {
        for (j, b) in right.iter().enumerate().rev() {
            common[i][j] = if a == b {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < left.len() || j < right.len() {
        match (left.get(i), right.get(j)) {
            (Some(a), Some(b)) if a == b => {
                pairs.push((Some(a.as_str()), Some(b.as_str())));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || common[i + 1][j] >= common[i][j + 1] => {
                pairs.push((Some(a.as_str()), None));
                i += 1;
            }
            (_, b) => {
                pairs.push((None, b.map(String::as_str)));
                j += 1;
            }
        }
    }
    pairs
}

/// The value with the keys of its objects in one order.
fn sorted(data: &Data) -> Data {
    match data {
        Data::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            let members = members
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)));
            Data::Object(members.collect::<Object>())
        }
        Data::Array(array) => array.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most - 1).collect();
    format!("{start}…")
}
