//! What a Distributed Map has done outside: a run of child executions.
//!
//! The engine says what is to be run, evaluated; whoever owns the execution reads the items, runs the children and
//! answers with their results. One thing it asks back: what [`ItemSelector`](Execution::map_item) makes of an item,
//! which is not known before the item is read, and not wanted before its child starts.

use asl::{StateId, StateKind};
use data::{Data, EcoString};
use serde::{Deserialize, Serialize};

use crate::context::Selected;
use crate::dataflow::payload;
use crate::entropy::Entropy;
use crate::execution::Execution;
use crate::failure::Failure;
use crate::frame::{Activity, MapRunActivity};
use crate::ids::{FrameId, TaskToken};
use crate::time::Timestamp;

/// A run of child executions for a Distributed Map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunRequest {
    /// The attempt's handle.
    pub token: TaskToken,
    /// The Map state, whose definition says how items are read and results written.
    pub state: StateId,
    /// The state's name.
    pub state_name: EcoString,
    /// `arn:PARTITION:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`
    pub map_run_arn: EcoString,
    /// What the definition says, evaluated.
    pub plan: MapRunPlan,
    /// Which attempt of this state entry it is, from 0.
    pub attempt: u32,
    /// How often the run was redriven; 0 for a new one.
    ///
    /// One that was goes on under its ARN with the items it had. Whoever runs the children starts those again that
    /// failed, timed out or were aborted: a STANDARD child by [`Input::Redrive`](crate::Input::Redrive), one that is
    /// not redrivable any more, and an EXPRESS child, by a new execution with the input it had. Those never started
    /// are started. Failures are counted from none, children that succeeded keep their results, and a run whose
    /// items could not be read reads them now (developer guide, "Redriving Map Runs"). If all had succeeded the run
    /// answers at once.
    pub redrive_count: u32,
    /// Where in the machine the attempt is made, as of a [`TaskRequest`](crate::TaskRequest).
    pub site: String,
}

/// The fields of a Distributed Map that are evaluated when it begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapRunPlan {
    /// Where the items come from.
    pub items: ItemSource,
    /// `MaxConcurrency`; 0 means as many as there may be.
    pub max_concurrency: u64,
    /// `ToleratedFailureCount`; none if the definition does not say.
    pub tolerated_failure_count: Option<u64>,
    /// `ToleratedFailurePercentage`; none if the definition does not say.
    pub tolerated_failure_percentage: Option<f64>,
    /// `ItemBatcher`
    pub batching: Option<Batching>,
    /// `Parameters` or `Arguments` of the `ResultWriter`, if it exports.
    pub writer: Option<Data>,
}

/// Where the items of a Distributed Map come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ItemSource {
    /// From the state's input.
    Input {
        /// The items, an array.
        items: Data,
        /// Whether they were the fields of an object, each with `Key` and `Value`.
        keyed: bool,
    },
    /// From an `ItemReader`.
    Reader {
        /// Its `Parameters` or `Arguments`.
        arguments: Data,
        /// `MaxItems`; none: all of them.
        max_items: Option<u64>,
    },
}

/// How many items one child execution takes. One of the two limits is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batching {
    /// `MaxItemsPerBatch`
    pub max_items: Option<u64>,
    /// `MaxInputBytesPerBatch`
    pub max_input_bytes: Option<u64>,
    /// `BatchInput`
    pub batch_input: Option<Data>,
}

/// An item of a Distributed Map, as the Context Object shows it to `ItemSelector`.
#[derive(Clone, Debug, PartialEq)]
pub struct MapItem {
    /// Its index, from 0.
    pub index: u32,
    /// The item; `Key` and `Value` in an object if the items were the fields of one.
    pub value: Data,
    /// Whether they were.
    pub keyed: bool,
    /// `$$.Map.Item.Source`: `STATE_DATA`, or where it was read.
    pub source: EcoString,
}

impl Execution {
    /// What `ItemSelector` makes of an item of a map run that is under way, or the item itself; none if nobody waits
    /// for that run any more. The error is how the Map fails.
    ///
    /// It changes nothing, and its chance is the item's own: it may be asked for at any time and again.
    pub fn map_item(
        &self,
        now: Timestamp,
        entropy: &Entropy,
        token: TaskToken,
        item: &MapItem,
    ) -> Option<Result<Data, Failure>> {
        let run = self.map_run(token)?;
        let state = self.program.state(self.frame(token.frame).state);
        let StateKind::Map(map) = &state.kind else {
            return None;
        };
        let Some(selector) = &map.item_selector else {
            return Some(Ok(item.value.clone()));
        };
        let key = format!("{token}#{}", item.index);
        let entropy = Entropy::from_secret(entropy.derive("map item", &key));
        let mut outside = self.outside(&self.program, &entropy, token.frame, now);
        outside.record = token.record;
        outside.item = Some(Selected {
            index: item.index,
            value: item.value.clone(),
            keyed: item.keyed,
            source: Some(item.source.clone()),
        });
        let selected = payload(selector, "ItemSelector", &run.input, &outside);
        let entered = self.frame(token.frame).entered_event;
        Some(selected.map_err(|fault| fault.in_state(&state.name, entered)))
    }

    /// The map runs that are under way.
    pub fn open_map_runs(&self) -> impl Iterator<Item = TaskToken> {
        self.frames
            .iter()
            .flatten()
            .filter_map(|frame| match &frame.activity {
                Activity::MapRun(run) if !run.ended => Some(run.token),
                _ => None,
            })
    }

    /// The run that is under way with this very token.
    pub(crate) fn map_run(&self, token: TaskToken) -> Option<&MapRunActivity> {
        let frame = self.frames.get(token.frame.0 as usize)?.as_ref()?;
        match &frame.activity {
            Activity::MapRun(run) if run.token == token && !run.ended => Some(run),
            _ => None,
        }
    }

    pub(crate) fn map_run_request(&self, id: FrameId, run: &MapRunActivity) -> MapRunRequest {
        let frame = self.frame(id);
        MapRunRequest {
            token: run.token,
            state: frame.state,
            state_name: self.program.state(frame.state).name.clone(),
            map_run_arn: run.map_run_arn.clone(),
            plan: run.plan.clone(),
            attempt: frame.retry_count(),
            redrive_count: run.redrives,
            site: self.site(id),
        }
    }
}
