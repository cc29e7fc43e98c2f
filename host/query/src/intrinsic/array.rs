//! Functions on arrays: `States.ArrayPartition` and the like.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use data::{Array, Data};

use super::Outcome;
use super::math::integer;

/// The most items that `States.ArrayRange` makes.
const MAX_RANGE: i64 = 1000;

fn items(data: &Data) -> Result<&Array, String> {
    data.as_array()
        .ok_or_else(|| "The first argument must be an array".into())
}

pub(super) fn partition(array: &Data, size: &Data) -> Outcome {
    let array = items(array)?;
    let size = usize::try_from(integer(size)?).unwrap_or(0);
    if size == 0 {
        return Err("The second argument must be a positive integer".into());
    }
    Ok(array
        .chunks(size)
        .map(|chunk| Data::from(chunk.to_vec()))
        .collect())
}

pub(super) fn contains(array: &Data, wanted: &Data) -> Outcome {
    Ok(Data::Bool(items(array)?.contains(wanted)))
}

/// From the first to the second argument, both included.
pub(super) fn range(start: &Data, end: &Data, step: &Data) -> Outcome {
    let (start, end, step) = (integer(start)?, integer(end)?, integer(step)?);
    if step == 0 {
        return Err("The third argument must not be zero".into());
    }
    let distance = i128::from(end) - i128::from(start);
    let steps = distance.checked_div(i128::from(step)).unwrap_or(0);
    if distance != 0 && (distance < 0) != (step < 0) {
        return Ok(Data::from(Vec::new()));
    }
    if steps >= i128::from(MAX_RANGE) {
        return Err(format!(
            "The array must not have more than {MAX_RANGE} items"
        ));
    }
    Ok((0..=steps as i64)
        .map(|at| Data::from(start + at * step))
        .collect())
}

pub(super) fn get_item(array: &Data, index: &Data) -> Outcome {
    let array = items(array)?;
    let index = integer(index)?;
    let item = usize::try_from(index)
        .ok()
        .and_then(|index| array.get(index));
    item.cloned()
        .ok_or_else(|| format!("Index {index} out of bounds for length {}", array.len()))
}

pub(super) fn length(array: &Data) -> Outcome {
    Ok(Data::from(items(array)?.len() as i64))
}

/// The items without those that came before.
pub(super) fn unique(array: &Data) -> Outcome {
    let mut seen: HashMap<u64, Vec<&Data>> = HashMap::new();
    let mut kept = Vec::new();
    for item in items(array)?.iter() {
        let alike = seen.entry(fingerprint(item)).or_default();
        if !alike.contains(&item) {
            alike.push(item);
            kept.push(item.clone());
        }
    }
    Ok(kept.into())
}

/// A number that equal values share, in whatever order their fields stand.
fn fingerprint(data: &Data) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.type_name().hash(&mut hasher);
    match data {
        Data::Array(items) => items
            .iter()
            .for_each(|item| fingerprint(item).hash(&mut hasher)),
        Data::Object(object) => {
            let fields = object.iter().map(|(key, value)| {
                let mut hasher = DefaultHasher::new();
                (key, fingerprint(value)).hash(&mut hasher);
                hasher.finish()
            });
            fields.fold(0, u64::wrapping_add).hash(&mut hasher);
        }
        // The two zeros are equal and print differently.
        Data::Number(number) if number.as_f64() == 0.0 => {}
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => {
            data.to_string().hash(&mut hasher);
        }
    }
    hasher.finish()
}
