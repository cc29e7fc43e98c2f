//! `wf-host runtime` as a process, with programs that stand in for the user's; and the runtimes that are truly
//! installed, where they are.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Output;

use languages::Language;
use serde_json::{Value, json};
use tempfile::TempDir;
use wf_host_tests::{call, runtimes, text, wf_host};

/// A component of the world that answers with its event.
const COMPONENT: &str = r#"(component
    (core module $m
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
        (func (export "handle") (param $event i32) (param $length i32) (param i32 i32) (result i32)
            (i32.store (i32.const 4) (local.get $event))
            (i32.store (i32.const 8) (local.get $length))
            (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "handle") (param "event" string) (param "context" string) (result (result string (error string)))
        (canon lift (core func $i "handle") (memory (core memory $i "memory"))
            (realloc (core func $i "realloc")))))"#;

/// A cache folder, and a Python that pretends to be one.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> World {
        World {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `wf-host runtime` with this cache folder.
    fn runtime(&self, args: &[&str]) -> Output {
        let python = self.path("python3");
        let mut command = wf_host(&["runtime"]);
        command
            .args(args)
            .env("WF_HOST_CACHE_DIR", self.path("cache"))
            .env("WF_HOST_PYTHON", python);
        command.output().unwrap()
    }

    fn python(&self, pip: &str) {
        let made = self.path("made.wasm");
        fs::write(&made, wat::parse_str(COMPONENT).unwrap()).unwrap();
        let lines = format!(
            "#!/bin/sh\ncase \"$1\" in\n-c) printf '%s\\n' \"$0\" 3 12 True;;\n-m) {pip};;\n-S) cp {} runtime.wasm;;\nesac\n",
            made.display()
        );
        fs::write(self.path("new"), lines).unwrap();
        fs::set_permissions(self.path("new"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(self.path("new"), self.path("python3")).unwrap();
    }
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_is_not_installed_is_listed_with_its_command() {
    let world = World::new();
    let list = world.runtime(&["list"]);
    assert!(list.status.success());
    let (data, talk) = (text(&list.stdout), text(&list.stderr));
    assert_eq!(data.lines().count(), 3, "{data}");
    assert!(data.contains("python    not installed"), "{data}");
    assert!(talk.contains("wf-host runtime install python\n"), "{talk}");
    assert!(talk.contains("wf-host runtime install node\n"), "{talk}");
    let listed = json_of(&world.runtime(&["list", "--json"]));
    let expected = |language: &str| json!({"language": language, "state": "not-installed", "install": format!("wf-host runtime install {language}")});
    assert_eq!(listed, json!([expected("python"), expected("node")]));
    assert!(!world.path("cache").exists());
}

#[test]
fn a_runtime_is_installed_listed_and_removed() {
    let world = World::new();
    world.python("true");
    let installed = world.runtime(&["install", "python"]);
    let talk = text(&installed.stderr);
    assert!(installed.status.success(), "{talk}");
    let stages: Vec<&str> = talk
        .lines()
        .filter_map(|line| line.split("python  ").nth(1))
        .collect();
    assert_eq!(stages, ["download", "build", "compile", "done"], "{talk}");
    assert!(
        text(&installed.stdout).contains("python    CPython 3."),
        "{}",
        text(&installed.stdout)
    );

    let again = world.runtime(&["install", "python", "python"]);
    assert_eq!(
        text(&again.stderr),
        "python is installed already; --force makes it anew\n"
    );
    let anew = world.runtime(&["install", "python", "--force", "--quiet", "--json"]);
    assert_eq!(
        (text(&anew.stderr).as_str(), anew.status.code()),
        ("", Some(0))
    );
    let listed = json_of(&world.runtime(&["list", "--json"]));
    assert_eq!(json_of(&anew)[0], listed[0]);
    assert_eq!(listed[0]["state"], "installed");
    let module = PathBuf::from(listed[0]["module"].as_str().unwrap());
    assert!(module.starts_with(world.path("cache/runtimes/python")));
    assert_eq!(listed[0]["bytes"], fs::metadata(&module).unwrap().len());
    assert_eq!(listed[0]["sha256"].as_str().map(str::len), Some(64));

    fs::write(&module, b"short").unwrap();
    assert_eq!(
        json_of(&world.runtime(&["list", "--json"]))[0]["state"],
        "damaged"
    );
    let removed = world.runtime(&["remove", "python"]);
    assert_eq!(text(&removed.stderr), "python is removed\n");
    assert!(!world.path("cache/runtimes/python").exists());
    let removed = world.runtime(&["remove", "python", "node"]);
    assert_eq!(
        text(&removed.stderr),
        "python was not installed\nnode was not installed\n"
    );
    assert!(removed.status.success());
}

#[test]
fn what_cannot_be_installed_says_what_to_do() {
    let world = World::new();
    let failed = world.runtime(&["install", "python"]);
    let talk = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(70), "{talk}");
    assert!(talk.contains("cannot be started"), "{talk}");
    assert!(
        talk.contains("hint: install Python 3.9 or later with pip"),
        "{talk}"
    );
    world.python("echo 'THESE PACKAGES DO NOT MATCH THE HASHES'; exit 1");
    let talk = text(&world.runtime(&["install", "python"]).stderr);
    assert!(
        talk.contains("not the one with the pinned digest\nTHESE PACKAGES"),
        "{talk}"
    );
    let flags = ["install", "node", "--npm", "/nowhere/npm"];
    let talk = text(&world.runtime(&flags).stderr);
    assert!(talk.contains("hint: install Node.js with npm"), "{talk}");
    assert_eq!(
        json_of(&world.runtime(&["list", "--json"]))[0]["state"],
        "not-installed"
    );
}

#[test]
fn the_command_line_is_held_to() {
    let none = call(&["runtime", "install"]);
    assert_eq!(none.status.code(), Some(2));
    let unknown = call(&["runtime", "install", "ruby"]);
    assert_eq!(unknown.status.code(), Some(2));
    let mut homeless = wf_host(&["runtime", "install", "python"]);
    homeless.env_remove("HOME").env_remove("XDG_CACHE_HOME");
    let homeless = homeless.output().unwrap();
    let talk = text(&homeless.stderr);
    assert_eq!(homeless.status.code(), Some(2), "{talk}");
    assert!(
        talk.ends_with("hint: name a folder: --cache-dir DIR\n"),
        "{talk}"
    );
    let topic = text(&call(&["help", "runtimes"]).stdout);
    assert!(topic.contains("wf-host runtime install python"), "{topic}");
}

/// What `scripts/test` has installed is there, whole, and compiled for the tests to load.
#[test]
fn true_runtimes_are_installed() {
    for language in Language::ALL {
        let Some(cache) = runtimes(language) else {
            continue;
        };
        let mut install = wf_host(&["runtime", "install", language.as_str(), "--json"]);
        let installed = install.env("WF_HOST_CACHE_DIR", &cache).output().unwrap();
        let talk = text(&installed.stderr);
        assert_eq!(
            talk,
            format!("{language} is installed already; --force makes it anew\n")
        );
        let installed = json_of(&installed);
        assert!(
            installed[0]["bytes"].as_u64().unwrap() > 1 << 20,
            "{installed}"
        );
    }
}
