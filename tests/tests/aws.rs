//! The endpoint as real clients see it: boto3 and the aws command against `wf-host serve`.
//!
//! The tests are the functions `test_...` in `tests/aws/test_*.py`, each a test of its own here. Each module has a server
//! of its own, with the arguments that a line `# serve: ...` of it names (`{runtimes}` is the cache folder of the language
//! runtimes, of which a line `# runtime: ...` names the one it needs), and a Python process. The Python with the
//! clients is the one in the folder that `WF_HOST_TEST_AWS` names, else what `scripts/aws` made below the target folder.
//!
//! ```text
//! scripts/aws && cargo test -p wf-host-tests --test aws -- activities     # with any filter of names
//! ```

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};

use languages::Language;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use wf_host_tests::{binary, root, runtimes, text, wf_host};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let modules = modules();
    // A test waits for its module's server more than it computes; those of one module run one after the other.
    arguments.test_threads.get_or_insert(modules.len());
    let conclusion = libtest_mimic::run(&arguments, trials(&modules));
    for module in &modules {
        module.end();
    }
    conclusion.exit_code()
}

/// A file of tests.
struct Module {
    /// The file's name without `.py`.
    name: String,
    /// What it holds.
    text: String,
    /// What is running for it.
    running: Mutex<Option<Result<Running, String>>>,
}

fn modules() -> Vec<Arc<Module>> {
    let entries = std::fs::read_dir(folder()).expect("tests/aws is in the repository");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let names = paths.iter().filter_map(|path| {
        let name = path.file_stem()?.to_str()?;
        (name.starts_with("test_") && path.extension()? == "py").then_some((name, path))
    });
    let module = |(name, path): (&str, &PathBuf)| Module {
        name: name.to_owned(),
        text: std::fs::read_to_string(path).expect("a test file is text"),
        running: Mutex::new(None),
    };
    names.map(|found| Arc::new(module(found))).collect()
}

fn folder() -> PathBuf {
    root().join("tests/aws")
}

/// All tests, those of one module far apart, so that the modules run side by side.
fn trials(modules: &[Arc<Module>]) -> Vec<Trial> {
    let texts: Vec<String> = modules.iter().map(|module| module.text.clone()).collect();
    let table = Trial::test("every_operation_has_a_test", move || covered(&texts));
    let mut numbered: Vec<(usize, Trial)> = modules
        .iter()
        .flat_map(|module| {
            let tests = module.tests().into_iter().enumerate();
            tests.map(|(number, test)| (number, trial(Arc::clone(module), test)))
        })
        .collect();
    numbered.sort_by_key(|(number, _)| *number);
    let trials = numbered.into_iter().map(|(_, trial)| trial);
    trials.chain([table]).collect()
}

fn trial(module: Arc<Module>, test: String) -> Trial {
    let name = format!("{}::{}", module.short(), test.trim_start_matches("test_"));
    let missing = module.language().filter(|of| runtimes(*of).is_none());
    Trial::ignorable_test(name, move || match python() {
        _ if missing.is_some() => Ok(Completion::ignored_with(
            "SKIPPED: the runtime of its language is not installed; scripts/test does it",
        )),
        Some(python) => module.run(&python, &test).map(|()| Completion::Completed),
        None => Ok(Completion::ignored_with(
            "SKIPPED: no Python with the AWS clients; scripts/aws makes it",
        )),
    })
}

/// The interpreter that has boto3 and awscli.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("WF_HOST_TEST_AWS").map(PathBuf::from);
    let target = || Some(binary().parent()?.parent()?.join("aws-clients"));
    let python = named.or_else(target)?.join("bin/python");
    python.is_file().then_some(python)
}

impl Module {
    fn short(&self) -> &str {
        self.name.trim_start_matches("test_")
    }

    /// The names of its tests, in order.
    fn tests(&self) -> Vec<String> {
        let names = self.text.lines().filter_map(|line| {
            let name = line.strip_prefix("def ")?.split('(').next()?;
            name.starts_with("test_").then(|| name.to_owned())
        });
        names.collect()
    }

    /// The arguments of its server.
    fn arguments(&self) -> Vec<String> {
        let mut lines = self.text.lines();
        let line = lines.find_map(|line| line.strip_prefix("# serve:"));
        let words = line.unwrap_or_default().split_whitespace();
        let cache = self.language().and_then(runtimes).unwrap_or_default();
        words
            .map(|word| word.replace("{runtimes}", &cache.to_string_lossy()))
            .collect()
    }

    /// The language whose runtime it needs, which a line `# runtime: ...` names.
    fn language(&self) -> Option<Language> {
        let mut lines = self.text.lines();
        let line = lines.find_map(|line| line.strip_prefix("# runtime:"))?;
        Language::named(line.trim())
    }

    fn run(&self, python: &Path, test: &str) -> Result<(), Failed> {
        let mut running = self.running.lock().expect("no test panics");
        let begun = running.get_or_insert_with(|| Running::begin(self, python));
        match begun {
            Ok(running) => running.ask(test),
            Err(error) => Err(error.clone().into()),
        }
    }

