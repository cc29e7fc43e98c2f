//! Guests that never stop do not keep others from running.

use std::time::Duration;

use sandbox::{End, Invocation, Limits, Outcome};
use tokio::task::JoinHandle;

use crate::common::{ECHO, event, guest, reactor, sandbox};

const SPINNERS: usize = 64;

fn spin(timeout: Duration) -> Vec<JoinHandle<Outcome>> {
    let spinner = guest(&reactor("(loop $l (br $l)) (unreachable)"));
    let limits = Limits {
        timeout,
        ..Limits::default()
    };
    (0..SPINNERS)
        .map(|_| {
            let (guest, limits) = (spinner.clone(), limits.clone());
            tokio::spawn(async move {
                let invocation = Invocation {
                    limits,
                    ..event("{}")
                };
                sandbox().invoke(&guest, invocation).await.unwrap()
            })
        })
        .collect()
}

fn on_two_threads(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .event_interval(1)
        .enable_time()
        .build()
        .unwrap()
        .block_on(work);
}

/// The bounds are wide because tests share a machine; a starved guest would wait for the minute.
#[test]
fn a_polite_guest_gets_its_turn() {
    let polite = guest(&reactor(ECHO));
    on_two_threads(async {
        let spinners = spin(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(20)).await;
        let outcome = tokio::spawn(async move {
            let invocation = Invocation {
                limits: Limits {
                    timeout: Duration::from_secs(30),
                    ..Limits::default()
                },
                ..event("1")
            };
            sandbox().invoke(&polite, invocation).await
        });
        let outcome = outcome.await.unwrap().unwrap();
        assert_eq!(outcome.end, End::Returned(b"1".to_vec()));
        for spinner in &spinners {
            assert!(!spinner.is_finished(), "the polite guest had to wait");
            spinner.abort();
        }
    });
}

#[test]
fn every_spinner_is_killed_in_time() {
    on_two_threads(async {
        let timeout = Duration::from_millis(50);
        for spinner in spin(timeout) {
            let outcome = spinner.await.unwrap();
            assert_eq!(outcome.end, End::TimedOut { limit: timeout });
            assert!(
                outcome.elapsed < timeout * 40,
                "killed after {:?}",
                outcome.elapsed
            );
        }
    });
}
