//! What holds for every journal: the same questions to each kind, and the same answers.

mod common;

use std::sync::Arc;

use common::*;
use engine::{Change, Payload, Record, Timestamp};
use journal::{
    Batch, Beginning, Fact, Filter, Forgetful, JournalError, MemoryJournal, Page, Resource,
};

/// Runs a check on a journal in memory, on a store, and on one that is encrypted.
fn on_each(check: impl Fn(&mut Kept)) {
    check(&mut Kept {
        journal: Box::new(MemoryJournal::default()),
        resources: Arc::new(Forgetful::default()),
        store: None,
    });
    for key in [None, Some(key("a"))] {
        let folder = tempfile::tempdir().expect("a folder");
        check(&mut Kept::in_store(&folder.path().join("wf.db"), key));
    }
}

fn names(kept: &Kept, filter: &Filter) -> Vec<String> {
    let found = kept.journal.list(filter).expect("a list");
    found.into_iter().map(|one| one.name).collect()
}

fn open(kept: &Kept) -> Vec<String> {
    let open = kept.journal.open(None).expect("open executions");
    open.into_iter().map(|one| one.summary.name).collect()
}

#[test]
fn a_log_is_read_as_it_was_appended() {
    on_each(|kept| {
        let first = [started("1.0"), waiting(1, START + 7)];
        let second = [waiting(2, START + 8), failed(3, "E")];
        kept.journal.append(batch(summary("a"), &first)).unwrap();
        kept.journal
            .append(batch(over("a", "FAILED", START + 3), &second))
            .unwrap();
        kept.keep();
        let all: Vec<Record> = first.iter().chain(&second).cloned().collect();
        assert_eq!(kept.journal.read(&arn("a")).unwrap(), all);
        assert_eq!(kept.journal.last(&arn("a")).unwrap(), second[1]);
        assert_eq!(kept.journal.latest().unwrap(), Some(Timestamp(START + 3)));
        let unknown = JournalError::Unknown(arn("b"));
        assert_eq!(kept.journal.read(&arn("b")), Err(unknown.clone()));
        assert_eq!(kept.journal.last(&arn("b")), Err(unknown));
        assert_eq!(kept.journal.find(&arn("b")).unwrap(), None);
    });
}

#[test]
fn a_payload_that_is_named_by_others_is_read_with_them() {
    on_each(|kept| {
        let input = r#"{"z":123456789012345678901234567890,"a":1.0}"#;
        let first = started(input);
        let Change::ExecutionStarted { input, .. } = &first.change else {
            panic!("an execution starts with its start");
        };
        let output = Payload {
            data: input.data.clone(),
            same_as: Some(0),
        };
        let last = record(1, Change::ExecutionSucceeded { output });
        let records = [first, last.clone()];
        kept.journal
            .append(batch(over("a", "SUCCEEDED", START + 1), &records))
            .unwrap();
        kept.keep();
        assert_eq!(kept.journal.read(&arn("a")).unwrap(), records);
        assert_eq!(kept.journal.last(&arn("a")).unwrap(), last);
        let page = Page {
            skip: 1,
            take: 5,
            reverse: false,
        };
        let (events, all) = kept.journal.events(&arn("a"), page).unwrap();
        assert_eq!((events, all), (vec![last], 2));
    });
}

