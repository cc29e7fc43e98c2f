//! Returns its event, byte for byte.

/// The event is the result; the context is not looked at.
///
/// # Errors
/// None.
pub fn echo(event: &[u8], _context: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    Ok(event.to_vec())
}

wf_guest::handler!(raw echo);

#[cfg(test)]
mod tests {
    #[test]
    fn what_goes_in_comes_out() {
        assert_eq!(super::echo(b"{ }", b""), Ok(b"{ }".to_vec()));
    }
}
