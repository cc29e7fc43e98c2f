//! Cases: `cases/NAME.json` is a history as GetExecutionHistory has it, `cases/NAME.txt` its timeline.
//! `WF_HOST_BLESS=1` rewrites the latter; read what it wrote.

use std::path::{Path, PathBuf};

use super::*;

fn cases() -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/executions/timeline/cases");
    let entries = std::fs::read_dir(folder).expect("the folder of the cases");
    let paths = entries.map(|entry| entry.expect("a case").path());
    let mut cases: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn events(case: &Path) -> Vec<Data> {
    let text = std::fs::read_to_string(case).expect("a history");
    let history = Data::parse(&text).expect("JSON");
    let events = history.get("events").and_then(Data::as_array);
    events.expect("events").items().to_vec()
}

#[test]
fn timelines_are_as_written_down() {
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    for case in cases() {
        let shown = timeline(&events(&case));
        let file = case.with_extension("txt");
        if bless {
            std::fs::write(&file, shown).expect("the timeline");
            continue;
        }
        let expected = std::fs::read_to_string(&file).expect("the timeline");
        assert_eq!(shown, expected, "{}", case.display());
    }
}

#[test]
fn the_beginning_of_a_history_has_a_timeline_too() {
    for case in cases() {
        let events = events(&case);
        for end in 0..events.len() {
            let shown = timeline(&events[..end]);
            assert!(shown.contains("RUNNING"), "{} {end}", case.display());
        }
        // Without its beginning too, though it is not known where things belong.
        for begin in 1..events.len() {
            timeline(&events[begin..]);
        }
    }
}

#[test]
fn every_state_that_was_entered_has_a_line() {
    for case in cases() {
        let events = events(&case);
        let lines = timeline(&events);
        let entered = events.iter().filter(|event| {
            let kind = event.get("type").and_then(Data::as_str);
            kind.is_some_and(|kind| kind.ends_with("StateEntered"))
        });
        for event in entered {
            let id = event.get("id").and_then(Data::as_i64).expect("an id");
            let has = lines.lines().any(|line| {
                line.get(..6)
                    .is_some_and(|cell| cell.trim() == id.to_string())
            });
            assert!(has, "{}: event {id}", case.display());
        }
    }
}