#[test]
fn gaps_are_refused_before_and_after_they_are_kept() {
    on_each(|kept| {
        let gap = |kept: &mut Kept, seq: u32, expected: u32| {
            let records = [waiting(seq, START)];
            let refused = kept.journal.append(batch(summary("a"), &records));
            let error = JournalError::OutOfOrder {
                execution_arn: arn("a"),
                expected,
                given: seq,
            };
            assert_eq!(refused, Err(error));
        };
        gap(kept, 1, 0);
        kept.journal
            .append(batch(summary("a"), &[started("0"), waiting(1, START)]))
            .unwrap();
        gap(kept, 3, 2);
        kept.keep();
        gap(kept, 0, 2);
        let within = [waiting(2, START), waiting(4, START)];
        let refused = kept.journal.append(batch(summary("a"), &within));
        assert!(matches!(
            refused,
            Err(JournalError::OutOfOrder { expected: 3, .. })
        ));
        kept.keep();
        assert_eq!(kept.journal.read(&arn("a")).unwrap().len(), 2);
        let over = over("a", "FAILED", START);
        kept.journal.append(batch(over, &[failed(2, "E")])).unwrap();
        kept.keep();
        kept.keep();
        gap(kept, 2, 3);
    });
}

#[test]
fn events_come_in_pages_in_both_directions() {
    on_each(|kept| {
        // Every third record is none.
        let mut id = 0;
        let records: Vec<Record> = (0..20)
            .map(|seq| {
                let mut record = waiting(seq, START);
                if seq % 3 != 1 {
                    id += 1;
                    record.event = Some(engine::EventPlace {
                        id: engine::EventId(id),
                        previous: engine::EventId(id - 1),
                    });
                }
                record
            })
            .collect();
        kept.journal.append(batch(summary("a"), &records)).unwrap();
        kept.keep();
        let shown: Vec<&Record> = records.iter().filter(|one| one.event.is_some()).collect();
        for (skip, take, reverse) in [
            (0, 5, false),
            (5, 5, false),
            (12, 5, false),
            (13, 5, false),
            (0, 100, false),
            (0, 5, true),
            (9, 5, true),
            (100, 5, true),
            (0, 0, true),
        ] {
            let page = Page {
                skip,
                take,
                reverse,
            };
            let (found, all) = kept.journal.events(&arn("a"), page).unwrap();
            assert_eq!(all, shown.len());
            let mut expected: Vec<&Record> = shown.clone();
            if reverse {
                expected.reverse();
            }
            let expected: Vec<&Record> = expected.into_iter().skip(skip).take(take).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{page:?}");
        }
    });
}

#[test]
fn an_execution_is_found_with_its_beginning() {
    on_each(|kept| {
        let parent = Some((arn("p").into(), "wf-0-1-a".into()));
        let child = Beginning {
            root: arn("p").into(),
            parent,
            ..beginning("c", "{}")
        };
        let mut of_child = batch(summary("c"), &[]);
        of_child.beginning = Some(child.clone());
        kept.journal.append(batch(summary("p"), &[])).unwrap();
        kept.journal.append(of_child).unwrap();
        kept.keep();
        let found = kept.journal.find(&arn("c")).unwrap().unwrap();
        assert_eq!(found.summary, summary("c"));
        assert_eq!(found.beginning.root, child.root);
        assert_eq!(found.beginning.parent, child.parent);
        assert_eq!(found.beginning.identity, child.identity);
        assert_eq!(found.beginning.definition.digest, child.definition.digest);
        let digest = &child.definition.digest;
        let definition = kept.journal.definition(digest).unwrap();
        assert_eq!(definition, Some(child.definition.clone()));
        assert_eq!(kept.journal.definition("another").unwrap(), None);
        let children = kept.journal.children(&arn("p")).unwrap();
        assert_eq!(children.len(), 1);
        assert_eq!(children[0].summary.name, "c");
        assert!(kept.journal.children(&arn("c")).unwrap().is_empty());
    });
}

