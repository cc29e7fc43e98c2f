//! The deeds themselves.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Value, json};
use wf_guest::Error;

type Deed = Result<Value, Error>;

pub(crate) fn outside() -> String {
    "/etc/passwd".to_owned()
}

pub(crate) fn error_type() -> String {
    "Faulty".to_owned()
}

pub(crate) fn spin() -> Deed {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

pub(crate) fn sleep(seconds: f64) -> Deed {
    let time = Duration::try_from_secs_f64(seconds)?;
    let before = Instant::now();
    std::thread::sleep(time);
    Ok(json!({"sleptMs": milliseconds(before.elapsed())}))
}

pub(crate) fn allocate() -> Deed {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1u8; 1 << 20]));
    }
}

pub(crate) fn recurse(depth: u64) -> u64 {
    if black_box(depth) == u64::MAX {
        return 0;
    }
    black_box(recurse(depth + 1)) + 1
}

pub(crate) fn divide(dividend: i32, divisor: i32) -> i32 {
    black_box(dividend) / black_box(divisor)
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn trap() -> Deed {
    std::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn trap() -> Deed {
    std::process::abort()
}

/// A JSON string of `bytes` bytes, at least the two quotes.
pub(crate) fn json_text(bytes: usize) -> Vec<u8> {
    let mut text = vec![b'x'; bytes.max(2)];
    if let [first, .., last] = text.as_mut_slice() {
        (*first, *last) = (b'"', b'"');
    }
    text
}

pub(crate) fn flood_stderr() -> Deed {
    const LINES: usize = 100_000;
    let mut stderr = io::BufWriter::new(io::stderr());
    for line in 0..LINES {
        writeln!(stderr, "{line:06} {}", "flood ".repeat(15))?;
    }
    stderr.flush()?;
    Ok(json!({"lines": LINES}))
}

pub(crate) fn log(line: &str) -> Deed {
    writeln!(io::stderr(), "{line}")?;
    Ok(Value::Null)
}

pub(crate) fn socket() -> Value {
    attempt(TcpStream::connect("127.0.0.1:80").map(|_| "connected"))
}

/// What a deed gave, or why it was refused.
pub(crate) fn attempt<T: Serialize>(done: io::Result<T>) -> Value {
    match done {
        Ok(done) => json!({"done": done}),
        Err(error) => json!({"refused": error.to_string()}),
    }
}

pub(crate) fn environment(name: Option<&str>) -> Value {
    match name {
        Some(name) => std::env::var(name).map_or(Value::Null, Value::from),
        None => json!(std::env::vars().collect::<BTreeMap<_, _>>()),
    }
}

pub(crate) fn clock() -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    json!({"epochMs": milliseconds(now)})
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
