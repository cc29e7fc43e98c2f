//! The order workflow with its handlers in Rust, Python and JavaScript: the same history.
//!
//! The runtimes are those below the cache folder that `WF_HOST_TEST_RUNTIMES` names.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![expect(clippy::print_stderr, reason = "what is skipped is said loudly")]

use std::path::PathBuf;
use std::sync::Arc;

use data::{Data, Object};
use languages::{Language, Runtimes};
use runtime::Functions;
use wf_host_tests::{Ran, Workflow, functions, functions_below, functions_in, input, workflow};

/// The manifest of a language, if its runtime is there; says loudly if it is not.
fn manifest(language: Language) -> Option<(&'static str, PathBuf)> {
    let cache = std::env::var_os("WF_HOST_TEST_RUNTIMES").map(PathBuf::from);
    if let Err(missing) = Runtimes::below(cache.as_deref()).find(language) {
        eprintln!("SKIPPED: the order workflow in {language}: {missing}");
        return None;
    }
    let file = match language {
        Language::Python => "python.toml",
        Language::Node => "javascript.toml",
    };
    Some((file, cache?))
}

/// The manifest's functions with these odds.
fn with_odds(file: &str, cache: Option<PathBuf>, available: &str, decline: &str) -> Arc<Functions> {
    let text = workflow(file);
    let text = text.replace(
        "AVAILABILITY = \"0.9\"",
        &format!("AVAILABILITY = \"{available}\""),
    );
    let text = text.replace(
        "DECLINE_RATE = \"0.2\"",
        &format!("DECLINE_RATE = \"{decline}\""),
    );
    Arc::new(match cache {
        Some(cache) => functions_in(&text, cache),
        None => functions(&text),
    })
}

/// What AWS shows of an execution, without times, and without what each language says in its own way: the bank's name
/// of a payment, which is drawn, and the Cause of a payment that is declined, of which the message stays.
fn history(ran: &Ran) -> Vec<Data> {
    let events = ran.history().into_iter();
    let events = events.map(|event| without_times(&event.to_data(|_| Data::Null)));
    events.collect()
}

fn without_times(value: &Data) -> Data {
    if let Some(object) = value.as_object() {
        let kept = object
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "timestamp" | "transactionId"));
        let kept = kept.map(|(name, value)| {
            let said = matches!(name.as_str(), "cause" | "Cause")
                .then(|| message(value))
                .flatten();
            (name.clone(), said.unwrap_or_else(|| without_times(value)))
        });
        return kept.collect::<Object>().into();
    }
    if let Some(array) = value.as_array() {
        return array.items().iter().map(without_times).collect();
    }
    match value.as_str().and_then(|text| Data::parse(text).ok()) {
        Some(inside) if inside.as_object().is_some() => without_times(&inside),
        _ => value.clone(),
    }
}

fn message(cause: &Data) -> Option<Data> {
    let payload = Data::parse(cause.as_str()?).ok()?;
    payload.get("errorMessage").cloned()
}

#[test]
fn the_order_workflow_has_the_same_history_in_every_language() {
    const ODDS: [(&str, &str); 4] = [("1", "0"), ("0", "0"), ("1", "1"), ("nonsense", "0")];
    // A number with a point and nothing behind it is another text in JavaScript, so it is no input here.
    let invalid = r#"{"orderId": "ORDER-003", "customerId": "CUST-124", "amount": -10}"#;
    let inputs = [
        input("valid.json"),
        input("missing-customer.json"),
        Data::parse(invalid).unwrap(),
    ];
    for language in Language::ALL {
        let Some((file, cache)) = manifest(language) else {
            continue;
        };
        for (available, decline) in ODDS {
            let rust = with_odds("wf-host.toml", None, available, decline);
            let own = with_odds(file, Some(cache.clone()), available, decline);
            for order in &inputs {
                let run = |functions| {
                    let machine = workflow("order-workflow.json");
                    Workflow::shared(&machine, functions).run(order.clone())
                };
                let (rust, own) = (history(&run(&rust)), history(&run(&own)));
                assert!(rust.len() > 5, "{rust:?}");
                assert_eq!(
                    rust, own,
                    "{language}, {order}, available {available}, declined {decline}"
                );
            }
        }
    }
}

