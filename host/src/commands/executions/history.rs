//! `wf-host executions history`

use std::fmt::Write as _;

use anyhow::Result;
use data::{Data, Object};

use super::describe::indented;
use super::{readable, text, timeline};
use crate::args::HistoryArgs;
use crate::desk::{self, Desk};
use crate::exit::{Exit, because_hint};
use crate::{output, pager};

/// Prints what happened in an execution.
pub async fn history(args: &HistoryArgs) -> Result<Exit> {
    let desk = Desk::open(&args.which.ask).await?;
    let arn = desk::find(&desk, &args.which.execution).await?;
    let events = desk::history(&desk, &arn).await?;
    match (&args.state, args.which.json) {
        (None, true) => {
            let events: Data = events.iter().map(readable).collect();
            output::value(&Object::builder().with("events", events).build().into());
        }
        (None, false) => pager::show(&timeline::timeline(&events), args.pager),
        (Some(state), json) => {
            let visits = timeline::visits(&events, state);
            let visits = visits.ok_or_else(|| never_entered(&events, state))?;
            match json {
                true => output::value(&visits),
                false => pager::show(&page(&visits), args.pager),
            }
        }
    }
    Ok(Exit::Ok)
}

fn never_entered(events: &[Data], state: &str) -> anyhow::Error {
    let names = events.iter().filter_map(|event| {
        let details = event.get("stateEnteredEventDetails")?;
        details.get("name")?.as_str()
    });
    let near = data::nearest(state, names);
    because_hint(
        Exit::Usage,
        format!("the execution never entered a state {state}"),
        match near {
            Some(near) => format!("did you mean {}?", output::one_line(near)),
            None => "without --state all that it entered are shown".to_owned(),
        },
    )
}

/// Each time that the state was entered, with its data.
fn page(visits: &Data) -> String {
    let mut page = String::new();
    for visit in items(visits, "visits") {
        if !page.is_empty() {
            page.push('\n');
        }
        let name = output::one_line(text(visits, "state"));
        let _ = write!(page, "{name}  {}", text(visit, "type"));
        if let Some(place) = visit.get("place").and_then(Data::as_str) {
            let _ = write!(page, ", in {place}");
        }
        let _ = writeln!(page, ", {}", moment("entered", visit));
        data(&mut page, visit, &["input"]);
        for (number, attempt) in items(visit, "attempts").iter().enumerate() {
            let resource = output::one_line(text(attempt, "resource"));
            let scheduled = moment("scheduled", attempt);
            let _ = writeln!(page, "attempt {}, {resource}, {scheduled}", number + 1);
            data(&mut page, attempt, &["input", "output", "error", "cause"]);
        }
        match visit.get("exited") {
            Some(_) => {
                let _ = writeln!(page, "{}", moment("exited", visit));
                data(&mut page, visit, &["output"]);
            }
            None => data(&mut page, visit, &["error", "cause"]),
        }
    }
    page
}

fn moment(name: &str, of: &Data) -> String {
    let mark = of.get(name).unwrap_or(&Data::Null);
    let id = mark.get("id").and_then(Data::as_i64).unwrap_or_default();
    format!("{name} {} (event {id})", text(mark, "timestamp"))
}

fn data(page: &mut String, of: &Data, names: &[&str]) {
    for name in names {
        let Some(value) = of.get(name) else {
            continue;
        };
        let shown = match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_pretty(),
        };
        let _ = writeln!(page, "{name}");
        page.push_str(&indented(&shown));
    }
}

fn items<'d>(of: &'d Data, name: &str) -> &'d [Data] {
    let items = of.get(name).and_then(Data::as_array);
    items.map_or(&[], |items| items.items())
}