#[test]
fn those_that_are_not_over_are_open_in_the_order_of_their_start() {
    on_each(|kept| {
        for name in ["c", "a", "b"] {
            let records = [started("{}")];
            kept.journal.append(batch(summary(name), &records)).unwrap();
        }
        kept.keep();
        assert_eq!(open(kept), ["c", "a", "b"]);
        let over = over("a", "ABORTED", START + 1);
        kept.journal.append(batch(over, &[failed(1, "E")])).unwrap();
        kept.keep();
        assert_eq!(open(kept), ["c", "b"]);
        let of_root = kept.journal.open(Some(&arn("b"))).unwrap();
        assert_eq!(of_root.len(), 1);
        // What was over may go on.
        let again = journal::Summary {
            redrives: 1,
            redriven_at: Some(Timestamp(START + 2)),
            due: Some(Timestamp(START + 9)),
            ..summary("a")
        };
        let records = [waiting(2, START + 9)];
        kept.journal.append(batch(again.clone(), &records)).unwrap();
        kept.keep();
        assert_eq!(open(kept), ["c", "a", "b"]);
        let found = kept.journal.find(&arn("a")).unwrap().unwrap();
        assert_eq!(found.summary, again);
        assert_eq!(kept.journal.damaged(None).unwrap(), []);
    });
}

#[test]
fn filters_let_through_what_they_name() {
    on_each(|kept| {
        for at in 0..12_u32 {
            let name = format!("e{at}");
            let mut summary = summary(&name);
            summary.started_at = Timestamp(START + i64::from(at));
            if at % 2 == 0 {
                summary.state_machine_arn = format!("{MACHINE}2");
                summary.state_machine = "m2".to_owned();
            }
            if at % 3 == 0 {
                summary.version_arn = Some("version".to_owned());
                summary.alias_arn = Some("alias".to_owned());
                summary.map_run_arn = Some("run".to_owned());
            }
            if at % 4 == 0 {
                summary.status = "FAILED";
                summary.stopped_at = Some(Timestamp(START + 50));
                summary.error = Some("E".into());
            }
            kept.journal
                .append(batch(summary, &[started("0")]))
                .unwrap();
        }
        kept.keep();
        let text = |text: &str| Some(text.to_owned());
        let all = Filter::default;
        let shown = |filter: Filter| names(kept, &filter).join(" ");
        assert_eq!(
            shown(Filter {
                limit: Some(3),
                ..all()
            }),
            "e11 e10 e9"
        );
        let machine = Filter {
            state_machine_arn: text(MACHINE),
            ..all()
        };
        assert_eq!(shown(machine.clone()), "e11 e9 e7 e5 e3 e1");
        let next = Filter {
            after: Some(arn("e7")),
            limit: Some(2),
            ..machine
        };
        assert_eq!(shown(next), "e5 e3");
        assert_eq!(
            shown(Filter {
                after: text("nobody"),
                ..all()
            }),
            ""
        );
        assert_eq!(
            shown(Filter {
                state_machine: text("m2"),
                limit: Some(1),
                ..all()
            }),
            "e10"
        );
        assert_eq!(
            shown(Filter {
                version_arn: text("version"),
                ..all()
            }),
            "e9 e6 e3 e0"
        );
        assert_eq!(
            shown(Filter {
                alias_arn: text("alias"),
                ..all()
            }),
            "e9 e6 e3 e0"
        );
        assert_eq!(
            shown(Filter {
                map_run_arn: text("run"),
                ..all()
            }),
            "e9 e6 e3 e0"
        );
        assert_eq!(
            shown(Filter {
                status: text("FAILED"),
                ..all()
            }),
            "e8 e4 e0"
        );
        let times = Filter {
            since: Some(Timestamp(START + 3)),
            until: Some(Timestamp(START + 6)),
            ..all()
        };
        assert_eq!(shown(times.clone()), "e5 e4 e3");
        assert_eq!(
            shown(Filter {
                status: text("FAILED"),
                ..times
            }),
            "e4"
        );
        let failed = kept
            .journal
            .list(&Filter {
                status: text("FAILED"),
                ..all()
            })
            .unwrap();
        assert_eq!(failed[0].error.as_deref(), Some("E"));
    });
}

