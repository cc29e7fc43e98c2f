//! A fork must come to what an execution comes to that never forked: every path of a sweep is run again from its
//! start, and must end in the same way at the same time.

#[path = "common/sweeps.rs"]
mod sweeps;

#[path = "common/replay.rs"]
mod replay;

#[test]
fn every_path_is_what_a_run_from_the_start_would_be() {
    let mut replayed = 0;
    for (name, case) in sweeps::all() {
        let report = case.sweep();
        for row in report.rows().filter(|row| !row.ending.is_cut()) {
            let ended = replay::replay(&case, &row);
            assert_eq!(ended, (row.status, row.millis), "{name}: {row:?}");
            replayed += 1;
        }
    }
    assert!(replayed > 1000, "only {replayed} paths");
}
