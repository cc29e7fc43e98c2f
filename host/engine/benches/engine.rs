//! What the interpreter costs: whole executions in memory, their records kept.
//!
//! A figure divided by the number that its name ends with is the cost of one turn, item or state.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

use asl::Program;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use data::{Data, Format, Source};
use engine::{
    About, Command, Effects, Entropy, Execution, Input, Quotas, Record, Status, Timestamp,
};

fn compile(definition: &str) -> Arc<Program> {
    let source = Source::new("bench", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    Arc::new(compiled.program.expect("the definition is right"))
}

struct Workload {
    program: Arc<Program>,
    about: Arc<About>,
    input: Data,
}

impl Workload {
    fn new(definition: &str, input: Data) -> Workload {
        Workload::with_quotas(definition, input, Quotas::default())
    }

    fn with_quotas(definition: &str, input: Data, quotas: Quotas) -> Workload {
        let about = About {
            quotas,
            ..About::local("bench", "bench")
        };
        Workload {
            program: compile(definition),
            about: Arc::new(about),
            input,
        }
    }

    /// A whole run, tasks answered at once.
    fn run(&self, entropy: &Entropy) -> Vec<Record> {
        let mut execution = Execution::new(Arc::clone(&self.program), Arc::clone(&self.about));
        let mut effects = Effects::default();
        let now = Timestamp(1_767_225_600_000);
        execution.handle(now, entropy, Input::Start(self.input.clone()), &mut effects);
        while !effects.commands.is_empty() {
            for command in std::mem::take(&mut effects.commands) {
                let Command::StartTask(request) = command else {
                    continue;
                };
                let (token, output) = (request.token, Data::from(true));
                let started = Input::TaskStarted {
                    token,
                    worker: None,
                };
                execution.handle(now, entropy, started, &mut effects);
                execution.handle(
                    now,
                    entropy,
                    Input::TaskSucceeded { token, output },
                    &mut effects,
                );
            }
        }
        assert!(
            matches!(execution.status(), Status::Succeeded { .. }),
            "the bench succeeds"
        );
        effects.records
    }
}

/// Init, then turns of a Pass that adds and a Choice.
fn turns(n: u32) -> Workload {
    let definition = format!(
        r#"{{"StartAt": "Init", "States": {{
            "Init": {{"Type": "Pass", "Result": {{"n": 0}}, "Next": "Inc"}},
            "Inc": {{"Type": "Pass", "Parameters": {{"n.$": "States.MathAdd($.n, 1)"}}, "Next": "Check"}},
            "Check": {{"Type": "Choice", "Default": "Done",
                "Choices": [{{"Variable": "$.n", "NumericLessThan": {n}, "Next": "Inc"}}]}},
            "Done": {{"Type": "Succeed"}}}}}}"#
    );
    Workload::new(&definition, Data::empty_object())
}

