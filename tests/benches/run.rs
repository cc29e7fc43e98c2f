//! The main job as a whole: the binary from start to exit, and runs through real guests under virtual time.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use data::Data;
use wf_host_tests::{Workflow, functions, input, text, wf_host, workflow};

/// One `wf-host run` of the order workflow with guests compiled before, its output compared.
fn process(c: &mut Criterion) {
    let run = |seed: &str| {
        let args = [
            "run",
            "workflows/order-workflow.json",
            "--input",
            "@workflows/inputs/valid.json",
            "-q",
            "--seed",
            seed,
        ];
        let output = wf_host(&args).output().expect("the binary runs");
        (output.status.success(), text(&output.stdout))
    };
    // A seed on which no payment is declined: under the wall clock a retry would wait.
    let seed = (1..100)
        .map(|seed: u32| seed.to_string())
        .find(|seed| {
            let args = [
                "run",
                "workflows/order-workflow.json",
                "--input",
                "@workflows/inputs/valid.json",
                "-q",
                "--seed",
                seed,
                "--clock",
                "virtual",
                "--json",
            ];
            let output = wf_host(&args).output().expect("the binary runs");
            let answer = Data::parse(&text(&output.stdout)).unwrap_or_default();
            let calls = answer
                .get("invocations")
                .and_then(Data::as_array)
                .map_or(0, |calls| calls.len());
            output.status.success() && calls == 3
        })
        .expect("a seed without a declined payment");
    let expected = run(&seed);
    assert!(expected.0, "{}", expected.1);
    c.benchmark_group("process").sample_size(20).bench_function(
        "wf-host run order-workflow.json",
        |b| {
            b.iter(|| assert_eq!(run(&seed), expected));
        },
    );
}

/// Three retries, 14 seconds of back-off, in virtual time; the guest fails each time.
fn backoff(c: &mut Criterion) {
    let manifest = "version = 1\n[functions.faulty]\nmodule = \"guests/faulty.wasm\"\n";
    let definition = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "faulty", "End": true,
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 3}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]}, "Caught": {"Type": "Pass", "End": true}}}"#;
    let event =
        Data::parse(r#"{"do": "error", "errorType": "E", "errorMessage": ""}"#).expect("JSON");
    let functions = std::sync::Arc::new(functions(manifest));
    c.bench_function("14 s of back-off in virtual time", |b| {
        b.iter(|| {
            let ran = Workflow::shared(definition, &functions).run(event.clone());
            assert_eq!(ran.seconds_of("ExecutionSucceeded"), [14.0]);
        });
    });
}

/// The order workflow through real guests, nothing but the run itself.
fn order(c: &mut Criterion) {
    let manifest = workflow("wf-host.toml")
        .replace("\"0.2\"", "\"0.0\"")
        .replace("\"0.9\"", "\"1.0\"");
    let functions = std::sync::Arc::new(functions(&manifest));
    let (definition, input) = (workflow("order-workflow.json"), input("valid.json"));
    c.bench_function("order workflow with three guests", |b| {
        b.iter(|| black_box(Workflow::shared(&definition, &functions).run(input.clone())));
    });
}

criterion_group!(benches, process, backoff, order);
criterion_main!(benches);
