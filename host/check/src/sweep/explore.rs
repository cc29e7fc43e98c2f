//! The search: an execution that forks wherever something may go wrong.
//!
//! Depth first with a stack of its own, since a path may be as long as a history. Each pass runs the paths with
//! one more fault than the pass before: whatever ends a sweep early, the single faults are complete first.

use std::sync::Arc;

use asl::{Program, StateId};
use data::Data;
use engine::{Effects, Entropy, Execution, Input};

use super::class::{ClassId, Classes};
use super::memo::Memo;
use super::node::{Ending, Leaf, Node, Pending, Run, SiteId, Sites};
use super::nominal::Nominal;
use super::report::Search;
use super::turn::cut;
use super::{Options, SweepError, Unanswered};
use crate::coverage::Coverage;

/// A search under way.
pub(crate) struct Explorer<'a> {
    pub program: &'a Program,
    pub options: &'a Options,
    pub entropy: Entropy,
    pub classes: &'a Classes,
    pub sites: Sites,
    pub coverage: Coverage,
    pub effects: Effects,
    pub leaves: Vec<Leaf>,
    pub merged: u64,
    pub unanswered: Vec<Unanswered>,
    /// Whether there were more forks than the sweep may run.
    pub full: bool,
    pub nominal: &'a mut dyn Nominal,
    progress: &'a mut dyn FnMut(u64),
    memo: Memo,
    depth: usize,
    /// A result that is over the quota.
    pub too_much: Data,
}

/// A task is to be answered, in one way after the other.
struct Decision {
    node: Node,
    asking: Arc<Pending>,
    site: SiteId,
    choices: Vec<Choice>,
    next: usize,
    /// Under what the node is kept when it is explored; none if it is not worth it.
    kept_as: Option<u64>,
    first_leaf: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    GoesWell,
    GoesWrong(ClassId),
}

