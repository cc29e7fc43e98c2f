//! What the pipeline shows of itself to whoever tests a single state.

use data::Data;
use query::Surroundings;

/// A point on a state's way whose data TestState shows.
///
/// The names are those of `InspectionData` in the service model of Step Functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// `afterInputPath`
    InputPath,
    /// `afterParameters`
    Parameters,
    /// `afterArguments`
    Arguments,
    /// `afterItemsPath`
    ItemsPath,
    /// `afterItemSelector`
    ItemSelector,
    /// `result`
    Result,
    /// `afterResultSelector`
    ResultSelector,
    /// `afterResultPath`
    ResultPath,
}

/// The surroundings of a state, told what comes out of each stage. Executions do not listen.
pub(crate) trait Around: Surroundings {
    /// `value` came out of `stage`.
    fn saw(&self, _stage: Stage, _value: &Data) {}
}