    fn end(&self) {
        let running = self.running.lock().expect("no test panics").take();
        if let Some(Ok(mut running)) = running {
            running.end();
        }
    }
}

/// A server and the process that runs a module's tests against it.
struct Running {
    server: Child,
    worker: Child,
    answers: BufReader<std::process::ChildStdout>,
    home: tempfile::TempDir,
}

impl Running {
    fn begin(module: &Module, python: &Path) -> Result<Running, String> {
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (mut server, url) = serve(&module.arguments(), home.path())?;
        match worker(module, python, &url, &server, home.path()) {
            Ok((worker, answers)) => Ok(Running {
                server,
                worker,
                answers,
                home,
            }),
            Err(error) => {
                let _ = server.kill();
                Err(error)
            }
        }
    }

    /// Runs a test.
    fn ask(&mut self, test: &str) -> Result<(), Failed> {
        if let Some(input) = self.worker.stdin.as_mut() {
            let _ = writeln!(input, "{test}");
        }
        let mut line = String::new();
        let _ = self.answers.read_line(&mut line);
        let answer: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            serde_json::json!({ "error": format!("the worker ended\n{}", self.said("worker")) })
        });
        if let Some(status) = self.server.try_wait().ok().flatten() {
            return Err(format!("the server ended: {status}\n{}", self.said("server")).into());
        }
        match answer["error"].as_str() {
            Some(error) => Err(format!("{error}\nserver:\n{}", self.said("server")).into()),
            None => Ok(()),
        }
    }

    /// The end of what a process wrote to stderr.
    fn said(&self, who: &str) -> String {
        let bytes = std::fs::read(self.home.path().join(who)).unwrap_or_default();
        text(&bytes[bytes.len().saturating_sub(4000)..])
    }

    fn end(&mut self) {
        drop(self.worker.stdin.take());
        let _ = self.worker.wait();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts a server on a port of its own; it and its URL.
fn serve(arguments: &[String], home: &Path) -> Result<(Child, String), String> {
    let mut all = vec!["serve", "--addr", "127.0.0.1:0"];
    all.extend(arguments.iter().map(String::as_str));
    let stderr = File::create(home.join("server")).map_err(|error| error.to_string())?;
    let mut server = wf_host(&all)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut line = String::new();
    if let Some(stdout) = server.stdout.take() {
        let _ = BufReader::new(stdout).read_line(&mut line);
    }
    let url = line.trim();
    if url.starts_with("http://") {
        return Ok((server, url.to_owned()));
    }
    let _ = server.kill();
    let _ = server.wait();
    let said = std::fs::read(home.join("server")).unwrap_or_default();
    Err(format!(
        "wf-host {} names no URL on stdout but {line:?}\n{}",
        all.join(" "),
        text(&said)
    ))
}

type Worker = (Child, BufReader<std::process::ChildStdout>);

/// Starts the process that runs a module's tests, which sees nothing of the user's settings.
fn worker(
    module: &Module,
    python: &Path,
    url: &str,
    server: &Child,
    home: &Path,
) -> Result<Worker, String> {
    let stderr = File::create(home.join("worker")).map_err(|error| error.to_string())?;
    let mut command = Command::new(python);
    let kept = ["PATH", "LANG", "WF_HOST_TEST_HEAVY"];
    command
        .env_clear()
        .envs(
            kept.iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_PAGER", ""),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("WF_HOST_URL", url),
        ])
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("WF_HOST_PID", server.id().to_string())
        .arg(folder().join("worker.py"))
        .arg(&module.name)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr);
    let mut worker = command.spawn().map_err(|error| error.to_string())?;
    let stdout = worker.stdout.take().ok_or("the worker has no stdout")?;
    Ok((worker, BufReader::new(stdout)))
}

/// Holds the operations of the service models against those that tests say they call, both ways.
fn covered(texts: &[String]) -> Result<(), Failed> {
    let called: BTreeSet<String> = texts.iter().flat_map(|text| named(text)).collect();
    let operations = operations()?;
    let without: Vec<&String> = operations.difference(&called).collect();
    let unknown: Vec<&String> = called.difference(&operations).collect();
    if without.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(format!("without a test: {without:?}; of no model: {unknown:?}").into())
}

/// Every operation, as `stepfunctions.CreateActivity`.
fn operations() -> Result<BTreeSet<String>, Failed> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("host/api/models"))? {
        let path = entry?.path();
        let service = path.file_stem().unwrap_or_default().to_string_lossy();
        let model: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let names = model["operations"].as_object().into_iter().flatten();
        found.extend(names.map(|(name, _)| format!("{service}.{name}")));
    }
    Ok(found)
}

/// What the decorators `@calls(...)` of a module name.
fn named(text: &str) -> Vec<String> {
    let marks = text.split("\n@calls(").skip(1);
    let inside = marks.filter_map(|rest| rest.split("\ndef ").next());
    inside
        .flat_map(|mark| mark.split('"').skip(1).step_by(2).map(str::to_owned))
        .collect()
}
