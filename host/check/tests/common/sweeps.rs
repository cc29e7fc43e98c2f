//! Definitions with answers, ready to be swept.

#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of this"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use check::invariant::Invariant;
use check::mock::Mocks;
use check::sweep::{FixedAnswers, MockedWorkers, Options, Report, SweepError, sweep};
use data::{Data, EcoString, Format, Source};
use engine::{About, Execution};

/// A definition with all that a sweep of it needs.
pub struct Case {
    program: Arc<asl::Program>,
    name: String,
    pub inputs: Vec<Data>,
    answers: Vec<(EcoString, Data)>,
    /// What is mocked; nothing at first.
    pub mocks: Mocks,
    pub options: Options,
}

impl Case {
    pub fn new(content: &Data) -> Case {
        let part = |name: &str| content.get(name).cloned().unwrap_or_default();
        let number = |name: &str, otherwise: u32| {
            let given = content.get(name).and_then(Data::as_i64);
            given.map_or(otherwise, |n| u32::try_from(n).expect("a small number"))
        };
        let input = part("input");
        let invariants = content.get("invariants").and_then(Data::as_array);
        let invariants = invariants.into_iter().flat_map(|all| all.iter());
        let invariant = |text: &Data| Invariant::parse(text.as_str().unwrap_or_default());
        let known = Options::default();
        Case {
            program: compile(&part("definition").to_string()),
            name: "case".to_owned(),
            inputs: vec![if input.is_null() {
                Data::empty_object()
            } else {
                input
            }],
            answers: fields(&part("answers")),
            mocks: Mocks::default(),
            options: Options {
                depth: number("depth", known.depth),
                max_attempts: number("maxAttempts", known.max_attempts),
                invariants: invariants
                    .map(invariant)
                    .collect::<Result<_, _>>()
                    .expect("invariants are written as such"),
                ..known
            },
        }
    }

    pub fn sweep(&self) -> Report {
        self.try_sweep().expect("the case can be swept")
    }

    pub fn try_sweep(&self) -> Result<Report, SweepError> {
        let about = Arc::new(About::local(&self.name, "sweep"));
        let mut workers = MockedWorkers {
            mocks: self.mocks.clone(),
            others: FixedAnswers::new(self.answers.iter().cloned()),
        };
        let (program, options) = (&self.program, &self.options);
        sweep(
            program,
            &about,
            &self.inputs,
            options,
            &mut workers,
            &mut |_| {},
        )
    }

    /// The execution before its start.
    pub fn execution(&self) -> Execution {
        let about = Arc::new(About::local(&self.name, "sweep"));
        Execution::new(Arc::clone(&self.program), about)
    }

    /// What the state's worker says on a good day.
    pub fn answer_of(&self, state: &str) -> Data {
        let known = self.answers.iter().find(|(name, _)| name == state);
        known.expect("the case has an answer").1.clone()
    }

    /// Nobody answers for the state any more.
    pub fn forget(&mut self, state: &str) {
        self.answers.retain(|(known, _)| known != state);
    }
}

fn fields(object: &Data) -> Vec<(EcoString, Data)> {
    let fields = object.as_object().into_iter().flat_map(|all| all.iter());
    fields
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn compile(definition: &str) -> Arc<asl::Program> {
    let source = Source::new("case", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let found = &compiled.diagnostics;
    let rendered = || -> String { found.iter().map(|one| one.render(&source)).collect() };
    let program = compiled.program;
    Arc::new(program.unwrap_or_else(|| panic!("the definition has faults:\n{}", rendered())))
}

/// `workflows/order-workflow.json` on a good day.
pub fn order_workflow() -> Case {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows/order-workflow.json");
    let definition = std::fs::read_to_string(path).expect("the workflow is part of the repository");
    let answers = r#"{"ValidateOrder": {"valid": true}, "CheckInventory": {"inventoryAvailable": true},
        "ProcessPayment": {"paid": true}}"#;
    Case {
        program: compile(&definition),
        name: "order-workflow".to_owned(),
        inputs: vec![
            Data::parse(r#"{"orderId": "ORDER-001", "amount": 99.99}"#).expect("it is JSON"),
        ],
        answers: fields(&Data::parse(answers).expect("it is JSON")),
        mocks: Mocks::default(),
        options: Options::default(),
    }
}

/// The case files.
pub fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sweeps");
    let entries = std::fs::read_dir(folder).expect("the case files are part of the repository");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

/// Every case by name, the order workflow too.
pub fn all() -> Vec<(String, Case)> {
    let case = |file: PathBuf| {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(file).expect("a case is readable");
        (
            name,
            Case::new(&Data::parse(&text).expect("a case is JSON")),
        )
    };
    let mut all: Vec<(String, Case)> = files().into_iter().map(case).collect();
    all.push(("order-workflow".to_owned(), order_workflow()));
    all
}
