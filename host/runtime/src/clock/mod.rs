//! What moves time.

pub(crate) mod real;
pub(crate) mod virtual_time;

use engine::Timestamp;

/// What moves time in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The wall clock.
    Real,
    /// From event to event, at no cost, beginning at `start`.
    Virtual {
        /// The first moment.
        start: Timestamp,
    },
}

impl Clock {
    /// When a virtual run begins unless told otherwise: 2026-01-01T00:00:00Z.
    pub const DEFAULT_START: Timestamp = Timestamp(1_767_225_600_000);
}
