//! Installing with programs that stand in for python3 and npm: what they are asked, and every way in which they fail.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use data::Data;
use languages::{InstallError, Installed, Language, Options, Runtimes, Stage, Step, Why};
use sandbox::{Config, Sandbox};
use tempfile::{TempDir, tempdir};

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

/// Says that it is Python 3.12 with pip, as the first question wants to know.
const PYTHON: &str = "python3:3:12:True";

/// A cache folder, a sandbox that compiles into it, and programs that stand in for the user's.
struct World {
    folder: TempDir,
    sandbox: Sandbox,
}

impl World {
    fn new() -> World {
        let folder = tempdir().unwrap();
        let sandbox = Sandbox::new(Config {
            cache_dir: Some(folder.path().join("cache")),
            max_guests: 1,
            ..Config::default()
        });
        fs::write(
            folder.path().join("made.wasm"),
            wat::parse_str(COMPONENT).unwrap(),
        )
        .unwrap();
        World {
            folder,
            sandbox: sandbox.unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn runtimes(&self) -> Runtimes {
        Runtimes::below(Some(&self.path("cache")))
    }

    /// A program of these lines of sh, which writes down what it is asked.
    fn program(&self, name: &str, lines: &str) -> PathBuf {
        let path = self.path(name);
        let asked = self.path("asked");
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >> {}\n{lines}\n",
            asked.display()
        );
        // Another name first: a program that is open for writing cannot be started.
        fs::write(self.path("new"), text).unwrap();
        fs::set_permissions(self.path("new"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(self.path("new"), &path).unwrap();
        path
    }

    /// A Python that says what it is (`path:major:minor:pip`), then does one thing as pip and another as the builder.
    fn python(&self, says: &str, pip: &str, build: &str) -> Options {
        let lines = format!(
            "case \"$1\" in\n-c) printf '%s\\n' {says} | sed \"s|^python3:|$0:|\" | tr : '\\n';;\n-m) {pip};;\n-S) {build};;\nesac"
        );
        let python = self.program("python3", &lines);
        Options {
            python: Some(python),
            ..Options::default()
        }
    }

    /// One that does all that it should.
    fn good_python(&self) -> Options {
        let build = format!("cp {} runtime.wasm", self.path("made.wasm").display());
        self.python(PYTHON, "true", &build)
    }

    fn install(&self, options: &Options) -> Result<Installed, InstallError> {
        self.runtimes()
            .install(Language::Python, &self.sandbox, options, &mut |_| {})
    }

    /// What is wrong, after making sure that nothing counts as installed and nothing temporary stays.
    #[track_caller]
    fn refused(&self, options: &Options) -> InstallError {
        let error = self.install(options).unwrap_err();
        assert_eq!(
            self.runtimes().find(Language::Python).unwrap_err().why,
            Why::NotInstalled
        );
        assert_eq!(
            names(&self.path("cache/runtimes/python")),
            [""; 0],
            "{error}"
        );
        error
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.path("asked")).unwrap_or_default()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_built_is_found() {
    let world = World::new();
    let mut stages = Vec::new();
    let mut last = Duration::ZERO;
    let mut progress = |step: &Step| {
        assert!(step.elapsed >= last);
        last = step.elapsed;
        stages.push(step.stage);
    };
    let (runtimes, options) = (world.runtimes(), world.good_python());
    let installed = runtimes
        .install(Language::Python, &world.sandbox, &options, &mut progress)
        .unwrap();
    assert_eq!(
        stages,
        [Stage::Download, Stage::Build, Stage::Compile, Stage::Done]
    );
    assert_eq!(runtimes.find(Language::Python).unwrap(), installed);
    assert_eq!(
        fs::read(&installed.module).unwrap(),
        fs::read(world.path("made.wasm")).unwrap()
    );
    assert_eq!(
        installed.bytes,
        fs::metadata(&installed.module).unwrap().len()
    );
    assert!(
        installed.version.starts_with("CPython 3."),
        "{}",
        installed.version
    );
    assert_eq!(
        names(&installed.folder).len(),
        2,
        "{:?}",
        names(&installed.folder)
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&installed.folder), 0o700);
    let text = fs::read_to_string(installed.folder.join("runtime.json")).unwrap();
    let kept = Data::parse(&text).unwrap();
    assert_eq!(kept.get("format").and_then(Data::as_i64), Some(1));
    assert_eq!(
        kept.get("bytes").and_then(Data::as_i64),
        Some(installed.bytes as i64)
    );
    world
        .sandbox
        .load_prebuilt("python", &installed.prebuilt())
        .unwrap();

    let asked = world.asked();
    let asked: Vec<&str> = asked.lines().collect();
    let pip = asked
        .iter()
        .find(|line| line.starts_with("-m pip install"))
        .unwrap();
    for flag in [
        "--require-hashes",
        "--no-deps",
        "--only-binary :all:",
        "--no-input",
        "--target",
    ] {
        assert!(pip.contains(flag), "{pip}");
    }
    let build = asked.last().unwrap();
    assert!(
        build.contains("--wit-path function.wit --world function componentize wfhost_app"),
        "{build}"
    );
}

#[test]
fn what_is_there_is_not_made_again() {
    let world = World::new();
    let options = world.good_python();
    let first = world.install(&options).unwrap();
    let asked = world.asked();
    assert_eq!(world.install(&options).unwrap(), first);
    assert_eq!(world.asked(), asked);
    world
        .install(&Options {
            force: true,
            ..options.clone()
        })
        .unwrap();
    assert_ne!(world.asked(), asked);
    // What does not load is made again: the size alone does not tell.
    let mut bytes = fs::read(&first.module).unwrap();
    bytes[20] ^= 1;
    fs::write(&first.module, bytes).unwrap();
    for file in names(&world.path("cache")) {
        if file.ends_with(".cwasm") {
            fs::remove_file(world.path("cache").join(file)).unwrap();
        }
    }
    let again = world.install(&options).unwrap();
    assert_eq!(
        fs::read(&again.module).unwrap(),
        fs::read(world.path("made.wasm")).unwrap()
    );
}

#[test]
fn a_new_one_takes_the_place_of_the_old() {
    let world = World::new();
    let options = world.good_python();
    let first = world.install(&options).unwrap();
    let other = COMPONENT.replace("4096", "8192");
    fs::write(world.path("made.wasm"), wat::parse_str(other).unwrap()).unwrap();
    let second = world
        .install(&Options {
            force: true,
            ..options
        })
        .unwrap();
    assert_ne!(first.sha256, second.sha256);
    assert_eq!(world.runtimes().find(Language::Python).unwrap(), second);
    assert!(!first.module.exists());
}

#[test]
fn many_install_at_once() {
    let world = World::new();
    let slow = format!(
        "sleep 0.1; cp {} runtime.wasm",
        world.path("made.wasm").display()
    );
    let options = world.python(PYTHON, "true", &slow);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| world.install(&options).unwrap());
        }
    });
    // The first makes it, and the others wait for that.
    let builds = world
        .asked()
        .lines()
        .filter(|line| line.starts_with("-S"))
        .count();
    assert_eq!(builds, 1);
    world.runtimes().find(Language::Python).unwrap();
}

