//! Lists of what every mixture of conditions lets through: a store finds the same as a search through all.

mod common;

use std::sync::Arc;

use common::*;
use engine::Timestamp;
use journal::{Filter, Forgetful, MemoryJournal};

/// Executions of machines of which two have one name, and two one ARN.
fn fill(kept: &mut Kept) {
    const MACHINES: [(&str, &str); 4] = [("x", "m"), ("y", "m"), ("y", "n"), ("z", "o")];
    const STATUSES: [&str; 3] = ["FAILED", "SUCCEEDED", "RUNNING"];
    for at in 0..60 {
        let status = STATUSES[at * 7 % 11 % 3];
        let mut summary = summary(&format!("e{at}"));
        let (machine_arn, machine) = MACHINES[at * 5 % 13 % 4];
        summary.state_machine_arn = machine_arn.to_owned();
        summary.state_machine = machine.to_owned();
        summary.started_at = Timestamp(START + (at * 3 % 17) as i64);
        summary.status = status;
        summary.stopped_at = (status != "RUNNING").then_some(Timestamp(START + 20));
        let records = [started("0")];
        kept.journal
            .append(batch(summary, &records))
            .expect("it is kept");
    }
    kept.keep();
}

fn filters() -> Vec<Filter> {
    let text = |text: &str| Some(text.to_owned());
    let moment = |at: i64| Some(Timestamp(START + at));
    let mut filters = vec![Filter::default()];
    let mut vary = |set: &dyn Fn(&mut Filter, usize)| {
        let varied = filters.iter().flat_map(|filter| {
            (0..3).map(move |choice| {
                let mut filter = filter.clone();
                set(&mut filter, choice);
                filter
            })
        });
        filters = varied.collect();
    };
    vary(&|filter, choice| filter.state_machine_arn = [None, text("y"), text("w")][choice].clone());
    vary(&|filter, choice| filter.state_machine = [None, text("m"), text("o")][choice].clone());
    vary(&|filter, choice| filter.status = [None, text("FAILED"), text("ABORTED")][choice].clone());
    vary(&|filter, choice| filter.since = [None, moment(5), moment(16)][choice]);
    vary(&|filter, choice| filter.until = [None, moment(9), moment(0)][choice]);
    vary(&|filter, choice| {
        filter.after = [None, Some(arn("e30")), Some(arn("none"))][choice].clone()
    });
    vary(&|filter, choice| filter.limit = [None, Some(3), Some(0)][choice]);
    filters
}

#[test]
fn a_store_lists_what_every_filter_lets_through() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Kept::in_store(&folder.path().join("wf.db"), None);
    let mut memory = Kept {
        journal: Box::new(MemoryJournal::default()),
        resources: Arc::new(Forgetful::default()),
        store: None,
    };
    fill(&mut store);
    fill(&mut memory);
    let mut found = 0;
    for filter in filters() {
        let listed = store.journal.list(&filter).unwrap();
        assert_eq!(listed, memory.journal.list(&filter).unwrap(), "{filter:?}");
        found += usize::from(!listed.is_empty());
    }
    assert!(found > 100, "{found}");
}

#[test]
fn more_machines_than_are_looked_through_are_listed_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::in_store(&folder.path().join("wf.db"), None);
    for at in 0..1100 {
        let mut summary = summary(&format!("e{at}"));
        summary.state_machine = format!("machine-{at}");
        summary.state_machine_arn = format!("arn-{at}");
        kept.journal
            .append(batch(summary, &[started("0")]))
            .unwrap();
    }
    kept.keep();
    let count = |filter: Filter| kept.journal.list(&filter).unwrap().len();
    let all = Filter {
        since: Some(Timestamp(START)),
        ..Filter::default()
    };
    assert_eq!(count(all), 1100);
    let one = Filter {
        state_machine: Some("machine-7".to_owned()),
        ..Filter::default()
    };
    assert_eq!(count(one), 1);
}