impl<'a> Explorer<'a> {
    pub fn new(
        program: &'a Arc<Program>,
        classes: &'a Classes,
        options: &'a Options,
        nominal: &'a mut dyn Nominal,
        progress: &'a mut dyn FnMut(u64),
    ) -> Explorer<'a> {
        Explorer {
            entropy: Entropy::from_seed(options.seed),
            coverage: Coverage::of(Arc::clone(program)),
            program,
            options,
            classes,
            sites: Sites::default(),
            effects: Effects::default(),
            leaves: Vec::new(),
            merged: 0,
            unanswered: Vec::new(),
            full: false,
            nominal,
            progress,
            memo: Memo::default(),
            depth: 0,
            too_much: Data::Null,
        }
    }

    /// Runs every path of the execution with at most so many faults as the options say.
    pub fn explore(&mut self, execution: Execution, input: Data) -> Result<(), SweepError> {
        let payload = execution.about().quotas.payload_bytes;
        self.too_much = "x".repeat(payload).into();
        let watchers = self.options.watchers(self.program)?;
        let mut root = Node::new(execution, self.options.start, watchers);
        self.feed(&mut root, Input::Start(input), None);
        let passes = if self.options.depth == 0 {
            0..=0
        } else {
            1..=self.options.depth
        };
        for depth in passes {
            self.depth = depth as usize;
            self.memo = Memo::default();
            self.pass(root.clone())?;
            if self.full {
                break;
            }
        }
        Ok(())
    }

    /// What was found, in the order of number of faults and place in the machine.
    pub fn done(mut self) -> Search {
        self.leaves
            .sort_by(|a, b| (a.faults.len(), &a.faults).cmp(&(b.faults.len(), &b.faults)));
        Search {
            sites: self.sites,
            leaves: self.leaves,
            coverage: self.coverage,
            merged: self.merged,
            unanswered: self.unanswered,
            full: self.full,
        }
    }

    fn pass(&mut self, root: Node) -> Result<(), SweepError> {
        let mut stack = Vec::new();
        stack.extend(self.advance(root)?);
        while let Some(top) = stack.last_mut() {
            if self.full {
                return Ok(());
            }
            let node = match top.choices.len() - top.next {
                0 => {
                    let explored = stack.pop().expect("it was just looked at");
                    self.keep(explored);
                    continue;
                }
                // What is not kept need not be copied for its last choice.
                1 if top.kept_as.is_none() => {
                    let last = stack.pop().expect("it was just looked at");
                    self.choose(last.node, &last.asking, last.site, last.choices[last.next])?
                }
                _ => {
                    let choice = top.choices[top.next];
                    top.next += 1;
                    self.choose(top.node.clone(), &top.asking, top.site, choice)?
                }
            };
            if let Some(node) = node {
                stack.extend(self.advance(node)?);
            }
        }
        Ok(())
    }

    /// Takes a node to its end or to where something has to be decided.
    fn advance(&mut self, mut node: Node) -> Result<Option<Decision>, SweepError> {
        loop {
            if let Some(end) = node.end.take() {
                self.leaf(&node, end);
                return Ok(None);
            }
            if node.pending.is_empty() {
                self.pass_time(&mut node);
                continue;
            }
            let asking = node.pending.remove(0);
            let site = self.sites.intern(&asking.task);
            if let Some(ending) = self.goes_too_far(&node, &asking, site) {
                node.end = Some(Arc::new(cut(&node, ending, asking.task.state)));
                continue;
            }
            self.start(&mut node, &asking);
            let choices = self.choices(&node, site, asking.task.state);
            let worth = node.faults.len() < self.depth || node.fresh;
            let kept_as = (self.options.merge && worth).then(|| node.fingerprint());
            if kept_as.is_some_and(|fingerprint| self.is_known(fingerprint, &node)) {
                return Ok(None);
            }
            if let ([only], None) = (choices.as_slice(), kept_as) {
                match self.choose(node, &asking, site, *only)? {
                    Some(next) => node = next,
                    None => return Ok(None),
                }
                continue;
            }
            return Ok(Some(Decision {
                node,
                asking,
                site,
                choices,
                next: 0,
                kept_as,
                first_leaf: self.leaves.len(),
            }));
        }
    }

    /// Whether a task is asked for more often than the sweep follows. Each fault may use up a retrier of its
    /// own; what goes beyond that is a worker that fails by itself.
    fn goes_too_far(&self, node: &Node, asking: &Pending, site: SiteId) -> Option<Ending> {
        let most = self.options.max_attempts;
        let reasons = node.faults.len() as u32 + 1;
        if asking.task.attempt > most.saturating_mul(reasons) {
            return Some(Ending::UnboundedRetry);
        }
        (self.sites.get(site).visit >= most).then_some(Ending::Loop)
    }

    /// What may happen to the task: the fault that it has already, or another as long as any may come.
    fn choices(&self, node: &Node, site: SiteId, state: StateId) -> Vec<Choice> {
        let mut choices = vec![Choice::GoesWell];
        let open = node.open_at(site).map(|at| node.faults[at].class);
        let more = node.faults.len() < self.depth;
        let classes = self.classes.at(state).iter().copied();
        let possible = classes.filter(|class| more || open == Some(*class));
        choices.extend(possible.map(Choice::GoesWrong));
        choices
    }

    fn leaf(&mut self, node: &Node, end: Arc<super::node::End>) {
        let wanted = node.faults.len() == self.depth || self.depth <= 1;
        if wanted {
            let faults = node.faults.iter().map(Run::fault).collect();
            self.push(Leaf { faults, end });
        }
    }

    fn push(&mut self, leaf: Leaf) {
        if self.leaves.len() as u64 >= self.options.max_forks {
            self.full = true;
            return;
        }
        self.leaves.push(leaf);
        if self.leaves.len().is_multiple_of(4096) {
            (self.progress)(self.leaves.len() as u64);
        }
    }

    /// Takes over the leaves of an explored node that goes on like this one.
    fn is_known(&mut self, fingerprint: u64, node: &Node) -> bool {
        let memo = std::mem::take(&mut self.memo);
        let known = memo.find(fingerprint, node);
        if let Some(known) = known {
            for at in known.leaves.clone() {
                let leaf = node.adopt(&self.leaves[at], &known.node);
                self.push(leaf);
            }
            self.merged += known.leaves.len() as u64;
        }
        let found = known.is_some();
        self.memo = memo;
        found
    }

    fn keep(&mut self, decision: Decision) {
        if let Some(fingerprint) = decision.kept_as {
            let leaves = decision.first_leaf..self.leaves.len();
            self.memo.keep(fingerprint, decision.node, leaves);
        }
    }
}