fn map(n: i64, quotas: Quotas) -> Workload {
    let definition = r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.items", "End": true,
        "ItemProcessor": {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": true}}}}}}"#;
    let items: Data = (0..n).map(Data::from).collect();
    let input = data::Object::builder().with("items", items).build();
    Workload::with_quotas(definition, input.into(), quotas)
}

/// Twenty Pass states that each put a small field into a payload of so many KiB.
fn chain(kib: usize) -> Workload {
    let mut states = String::new();
    for at in 0..20 {
        let next = match at {
            19 => "\"End\": true".to_owned(),
            _ => format!("\"Next\": \"P{}\"", at + 1),
        };
        let comma = if at == 0 { "" } else { "," };
        write!(
            states,
            "{comma}\"P{at}\": {{\"Type\": \"Pass\", \"Result\": {{\"i\": {at}}}, \"ResultPath\": \"$.s{at}\", {next}}}"
        )
        .expect("a String takes everything");
    }
    let mut records = String::new();
    for id in 0.. {
        let record = format!(
            r#"{{"id":{id},"name":"item-{id:06}","price":12.5,"tags":["a","b"],"nested":{{"ok":true,"none":null}}}}"#
        );
        if records.len() + record.len() + 15 > kib * 1024 {
            break;
        }
        records.push_str(if id == 0 { "" } else { "," });
        records.push_str(&record);
    }
    let input = Data::parse(&format!("{{\"records\":[{records}]}}")).expect("it is JSON");
    Workload::new(
        &format!("{{\"StartAt\": \"P0\", \"States\": {{{states}}}}}"),
        input,
    )
}

/// The order workflow: ten states of which seven are gone through, three of them tasks.
fn order() -> Workload {
    let definition = r#"{"StartAt": "Validate", "States": {
        "Validate": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:V", "ResultPath": "$.validated", "Next": "IsValid"},
        "IsValid": {"Type": "Choice", "Choices": [{"Variable": "$.quantity", "NumericGreaterThan": 0, "Next": "Charge"}], "Default": "Rejected"},
        "Charge": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:C", "ResultPath": "$.charged", "Next": "IsCharged"},
        "IsCharged": {"Type": "Choice", "Choices": [{"And": [{"Variable": "$.customer.active", "BooleanEquals": true}, {"Variable": "$.total", "NumericLessThan": 1000}], "Next": "Ship"}], "Default": "PaymentFailed"},
        "Ship": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:S", "ResultPath": "$.shipped", "Next": "Summary"},
        "Summary": {"Type": "Pass", "Parameters": {"order.$": "$.orderId", "text.$": "States.Format('order {} for {}', $.orderId, $.customer.name)", "status": "SHIPPED"}, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Rejected": {"Type": "Pass", "Result": "rejected", "Next": "Abort"},
        "PaymentFailed": {"Type": "Pass", "Result": "payment", "Next": "Abort"},
        "Abort": {"Type": "Fail", "Error": "OrderFailed", "Cause": "see input"}}}"#;
    let input = r#"{"orderId": "o-1", "quantity": 2, "total": 99.5, "customer": {"name": "Ada", "active": true}}"#;
    Workload::new(definition, Data::parse(input).expect("it is JSON"))
}

/// Fifty branches of five Pass states each.
fn parallel() -> Workload {
    let branches: Vec<String> = (0..50).map(branch).collect();
    let branches = branches.join(",");
    let definition = format!(
        r#"{{"StartAt": "P", "States": {{"P": {{"Type": "Parallel", "End": true, "Branches": [{branches}]}}}}}}"#
    );
    Workload::new(&definition, Data::parse("{\"a\":1}").expect("it is JSON"))
}

fn branch(b: u32) -> String {
    let state = |at: u32| {
        let next = match at {
            4 => "\"End\": true".to_owned(),
            _ => format!("\"Next\": \"b{b}s{}\"", at + 1),
        };
        format!(
            "\"b{b}s{at}\": {{\"Type\": \"Pass\", \"Result\": {at}, \"ResultPath\": \"$.s{at}\", {next}}}"
        )
    };
    let states: Vec<String> = (0..5).map(state).collect();
    format!(
        "{{\"StartAt\": \"b{b}s0\", \"States\": {{{}}}}}",
        states.join(",")
    )
}

fn executions(criterion: &mut Criterion) {
    let raised = Quotas {
        history_events: 1_000_000,
        ..Quotas::default()
    };
    let entropy = Entropy::from_seed(1);
    for (name, workload, count) in [
        ("loop: transitions", turns(1000), 2000),
        ("map: items", map(5000, Quotas::default()), 5000),
        ("map, raised quota: items", map(10_000, raised), 10_000),
        ("chain at 1 KiB: states", chain(1), 20),
        ("chain at 250 KiB: states", chain(250), 20),
        ("order workflow: states", order(), 7),
        ("parallel: states", parallel(), 250),
    ] {
        let mut group = criterion.benchmark_group("execution");
        group
            .sample_size(20)
            .throughput(Throughput::Elements(count));
        group.bench_function(name, |bench| {
            bench.iter(|| black_box(workload.run(&entropy)))
        });
        group.finish();
    }
}

fn recovery(criterion: &mut Criterion) {
    let workload = turns(5000);
    let records = workload.run(&Entropy::from_seed(1));
    let mut group = criterion.benchmark_group("recovery");
    group
        .sample_size(20)
        .throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("fold: records", |bench| {
        bench.iter(|| {
            let (program, about) = (Arc::clone(&workload.program), Arc::clone(&workload.about));
            let mut execution = Execution::new(program, about);
            for record in &records {
                execution.apply(record).expect("a written record fits");
            }
            black_box(execution)
        });
    });
    group.finish();
}

criterion_group!(benches, executions, recovery);
criterion_main!(benches);
