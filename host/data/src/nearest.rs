//! Near misses: what somebody probably meant to write.

/// The candidate that `word` is most likely a slip of, if there is one.
///
/// A third of the word may be wrong, but never all of it: a letter missing, too much, another one, or two
/// swapped; upper and lower case are alike.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = word
        .chars()
        .flat_map(char::to_lowercase)
        .take(MAX)
        .collect();
    let allowed = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed && *distance < word.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Longer words are compared by their beginnings.
const MAX: usize = 80;

fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).take(MAX).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(x != y);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_leaves_strangers_alone() {
        let fields = ["Next", "End", "Retry", "ResultPath"];
        assert_eq!(nearest("Nxet", fields), Some("Next"));
        assert_eq!(nearest("next", fields), Some("Next"));
        assert_eq!(nearest("RsultPth", fields), Some("ResultPath"));
        assert_eq!(nearest("Colour", fields), None);
        assert_eq!(nearest("", fields), None);
        assert_eq!(
            nearest("B", ["A", "C"]),
            None,
            "all of the word would be wrong"
        );
    }
}
