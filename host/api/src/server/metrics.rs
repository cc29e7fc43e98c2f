//! What is counted, for `/metrics`.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The upper bounds of the buckets of durations, in seconds: from an answer out of memory to a long poll.
const BUCKETS: [f64; 14] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 20.0, 60.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    service: &'static str,
    operation: &'static str,
    code: Cow<'static, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    service: &'static str,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabels {
    status: Cow<'static, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InvocationLabels {
    function: String,
    result: Cow<'static, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FunctionLabels {
    function: String,
}

/// Counters of a server and of what it runs. Only so many operations and error codes exist, so that no client can
/// make it grow; functions are as many as somebody made.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<OperationLabels, Histogram>,
    started: Counter,
    ended: Family<StatusLabels, Counter>,
    running: Gauge,
    invocations: Family<InvocationLabels, Counter>,
    fuel: Family<FunctionLabels, Counter>,
    connections: Gauge,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut metrics = Metrics {
            registry: Registry::with_prefix("wf_host"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            started: Counter::default(),
            ended: Family::default(),
            running: Gauge::default(),
            invocations: Family::default(),
            fuel: Family::default(),
            connections: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        registry.register("requests", "Requests by their end", self.requests.clone());
        let durations = self.durations.clone();
        registry.register(
            "request_duration_seconds",
            "How long answers took",
            durations,
        );
        registry.register(
            "executions_started",
            "Executions that began",
            self.started.clone(),
        );
        registry.register(
            "executions_ended",
            "Executions that are over",
            self.ended.clone(),
        );
        registry.register(
            "executions_running",
            "Executions under way",
            self.running.clone(),
        );
        registry.register(
            "invocations",
            "Invocations of functions",
            self.invocations.clone(),
        );
        registry.register("fuel", "Fuel that functions burnt", self.fuel.clone());
        registry.register("connections", "Open connections", self.connections.clone());
    }

    /// All of it as text in the form of OpenMetrics.
    pub fn render(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // A text of its own in memory takes whatever is written to it.
            Err(std::fmt::Error) => String::new(),
        }
    }

    /// An execution began.
    pub fn execution_started(&self) {
        self.started.inc();
        self.running.inc();
    }

    /// An execution is over, as `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub fn execution_ended(&self, status: impl Into<Cow<'static, str>>) {
        let status = status.into();
        self.ended.get_or_create(&StatusLabels { status }).inc();
        self.running.dec();
    }

    /// A function was invoked: what came of it, in a word, and the fuel that it burnt.
    pub fn invocation(&self, function: &str, result: impl Into<Cow<'static, str>>, fuel: u64) {
        let (function, result) = (function.to_owned(), result.into());
        let burnt = FunctionLabels {
            function: function.clone(),
        };
        self.fuel.get_or_create(&burnt).inc_by(fuel);
        let labels = InvocationLabels { function, result };
        self.invocations.get_or_create(&labels).inc();
    }

    /// A request was answered. `code` is the error's, or `OK`.
    pub(super) fn request(
        &self,
        service: &'static str,
        operation: &'static str,
        code: Cow<'static, str>,
        took: Duration,
    ) {
        let labels = OperationLabels { service, operation };
        self.durations
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        let labels = RequestLabels {
            service,
            operation,
            code,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// A connection is open for as long as what this returns lives.
    pub(super) fn connection(self: &Arc<Metrics>) -> OpenConnection {
        self.connections.inc();
        OpenConnection(Arc::clone(self))
    }
}

/// A connection that is counted as open.
pub(super) struct OpenConnection(Arc<Metrics>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_counted() {
        let metrics = Arc::new(Metrics::default());
        metrics.execution_started();
        metrics.execution_started();
        metrics.execution_ended("SUCCEEDED");
        metrics.invocation("pay", "ok", 7);
        metrics.invocation("pay", "timeout", 5);
        metrics.request(
            "sts",
            "GetCallerIdentity",
            "OK".into(),
            Duration::from_millis(2),
        );
        let open = metrics.connection();
        drop(metrics.connection());
        let text = metrics.render();
        drop(open);
        for line in [
            "wf_host_executions_started_total 2",
            "wf_host_executions_ended_total{status=\"SUCCEEDED\"} 1",
            "wf_host_executions_running 1",
            "wf_host_invocations_total{function=\"pay\",result=\"timeout\"} 1",
            "wf_host_fuel_total{function=\"pay\"} 12",
            "wf_host_requests_total{service=\"sts\",operation=\"GetCallerIdentity\",code=\"OK\"} 1",
            "wf_host_request_duration_seconds_bucket{le=\"0.001\",service=\"sts\",operation=\"GetCallerIdentity\"} 0",
            "wf_host_request_duration_seconds_bucket{le=\"0.0025\",service=\"sts\",operation=\"GetCallerIdentity\"} 1",
            "wf_host_connections 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(
            text.contains(concat!("version=\"", env!("CARGO_PKG_VERSION"), "\"")),
            "{text}"
        );
    }
}
