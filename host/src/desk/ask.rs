//! Questions that take more than one call.

use std::time::{Duration, Instant};

use anyhow::Result;
use data::{Data, Object};
use journal::Filter;

use super::{Desk, of_execution};
use crate::exit::{Exit, because_hint};
use crate::output;

/// The largest page of a list.
const PAGE: usize = 1000;

/// After so long a question says how far it is, and again after as long.
const LONG: Duration = Duration::from_secs(2);

/// More ARNs than this are counted, not named.
const MOST_NAMED: usize = 10;

/// Up to `limit` of the executions that the filter lets through, the youngest first, and whether there are more.
pub async fn executions(desk: &Desk, filter: Filter, limit: usize) -> Result<(Vec<Data>, bool)> {
    let mut found = Vec::new();
    let mut filter = filter;
    let mut patience = Patience::new();
    loop {
        filter.limit = Some(PAGE.min(limit - found.len()));
        let page = desk.list(&filter).await?;
        found.extend(items(&page, "executions").iter().cloned());
        filter.after = text(&page, "after").map(str::to_owned);
        if filter.after.is_none() || found.len() >= limit {
            return Ok((found, filter.after.is_some()));
        }
        patience.tell(|| format!("{} executions so far", found.len()));
    }
}

/// The ARN of the execution that is meant: an ARN is one already, a name must be that of one execution alone.
pub async fn find(desk: &Desk, meant: &str) -> Result<String> {
    if meant.starts_with("arn:") {
        return Ok(meant.to_owned());
    }
    let (mut looked, mut found) = (0, Vec::new());
    let mut filter = Filter {
        limit: Some(PAGE),
        ..Filter::default()
    };
    let mut patience = Patience::new();
    loop {
        let page = desk.list(&filter).await?;
        let page_items = items(&page, "executions");
        looked += page_items.len();
        let named = page_items
            .iter()
            .filter(|item| text(item, "name") == Some(meant));
        found.extend(named.filter_map(|item| Some(text(item, "executionArn")?.to_owned())));
        filter.after = text(&page, "after").map(str::to_owned);
        if filter.after.is_none() {
            return one(meant, found);
        }
        patience.tell(|| format!("looked at {looked} executions for the name {meant}"));
    }
}

fn one(name: &str, mut found: Vec<String>) -> Result<String> {
    match found.len() {
        0 => Err(because_hint(
            Exit::Usage,
            format!("no execution has the name {name}"),
            "wf-host executions list shows those that there are",
        )),
        1 => Ok(found.swap_remove(0)),
        all => {
            let mut message = format!("{all} executions have the name {name}:");
            for arn in found.iter().take(MOST_NAMED) {
                message.push_str(&format!("\n  {}", output::one_line(arn)));
            }
            if all > MOST_NAMED {
                message.push_str(&format!("\n  ... {} more", all - MOST_NAMED));
            }
            Err(because_hint(Exit::Usage, message, "name one by its ARN"))
        }
    }
}

/// All events of an execution.
pub async fn history(desk: &Desk, arn: &str) -> Result<Vec<Data>> {
    let mut events = Vec::new();
    let mut token: Option<Data> = None;
    let mut patience = Patience::new();
    loop {
        let mut parameters: Object = of_execution(arn).with("maxResults", (PAGE as i64).into());
        if let Some(token) = token {
            parameters = parameters.with("nextToken", token);
        }
        let page = desk.call("GetExecutionHistory", &parameters.into()).await?;
        events.extend(items(&page, "events").iter().cloned());
        token = page.get("nextToken").cloned();
        if token.is_none() {
            return Ok(events);
        }
        patience.tell(|| format!("{} events so far", events.len()));
    }
}

fn items<'d>(data: &'d Data, name: &str) -> &'d [Data] {
    let items = data.get(name).and_then(Data::as_array);
    items.map_or(&[], |items| items.items())
}

fn text<'d>(data: &'d Data, name: &str) -> Option<&'d str> {
    data.get(name)?.as_str()
}

/// Says how far a question is, if it is a long one.
struct Patience {
    told: Instant,
}

impl Patience {
    fn new() -> Patience {
        Patience {
            told: Instant::now(),
        }
    }

    fn tell(&mut self, how_far: impl FnOnce() -> String) {
        if self.told.elapsed() >= LONG {
            self.told = Instant::now();
            output::talk(&how_far());
        }
    }
}