/// With the odds of the tutorial a payment is declined now and then, and tried again: what comes of it depends on the
/// seed alone, whatever machine and however often.
#[test]
fn the_same_seed_gives_the_same_history_to_the_bit() {
    for language in Language::ALL {
        let Some((file, cache)) = manifest(language) else {
            continue;
        };
        let functions = Arc::new(functions_in(&workflow(file), cache));
        let events = |seed: u64| {
            let machine = workflow("order-workflow.json");
            let ran = Workflow::shared(&machine, &functions)
                .seed(seed)
                .run(input("valid.json"));
            ran.history_text()
        };
        let all: Vec<String> = (0..20).map(events).collect();
        assert_eq!(all, (0..20).map(events).collect::<Vec<_>>(), "{language}");
        let retried = all
            .iter()
            .filter(|events| events.contains("PaymentDeclined"));
        assert!(
            (1..12).contains(&retried.count()),
            "{language}: one in five is declined"
        );
    }
}

#[test]
fn too_little_memory_is_said_before_anything_runs() {
    for language in Language::ALL {
        let Some((file, cache)) = manifest(language) else {
            continue;
        };
        let manifest = workflow(file).replace("memory = \"128MB\"", "memory = \"1MB\"");
        let functions = Arc::new(functions_in(&manifest, cache));
        let machine = workflow("order-workflow.json");
        let ran = Workflow::shared(&machine, &functions).try_run(input("valid.json"));
        let error = ran.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            error.contains("its memory of 1 MB is too little"),
            "{error}"
        );
    }
}

/// A machine of one task.
const CALL: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Task","End":true,
    "Resource":"arn:aws:lambda:us-east-1:000000000000:function:f"}}}"#;

/// What a handler in a file of its own makes of an empty event; links stand beside it, some of them to nowhere.
#[cfg(unix)]
fn beside_links(language: Language, file: &str, text: &str, cache: PathBuf) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("code");
    std::fs::create_dir(&code).unwrap();
    std::fs::write(code.join(file), text).unwrap();
    for (to, name) in [
        ("/etc/passwd", "out"),
        ("../..", "above"),
        ("nothing", "nowhere"),
        (file, "inside"),
    ] {
        std::os::unix::fs::symlink(to, code.join(name)).unwrap();
    }
    let runtime = match language {
        Language::Python => "python3.12",
        Language::Node => "nodejs20.x",
    };
    let manifest = format!(
        "version = 1\n[functions.f]\nruntime = \"{runtime}\"\nhandler = \"app.handler\"\ncode = \"code\""
    );
    let functions = Arc::new(functions_below(&manifest, folder.path(), cache));
    Workflow::shared(CALL, &functions).run(Data::empty_object())
}

/// A folder with links in it is what people have: of a virtual environment, of a workspace.
#[cfg(unix)]
#[test]
fn a_link_that_leads_out_hides_nothing_but_itself() {
    let python = "import os\n\ndef handler(event, context):\n    names = os.listdir('/var/task')\n    \
        try:\n        open('/var/task/out')\n    except OSError as error:\n        return ['app.py' in names, 'inside' in names, type(error).__name__]\n";
    let node = "const fs = require('fs');\nexports.handler = async () => {\n  const names = fs.readdirSync('/var/task');\n  \
        try { fs.readFileSync('/var/task/out'); } catch (error) {\n    return [names.includes('app.js'), names.includes('inside'), error.name];\n  }\n};\n";
    for (language, file, text, error) in [
        (Language::Python, "app.py", python, "PermissionError"),
        (Language::Node, "app.js", node, "Error"),
    ] {
        let Some((_, cache)) = manifest(language) else {
            continue;
        };
        let ran = beside_links(language, file, text, cache);
        let expected = Data::parse(&format!(r#"[true, true, "{error}"]"#)).unwrap();
        assert_eq!(ran.output(), &expected, "{language}");
    }
}
