//! Map in distributed mode: the same block for each item, as executions of their own.

use asl::{BlockId, Distributed, ItemBatcher, ItemReader, Map, Program, State, StateKind};
use data::{Data, EcoString};

use super::map::{self, numbers};
use super::task::complete;
use crate::context::Outside;
use crate::dataflow::{Fault, Flow, effective_input, payload, quantity};
use crate::entropy::Entropy;
use crate::execution::Command;
use crate::failure::Failure;
use crate::frame::{Activity, Remains};
use crate::ids::{FrameId, TaskToken};
use crate::map_run::{Batching, ItemSource, MapRunPlan};
use crate::record::Change;
use crate::step::{Over, Stop, Turn, too_large};

/// The draws that make a token and the run's UUID, kept apart from those of expressions.
const DRAWS: u32 = u32::MAX - 2;

pub(super) fn begin(
    turn: &mut Turn<'_>,
    id: FrameId,
    map: &Map,
    distributed: &Distributed,
) -> Result<(), Stop> {
    let (input, plan) = turn.evaluate(id, |state, raw, outside| {
        plan(state, map, distributed, raw, outside)
    })?;
    let last = turn.execution.frame(id).last_event;
    let length = match &plan.items {
        ItemSource::Input { items, .. } => items.as_array().map_or(0, |items| items.len()),
        // Not known before they are read.
        ItemSource::Reader { .. } => 0,
    };
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    turn.event(last, Change::DistributedMapStarted { frame: id, length })?;
    let (token, draw) = (new_token(turn, id), draws(turn));
    let uuid = uuid((u128::from(draw(1)) << 64) | u128::from(draw(2)));
    let about = turn.execution.about();
    let label = label(distributed, &about.state_machine_arn, turn.state(id));
    let runs = about
        .state_machine_arn
        .replace(":stateMachine:", ":mapRun:");
    let map_run_arn = format!("{runs}/{label}:{uuid}").into();
    let input = turn.payload(id, input);
    let last = turn.execution.frame(id).last_event;
    let change = Change::MapRunStarted {
        frame: id,
        token,
        map_run_arn,
        input,
        plan: Box::new(plan),
    };
    turn.event(last, change)?;
    ask_for_run(turn, id);
    Ok(())
}

/// How often a map run may be redriven (developer guide, "Redriving Map Runs").
const MAX_REDRIVES: u32 = 1000;

/// Lets the run go on that did not succeed, or whose result could not be used.
pub(super) fn redrive(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let frame = turn.execution.frame(id);
    let Activity::Ended(Remains::MapRun(run)) = &frame.activity else {
        return Ok(());
    };
    if run.redrives >= MAX_REDRIVES {
        let detail = format!("A Map Run can be redriven {MAX_REDRIVES} times at most.");
        return Err(turn.stop(id, Fault::runtime(detail)));
    }
    let change = Change::MapRunRedriven {
        frame: id,
        token: new_token(turn, id),
        map_run_arn: run.map_run_arn.clone(),
        redrive_count: run.redrives + 1,
    };
    turn.event(frame.last_event, change)?;
    ask_for_run(turn, id);
    Ok(())
}

fn ask_for_run(turn: &mut Turn<'_>, id: FrameId) {
    if let Activity::MapRun(run) = &turn.execution.frame(id).activity {
        let request = turn.execution.map_run_request(id, run);
        turn.command(Command::StartMapRun(Box::new(request)));
    }
}

/// The draws for the record about to be written.
fn draws<'t>(turn: &Turn<'t>) -> impl Fn(u32) -> u64 + use<'t> {
    let (entropy, record) = (turn.entropy, turn.execution.next_record);
    move |n| entropy.draw(record, DRAWS + n)
}

fn new_token(turn: &Turn<'_>, id: FrameId) -> TaskToken {
    TaskToken {
        frame: id,
        record: turn.execution.next_record,
        secret: draws(turn)(0),
    }
}

/// The effective input, and everything that is known before the items are.
fn plan(
    state: &State,
    map: &Map,
    distributed: &Distributed,
    raw: &Data,
    outside: &Outside<'_>,
) -> Flow<(Data, MapRunPlan)> {
    let input = effective_input(state, raw, outside)?;
    let items = match &distributed.item_reader {
        Some(reader) => read(reader, &input, outside)?,
        None => {
            let items = map::items(map, &input, outside)?;
            ItemSource::Input {
                keyed: items.as_object().is_some(),
                items: items.as_object().map_or(items.clone(), map::entries),
            }
        }
    };
    let numbers = numbers(map, &input, outside)?;
    let batching = distributed.item_batcher.as_ref();
    let batching = batching.map(|batcher| batch(batcher, &input, outside));
    let writer = distributed.result_writer.as_ref();
    let writer = writer.filter(|writer| writer.exports).map(|writer| {
        let arguments = writer.arguments.as_ref();
        arguments.map_or(Ok(Data::empty_object()), |arguments| {
            payload(arguments, "ResultWriter", &input, outside)
        })
    });
    let plan = MapRunPlan {
        items,
        max_concurrency: numbers.max_concurrency,
        tolerated_failure_count: numbers.tolerated_count,
        tolerated_failure_percentage: numbers.tolerated_percentage,
        batching: batching.transpose()?,
        writer: writer.transpose()?,
    };
    Ok((input, plan))
}

