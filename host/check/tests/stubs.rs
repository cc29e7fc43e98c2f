//! Stubs for definitions, as a case file each: see `stubs/`; and for every workflow of this repository.
//!
//! A case has a section `definition FILE` for each definition and `expect` with the listing, the functions file
//! and the mock file. `WF_HOST_BLESS=1` rewrites that; read what it wrote.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use asl::{Options, Program};
use check::mock::{MockConfig, Mocks};
use check::stubs::{
    Definition, Inventory, Placeholder, Stubs, manifest, mock_file, placeholders, text, to_data,
};
use common::Section;
use data::{Data, Format, Source, read};
use engine::{About, Command, Effects, Entropy, Execution, Input, Status, Timestamp};
use runtime::manifest::Manifest;

#[test]
fn definitions_get_what_they_need() {
    common::check("stubs", 10, files);
}

#[test]
fn every_workflow_here_succeeds_with_its_stubs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut count = 0;
    for path in entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".suite.json") || name.ends_with(".faults.json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let said = files_of(&[(name, &text)]);
        assert!(said.stubs[0].succeeds(), "{name}: {:?}", said.stubs);
        assert!(!said.stubs[0].troubled, "{name}: {:?}", said.stubs);
        assert_eq!(said.stubs[0].unreached, [""; 0], "{name}");
        count += 1;
    }
    assert!(count >= 8);
}

struct Files {
    listing: String,
    json: Data,
    manifest: String,
    mocks: String,
    stubs: Vec<Stubs>,
}

fn files(sections: &[Section<'_>]) -> String {
    let texts: Vec<(&str, &str)> = sections.iter().map(|s| (s.arguments[0], s.text)).collect();
    let files = files_of(&texts);
    assert!(files.json.get("stubs").is_some());
    let (listing, manifest, mocks) = (files.listing, files.manifest, files.mocks);
    let inputs = files
        .stubs
        .iter()
        .map(|stubs| format!("{} {}\n", stubs.machine, stubs.input));
    let inputs: String = inputs.collect();
    format!("{listing}\n-- inputs\n{inputs}\n-- wf-host.toml\n{manifest}\n-- mocks.json\n{mocks}")
}

/// What is written for definitions, after every check that does not depend on them.
fn files_of(texts: &[(&str, &str)]) -> Files {
    let sources: Vec<(Source, Format)> = texts
        .iter()
        .map(|(name, text)| (Source::new(*name, *text), Format::of_name(name).unwrap()))
        .collect();
    let nodes: Vec<_> = sources
        .iter()
        .map(|(source, format)| read(source, *format).unwrap())
        .collect();
    let names: Vec<&str> = texts
        .iter()
        .map(|(name, _)| name.split('.').next().unwrap())
        .collect();
    let placeholders = placeholders(&nodes, &names);
    let define = define(&placeholders);
    let definitions: Vec<Definition> = sources
        .iter()
        .zip(&names)
        .map(|((source, format), name)| Definition {
            machine: (*name).into(),
            source: source.clone(),
            program: compile(source, *format, &define),
        })
        .collect();
    let inventory = Inventory::of(&definitions);
    let machines = texts.iter().zip(&names);
    let machines = machines
        .map(|((file, _), name)| ((*name).into(), (*file).to_owned()))
        .collect();
    let stubs: Vec<Stubs> = definitions.iter().map(Stubs::of).collect();
    let files = Files {
        listing: text(&inventory, &placeholders, &machines, &stubs),
        json: to_data(&inventory, &placeholders, &machines, &stubs),
        manifest: manifest(&inventory, &placeholders, &machines),
        mocks: mock_file(&stubs),
        stubs,
    };
    check_manifest(&files.manifest, &define, &inventory);
    check_mocks(&files, &definitions);
    files
}

fn define(placeholders: &[Placeholder]) -> BTreeMap<String, String> {
    let values = placeholders.iter();
    let values = values.filter_map(|one| Some((one.name.to_string(), one.value()?.to_string())));
    values.collect()
}

fn compile(source: &Source, format: Format, define: &BTreeMap<String, String>) -> Arc<Program> {
    let options = Options {
        definitions: define,
        ..Options::default()
    };
    let compiled = asl::compile(source, format, &options);
    let found: String = compiled
        .diagnostics
        .iter()
        .map(|one| one.render(source))
        .collect();
    Arc::new(compiled.program.unwrap_or_else(|| panic!("{found}")))
}

/// The file is valid as it is, and with everything in it that is ready to be used.
fn check_manifest(text: &str, define: &BTreeMap<String, String>, inventory: &Inventory) {
    let read = Manifest::read(&Source::new("wf-host.toml", text), Format::Toml);
    let read = read.unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"));
    assert_eq!(read.define, *define);
    assert!(read.functions.is_empty() && read.tasks.is_empty());
    let keys = ["[", "module =", "aliases =", "definition =", "result ="];
    let ready = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if keys.iter().any(|key| rest.starts_with(key)) => rest,
        _ => line,
    });
    let ready = ready.collect::<Vec<_>>().join("\n");
    let read = Manifest::read(&Source::new("wf-host.toml", ready.as_str()), Format::Toml);
    let read = read.unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{ready}"));
    assert_eq!(read.functions.len(), inventory.functions.len());
    assert_eq!(read.machines.len(), inventory.machines.len());
    assert_eq!(read.tasks.len(), inventory.services.len());
}

/// The mock file is valid, fits the machines, and does with them what the stubs promise.
fn check_mocks(files: &Files, definitions: &[Definition]) {
    let config = MockConfig::read(
        &Source::new("mocks.json", files.mocks.as_str()),
        Format::Json,
    );
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    for (definition, stubs) in definitions.iter().zip(&files.stubs) {
        let case = config
            .case(&format!("{}#Stubs", definition.machine))
            .unwrap();
        let misplaced = case.mocks.check(&definition.program);
        assert!(misplaced.is_empty(), "{misplaced:?}");
        let status = run(&definition.program, stubs.input.clone(), case.mocks);
        let succeeded = matches!(status, Status::Succeeded { .. });
        assert_eq!(
            succeeded,
            stubs.succeeds(),
            "{}: {status:?}",
            definition.machine
        );
    }
}

/// Runs a machine whose tasks are mocked, at no time.
fn run(program: &Arc<Program>, input: Data, mut mocks: Mocks) -> Status {
    let about = About::local("machine", "name");
    let mut execution = Execution::new(Arc::clone(program), about.into());
    let (entropy, mut now) = (Entropy::from_seed(7), Timestamp(0));
    let mut inputs = std::collections::VecDeque::from([Input::Start(input)]);
    for _ in 0..100_000 {
        let input = inputs.pop_front().or_else(|| {
            now = execution.next_deadline()?.max(now);
            Some(Input::DeadlineReached)
        });
        let Some(input) = input else { break };
        let mut effects = Effects::default();
        execution.handle(now, &entropy, input, &mut effects);
        for command in effects.commands {
            let Command::StartTask(request) = command else {
                continue;
            };
            let token = request.token;
            inputs.push_back(match mocks.answer(&request.state_name).unwrap() {
                Ok(output) => Input::TaskSucceeded { token, output },
                Err(failure) => Input::TaskFailed { token, failure },
            });
        }
    }
    execution.status().clone()
}