#[test]
fn what_was_stopped_half_way_goes() {
    let world = World::new();
    let left = world.path("cache/runtimes/python/.new-left");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("runtime.wasm"), b"half").unwrap();
    assert_eq!(
        world.runtimes().find(Language::Python).unwrap_err().why,
        Why::NotInstalled
    );
    world.install(&world.good_python()).unwrap();
    assert!(!left.exists());
}

#[test]
fn what_is_there_may_be_outdated_or_damaged() {
    let world = World::new();
    let (runtimes, options) = (world.runtimes(), world.good_python());
    let installed = world.install(&options).unwrap();
    let file = installed.folder.join("runtime.json");
    let whole = fs::read_to_string(&file).unwrap();
    let why = || {
        let missing = runtimes.find(Language::Python).unwrap_err();
        assert!(
            missing
                .to_string()
                .ends_with("to install it: wf-host runtime install python"),
            "{missing}"
        );
        missing.why
    };
    let recipe = whole.find("\"recipe\": \"").unwrap() + 11;
    let other = format!(
        "{}{}{}",
        &whole[..recipe],
        "0".repeat(64),
        &whole[recipe + 64..]
    );
    fs::write(&file, other).unwrap();
    assert_eq!(why(), Why::Outdated);
    fs::write(&file, whole.replace("\"format\": 1", "\"format\": 2")).unwrap();
    assert_eq!(why(), Why::Outdated);
    for text in [
        "",
        "{",
        "[]",
        "{\"format\": 1}",
        &whole.replace("\"bytes\": ", "\"bytes\": -"),
    ] {
        fs::write(&file, text).unwrap();
        assert_eq!(why(), Why::Damaged, "{text}");
    }
    fs::write(&file, &whole).unwrap();
    fs::write(&installed.module, b"short").unwrap();
    assert_eq!(why(), Why::Damaged);
    fs::remove_file(&installed.module).unwrap();
    assert_eq!(why(), Why::Damaged);
    assert_eq!(world.install(&options).unwrap(), installed);
    assert_eq!(runtimes.find(Language::Python).unwrap(), installed);
}

