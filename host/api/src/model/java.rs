//! What shows of Java in AWS's answers.

/// The values of a set in the order in which AWS prints them: that of a hash table without a spread of the bits,
/// of 32 buckets until it is three quarters full, the youngest first in a bucket. Measured on recorded messages.
pub(super) fn java_set(values: &[String]) -> Vec<&str> {
    let mut buckets: usize = 32;
    while values.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let bucket = |value: &str| hash(value) as usize % buckets;
    let mut shown: Vec<&str> = values.iter().rev().map(String::as_str).collect();
    shown.sort_by_key(|value| bucket(value));
    shown
}

/// `String.hashCode`
fn hash(text: &str) -> u32 {
    text.encode_utf16().fold(0u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    })
}

#[cfg(test)]
mod tests {
    use super::java_set;

    /// Sets as AWS prints them.
    #[test]
    fn sets_come_in_the_order_of_the_services() {
        for set in [
            "SUCCEEDED TIMED_OUT PENDING_REDRIVE ABORTED FAILED RUNNING",
            "ALL_NEW UPDATED_OLD ALL_OLD NONE UPDATED_NEW",
            "SPECIFIC_ATTRIBUTES COUNT ALL_ATTRIBUTES ALL_PROJECTED_ATTRIBUTES",
            "AFTER_SEQUENCE_NUMBER LATEST AT_TIMESTAMP AT_SEQUENCE_NUMBER TRIM_HORIZON",
        ] {
            let mut values: Vec<String> = set.split(' ').map(str::to_owned).collect();
            values.sort();
            assert_eq!(java_set(&values).join(" "), set);
        }
    }
}