#[test]
fn what_is_forgotten_is_gone_with_what_it_owns() {
    on_each(|kept| {
        let records = [started("0"), failed(1, "E")];
        for name in ["a", "b"] {
            let mut batch = batch(over(name, "FAILED", START + 1), &records);
            batch.facts = vec![fact("ExecutionStarted", ""), fact("ExecutionFailed", "S")];
            kept.journal.append(batch).unwrap();
            let owned = Resource::new("map-run", name, "{}".to_owned()).owned_by(&arn(name));
            kept.journal.put(owned).unwrap();
        }
        kept.keep();
        kept.journal.forget(&arn("a")).unwrap();
        kept.journal.forget(&arn("nobody")).unwrap();
        kept.keep();
        assert_eq!(kept.journal.find(&arn("a")).unwrap(), None);
        assert_eq!(names(kept, &Filter::default()), ["b"]);
        assert_eq!(kept.journal.resources("map-run", None).unwrap().len(), 1);
        let statistics = kept.journal.statistics(&Filter::default()).unwrap();
        let machine = &statistics.machines["m"];
        assert_eq!(machine.executions["FAILED"], 1);
        assert_eq!(machine.states["S"].ended[""], 1);
        // Its name is free, even within one unit.
        kept.journal.append(batch(summary("a"), &records)).unwrap();
        kept.journal.forget(&arn("a")).unwrap();
        kept.journal
            .append(batch(summary("a"), &records[..1]))
            .unwrap();
        kept.keep();
        assert_eq!(kept.journal.read(&arn("a")).unwrap().len(), 1);
        assert_eq!(names(kept, &Filter::default()), ["a", "b"]);
    });
}

#[test]
fn resources_are_what_they_were_last() {
    on_each(|kept| {
        let put = |kept: &mut Kept, resource: Resource| kept.journal.put(resource).unwrap();
        let function = Resource::new("function", "f", r#"{"v":1}"#.to_owned());
        put(kept, function.clone().with_bytes(vec![0, 255, 7]));
        put(
            kept,
            Resource::new("function", "e", "{}".to_owned()).owned_by("x"),
        );
        put(kept, Resource::new("role", "f", "{}".to_owned()));
        kept.keep();
        let all = kept.journal.resources("function", None).unwrap();
        let keys: Vec<&str> = all.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["e", "f"]);
        assert_eq!(all[1], function.clone().with_bytes(vec![0, 255, 7]));
        let owned = kept.journal.resources("function", Some("x")).unwrap();
        assert_eq!(owned, all[..1]);
        put(kept, function.clone());
        put(kept, Resource::gone("function", "e"));
        kept.keep();
        assert_eq!(
            kept.journal.resources("function", None).unwrap(),
            [function]
        );
    });
}

#[test]
fn resources_are_kept_without_the_journal_too() {
    for key in [None, Some(key("b"))] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wf.db");
        let kept = Kept::in_store(&path, key.clone());
        let machine = Resource::new("state-machine", "m", "{}".to_owned()).with_bytes(vec![1]);
        let mark = kept.resources.put(vec![
            machine.clone(),
            Resource::new("state-machine", "n", "{}".to_owned()),
            Resource::gone("state-machine", "n"),
        ]);
        wait(kept.resources.progress(), mark);
        let machines = kept.resources.all("state-machine").unwrap();
        assert_eq!(machines, [Ok(machine.clone())]);
        drop(kept);
        let again = Kept::in_store(&path, key);
        assert_eq!(again.resources.all("state-machine").unwrap(), [Ok(machine)]);
    }
}

