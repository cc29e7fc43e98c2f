//! Comparing histories, event by event.
//!
//! Where AWS runs branches side by side their events come in no certain order. A recording then has no ids
//! there (`[0]`), and such a stretch is compared as a multiset. Everywhere else ids, previousEventId and order
//! are compared as they are.

use data::{Array, Data, Object};

use crate::compare::Comparison;
use crate::difference::side_by_side;

/// Compares the events of an execution; the error is what differs first.
pub fn compare(
    comparison: &mut Comparison,
    expected: &Array,
    mut found: Vec<Data>,
) -> Result<(), String> {
    let ids: Vec<i64> = expected.iter().filter_map(id).collect();
    if ids.len() > 1 && ids.is_sorted_by(|a, b| a > b) {
        found.reverse(); // It was asked for with `reverseOrder`.
    }
    let mut expected = expected.iter().enumerate().peekable();
    let mut found = found.into_iter().peekable();
    while let Some((at, event)) = expected.next() {
        if id(event).is_some() {
            one(comparison, at, Some(event), found.next().as_ref())?;
            continue;
        }
        let mut stretch = vec![(at, event)];
        while let Some(next) = expected.next_if(|(_, event)| id(event).is_none()) {
            stretch.push(next);
        }
        let end = expected.peek().and_then(|(_, event)| id(event));
        let mut events = Vec::new();
        while let Some(event) = found.next_if(|event| end.is_none_or(|end| id(event) != Some(end)))
        {
            events.push(unnumbered(&event));
        }
        unordered(comparison, &stretch, events)?;
    }
    match found.next() {
        Some(surplus) => one(comparison, ids.len(), None, Some(&surplus)),
        None => Ok(()),
    }
}

/// The number of an event; none where the recording leaves it open.
fn id(event: &Data) -> Option<i64> {
    event.get("id").and_then(Data::as_i64)
}

fn one(
    comparison: &mut Comparison,
    at: usize,
    expected: Option<&Data>,
    found: Option<&Data>,
) -> Result<(), String> {
    let place = format!("$.history[{at}]");
    let what = match (expected, found) {
        (Some(expected), Some(found)) => match comparison.same(&place, "", expected, found) {
            Ok(()) => return Ok(()),
            Err(difference) => difference.render(),
        },
        (Some(_), None) => format!("at       {place}\nthe history ends before this event"),
        _ => format!("at       {place}\nthe history goes on where AWS's ends"),
    };
    let number = expected.or(found).and_then(id).unwrap_or_default();
    let both = side_by_side(expected, found);
    Err(format!("event {number} differs\n{what}\n{both}"))
}

/// Every event of a stretch must be among ours. Ours may be more where the numbers around the stretch show
/// that the recording does not hold all of it; the next event's id is compared and counts them.
fn unordered(
    comparison: &mut Comparison,
    stretch: &[(usize, &Data)],
    mut found: Vec<Data>,
) -> Result<(), String> {
    for (at, event) in stretch {
        let event = unnumbered(event);
        let place = format!("$.history[{at}]");
        let same = found.iter().position(|ours| {
            let mut tried = comparison.clone();
            let is_same = tried.same(&place, "", &event, ours).is_ok();
            if is_same {
                *comparison = tried;
            }
            is_same
        });
        match same {
            Some(index) => drop(found.remove(index)),
            None => {
                let rest: Data = found.into_iter().collect();
                return Err(format!(
                    "at       {place}\nnone of the events of this stretch is this one\n{}",
                    side_by_side(Some(&event), Some(&rest))
                ));
            }
        }
    }
    Ok(())
}

/// The event with its ids zeroed.
fn unnumbered(event: &Data) -> Data {
    let members = event.as_object().cloned().unwrap_or_default();
    let members = members.iter().map(|(name, value)| {
        let is_number = ["id", "previousEventId"].contains(&name.as_str());
        let value = if is_number {
            Data::from(0)
        } else {
            value.clone()
        };
        (name.clone(), value)
    });
    Data::Object(members.collect::<Object>())
}
