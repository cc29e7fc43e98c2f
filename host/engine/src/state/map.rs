//! Map: the same block for each item.

use asl::{Items, Map, State};
use data::{Data, EcoString};
use query::JsonataTemplate;

use super::{distributed, parallel::finish};
use crate::context::Selected;
use crate::dataflow::{Fault, Flow, data_path, effective_input, payload, percentage, quantity};
use crate::frame::Activity;
use crate::ids::{EventId, FrameId};
use crate::inspect::{Around, Stage};
use crate::jsonata;
use crate::record::Change;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, map: &Map) -> Result<(), Stop> {
    if let Some(distributed) = &map.distributed {
        return distributed::begin(turn, id, map, distributed);
    }
    let ceiling = turn.execution.about.quotas.map_concurrency;
    let plan = turn.evaluate(id, |state, raw, outside| {
        if map.unsupported {
            return Err(Fault::runtime(
                "The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps",
            ));
        }
        plan(state, map, raw, None, outside)
    })?;
    let tolerated = plan.tolerated();
    let wanted = u32::try_from(plan.max_concurrency).ok();
    let concurrency = wanted.filter(|n| *n > 0).unwrap_or(u32::MAX).min(ceiling);
    let (items, keyed) = (plan.items, plan.keyed);
    let input = turn.payload(id, plan.input);
    let last = turn.execution.frame(id).last_event;
    turn.event(
        last,
        Change::MapStarted {
            frame: id,
            items: items.into(),
            input,
            concurrency,
            tolerated,
            keyed,
        },
    )?;
    let started = turn.execution.frame(id).last_event;
    fill(turn, id, map, started)
}

/// What a Map sets out with.
pub(crate) struct Plan {
    /// The effective input.
    pub input: Data,
    /// What it iterates over, an array.
    pub items: Data,
    /// Whether the items are the fields of an object.
    pub keyed: bool,
    /// `MaxConcurrency`; 0 means as many as there may be.
    pub max_concurrency: u64,
    /// `ToleratedFailureCount`
    pub tolerated_count: Option<u64>,
    /// `ToleratedFailurePercentage`
    pub tolerated_percentage: Option<f64>,
}

impl Plan {
    /// How many iterations may fail; none if the definition does not say.
    pub(crate) fn tolerated(&self) -> Option<u32> {
        let items = self.items.as_array().map_or(0, |items| items.len());
        let share = self.tolerated_percentage;
        let share = share.map(|percentage| (items as f64 * percentage / 100.0).floor() as u64);
        let least = self.tolerated_count.into_iter().chain(share).min();
        least.map(|least| u32::try_from(least).unwrap_or(u32::MAX))
    }
}

/// The numbers of a Map and its items: those that were `read` from elsewhere, or those of its input.
pub(crate) fn plan(
    state: &State,
    map: &Map,
    raw: &Data,
    read: Option<Data>,
    outside: &impl Around,
) -> Flow<Plan> {
    let input = effective_input(state, raw, outside)?;
    let items = read.map_or_else(|| items(map, &input, outside), Ok)?;
    let numbers = numbers(map, &input, outside)?;
    Ok(Plan {
        keyed: items.as_object().is_some(),
        items: items.as_object().map_or(items.clone(), entries),
        max_concurrency: numbers.max_concurrency,
        tolerated_count: numbers.tolerated_count,
        tolerated_percentage: numbers.tolerated_percentage,
        input,
    })
}

/// The numbers of a Map.
pub(super) struct Numbers {
    pub max_concurrency: u64,
    pub tolerated_count: Option<u64>,
    pub tolerated_percentage: Option<f64>,
}

pub(super) fn numbers(map: &Map, input: &Data, outside: &impl Around) -> Flow<Numbers> {
    let max_concurrency = quantity("MaxConcurrency", &map.max_concurrency, input, outside)?;
    let count = map.tolerated_failure_count.as_ref();
    let count = count.map(|count| quantity("ToleratedFailureCount", count, input, outside));
    let share = map.tolerated_failure_percentage.as_ref();
    let share = share.map(|share| percentage("ToleratedFailurePercentage", share, input, outside));
    Ok(Numbers {
        max_concurrency,
        tolerated_count: count.transpose()?,
        tolerated_percentage: share.transpose()?,
    })
}

