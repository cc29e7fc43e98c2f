//! Whatever is done to a store, it answers as a journal in memory does to which the same is done.

mod common;

use std::sync::Arc;

use common::*;
use engine::{Record, Timestamp};
use journal::{Filter, Forgetful, MemoryJournal, Resource};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Deed {
    /// So many records of an execution, which is over then or not.
    Append(u8, u8, bool),
    Forget(u8),
    Put(u8, Option<u8>),
    Keep,
    Reopen,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        8 => (0..6_u8, 0..4_u8, any::<bool>()).prop_map(|(who, count, over)| Deed::Append(who, count, over)),
        2 => (0..6_u8).prop_map(Deed::Forget),
        2 => (0..4_u8, any::<Option<u8>>()).prop_map(|(key, value)| Deed::Put(key, value)),
        3 => Just(Deed::Keep),
        1 => Just(Deed::Reopen),
    ]
}

/// Does it, as the journal stands; how many records the executions have is counted by the caller.
fn act(kept: &mut Kept, deed: &Deed, lengths: &mut [u32; 6]) {
    match deed {
        Deed::Append(who, count, is_over) => {
            let name = format!("e{who}");
            let length = &mut lengths[usize::from(*who)];
            let end = *length + u32::from(*count);
            let records: Vec<Record> = (*length..end).map(|seq| waiting(seq, START)).collect();
            *length = end;
            let mut summary = match is_over {
                true => over(&name, "FAILED", START + i64::from(end)),
                false => summary(&name),
            };
            summary.due = Some(Timestamp(START + i64::from(*count)));
            let mut batch = batch(summary, &records);
            let kinds = ["TaskStateEntered", "TaskStateExited", "TaskFailed"];
            batch.facts = (0..records.len())
                .map(|at| fact(kinds[at % 3], &name))
                .collect();
            kept.journal.append(batch).expect("it is taken");
        }
        Deed::Forget(who) => {
            lengths[usize::from(*who)] = 0;
            kept.journal
                .forget(&arn(&format!("e{who}")))
                .expect("it is taken");
        }
        Deed::Put(key, value) => {
            let key = key.to_string();
            let resource = match value {
                Some(value) => Resource::new("role", &key, value.to_string()),
                None => Resource::gone("role", &key),
            };
            let owner = arn(&format!("e{key}"));
            kept.journal
                .put(resource.owned_by(&owner))
                .expect("it is taken");
        }
        Deed::Keep | Deed::Reopen => kept.keep(),
    }
}

fn agree(store: &Kept, memory: &Kept) {
    let all = Filter::default();
    let (store, memory) = (&store.journal, &memory.journal);
    assert_eq!(store.list(&all), memory.list(&all));
    assert_eq!(store.statistics(&all), memory.statistics(&all));
    assert_eq!(store.open(None), memory.open(None));
    assert_eq!(
        store.resources("role", None),
        memory.resources("role", None)
    );
    for who in 0..6 {
        let arn = arn(&format!("e{who}"));
        assert_eq!(store.read(&arn), memory.read(&arn));
        assert_eq!(store.find(&arn), memory.find(&arn));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_store_answers_as_memory_does(deeds in prop::collection::vec(deed(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wf.db");
        let mut store = Some(Kept::in_store(&path, None));
        let mut memory = Kept {
            journal: Box::new(MemoryJournal::default()),
            resources: Arc::new(Forgetful::default()),
            store: None,
        };
        let (mut in_store, mut in_memory) = ([0; 6], [0; 6]);
        for deed in &deeds {
            let kept = store.as_mut().unwrap();
            act(kept, deed, &mut in_store);
            act(&mut memory, deed, &mut in_memory);
            if matches!(deed, Deed::Keep | Deed::Reopen) {
                agree(kept, &memory);
            }
            if matches!(deed, Deed::Reopen) {
                drop(store.take());
                store = Some(Kept::in_store(&path, None));
                agree(store.as_ref().unwrap(), &memory);
            }
        }
        let mut kept = store.unwrap();
        kept.keep();
        agree(&kept, &memory);
        drop(kept);
        let report = journal::Store::check(&path, None).unwrap();
        prop_assert!(report.is_sound(), "{report:?}");
    }
}
