//! A turn that may not take as long as it likes: how much is done at once, and what is left for later.
//!
//! A machine that never waits can fill its whole history in one call of [`Execution::handle`](crate::Execution::handle),
//! and nobody else on its thread gets a turn. A limit cuts the call short between two steps.
//! [`Input::GoOn`](crate::Input::GoOn) then goes on with exactly what would have come next, so that the records are the
//! same with every limit, as long as nothing else is heard in between.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use crate::execution::{Execution, Status};
use crate::fact::Site;
use crate::ids::FrameId;

/// What a turn that was cut short left to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Midway {
    /// Frames that can go on, in their order.
    pub ready: VecDeque<FrameId>,
    /// Whether deadlines that have come are yet to be looked at.
    pub deadlines: bool,
    /// The state whose failure nothing took up yet.
    pub failing: Option<Site>,
}

impl Execution {
    /// Lets each call of [`handle`](Self::handle) take so many steps at most, such as to enter a state or to start the
    /// iterations of a Map that there is room for; none: as many as it can.
    ///
    /// A matter of the host, not a part of where the execution stands. One that is [midway](Self::is_midway) wants to
    /// hear [`Input::GoOn`](crate::Input::GoOn) before anything else.
    pub fn set_step_limit(&mut self, limit: Option<NonZeroU32>) {
        self.step_limit = limit;
    }

    /// Whether it could go on by itself at once: a turn was cut short, or its log ends in the middle of one.
    pub fn is_midway(&self) -> bool {
        let mut frames = self.frames.iter().flatten();
        self.status == Status::Running
            && (self.midway.is_some() || self.folded && frames.any(|frame| frame.can_go_on()))
    }
}
