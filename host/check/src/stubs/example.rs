//! Values made up for fields of which little more than the name is known.

use data::{Data, EcoString};

use super::shape::Type;

/// A moment in the past and one in the future, for comparisons of timestamps.
pub(super) const PAST: &str = "2000-01-01T00:00:00Z";
pub(super) const PRESENT: &str = "2026-01-01T00:00:00Z";
pub(super) const FUTURE: &str = "2100-01-01T00:00:00Z";

/// A value of a type for a field of that name.
pub(super) fn of(name: &str, kind: Type) -> Data {
    match kind {
        Type::Open => by_name(name),
        Type::Text => text(name),
        Type::Json => Data::from("{}"),
        Type::Number => Data::from(1),
        Type::Boolean => Data::from(true),
        Type::Timestamp => Data::from(PRESENT),
        Type::Object => Data::empty_object(),
        Type::List => Data::from_iter(Vec::<Data>::new()),
    }
}

/// What the items of a list of that name are called.
pub(super) fn singular(name: &str) -> EcoString {
    let stem = name.strip_suffix('s').filter(|stem| stem.len() > 1);
    match stem {
        Some(stem) => stem.into(),
        None => "item".into(),
    }
}

fn text(name: &str) -> Data {
    if name.is_empty() {
        Data::from("example")
    } else {
        Data::from(format!("example-{name}"))
    }
}

/// A guess from the words that people use.
fn by_name(name: &str) -> Data {
    const NUMBERS: [&str; 14] = [
        "amount", "count", "price", "quantity", "total", "number", "size", "age", "index",
        "seconds", "score", "limit", "sum", "length",
    ];
    const TRUTHS: [&str; 9] = [
        "valid",
        "available",
        "approved",
        "success",
        "succeeded",
        "enabled",
        "ok",
        "done",
        "ready",
    ];
    let word = last_word(name);
    if NUMBERS.contains(&word.as_str()) {
        return Data::from(1);
    }
    let first = name.strip_prefix("is").or(name.strip_prefix("has"));
    let asks =
        first.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_'));
    if asks || TRUTHS.contains(&word.as_str()) {
        return Data::from(true);
    }
    match word.as_str() {
        "date" | "time" | "timestamp" => Data::from(PRESENT),
        "at" if name.len() > 2 => Data::from(PRESENT),
        _ => text(name),
    }
}

/// The last word of `someName`, `some_name` or `some-name`, in lower case.
fn last_word(name: &str) -> String {
    let start = name
        .char_indices()
        .rev()
        .find(|(_, c)| c.is_uppercase() || matches!(c, '_' | '-' | ' '));
    let word = start.map_or(name, |(at, c)| match c {
        '_' | '-' | ' ' => &name[at + 1..],
        _ => &name[at..],
    });
    word.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_meant() {
        let guess = |name: &str| of(name, Type::Open).to_string();
        assert_eq!(guess("totalAmount"), "1");
        assert_eq!(guess("isOpen"), "true");
        assert_eq!(guess("island"), "\"example-island\"");
        assert_eq!(guess("created_at"), format!("\"{PRESENT}\""));
        assert_eq!(guess("orderId"), "\"example-orderId\"");
        assert_eq!(singular("orders"), "order");
        assert_eq!(singular("s"), "item");
    }
}
