//! A report for programs.

use data::{Data, EcoString, Object};

use super::findings::Finding;
use super::report::{Fault, Report, Row};
use crate::coverage::Point;

impl Report {
    /// The whole report: every path, every finding, every state. Times are in seconds.
    pub fn to_data(&self) -> Data {
        let options = &self.options;
        let object = Object::builder()
            .with("stateMachine", self.machine.clone())
            .with("inputs", self.inputs as i64)
            .with("depth", i64::from(options.depth))
            .with("maxAttempts", i64::from(options.max_attempts))
            .with("seed", count(options.seed))
            .with("forks", count(self.forks))
            .with("merged", count(self.merged))
            .with(
                "longestSeconds",
                self.longest().map_or(Data::Null, |row| seconds(row.millis)),
            )
            .with(
                "findings",
                self.findings.iter().map(finding).collect::<Data>(),
            )
            .with("leftOut", texts(self.left_out.iter().map(String::as_str)))
            .with("states", self.states())
            .with("paths", self.rows().map(|row| path(&row)).collect::<Data>());
        object.build().into()
    }

    fn states(&self) -> Data {
        let states = self.program.states().map(|(id, state)| {
            let reached = self.coverage.hits(Point::State(id)) > 0;
            let object = Object::builder()
                .with("name", state.name.clone())
                .with("type", state.kind.state_type().as_str())
                .with("reached", reached);
            Data::from(object.build())
        });
        states.collect()
    }
}

fn finding(found: &Finding) -> Data {
    let object = Object::builder()
        .with("kind", found.kind.as_str())
        .with("state", found.state.clone())
        .with("message", found.message.as_str())
        .with("because", text(found.because.as_deref()))
        .with("faults", texts(found.faults.iter().map(EcoString::as_str)))
        .with("path", text(found.path.as_deref()));
    object.build().into()
}

fn path(row: &Row) -> Data {
    let mut object = Object::builder()
        .with("input", row.input as i64)
        .with("faults", row.faults.iter().map(fault).collect::<Data>())
        .with("ending", row.ending.as_str())
        .with("status", row.status)
        .with("state", row.state)
        .with("seconds", seconds(row.millis));
    if let Some(error) = row.error {
        object.insert("error".into(), error.into());
    }
    if !row.broken.is_empty() {
        let broken: Data = row
            .broken
            .iter()
            .map(|at| Data::from(i64::from(*at)))
            .collect();
        object.insert("brokenInvariants".into(), broken);
    }
    object.build().into()
}

fn fault(fault: &Fault) -> Data {
    let object = Object::builder()
        .with("state", fault.state)
        .with("site", fault.site)
        .with("visit", i64::from(fault.visit))
        .with("fault", fault.fault)
        .with("sinceSeconds", seconds(fault.since))
        .with("attempts", i64::from(fault.attempts));
    object.build().into()
}

fn text(text: Option<&str>) -> Data {
    text.map_or(Data::Null, Data::from)
}

fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> Data {
    texts.map(Data::from).collect()
}

fn count(n: u64) -> Data {
    data::Number::parse(&n.to_string()).map_or(Data::Null, Data::Number)
}

/// Whole seconds as such, others with their milliseconds.
fn seconds(millis: i64) -> Data {
    if millis % 1000 == 0 {
        return Data::from(millis / 1000);
    }
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    data::Number::parse(&text).map_or(Data::Null, Data::Number)
}
