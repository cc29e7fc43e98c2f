//! Executions to keep: made up, or run by the engine.

#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of this"
)]

use std::path::Path;
use std::sync::Arc;

use data::Data;
use engine::{
    Change, EventId, EventPlace, Failure, FrameId, Record, TaskKind, TaskToken, Timestamp,
};
use journal::{
    Batch, Beginning, Definition, Fact, Journal, Key, Mark, Resource, Resources, Store,
    StoreOptions, Summary,
};

/// 2026-01-01T00:00:00Z
pub const START: i64 = 1_767_225_600_000;

pub const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:m";

pub fn arn(name: &str) -> String {
    format!("arn:aws:states:us-east-1:000000000000:execution:m:{name}")
}

/// An event whose number follows from that of its record.
pub fn record(seq: u32, change: Change) -> Record {
    Record {
        seq,
        at: Timestamp(START + i64::from(seq)),
        event: Some(EventPlace {
            id: EventId(seq + 1),
            previous: EventId(seq),
        }),
        change,
    }
}

pub fn started(input: &str) -> Record {
    let input = Data::parse(input).expect("JSON");
    record(
        0,
        Change::ExecutionStarted {
            input: input.into(),
            deadline: None,
        },
    )
}

/// A record that AWS does not show.
pub fn waiting(seq: u32, until: i64) -> Record {
    let change = Change::Waiting {
        frame: FrameId::ROOT,
        until: Timestamp(until),
    };
    Record {
        event: None,
        ..record(seq, change)
    }
}

pub fn failed(seq: u32, error: &str) -> Record {
    let failure = Failure::new(error, "why");
    record(seq, Change::ExecutionFailed { failure })
}

pub fn fact(kind: &str, state: &str) -> Fact {
    Fact {
        kind: kind.into(),
        state: Some(state.into()),
        ..Fact::default()
    }
}

pub fn summary(name: &str) -> Summary {
    let mut summary = Summary::new(&arn(name), "m", name, Timestamp(START));
    summary.state_machine_arn = MACHINE.to_owned();
    summary
}

pub fn over(name: &str, status: &'static str, at: i64) -> Summary {
    Summary {
        status,
        stopped_at: Some(Timestamp(at)),
        ..summary(name)
    }
}

pub fn definition(text: &str) -> Definition {
    Definition {
        digest: format!("{:064x}", crc32fast::hash(text.as_bytes())).into(),
        text: text.into(),
        format: "json".into(),
        define: "{}".into(),
    }
}

pub fn beginning(name: &str, text: &str) -> Beginning {
    Beginning {
        definition: definition(text),
        identity: r#"{"role":null}"#.to_owned(),
        ..Beginning::of(&arn(name))
    }
}

pub fn batch<'r>(summary: Summary, records: &'r [Record]) -> Batch<'r> {
    Batch::of(summary, records)
}

/// A journal, what is beside it, and what it takes to see what was kept.
pub struct Kept {
    pub journal: Box<dyn Journal>,
    pub resources: Arc<dyn Resources>,
    pub store: Option<Store>,
}

impl Kept {
    pub fn in_store(path: &Path, key: Option<Key>) -> Kept {
        let store = Store::open(path, StoreOptions { key }).expect("a store");
        Kept {
            journal: store.journal().expect("a journal"),
            resources: store.resources().expect("resources"),
            store: Some(store),
        }
    }

    /// Closes the unit and waits until it is kept.
    pub fn keep(&mut self) {
        let mark = self.journal.seal();
        wait(self.journal.progress(), mark);
    }
}

/// Waits until a unit is kept.
pub fn wait(progress: &journal::Progress, mark: Mark) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let reached = progress.reached(mark);
    runtime.expect("a runtime").block_on(reached).expect("kept");
}

pub fn key(digit: &str) -> Key {
    Key::from_text(&digit.repeat(64)).expect("a key")
}

/// A store with an execution that is over, one that is not and one that somebody works for.
pub fn filled(path: &Path, key: Option<Key>) -> Kept {
    let mut kept = Kept::in_store(path, key);
    let secret = r#"{"card":"4711-SECRET"}"#;
    let records = [started(secret), failed(1, "Card.Declined")];
    let mut first = batch(over("a", "FAILED", START + 1), &records);
    first.beginning = Some(beginning("a", r#"{"Comment":"SECRET text"}"#));
    first.beginning.as_mut().expect("it is kept").identity = r#"{"SECRET":"identity"}"#.to_owned();
    kept.journal.append(first).expect("it is kept");
    let records = [started(secret), waiting(1, START + 60_000)];
    let mut waits = summary("b");
    waits.due = Some(Timestamp(START + 60_000));
    kept.journal
        .append(batch(waits, &records))
        .expect("it is kept");
    let token = TaskToken {
        frame: FrameId::ROOT,
        record: 1,
        secret: 5,
    };
    let change = Change::TaskScheduled {
        frame: FrameId::ROOT,
        token,
        kind: TaskKind::LambdaFunction,
        resource: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        input: Data::from("SECRET input").into(),
        timeout_seconds: None,
        heartbeat_seconds: None,
        role_arn: None,
    };
    let records = [started(secret), record(1, change)];
    let mut works = batch(summary("c"), &records);
    works.facts = vec![
        fact("ExecutionStarted", ""),
        fact("LambdaFunctionScheduled", "Charge"),
    ];
    kept.journal.append(works).expect("it is kept");
    let code = Resource::new("function", "f", r#"{"env":"SECRET env"}"#.to_owned());
    let code = code.with_bytes(b"SECRET code".to_vec());
    kept.journal.put(code).expect("it is kept");
    kept.keep();
    kept
}