#[test]
fn runtimes_are_listed_and_removed() {
    let world = World::new();
    let runtimes = world.runtimes();
    let installed = world.install(&world.good_python()).unwrap();
    let list = runtimes.list();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0], (Language::Python, Ok(installed.clone())));
    assert_eq!(list[1].1.as_ref().unwrap_err().why, Why::NotInstalled);
    assert!(runtimes.remove(Language::Python).unwrap());
    assert!(!installed.folder.exists());
    assert!(!runtimes.remove(Language::Python).unwrap());
    assert_eq!(
        runtimes.find(Language::Python).unwrap_err().why,
        Why::NotInstalled
    );
}

#[test]
fn without_a_cache_there_is_none() {
    let runtimes = Runtimes::below(None);
    assert_eq!(runtimes.find(Language::Node).unwrap_err().why, Why::NoCache);
    assert!(!runtimes.remove(Language::Node).unwrap());
    let sandbox = World::new().sandbox;
    let error = runtimes.install(Language::Node, &sandbox, &Options::default(), &mut |_| {});
    assert!(matches!(error.unwrap_err(), InstallError::NoCache { .. }));
}

#[test]
fn a_python_that_is_not_there_or_does_not_do_is_told() {
    let world = World::new();
    let python = Some(world.path("nowhere/python3"));
    let error = world.refused(&Options {
        python,
        ..Options::default()
    });
    assert!(matches!(error, InstallError::NoProgram { .. }), "{error}");
    assert!(error.hint().unwrap().contains("--python"), "{error}");
    let error = world.refused(&world.python("python3:3:8:True", "true", "true"));
    assert!(
        error
            .to_string()
            .ends_with("is Python 3.8; it takes 3.9 or later"),
        "{error}"
    );
    let error = world.refused(&world.python("python3:2:7:True", "true", "true"));
    assert!(matches!(error, InstallError::TooOld { .. }), "{error}");
    let error = world.refused(&world.python("python3:3:12:False", "true", "true"));
    assert!(matches!(error, InstallError::NoPip { .. }), "{error}");
    assert!(error.hint().unwrap().contains("python3-pip"));
    let error = world.refused(&world.python("hello", "true", "true"));
    assert!(matches!(error, InstallError::TooOld { .. }), "{error}");
    let broken = world.program(
        "python3",
        "echo 'no version of Python is set' >&2; exit 126",
    );
    let error = world.refused(&Options {
        python: Some(broken),
        ..Options::default()
    });
    assert!(
        error.to_string().contains("no version of Python is set"),
        "{error}"
    );
}

