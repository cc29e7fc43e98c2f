//! What the world does to a node: workers that answer well or badly, and time that passes.

use asl::{Pattern, Program, ResourceKind, StateId};
use data::Data;
use engine::Input;

use super::class::{ClassId, Deed};
use super::explore::{Choice, Explorer};
use super::node::{Beats, Node, Pending, Run, SiteId};
use super::nominal::{Call, NoAnswer};
use super::{SweepError, Unanswered};

impl Explorer<'_> {
    /// The worker takes the task, and a service that is to be waited for says so.
    pub(super) fn start(&mut self, node: &mut Node, asking: &Pending) {
        let token = asking.task.token;
        let worker = None;
        self.feed(node, Input::TaskStarted { token, worker }, None);
        let submits = match &asking.task.resource.kind {
            ResourceKind::Service { pattern, .. } => match pattern {
                Pattern::RequestResponse => false,
                Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken => true,
            },
            ResourceKind::LambdaFunction | ResourceKind::Activity => false,
        };
        if submits {
            let output = Data::empty_object();
            self.feed(node, Input::TaskSubmitted { token, output }, None);
        }
    }

    /// Answers the task; none if nobody would.
    pub(super) fn choose(
        &mut self,
        mut node: Node,
        asking: &Pending,
        site: SiteId,
        choice: Choice,
    ) -> Result<Option<Node>, SweepError> {
        node.fresh = false;
        let (token, state) = (asking.task.token, asking.task.state);
        let input = match choice {
            Choice::GoesWrong(class) => self.goes_wrong(&mut node, asking, site, class),
            Choice::GoesWell => {
                node.close(site);
                let call = Call {
                    task: &asking.task,
                    nth: node.count_call(state),
                    at: node.now,
                };
                match self.nominal.answer(&call) {
                    Ok(Ok(output)) => Some(Input::TaskSucceeded { token, output }),
                    Ok(Err(failure)) => Some(Input::TaskFailed { token, failure }),
                    Err(NoAnswer::Guest(why)) => return Err(SweepError::Guest(why)),
                    Err(NoAnswer::Host(why)) => return Err(SweepError::Host(why)),
                    Err(NoAnswer::Nobody { why, hint }) => {
                        self.note_unanswered(state, why, hint);
                        return Ok(None);
                    }
                }
            }
        };
        if let Some(input) = input {
            self.feed(&mut node, input, Some(state));
        }
        Ok(Some(node))
    }

    /// Lets the task fail once more, and says what the execution hears of it at once.
    fn goes_wrong(
        &self,
        node: &mut Node,
        asking: &Pending,
        site: SiteId,
        class: ClassId,
    ) -> Option<Input> {
        let token = asking.task.token;
        let at = fault_at(node, site, class);
        let beats = beats(node, self.program, asking);
        let run = &mut node.faults[at];
        run.failures += 1;
        run.token = Some(token);
        match &self.classes.get(class).deed {
            Deed::Fails(failure) => Some(Input::TaskFailed {
                token,
                failure: failure.clone(),
            }),
            Deed::AnswersTooMuch => Some(Input::TaskSucceeded {
                token,
                output: self.too_much.clone(),
            }),
            Deed::IsSilent => None,
            Deed::TakesTooLong => {
                run.beats = beats;
                None
            }
        }
    }

    /// Nothing happens until the execution's next deadline.
    pub(super) fn pass_time(&mut self, node: &mut Node) {
        let due = node.execution.next_deadline();
        let due = due.expect("a running execution ends at the latest when its time is up");
        // Where nothing else can happen in between, the last sign of life stands for them all.
        let alone = node.execution.standing().nth(1).is_none();
        let mut beating = node.faults.iter_mut().filter_map(|run| {
            let (token, beats) = (run.token?, run.beats.as_mut()?);
            (beats.next <= due && beats.next < beats.until).then_some((token, beats))
        });
        if let Some((token, beats)) = beating.next() {
            node.now = match alone {
                true => beats.next.max(beats.last()),
                false => beats.next,
            };
            beats.next = node.now.plus_seconds(beats.every_seconds);
            self.feed(node, Input::TaskHeartbeat { token }, None);
            return;
        }
        node.now = due.max(node.now);
        self.feed(node, Input::DeadlineReached, None);
    }

    fn note_unanswered(&mut self, state: StateId, why: String, hint: String) {
        if self.unanswered.iter().all(|known| known.state != state) {
            self.unanswered.push(Unanswered { state, why, hint });
        }
    }
}

/// The fault of this class at this Task execution: it goes on, or begins and ends any other there.
fn fault_at(node: &mut Node, site: SiteId, class: ClassId) -> usize {
    let open = node.open_at(site);
    if let Some(at) = open.filter(|at| node.faults[*at].class == class) {
        return at;
    }
    node.close(site);
    node.faults.push(Run {
        site,
        class,
        since: node.now.0 - node.execution.started_at().0,
        failures: 0,
        token: None,
        beats: None,
        open: true,
    });
    node.faults.len() - 1
}

/// The signs of life of a worker that takes longer than it may, at most until the execution itself is over.
fn beats(node: &Node, program: &Program, asking: &Pending) -> Option<Beats> {
    let every_seconds = asking.heartbeat_seconds?;
    let most = node.execution.about().quotas.execution_seconds;
    let most = program.timeout_seconds.unwrap_or(most).min(most);
    let whole = node.execution.started_at().plus_seconds(most);
    Some(Beats {
        every_seconds,
        next: node.now.plus_seconds(every_seconds),
        until: node.now.plus_seconds(asking.timeout_seconds?).min(whole),
    })
}