pub(super) fn items(map: &Map, input: &Data, outside: &impl Around) -> Flow {
    let path = match &map.items {
        Items::Path(path) => path,
        Items::Jsonata(template) => return jsonata_items(template, input, outside),
    };
    let items = data_path(path, input, outside)?;
    outside.saw(Stage::ItemsPath, &items);
    if items.as_array().is_some() {
        return Ok(items);
    }
    let path = match path {
        asl::DataPath::Path(path) => path.as_str(),
        asl::DataPath::Whole | asl::DataPath::Null => "$",
    };
    Err(Fault::runtime(format!(
        "Reference path \"{path}\" must point to array."
    )))
}

fn jsonata_items(template: &JsonataTemplate, input: &Data, outside: &impl Around) -> Flow {
    let states = jsonata::states(input, outside);
    let Some(expression) = template.as_expression() else {
        return Ok(template.evaluate("Items", &states)?);
    };
    jsonata::typed("Items", expression, &states, "array", |value| {
        let iterable = value.as_array().is_some() || value.as_object().is_some();
        iterable.then(|| value.clone())
    })
}

/// The fields of an object as items.
pub(super) fn entries(object: &data::Object) -> Data {
    let entry = |(key, value): (&EcoString, &Data)| {
        let entry = data::Object::builder().with("Key", key.clone());
        Data::from(entry.with("Value", value.clone()).build())
    };
    object.iter().map(entry).collect()
}

/// Starts iterations up to the concurrency, those that a redrive lets go on first; ends the state when there are none
/// left.
///
/// `previous` is what their first events name: the Map's start, or the last event of the iteration whose
/// place they take.
pub(super) fn fill(
    turn: &mut Turn<'_>,
    id: FrameId,
    map: &Map,
    previous: EventId,
) -> Result<(), Stop> {
    loop {
        let Activity::Children(children) = &turn.execution.frame(id).activity else {
            return Ok(());
        };
        let Some(activity) = &children.map else {
            return Ok(());
        };
        let left = children.has_more();
        if left && children.running < activity.concurrency {
            match children.again.last().and_then(|frame| frame.parent) {
                Some((_, index)) => redrive_iteration(turn, id, index)?,
                None => start_iteration(turn, id, map, previous)?,
            }
        } else if !left && children.running == 0 {
            return finish(turn, id);
        } else {
            return Ok(());
        }
    }
}

fn redrive_iteration(turn: &mut Turn<'_>, id: FrameId, index: u32) -> Result<(), Stop> {
    let children = turn.execution.next_frames(1);
    turn.note(Change::IterationRedriven { frame: id, index })?;
    for child in children {
        for inside in turn.execution.within(child) {
            turn.ready(inside);
        }
    }
    Ok(())
}

fn start_iteration(
    turn: &mut Turn<'_>,
    id: FrameId,
    map: &Map,
    previous: EventId,
) -> Result<(), Stop> {
    let Activity::Children(children) = &turn.execution.frame(id).activity else {
        return Ok(());
    };
    let Some(activity) = &children.map else {
        return Ok(());
    };
    let (index, block) = (activity.next, activity.block);
    let item = activity.items[index as usize].clone();
    let input = match &map.item_selector {
        None => item,
        Some(selector) => {
            let mut outside = turn.outside(id);
            outside.item = Some(Selected {
                index,
                value: item,
                keyed: activity.keyed,
                source: None,
            });
            let input = payload(selector, "ItemSelector", &activity.input, &outside);
            input.map_err(|fault| turn.stop(id, fault))?
        }
    };
    turn.within_limits(id, &input)?;
    let name = turn.state(id).name.clone();
    let children = turn.execution.next_frames(1);
    turn.event(
        previous,
        Change::IterationStarted {
            frame: id,
            map: name,
            index,
            block,
            input: input.into(),
        },
    )?;
    for child in children {
        turn.ready(child);
    }
    Ok(())
}

/// The Map's name and the index, if the frame is an iteration.
pub(crate) fn iteration(turn: &Turn<'_>, id: FrameId) -> Option<(EcoString, u32)> {
    let frame = turn.execution.frame(id);
    let (parent, slot) = frame.parent?;
    frame.item.as_ref()?;
    Some((turn.state(parent).name.clone(), slot))
}