/// What pip says, and what is made of it.
#[test]
fn failures_of_pip_are_told_apart() {
    let world = World::new();
    let with = |says: &str| {
        world.refused(&world.python(PYTHON, &format!("echo \"{says}\" >&2; exit 1"), "true"))
    };
    let error =
        with("WARNING: Retrying after connection broken by 'NewConnectionError(failed)': /simple/");
    assert!(matches!(error, InstallError::NoNetwork { .. }), "{error}");
    assert!(error.to_string().contains("connection broken"), "{error}");
    assert!(error.hint().unwrap().contains("HTTPS_PROXY"));
    let error = with("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.");
    assert!(matches!(error, InstallError::NotPinned { .. }), "{error}");
    let error = with(
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    );
    assert!(matches!(error, InstallError::NoRoom { .. }), "{error}");
    let error = with("ERROR: No matching distribution found for componentize-py==0.25.1");
    assert!(matches!(error, InstallError::NoPackage { .. }), "{error}");
    let error = with("Segmentation fault");
    assert!(matches!(error, InstallError::Failed { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "pip install failed (exit status: 1)\nSegmentation fault"
    );
}

#[test]
fn failures_of_the_build_are_told() {
    let world = World::new();
    let error = world.refused(&world.python(
        PYTHON,
        "true",
        "seq 1 100; echo 'AssertionError: shim' >&2; exit 3",
    ));
    let text = error.to_string();
    assert!(
        text.starts_with("componentize-py failed (exit status: 3)\n"),
        "{text}"
    );
    assert!(text.ends_with("\n100\nAssertionError: shim"), "{text}");
    assert_eq!(text.lines().count(), 31, "{text}");
    // It says that all is well, and leaves nothing or nonsense.
    let error = world.refused(&world.python(PYTHON, "true", "true"));
    assert!(matches!(error, InstallError::Disk { .. }), "{error}");
    let error = world.refused(&world.python(PYTHON, "true", "echo nonsense > runtime.wasm"));
    assert!(matches!(error, InstallError::NotLoadable(_)), "{error}");
}

#[test]
fn a_failed_attempt_leaves_what_was_there() {
    let world = World::new();
    let installed = world.install(&world.good_python()).unwrap();
    let failing = Options {
        force: true,
        ..world.python(PYTHON, "exit 1", "true")
    };
    world.install(&failing).unwrap_err();
    assert_eq!(world.runtimes().find(Language::Python).unwrap(), installed);
}

/// The user's settings of where from are kept; what says what to load or where to is not.
#[test]
fn the_environment_of_the_build_is_its_own() {
    let world = World::new();
    let build = format!(
        "env > {}; cp {} runtime.wasm",
        world.path("env").display(),
        world.path("made.wasm").display()
    );
    world
        .install(&world.python(PYTHON, "true", &build))
        .unwrap();
    let env = fs::read_to_string(world.path("env")).unwrap();
    let names: Vec<&str> = env
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    for name in [
        "PATH",
        "TMPDIR",
        "PYTHONPATH",
        "PYTHONHASHSEED",
        "VIRTUAL_ENV",
    ] {
        assert!(names.contains(&name), "{name}: {env}");
    }
    assert!(!names.iter().any(|name| name.starts_with("CARGO")), "{env}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let world = World::new();
    fs::write(world.path("cache/runtimes"), b"in the way").unwrap();
    let error = world.install(&world.good_python()).unwrap_err();
    assert!(matches!(error, InstallError::Disk { .. }), "{error}");
}

fn npm(world: &World, lines: &str) -> InstallError {
    let options = Options {
        npm: Some(world.program("npm", lines)),
        ..Options::default()
    };
    let runtimes = world.runtimes();
    let error = runtimes
        .install(Language::Node, &world.sandbox, &options, &mut |_| {})
        .unwrap_err();
    assert_eq!(
        runtimes.find(Language::Node).unwrap_err().why,
        Why::NotInstalled
    );
    error
}

#[test]
fn failures_of_npm_are_told_apart() {
    let world = World::new();
    let with = |says: &str| {
        let lines = format!(
            "case \"$1\" in --version) echo 10.2.0;; ci) echo \"{says}\" >&2; exit 1;; esac"
        );
        npm(&world, &lines)
    };
    let error = with("npm error code ENOTFOUND");
    assert!(matches!(error, InstallError::NoNetwork { .. }), "{error}");
    let error = with("npm error code EINTEGRITY");
    assert!(matches!(error, InstallError::NotPinned { .. }), "{error}");
    let error = with("npm error code ENOSPC");
    assert!(matches!(error, InstallError::NoRoom { .. }), "{error}");
    let error = with("npm error code EBADPLATFORM");
    assert!(matches!(error, InstallError::NoPackage { .. }), "{error}");
    assert!(
        world
            .asked()
            .contains("ci --ignore-scripts --no-audit --no-fund"),
        "{}",
        world.asked()
    );
    let error = npm(&world, "echo 6.14.4");
    assert!(
        error
            .to_string()
            .ends_with("is npm 6.14.4; it takes 7 or later"),
        "{error}"
    );
    let options = Options {
        npm: Some(world.path("nowhere/npm")),
        ..Options::default()
    };
    let error = world
        .runtimes()
        .install(Language::Node, &world.sandbox, &options, &mut |_| {})
        .unwrap_err();
    assert!(error.hint().unwrap().contains("--npm"), "{error}");
}

#[test]
fn an_engine_that_did_not_come_is_told() {
    let world = World::new();
    let error = npm(&world, "case \"$1\" in --version) echo 10.2.0;; esac");
    assert!(matches!(error, InstallError::Disk { .. }), "{error}");
}
