//! A map run as the journal keeps it.

use data::{Data, Object};
use engine::Timestamp;
use journal::Resource;

use super::{Counts, MapRun};
use crate::host::{MapRunFound, MapRunStatus};

impl MapRunFound {
    /// What map runs are called among the resources of a journal.
    pub(crate) const KIND: &'static str = "map-run";

    /// What is kept of it.
    pub(crate) fn write(&self) -> Resource {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let mut kept = Object::builder()
            .with("v", 1)
            .with("executionArn", self.execution_arn.clone())
            .with("stateMachineArn", self.state_machine_arn.clone())
            .with("status", self.status.as_str())
            .with("startedAt", self.started_at.0)
            .with("maxConcurrency", number(self.max_concurrency))
            .with(
                "toleratedFailureCount",
                number(self.tolerated_failure_count),
            )
            .with(
                "toleratedFailurePercentage",
                self.tolerated_failure_percentage.to_string(),
            )
            .with("itemCounts", self.item_counts.to_data())
            .with("executionCounts", self.execution_counts.to_data());
        if let Some(redriven) = self.redriven_at {
            kept.insert("redrives".into(), i64::from(self.redrives).into());
            kept.insert("redrivenAt".into(), redriven.0.into());
        }
        if let Some(stopped) = self.stopped_at {
            kept.insert("stoppedAt".into(), stopped.0.into());
        }
        Resource::new(
            MapRunFound::KIND,
            &self.map_run_arn,
            Data::from(kept.build()).to_string(),
        )
        .owned_by(&self.execution_arn)
    }

    /// What was kept; none if it is damaged.
    pub(crate) fn read(resource: &Resource) -> Option<MapRunFound> {
        let kept = Data::parse(resource.value.as_ref()?.json.as_str()).ok()?;
        let text = |name: &str| kept.get(name)?.as_str().map(Into::into);
        let number = |name: &str| u64::try_from(kept.get(name)?.as_i64()?).ok();
        let moment = |name: &str| kept.get(name).and_then(Data::as_i64).map(Timestamp);
        let status = kept.get("status")?.as_str()?;
        Some(MapRunFound {
            map_run_arn: resource.key.as_str().into(),
            execution_arn: text("executionArn")?,
            state_machine_arn: text("stateMachineArn")?,
            status: MapRunStatus::ALL
                .into_iter()
                .find(|known| known.as_str() == status)?,
            started_at: moment("startedAt")?,
            stopped_at: moment("stoppedAt"),
            max_concurrency: number("maxConcurrency")?,
            tolerated_failure_count: number("toleratedFailureCount")?,
            tolerated_failure_percentage: kept
                .get("toleratedFailurePercentage")?
                .as_str()?
                .parse()
                .ok()?,
            item_counts: Counts::read(kept.get("itemCounts")?)?,
            execution_counts: Counts::read(kept.get("executionCounts")?)?,
            redrives: number("redrives")
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(0),
            redriven_at: moment("redrivenAt"),
        })
    }
}

impl Counts {
    fn to_data(self) -> Data {
        let all = [
            self.pending,
            self.running,
            self.succeeded,
            self.failed,
            self.timed_out,
            self.aborted,
            self.results_written,
        ];
        let number = |n: u64| Data::from(i64::try_from(n).unwrap_or(i64::MAX));
        all.into_iter().map(number).collect()
    }

    fn read(kept: &Data) -> Option<Counts> {
        let mut all = kept.as_array()?.items().iter();
        let mut next = || u64::try_from(all.next()?.as_i64()?).ok();
        Some(Counts {
            pending: next()?,
            running: next()?,
            succeeded: next()?,
            failed: next()?,
            timed_out: next()?,
            aborted: next()?,
            results_written: next()?,
        })
    }
}

impl MapRun {
    /// Takes over when it began and the limits that somebody set, as a process before this one kept them.
    pub(crate) fn revive(&mut self, kept: &MapRunFound) {
        self.started_at = kept.started_at;
        let limits = &mut self.limits;
        limits.max_concurrency = Some(kept.max_concurrency);
        // Where the definition says nothing, 0 was shown for it.
        let count = Some(kept.tolerated_failure_count);
        let share = Some(kept.tolerated_failure_percentage);
        if limits.tolerated_failure_count.is_some() || count > Some(0) {
            limits.tolerated_failure_count = count;
        }
        if limits.tolerated_failure_percentage.is_some() || share > Some(0.0) {
            limits.tolerated_failure_percentage = share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_run_survives_its_text() {
        let found = MapRunFound {
            map_run_arn: "arn:run".into(),
            execution_arn: "arn:execution".into(),
            state_machine_arn: "arn:machine/label".into(),
            status: MapRunStatus::Failed,
            started_at: Timestamp(5),
            stopped_at: Some(Timestamp(9)),
            max_concurrency: 3,
            tolerated_failure_count: 4,
            tolerated_failure_percentage: 12.5,
            item_counts: Counts {
                succeeded: 7,
                ..Counts::default()
            },
            execution_counts: Counts {
                failed: 1,
                results_written: 2,
                ..Counts::default()
            },
            redrives: 2,
            redriven_at: Some(Timestamp(7)),
        };
        assert_eq!(MapRunFound::read(&found.write()), Some(found));
    }
}