fn read(reader: &ItemReader, input: &Data, outside: &Outside<'_>) -> Flow<ItemSource> {
    let arguments = match &reader.arguments {
        None => Data::empty_object(),
        Some(arguments) => payload(arguments, "ItemReader", input, outside)?,
    };
    let most = reader.config.max_items.as_ref();
    let most = most.map(|most| quantity("MaxItems", most, input, outside));
    Ok(ItemSource::Reader {
        arguments,
        // AWS takes 0 for no limit.
        max_items: most.transpose()?.filter(|most| *most > 0),
    })
}

fn batch(batcher: &ItemBatcher, input: &Data, outside: &Outside<'_>) -> Flow<Batching> {
    let most = batcher.max_items.as_ref();
    let most = most.map(|most| quantity("MaxItemsPerBatch", most, input, outside));
    let bytes = batcher.max_input_bytes.as_ref();
    let bytes = bytes.map(|bytes| quantity("MaxInputBytesPerBatch", bytes, input, outside));
    let own = batcher.batch_input.as_ref();
    let own = own.map(|own| payload(own, "BatchInput", input, outside));
    Ok(Batching {
        max_items: most.transpose()?,
        max_input_bytes: bytes.transpose()?,
        batch_input: own.transpose()?,
    })
}

/// What the children of a Distributed Map run, which are executions of `MACHINE/LABEL`; none if the machine with
/// that ARN has no such Map.
pub fn map_processor(program: &Program, machine: &str, of: &str) -> Option<BlockId> {
    program.states().find_map(|(_, state)| match &state.kind {
        StateKind::Map(map) => {
            let distributed = map.distributed.as_deref()?;
            (label(distributed, machine, state) == of).then_some(map.processor)
        }
        _ => None,
    })
}

/// What tells the runs of one Map from those of another: its `Label`; without one a UUID that is the state's own,
/// the same in every execution of its machine.
fn label(distributed: &Distributed, machine: &str, state: &State) -> EcoString {
    if let Some(label) = &distributed.label {
        return label.clone();
    }
    let own = Entropy::from_seed(0).derive("map label", &format!("{machine}/{}", state.name));
    let bits = own.first_chunk().copied().unwrap_or_default();
    uuid(u128::from_be_bytes(bits)).into()
}

/// A random UUID (RFC 9562, version 4) of these bits.
fn uuid(bits: u128) -> String {
    let bits = bits & !(0xf000 << 64) & !(0xc000 << 48) | (0x4000 << 64) | (0x8000 << 48);
    let text = format!("{bits:032x}");
    let parts = [
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..],
    ];
    parts.join("-")
}

pub(crate) fn succeeded(turn: &mut Turn<'_>, token: TaskToken, output: Data) -> Result<bool, Over> {
    if turn.execution.map_run(token).is_none() {
        return Ok(false);
    }
    let id = token.frame;
    if !turn.fits(&output) {
        let failure = too_large(&turn.state(id).name);
        return failed(turn, token, failure);
    }
    let last = turn.execution.frame(id).last_event;
    let change = Change::MapRunSucceeded {
        frame: id,
        output: output.clone().into(),
    };
    turn.event(last, change)?;
    let last = turn.execution.frame(id).last_event;
    let kind = turn.state(id).kind.state_type();
    turn.event(last, Change::ChildrenSucceeded { frame: id, kind })?;
    let outcome = complete(turn, id, output);
    turn.settle(id, outcome)?;
    turn.ready(id);
    Ok(true)
}

pub(crate) fn failed(
    turn: &mut Turn<'_>,
    token: TaskToken,
    failure: Failure,
) -> Result<bool, Over> {
    if turn.execution.map_run(token).is_none() {
        return Ok(false);
    }
    let id = token.frame;
    let last = turn.execution.frame(id).last_event;
    let change = Change::MapRunFailed {
        frame: id,
        failure: failure.clone(),
    };
    turn.event(last, change)?;
    turn.fail(id, failure, false)?;
    turn.ready(id);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn a_uuid_says_that_it_is_random() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
