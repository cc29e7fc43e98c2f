//! JSON as Lambda's Python runtime writes it.

/// Compact JSON with the spaces that Python puts after commas and colons.
pub(crate) fn spaced(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() + json.len() / 8);
    let (mut in_string, mut is_escaped) = (false, false);
    for &byte in json {
        out.push(byte);
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b',' | b':' if !in_string => out.push(b' '),
            _ => {}
        }
    }
    out
}

/// An exception that left `handler` in /var/task/handler.py.
pub(crate) fn error(
    kind: &str,
    message: &str,
    request_id: &str,
    line: u32,
    source: &str,
) -> String {
    let frame = format!("  File \"/var/task/handler.py\", line {line}, in handler\n    {source}\n");
    format!(
        r#"{{"errorMessage": {}, "errorType": {}, "requestId": {}, "stackTrace": [{}]}}"#,
        quoted(message),
        quoted(kind),
        quoted(request_id),
        quoted(&frame)
    )
}

/// A JSON string; the texts here need no other escapes.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}
