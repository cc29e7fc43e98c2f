//! A bare file with group commit: what it takes to keep the same bytes, and nothing else.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

/// How often `text` is kept in that time by so many appenders, each of which hands over the next when its own is on the
/// disk. One thread writes all that waits and syncs.
pub fn through_file(text: &[u8], appenders: usize, time: Duration) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = File::create(folder.path().join("log")).expect("a file");
    let (lines, mut waiting) = mpsc::unbounded_channel::<(Vec<u8>, oneshot::Sender<()>)>();
    let writer = std::thread::spawn(move || {
        while let Some(first) = waiting.blocking_recv() {
            let mut taken = vec![first];
            while let Ok(next) = waiting.try_recv() {
                taken.push(next);
            }
            for (text, _) in &taken {
                file.write_all(text).expect("space");
            }
            file.sync_data().expect("a disk");
            for (_, kept) in taken {
                // Whoever waits has not gone away.
                let _ = kept.send(());
            }
        }
    });
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build();
    let tokio = tokio.expect("a runtime");
    let until = Instant::now() + time;
    let kept = tokio.block_on(async {
        let appenders: Vec<_> = (0..appenders)
            .map(|_| {
                let (lines, text) = (lines.clone(), text.to_vec());
                tokio::spawn(async move {
                    let mut kept = 0;
                    while Instant::now() < until {
                        let (done, is_done) = oneshot::channel();
                        lines.send((text.clone(), done)).expect("the writer works");
                        is_done.await.expect("the writer works");
                        kept += 1;
                    }
                    kept
                })
            })
            .collect();
        let mut kept = 0;
        for appender in appenders {
            kept += appender.await.expect("it ends");
        }
        kept
    });
    drop(lines);
    writer.join().expect("it ends");
    kept
}
