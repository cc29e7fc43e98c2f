//! A mended definition: an execution that ended badly is put onto another program, from which a redrive goes on.

use std::collections::HashMap;
use std::sync::Arc;

use asl::{BlockId, Program, StateId, StateKind};
use data::EcoString;

use crate::execution::Execution;
use crate::frame::{Activity, Children, Frame, Remains};
use crate::redrive::Retained;

/// Why an execution does not fit another definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It is not over, succeeded, or never began.
    #[error("the execution stands in no state from which it could go on")]
    NothingToRedrive,
    /// The definition has no such state.
    #[error("the definition has no state {state:?}, in which the execution stands")]
    NoSuchState {
        /// The state's name.
        state: EcoString,
    },
    /// The state is of another type.
    #[error("state {state:?} is of type {now}, and the execution stands in one of type {was}")]
    OtherType {
        /// The state's name.
        state: EcoString,
        /// Its type in the definition that the execution ran.
        was: &'static str,
        /// Its type in the other definition.
        now: &'static str,
    },
    /// The state is not in the machine, branch or processor in which the execution stands.
    #[error(
        "state {state:?} is in another branch or processor than the one where the execution stands in it"
    )]
    OtherPlace {
        /// The state's name.
        state: EcoString,
    },
    /// The Parallel has another number of branches.
    #[error(
        "Parallel {state:?} has {now} branches, and the execution keeps what {was} of them did"
    )]
    OtherBranches {
        /// The state's name.
        state: EcoString,
        /// How many it had.
        was: usize,
        /// How many the other definition has.
        now: usize,
    },
    /// The Map is inline in one of the definitions and distributed in the other.
    #[error("Map {state:?} has another mode, and the execution keeps what its iterations did")]
    OtherMode {
        /// The state's name.
        state: EcoString,
    },
}

impl Execution {
    /// Puts an execution that ended badly onto another program, from which the next redrive goes on.
    ///
    /// Every state that a frame stands in is looked up by its name, which is unique in a machine, and must be of the
    /// same type and in the same machine, branch or processor; states before, behind and beside it are free. Results
    /// of branches are kept, so a Parallel that has some must have as many branches as it had. What a state was given
    /// stays as it is, and so does what a Map set out with: its items, concurrency and tolerance. Nothing is changed on refusal.
    ///
    /// The redrive must say the digest of the definition; see [`Record::definition`](crate::Record::definition).
    pub fn rebase(&mut self, program: Arc<Program>) -> Result<(), Misfit> {
        let retained = self.retained.as_ref().ok_or(Misfit::NothingToRedrive)?;
        let rebased = Rebase::new(&self.program, &program).all(retained)?;
        self.retained = Some(Box::new(rebased));
        self.program = program;
        self.rebased = true;
        Ok(())
    }
}

/// From one program to another.
struct Rebase<'p> {
    old: &'p Program,
    new: &'p Program,
    by_name: HashMap<&'p str, StateId>,
}

impl<'p> Rebase<'p> {
    fn new(old: &'p Program, new: &'p Program) -> Rebase<'p> {
        let by_name = new.states().map(|(id, state)| (state.name.as_str(), id));
        Rebase {
            old,
            new,
            by_name: by_name.collect(),
        }
    }

    fn all(&self, retained: &Retained) -> Result<Retained, Misfit> {
        let mut rebased = retained.clone();
        for frame in rebased.frames.iter_mut().flatten() {
            let block = match frame.parent {
                None => Some(self.new.root),
                Some((parent, slot)) => {
                    let parent = retained.frames.get(parent.0 as usize);
                    let parent = parent.and_then(Option::as_ref);
                    let parent = parent.map(|parent| self.known(parent.state)).transpose()?;
                    parent.and_then(|parent| self.block_of(parent, slot))
                }
            };
            self.frame(frame, block)?;
        }
        Ok(rebased)
    }

    /// Puts a frame that stands in this block of the new program onto it, with all that is kept of its children.
    fn frame(&self, frame: &mut Frame, block: Option<BlockId>) -> Result<(), Misfit> {
        let old = self.old.state(frame.state);
        let state = old.name.clone();
        let id = self.known(frame.state)?;
        let new = self.new.state(id);
        let (was, now) = (old.kind.state_type(), new.kind.state_type());
        if was != now {
            let (was, now) = (was.as_str(), now.as_str());
            return Err(Misfit::OtherType { state, was, now });
        }
        if block != Some(new.block) {
            return Err(Misfit::OtherPlace { state });
        }
        frame.state = id;
        frame.attempts.clear();
        frame.visits = std::mem::take(&mut frame.visits)
            .into_iter()
            .filter_map(|(visited, times)| Some((self.known(visited).ok()?, times)))
            .collect();
        match &mut frame.activity {
            Activity::Children(children) | Activity::Ended(Remains::Children(children)) => {
                self.children(id, children)
            }
            Activity::MapRun(_) | Activity::Ended(Remains::MapRun(_)) => match &new.kind {
                StateKind::Map(map) if map.distributed.is_some() => Ok(()),
                _ => Err(Misfit::OtherMode { state }),
            },
            Activity::Entering
            | Activity::Running
            | Activity::Waiting { .. }
            | Activity::Task(_)
            | Activity::Backoff { .. }
            | Activity::Done => Ok(()),
        }
    }

    /// The same for the children of a state, by its new id.
    fn children(&self, id: StateId, children: &mut Children) -> Result<(), Misfit> {
        let state = self.new.state(id);
        match (&state.kind, &mut children.map) {
            (StateKind::Parallel(parallel), None) => {
                let (was, now) = (children.results.len(), parallel.branches.len());
                if was != now {
                    let state = state.name.clone();
                    return Err(Misfit::OtherBranches { state, was, now });
                }
            }
            (StateKind::Map(map), Some(activity)) if map.distributed.is_none() => {
                activity.block = map.processor;
            }
            _ => {
                let state = state.name.clone();
                return Err(Misfit::OtherMode { state });
            }
        }
        let kept = children.unfinished.iter_mut().chain(&mut children.again);
        for child in kept {
            let block = child.parent.and_then(|(_, slot)| self.block_of(id, slot));
            self.frame(child, block)?;
        }
        Ok(())
    }

    /// The state of the new program that has the name of one of the old.
    fn known(&self, old: StateId) -> Result<StateId, Misfit> {
        let state = &self.old.state(old).name;
        let known = self.by_name.get(state.as_str()).copied();
        known.ok_or_else(|| Misfit::NoSuchState {
            state: state.clone(),
        })
    }

    /// The block of the new program that child number `slot` of one of its states walks through.
    fn block_of(&self, state: StateId, slot: u32) -> Option<BlockId> {
        match &self.new.state(state).kind {
            StateKind::Parallel(parallel) => parallel.branches.get(slot as usize).copied(),
            StateKind::Map(map) => Some(map.processor),
            StateKind::Task(_)
            | StateKind::Choice(_)
            | StateKind::Wait(_)
            | StateKind::Pass(_)
            | StateKind::Succeed
            | StateKind::Fail(_) => None,
        }
    }
}
