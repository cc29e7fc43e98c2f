//! Machines that nobody thought of: for each of them merging must lose nothing, and every path must be what a run
//! from the start comes to.

#[path = "common/sweeps.rs"]
mod sweeps;

#[path = "common/replay.rs"]
mod replay;

use data::{Data, Object};
use engine::Entropy;
use sweeps::Case;

/// Small enough to be done in a second or two, many enough to meet each pair of features.
const MACHINES: u64 = 150;

#[test]
fn random_machines_are_swept_the_same_with_and_without_merging() {
    let (mut merged, mut replayed) = (0, 0);
    for seed in 0..MACHINES {
        let content = Machine::new(seed).case();
        let mut case = Case::new(&content);
        case.options.max_attempts = 3;
        let report = case.sweep();
        case.options.merge = false;
        let apart = case.sweep();
        assert!(
            report.rows().eq(apart.rows()) && report.findings == apart.findings,
            "machine {seed}: {}",
            content.to_pretty()
        );
        merged += report.merged;
        for row in apart.rows().filter(|row| !row.ending.is_cut()) {
            let ended = replay::replay(&case, &row);
            let told = (row.status, row.millis);
            assert_eq!(
                ended,
                told,
                "machine {seed}: {row:?} {}",
                content.to_pretty()
            );
            replayed += 1;
        }
    }
    assert!(merged > 1000, "only {merged} paths met another");
    assert!(replayed > 10_000, "only {replayed} paths");
}

/// A machine being drawn.
struct Machine {
    entropy: Entropy,
    drawn: u32,
    answers: Vec<(String, Data)>,
    /// Whether a Catch leads to the state that fails.
    fails: bool,
}

impl Machine {
    fn new(seed: u64) -> Machine {
        Machine {
            entropy: Entropy::from_seed(seed),
            drawn: 0,
            answers: Vec::new(),
            fails: false,
        }
    }

    /// A number below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.drawn += 1;
        self.entropy.draw(self.drawn, 0) % n
    }

    fn case(mut self) -> Data {
        let mut states = Object::builder();
        let length = 2 + self.below(3);
        for at in 0..length {
            let last = at + 1 == length;
            let state = match self.below(5) {
                0 => self.parallel(at),
                1 => self.wait(),
                _ => self.task(&format!("T{at}"), false),
            };
            let state = self.go_on(&state, at, last);
            states.insert(format!("S{at}").into(), state.into());
        }
        if self.fails {
            let fail = Object::builder()
                .with("Type", "Fail")
                .with("Error", "Failed");
            states.insert("Failed".into(), fail.build().into());
        }
        let machine = Object::builder()
            .with("StartAt", "S0")
            .with("States", states.build());
        let invariants: Data = [Data::from("S0 => S1")].into_iter().collect();
        let answers: Object = self.answers.into_iter().collect();
        let case = Object::builder()
            .with("definition", machine.build())
            .with("depth", 2)
            .with("invariants", invariants)
            .with("answers", answers);
        case.build().into()
    }

    /// Where the state leads to: to the next, and by its Catch to the next as well or to the end.
    fn go_on(&mut self, state: &Object, at: u64, last: bool) -> Object {
        let next = format!("S{}", at + 1);
        let is_wait = state.get("Type") == Some(&Data::from("Wait"));
        let state = match last {
            true => state.with("End", true.into()),
            false => state.with("Next", next.as_str().into()),
        };
        if is_wait || self.below(3) == 0 {
            return state;
        }
        let fails = last || self.below(2) == 0;
        self.fails |= fails;
        let to = if fails { "Failed" } else { next.as_str() };
        let catcher = Object::builder()
            .with("Next", to)
            .with("ResultPath", Data::Null);
        let names = self.names();
        let catchers: Data = [Data::from(catcher.with("ErrorEquals", names).build())]
            .into_iter()
            .collect();
        state.with("Catch", catchers)
    }

    fn task(&mut self, name: &str, ends: bool) -> Object {
        let mut state = Object::builder().with("Type", "Task");
        let activity = format!("arn:aws:states:us-east-1:000000000000:activity:{name}");
        state.insert("Resource".into(), activity.into());
        if self.below(2) == 0 {
            let timeout = 20 + self.below(3) as i64;
            state.insert("TimeoutSeconds".into(), timeout.into());
        }
        if self.below(3) == 0 {
            let beat = 5 + self.below(3) as i64;
            state.insert("HeartbeatSeconds".into(), beat.into());
        }
        if self.below(3) > 0 {
            let retry = self.retry();
            state.insert("Retry".into(), retry);
        }
        if self.below(2) == 0 {
            state.insert("ResultPath".into(), Data::Null);
        }
        if ends {
            state.insert("End".into(), true.into());
        }
        let state = state.build();
        // In its own block a task goes by its own name, in the machine by its place.
        let known = if ends {
            name.to_owned()
        } else {
            name.replace('T', "S")
        };
        self.answers.push((known, Data::from(7)));
        state
    }

    fn parallel(&mut self, at: u64) -> Object {
        let mut branches = Vec::new();
        for branch in 0..2 {
            let name = format!("B{at}{branch}");
            let task = self.task(&name, true);
            let states = Object::builder().with(name.as_str(), task).build();
            let block = Object::builder()
                .with("StartAt", name)
                .with("States", states);
            branches.push(Data::from(block.build()));
        }
        let mut state = Object::builder()
            .with("Type", "Parallel")
            .with("Branches", branches);
        if self.below(2) == 0 {
            let retry = self.retry();
            state.insert("Retry".into(), retry);
        }
        state.build()
    }

    fn wait(&mut self) -> Object {
        let seconds = 1 + self.below(3) as i64;
        let state = Object::builder().with("Type", "Wait");
        state.with("Seconds", seconds).build()
    }

    fn retry(&mut self) -> Data {
        let attempts = self.below(3) as i64;
        let interval = 1 + self.below(2) as i64;
        let retrier = Object::builder()
            .with("ErrorEquals", self.names())
            .with("MaxAttempts", attempts)
            .with("IntervalSeconds", interval);
        [Data::from(retrier.build())].into_iter().collect()
    }

    fn names(&mut self) -> Data {
        let names: &[&str] = match self.below(5) {
            0 => &["States.ALL"],
            1 => &["States.Timeout"],
            2 => &["Flaky"],
            3 => &["States.HeartbeatTimeout", "Flaky"],
            _ => &["States.TaskFailed"],
        };
        names.iter().map(|name| Data::from(*name)).collect()
    }
}
