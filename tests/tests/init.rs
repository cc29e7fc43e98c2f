//! `wf-host init`, as a person or a script meets it.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;

use data::{Data, Format, Source};
use runtime::manifest::Manifest;
use wf_host_tests::{call, text, workflow};

/// Exit code, stdout and stderr.
fn init(args: &[&str]) -> (i32, String, String) {
    let output = call(&[&["init"], args].concat());
    let code = output.status.code().unwrap_or(-1);
    (code, text(&output.stdout), text(&output.stderr))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// A folder with copies of workflows of this repository.
fn with(workflows: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in workflows {
        std::fs::write(folder.path().join(name), workflow(name)).unwrap();
    }
    folder
}

fn manifest(folder: &Path) -> Manifest {
    let text = std::fs::read_to_string(folder.join("wf-host.toml")).unwrap();
    Manifest::read(&Source::new("wf-host.toml", text), Format::Toml).unwrap()
}

fn mocks(folder: &Path) -> Data {
    Data::parse(&std::fs::read_to_string(folder.join("mocks.json")).unwrap()).unwrap()
}

#[test]
fn files_are_written_and_what_is_needed_is_listed() {
    let folder = with(&["order-workflow.json"]);
    let definition = path(folder.path(), "order-workflow.json");
    let (code, stdout, stderr) = init(&[&definition]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("Functions\n  validate-order   ValidateOrder (order-workflow)\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("3 tasks, the machine succeeds with them"),
        "{stdout}"
    );
    let mocks_path = path(folder.path(), "mocks.json");
    let run = format!(
        "wf-host run {definition} --mock-config {mocks_path} --test-case order-workflow#Stubs\n"
    );
    assert!(stderr.contains(&run), "{stderr}");
    let returned = mocks(folder.path());
    let returned = returned.pointer("/MockedResponses/ValidateOrder/0-9999/Return/valid");
    assert_eq!(returned, Some(&Data::from(true)));
    assert!(
        manifest(folder.path()).functions.is_empty(),
        "a function needs a module"
    );
    let validated = call(&["validate", &definition]);
    assert_eq!(
        validated.status.code(),
        Some(0),
        "{}",
        text(&validated.stderr)
    );
}

#[test]
fn nothing_is_written_over_unless_it_is_said() {
    let folder = with(&["order-workflow.json"]);
    let definition = path(folder.path(), "order-workflow.json");
    std::fs::write(folder.path().join("mocks.json"), "mine").unwrap();
    let (code, stdout, stderr) = init(&[&definition]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("mocks.json is there already") && stderr.contains("hint: --force"),
        "{stderr}"
    );
    assert!(
        !folder.path().join("wf-host.toml").exists(),
        "nothing is half done"
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("mocks.json")).unwrap(),
        "mine"
    );
    let elsewhere = path(folder.path(), "new/folder");
    let (code, _, stderr) = init(&[&definition, "--folder", &elsewhere]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains(&format!("--functions {elsewhere}/wf-host.toml")),
        "{stderr}"
    );
    assert_eq!(init(&[&definition, "--force"]).0, 0);
    assert!(mocks(folder.path()).get("StateMachines").is_some());
}

#[test]
fn machines_that_are_started_are_found_beside() {
    let folder = with(&["order-batch.asl.json"]);
    let batch = path(folder.path(), "order-batch.asl.json");
    let child = folder.path().join("order-workflow.asl.json");
    std::fs::write(&child, "{").unwrap();
    let (code, stdout, stderr) = init(&[&batch]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("order-workflow  not here"), "{stdout}");
    assert!(
        manifest(folder.path()).machines.is_empty(),
        "a wrong definition would let nothing run"
    );
    std::fs::write(&child, workflow("order-workflow.json")).unwrap();
    let (code, stdout, stderr) = init(&[&batch, "--force", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let listing = Data::parse(&stdout).unwrap();
    let at = |pointer: &str| listing.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(
        at("/machines/0/definition"),
        Data::from("order-workflow.asl.json")
    );
    assert_eq!(at("/stubs/0/succeeds"), Data::from(true));
    assert_eq!(
        at("/files/0"),
        Data::from(path(folder.path(), "wf-host.toml"))
    );
    let entry = &manifest(folder.path()).machines["order-workflow"];
    assert_eq!(entry.definition, "order-workflow.asl.json");
}

#[test]
fn a_folder_stands_for_its_definitions() {
    let folder = with(&["order-wait.asl.json", "order-approval.asl.json"]);
    let (code, stdout, stderr) = init(&[&path(folder.path(), "")]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("Tasks that wait for an answer\n  AskManager (order-approval)"),
        "{stdout}"
    );
    assert!(stderr.contains(r#"--input '{"amount":101"#), "{stderr}");
    let mocks = mocks(folder.path());
    let machines = mocks
        .get("StateMachines")
        .and_then(Data::as_object)
        .unwrap();
    let names: Vec<&str> = machines.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["order-approval", "order-wait"]);
}

#[test]
fn what_is_wrong_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let definition = path(folder.path(), "bad.asl.json");
    for (text, words) in [
        (
            r#"{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}"#,
            "bad.asl.json:1:13: error",
        ),
        ("{", "bad.asl.json:1:2"),
    ] {
        std::fs::write(&definition, text).unwrap();
        let (code, stdout, stderr) = init(&[&definition]);
        assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let (code, _, stderr) = init(&[&path(folder.path(), "none.json")]);
    assert_eq!(code, 3, "{stderr}");
    std::fs::create_dir(folder.path().join("other")).unwrap();
    let hello = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#;
    std::fs::write(&definition, hello).unwrap();
    let twin = path(folder.path(), "other/bad.json");
    std::fs::write(&twin, hello).unwrap();
    let (code, _, stderr) = init(&[&definition, &twin]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("are both called \"bad\""), "{stderr}");
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing was written"
    );
}

#[test]
fn the_help_has_an_example() {
    let help = text(&call(&["init", "--help"]).stdout);
    assert!(help.contains("wf-host init order-workflow.json"), "{help}");
    for variable in ["WF_HOST_FOLDER", "WF_HOST_FORCE", "WF_HOST_JSON"] {
        assert!(help.contains(variable), "{help}");
    }
}
