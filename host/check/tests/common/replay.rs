//! A run with given faults from its start, by a driver that knows nothing of forks.

use std::collections::VecDeque;

use check::sweep::{Fault, Row};
use data::Data;
use engine::{
    Command, Effects, Entropy, Execution, Failure, Input, TaskRequest, TaskToken, Timestamp,
};

use crate::sweeps::Case;

/// What a run with the faults of the row comes to: its status and how many milliseconds it takes.
pub fn replay(case: &Case, row: &Row) -> (&'static str, i64) {
    Replay::of(case, row).run()
}

/// A run with the faults of a row.
struct Replay<'r> {
    execution: Execution,
    case: &'r Case,
    now: Timestamp,
    asking: VecDeque<TaskRequest>,
    /// For each fault of the row how many attempts are still to fail.
    left: Vec<u32>,
    row: &'r Row<'r>,
    /// The tasks that will not answer, with whether they show that they live.
    silent: Vec<(TaskToken, bool)>,
}

impl<'r> Replay<'r> {
    fn of(case: &'r Case, row: &'r Row<'r>) -> Replay<'r> {
        let mut replay = Replay {
            execution: case.execution(),
            case,
            now: case.options.start,
            asking: VecDeque::new(),
            left: row.faults.iter().map(|fault| fault.attempts).collect(),
            row,
            silent: Vec::new(),
        };
        replay.feed(Input::Start(case.inputs[row.input].clone()));
        replay
    }

    fn run(mut self) -> (&'static str, i64) {
        while !self.execution.status().is_final() {
            match self.asking.pop_front() {
                Some(task) => self.answer(&task),
                None => self.wait(),
            }
        }
        let stopped = self.execution.stopped_at().unwrap_or_default();
        let took = stopped.0 - self.execution.started_at().0;
        (self.execution.status().as_str(), took)
    }

    fn feed(&mut self, input: Input) {
        let mut effects = Effects::default();
        let entropy = Entropy::from_seed(self.case.options.seed);
        self.execution
            .handle(self.now, &entropy, input, &mut effects);
        for command in effects.commands {
            match command {
                Command::StartTask(task) => self.asking.push_back(*task),
                Command::CancelTask(token) => self.asking.retain(|task| task.token != token),
                Command::StartMapRun(_) | Command::Finish => {}
            }
        }
    }

    fn answer(&mut self, task: &TaskRequest) {
        let token = task.token;
        self.feed(Input::TaskStarted {
            token,
            worker: None,
        });
        let (site, visit) = task.site.rsplit_once('#').expect("a site has a visit");
        let Some((at, fault)) = self.fault_at(site, visit) else {
            let output = self.case.answer_of(&task.state_name);
            return self.feed(Input::TaskSucceeded { token, output });
        };
        self.left[at] -= 1;
        match fault.fault {
            "States.DataLimitExceeded" => {
                let output = Data::from("x".repeat(300_000));
                self.feed(Input::TaskSucceeded { token, output });
            }
            "States.Timeout" => self.silent.push((token, true)),
            "States.HeartbeatTimeout" | "lost callback" => self.silent.push((token, false)),
            error => {
                let failure = Failure::new(error, "replayed");
                self.feed(Input::TaskFailed { token, failure });
            }
        }
    }

    /// The fault that befalls the task now: it goes on, or this is its moment.
    fn fault_at(&self, site: &str, visit: &str) -> Option<(usize, Fault<'r>)> {
        let since = self.now.0 - self.execution.started_at().0;
        let faults = self.row.faults.iter().copied().enumerate();
        faults.rev().find(|(at, fault)| {
            let here = fault.site == site && fault.visit.to_string() == visit;
            let begun = self.left[*at] < fault.attempts || fault.since == since;
            here && begun && self.left[*at] > 0
        })
    }

    /// Beats come every second here, which is more often than any definition asks for.
    fn wait(&mut self) {
        let due = self.execution.next_deadline().expect("it ends some day");
        let beating: Vec<TaskToken> = self
            .silent
            .iter()
            .filter_map(|(token, beats)| beats.then_some(*token))
            .filter(|token| self.execution.open_tasks().any(|(open, _)| open == *token))
            .collect();
        let next = Timestamp(self.now.0 + 1000);
        if beating.is_empty() || due <= next {
            self.now = due.max(self.now);
            return self.feed(Input::DeadlineReached);
        }
        self.now = next;
        for token in beating {
            self.feed(Input::TaskHeartbeat { token });
        }
    }
}