/// An execution of one state: entered, tried, failed, tried again, left or not.
fn with_facts(kept: &mut Kept, name: &str, machine: &str, at: u32) {
    let error = |kind: &str, error: Option<&str>| Fact {
        error: error.map(Into::into),
        ..fact(kind, "Charge")
    };
    let mut facts = vec![
        fact("ExecutionStarted", "x"),
        fact("TaskStateEntered", "Charge"),
        error("TaskFailed", Some("Card")),
        fact("RetryScheduled", "Charge"),
        error("LambdaFunctionTimedOut", Some("States.Timeout")),
        error("ActivityFailed", None),
    ];
    let bad = at.is_multiple_of(3);
    facts.push(match bad {
        true => error("ExecutionFailed", Some("Card")),
        false => Fact {
            millis: Some(i64::from(at) * 37),
            ..fact("TaskStateExited", "Charge")
        },
    });
    let records: Vec<Record> = (0..facts.len() as u32)
        .map(|seq| waiting(seq, START))
        .collect();
    let mut summary = match bad {
        true => over(name, "FAILED", START + i64::from(at)),
        false => summary(name),
    };
    summary.state_machine = machine.to_owned();
    summary.state_machine_arn = format!("{MACHINE}:{machine}");
    summary.started_at = Timestamp(START + i64::from(at));
    let mut batch = batch(summary, &records);
    batch.facts = facts;
    kept.journal.append(batch).expect("it is taken");
    if at.is_multiple_of(7) {
        kept.keep();
    }
}

/// In memory everything is counted anew each time, so that it is what a store must agree with.
#[test]
fn statistics_of_a_store_are_those_of_the_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wf.db");
    let mut store = Kept::in_store(&path, None);
    let mut memory = Kept {
        journal: Box::new(MemoryJournal::default()),
        resources: Arc::new(Forgetful::default()),
        store: None,
    };
    for kept in [&mut store, &mut memory] {
        for at in 0..1500 {
            let machine = ["m", "n"][at as usize % 2];
            with_facts(kept, &format!("e{at}"), machine, at);
        }
        kept.journal.forget(&arn("e3")).unwrap();
        kept.journal.forget(&arn("e1497")).unwrap();
        kept.keep();
    }
    let text = |text: &str| Some(text.to_owned());
    let filters = [
        Filter::default(),
        Filter {
            state_machine: text("n"),
            ..Filter::default()
        },
        Filter {
            state_machine_arn: Some(format!("{MACHINE}:m")),
            ..Filter::default()
        },
        Filter {
            status: text("FAILED"),
            ..Filter::default()
        },
        Filter {
            since: Some(Timestamp(START + 700)),
            ..Filter::default()
        },
        Filter {
            until: Some(Timestamp(START + 9)),
            state_machine: text("m"),
            ..Filter::default()
        },
        Filter {
            state_machine: text("nobody"),
            ..Filter::default()
        },
    ];
    let agree = |store: &Kept| {
        for filter in &filters {
            let expected = memory.journal.statistics(filter).unwrap();
            assert_eq!(
                store.journal.statistics(filter).unwrap(),
                expected,
                "{filter:?}"
            );
        }
    };
    agree(&store);
    drop(store);
    agree(&Kept::in_store(&path, None));
}

#[test]
fn records_without_facts_are_not_counted() {
    on_each(|kept| {
        let records = [started("0"), failed(1, "E")];
        let over = over("a", "FAILED", START);
        kept.journal.append(batch(over, &records)).unwrap();
        kept.keep();
        let statistics = kept.journal.statistics(&Filter::default()).unwrap();
        assert_eq!(statistics.machines["m"].executions["FAILED"], 1);
        assert!(statistics.machines["m"].states.is_empty());
    });
}

#[test]
fn a_batch_of_nothing_begins_an_execution() {
    on_each(|kept| {
        let mut empty: Batch<'_> = batch(summary("a"), &[]);
        empty.beginning = Some(beginning("a", "{}"));
        kept.journal.append(empty).unwrap();
        kept.journal
            .append(batch(summary("a"), &[started("0")]))
            .unwrap();
        kept.keep();
        assert_eq!(kept.journal.read(&arn("a")).unwrap().len(), 1);
        assert_eq!(
            kept.journal
                .find(&arn("a"))
                .unwrap()
                .unwrap()
                .beginning
                .root,
            arn("a")
        );
    });
}
