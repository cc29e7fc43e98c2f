//! Map: the same block for each item.

use asl::{Map, MapMode, Percentage};
use data::{Data, EcoString};
use query::Scope;

use super::parallel::finish;
use crate::context::Outside;
use crate::dataflow::{Fault, Flow, data_path, quantity, template};
use crate::frame::Activity;
use crate::ids::{EventId, FrameId};
use crate::record::Change;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, map: &Map) -> Result<(), Stop> {
    let ceiling = turn.execution.about.quotas.map_concurrency;
    let (items, input, concurrency, tolerated) = turn.evaluate(id, |state, raw, outside| {
        if map.mode == MapMode::Distributed {
            return Err(Fault::runtime("A Distributed Map cannot be run here yet"));
        }
        let input = data_path(&state.flow.input_path, raw, outside)?;
        let items = items(map, &input, outside)?;
        let wanted = quantity("MaxConcurrencyPath", &map.max_concurrency, &input, outside)?;
        let wanted = u32::try_from(wanted)
            .ok()
            .filter(|n| *n > 0)
            .unwrap_or(u32::MAX);
        let tolerated = tolerated(
            map,
            items.as_array().map_or(0, |a| a.len()),
            &input,
            outside,
        )?;
        Ok((items, input, wanted.min(ceiling), tolerated))
    })?;
    let input = turn.payload(id, input);
    let last = turn.execution.frame(id).last_event;
    turn.event(
        last,
        Change::MapStarted {
            frame: id,
            items: items.into(),
            input,
            concurrency,
            tolerated,
        },
    )?;
    let started = turn.execution.frame(id).last_event;
    fill(turn, id, map, started)
}

fn items(map: &Map, input: &Data, outside: &Outside<'_>) -> Flow {
    let items = data_path(&map.items_path, input, outside)?;
    if items.as_array().is_some() {
        return Ok(items);
    }
    let path = match &map.items_path {
        asl::DataPath::Path(path) => path.as_str(),
        asl::DataPath::Whole | asl::DataPath::Null => "$",
    };
    Err(Fault::runtime(format!(
        "Reference path \"{path}\" must point to array."
    )))
}

/// How many iterations may fail; none if the definition does not say.
fn tolerated(map: &Map, items: usize, input: &Data, outside: &Outside<'_>) -> Flow<Option<u32>> {
    let count = match &map.tolerated_failure_count {
        None => None,
        Some(count) => Some(quantity(
            "ToleratedFailureCountPath",
            count,
            input,
            outside,
        )?),
    };
    let percentage = match &map.tolerated_failure_percentage {
        None => None,
        Some(Percentage::Value(value)) => Some(*value),
        Some(Percentage::Path(path)) => {
            let found = path.evaluate(&Scope { input, outside }).ok();
            let number = found.and_then(|value| value.as_number().map(data::Number::as_f64));
            let number = number.filter(|number| (0.0..=100.0).contains(number));
            Some(number.ok_or_else(|| {
                let path = path.as_str();
                Fault::runtime(format!(
                    "The ToleratedFailurePercentagePath parameter must reference a number from 0 to 100: {path}"
                ))
            })?)
        }
    };
    let share = percentage.map(|percentage| (items as f64 * percentage / 100.0).floor() as u64);
    let least = count.into_iter().chain(share).min();
    Ok(least.map(|least| u32::try_from(least).unwrap_or(u32::MAX)))
}

/// Starts iterations up to the concurrency; ends the state when there are none left.
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
        let left = (activity.next as usize) < activity.items.len();
        if left && children.running < activity.concurrency {
            start_iteration(turn, id, map, previous)?;
        } else if !left && children.running == 0 {
            return finish(turn, id);
        } else {
            return Ok(());
        }
    }
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
            outside.item = Some((index, item));
            let input = template(Some(selector), &activity.input, &outside);
            input.map_err(|fault| Stop::Failed(turn.fault(id, fault)))?
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
