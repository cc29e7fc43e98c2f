//! Coverage for programs.

use data::{Data, EcoString, Object};

use super::report::{Report, RetrierReport, StateReport, WayReport};
use super::summary::Summary;

impl Report {
    /// The report as data: `machine`, `file`, `summary` and `states` with every way and retrier.
    pub fn to_data(&self) -> Data {
        let states: Data = self.states.iter().map(StateReport::to_data).collect();
        Object::builder()
            .with("machine", self.machine.clone())
            .with("file", self.file.as_ref())
            .with("summary", self.summary.to_data())
            .with("states", states)
            .build()
            .into()
    }
}

impl Summary {
    /// The totals as data: `{"states": {"hit": 9, "total": 10, "ratio": 0.9}, ...}`.
    pub fn to_data(&self) -> Data {
        let totals = self.iter().map(|(kind, total)| {
            let ratio = data::Number::float(total.ratio()).map_or(Data::Null, Data::Number);
            let total = Object::builder()
                .with("hit", count(total.hit))
                .with("total", count(total.total))
                .with("ratio", ratio);
            (EcoString::from(kind.as_str()), Data::from(total.build()))
        });
        Data::Object(totals.collect())
    }
}

impl StateReport {
    fn to_data(&self) -> Data {
        Object::builder()
            .with("name", self.name.clone())
            .with("type", self.kind.as_str())
            .with("line", self.line as i64)
            .with("hits", count(self.hits))
            .with(
                "transitions",
                self.ways.iter().map(WayReport::to_data).collect::<Data>(),
            )
            .with(
                "retry",
                self.retriers
                    .iter()
                    .map(RetrierReport::to_data)
                    .collect::<Data>(),
            )
            .build()
            .into()
    }
}

impl WayReport {
    fn to_data(&self) -> Data {
        let next = self.next.clone().map_or(Data::Null, Data::from);
        let mut way = Object::builder()
            .with("via", self.name())
            .with("next", next);
        if !self.errors.is_empty() {
            way.insert("errorEquals".into(), names(&self.errors));
        }
        if let Some(line) = self.line {
            way.insert("line".into(), Data::from(line as i64));
        }
        way.with("hits", count(self.hits)).build().into()
    }
}

impl RetrierReport {
    fn to_data(&self) -> Data {
        let attempts: Data = self.attempts.iter().copied().map(count).collect();
        Object::builder()
            .with("errorEquals", names(&self.errors))
            .with("line", self.line as i64)
            .with("attempts", attempts)
            .build()
            .into()
    }
}

fn names(names: &[EcoString]) -> Data {
    names.iter().cloned().map(Data::from).collect()
}

fn count(count: u64) -> Data {
    Data::from(i64::try_from(count).unwrap_or(i64::MAX))
}
