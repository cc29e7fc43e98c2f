//! A guest's log: lines, bounded, shown live and kept.

use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::invocation::LogLine;

/// A longer line is split here.
const MOST_LINE: usize = 16 << 10;

/// What one write may hold; WASI cuts its writes smaller anyway.
const PERMIT: usize = 64 << 10;

/// Where a guest wrote. Each keeps its own unfinished line.
#[derive(Clone, Copy)]
pub(crate) enum Channel {
    Stdout = 0,
    Stderr = 1,
}

/// The log of one invocation; clones share it.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

struct Lines {
    kept: Vec<String>,
    bytes: usize,
    limit: usize,
    dropped_lines: u64,
    dropped_bytes: u64,
    unfinished: [Vec<u8>; 2],
    live: Option<LogLine>,
}

impl Log {
    pub(crate) fn new(limit: usize, live: Option<LogLine>) -> Log {
        Log(Arc::new(Mutex::new(Lines {
            kept: Vec::new(),
            bytes: 0,
            limit,
            dropped_lines: 0,
            dropped_bytes: 0,
            unfinished: [Vec::new(), Vec::new()],
            live,
        })))
    }

    pub(crate) fn stream(&self, channel: Channel) -> LogStream {
        LogStream {
            log: self.clone(),
            channel,
        }
    }

    /// Ends unfinished lines and takes everything.
    pub(crate) fn finish(&self) -> Vec<String> {
        self.with(Lines::finish)
    }

    fn write(&self, channel: Channel, bytes: &[u8]) {
        self.with(|lines| lines.write(channel, bytes));
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Lines) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lines {
    fn write(&mut self, channel: Channel, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let line = &mut self.unfinished[channel as usize];
            line.extend_from_slice(piece.strip_suffix(b"\n").unwrap_or(piece));
            self.split_long(channel);
            if piece.ends_with(b"\n") {
                let line = mem::take(&mut self.unfinished[channel as usize]);
                self.push(line.strip_suffix(b"\r").unwrap_or(&line));
            }
        }
    }

    fn split_long(&mut self, channel: Channel) {
        while self.unfinished[channel as usize].len() > MOST_LINE {
            let line = &mut self.unfinished[channel as usize];
            let rest = line.split_off(character_start(line, MOST_LINE));
            let line = mem::replace(line, rest);
            self.push(&line);
        }
    }

    fn push(&mut self, line: &[u8]) {
        // Once something is dropped everything later is: a log with holes misleads.
        let fits = self.dropped_lines == 0 && self.bytes + line.len() <= self.limit;
        if !fits {
            self.dropped_lines += 1;
            self.dropped_bytes += line.len() as u64;
            return;
        }
        self.bytes += line.len();
        self.show(String::from_utf8_lossy(line).into_owned());
    }

    fn show(&mut self, line: String) {
        if let Some(live) = &self.live {
            live(&line);
        }
        self.kept.push(line);
    }

    fn finish(&mut self) -> Vec<String> {
        for line in mem::take(&mut self.unfinished) {
            if !line.is_empty() {
                self.push(&line);
            }
        }
        if self.dropped_lines > 0 {
            let (lines, bytes) = (self.dropped_lines, self.dropped_bytes);
            let limit = self.limit;
            self.show(format!(
                "[{lines} more lines ({bytes} bytes) dropped: log limit {limit} bytes]"
            ));
        }
        mem::take(&mut self.kept)
    }
}

/// The last start of a UTF-8 character at or before `at`, or `at` itself in what is not UTF-8.
fn character_start(bytes: &[u8], at: usize) -> usize {
    let is_start = |index: &usize| bytes[*index] & 0xc0 != 0x80;
    (at.saturating_sub(3)..=at)
        .rev()
        .find(is_start)
        .unwrap_or(at)
}

/// One channel of a log as WASI's stdout or stderr. Never full: a guest that finds its stderr full
/// panics.
pub(crate) struct LogStream {
    log: Log,
    channel: Channel,
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.log.stream(self.channel))
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.log.stream(self.channel))
    }
}

#[async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.log.write(self.channel, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.log.write(self.channel, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(limit: usize, writes: &[&[u8]]) -> Vec<String> {
        let log = Log::new(limit, None);
        for bytes in writes {
            log.write(Channel::Stderr, bytes);
        }
        log.finish()
    }

    #[test]
    fn lines_are_joined_across_writes_and_ended_at_the_end() {
        assert_eq!(
            lines(100, &[b"a", b"b\nc\r\n", b"\nd"]),
            ["ab", "c", "", "d"]
        );
    }

    #[test]
    fn what_is_over_the_limit_is_counted() {
        let kept = lines(5, &[b"one\ntwo\nx\n"]);
        assert_eq!(
            kept,
            ["one", "[2 more lines (4 bytes) dropped: log limit 5 bytes]"]
        );
    }

    #[test]
    fn a_long_line_is_split_between_characters() {
        let text = "é".repeat(MOST_LINE);
        let kept = lines(1 << 20, &[b"x", text.as_bytes()]);
        assert_eq!(kept.concat(), format!("x{text}"));
        assert!(
            kept.iter().all(|line| line.len() <= MOST_LINE),
            "{}",
            kept.len()
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced() {
        assert_eq!(lines(100, &[b"a\xffb\n"]), ["a\u{fffd}b"]);
    }
}
