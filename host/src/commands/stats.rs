//! `wf-host stats`

use std::fmt::Write as _;

use anyhow::Result;
use data::{Data, Object};

use crate::args::StatsArgs;
use crate::desk::{self, Desk};
use crate::exit::Exit;
use crate::table::{Column, Table};
use crate::{output, pager, words};

/// Prints how executions fare.
pub fn stats(args: &StatsArgs) -> Result<Exit> {
    let tokio = super::run::tokio_runtime()?;
    let done = tokio.block_on(async {
        let desk = Desk::open(&args.ask).await?;
        let figures = desk.stats(&desk::filter(&args.filter)).await?;
        if args.json {
            output::value(&figures);
            return Ok(Exit::Ok);
        }
        match page(&figures, pager::width()) {
            text if text.is_empty() => output::talk("no executions"),
            text => pager::show(&text, args.pager),
        }
        Ok(Exit::Ok)
    });
    tokio.shutdown_background();
    done
}

/// A paragraph a machine: its executions by status, and a table of its states.
fn page(figures: &Data, width: Option<usize>) -> String {
    let mut page = String::new();
    for (name, machine) in members(figures.get("machines")) {
        if !page.is_empty() {
            page.push('\n');
        }
        let counts: Vec<String> = counts(machine.get("executions"));
        let name = output::one_line(name);
        let _ = writeln!(page, "{name}: {}", counts.join(", "));
        let states: Vec<_> = members(machine.get("states")).collect();
        if !states.is_empty() {
            page.push_str(&table(&states, width));
        }
    }
    page
}

/// A line a state, and below it one for each error that its attempts and the executions that failed there came to.
fn table(states: &[(&str, &Data)], width: Option<usize>) -> String {
    let mut table = Table::new([
        ("state", Column::Text),
        ("entered", Column::Number),
        ("retries", Column::Number),
        ("p50", Column::Number),
        ("p95", Column::Number),
        ("p99", Column::Number),
    ]);
    for (name, state) in states {
        let number = |name: &str| state.get(name).and_then(Data::as_i64).unwrap_or(0);
        let durations = state.get("durationMs");
        let took = |name: &str| {
            let millis = durations.and_then(|durations| durations.get(name)?.as_i64());
            millis.map_or_else(String::new, words::span)
        };
        table.add([
            output::one_line(name),
            number("entered").to_string(),
            number("retries").to_string(),
            took("p50"),
            took("p95"),
            took("p99"),
        ]);
    }
    let rows = table.text(width.map(|width| width.saturating_sub(2)));
    let mut rows = rows.lines();
    let mut text = format!("  {}\n", rows.next().unwrap_or_default());
    for (row, (_, state)) in rows.zip(states) {
        let _ = writeln!(text, "  {row}");
        for (what, name) in [
            ("executions failed", "executionsFailed"),
            ("attempts failed", "failedAttempts"),
        ] {
            for count in counts(state.get(name)) {
                let _ = writeln!(text, "    {what}: {count}");
            }
        }
    }
    text
}

/// `3 FAILED`, the most first.
fn counts(of: Option<&Data>) -> Vec<String> {
    let mut counts: Vec<(i64, &str)> = members(of)
        .filter_map(|(name, count)| Some((count.as_i64()?, name)))
        .collect();
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let words = counts.iter().map(|(count, name)| match *name {
        "" => format!("{count} (no error name)"),
        name => format!("{count} {}", output::one_line(name)),
    });
    words.collect()
}

fn members(of: Option<&Data>) -> impl Iterator<Item = (&str, &Data)> {
    let of = of.and_then(Data::as_object);
    let members = of.into_iter().flat_map(Object::iter);
    members.map(|(name, value)| (name.as_str(), value))
}
