//! `wf-host runtime`: the runtimes of Python and JavaScript functions.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use data::{Data, Object};
use languages::{InstallError, Installed, Language, Missing, Options, Runtimes, Step, Why};
use sandbox::{Config, Sandbox};

use crate::args::{
    LanguageArg, RuntimeCommand, RuntimeInstallArgs, RuntimeListArgs, RuntimeRemoveArgs,
};
use crate::exit::{Exit, because, because_hint};
use crate::table::{Column, Table};
use crate::{functions, output, pager};

/// Runs one of the commands about runtimes.
pub fn runtime(command: &RuntimeCommand) -> Result<Exit> {
    match command {
        RuntimeCommand::Install(args) => install(args),
        RuntimeCommand::List(args) => list(args),
        RuntimeCommand::Remove(args) => remove(args),
    }
}

impl From<LanguageArg> for Language {
    fn from(language: LanguageArg) -> Language {
        match language {
            LanguageArg::Python => Language::Python,
            LanguageArg::Node => Language::Node,
        }
    }
}

/// Each language once, in the order of the list.
fn chosen(languages: &[LanguageArg]) -> Vec<Language> {
    let mut chosen: Vec<Language> = languages.iter().copied().map(Language::from).collect();
    chosen.sort();
    chosen.dedup();
    chosen
}

fn runtimes(cache: Option<&Path>) -> Runtimes {
    Runtimes::below(cache)
}

fn install(args: &RuntimeInstallArgs) -> Result<Exit> {
    let cache = functions::cache_dir_or(args.cache_dir.as_deref());
    let runtimes = runtimes(cache.as_deref());
    let sandbox = Sandbox::new(Config {
        cache_dir: cache,
        max_guests: 1,
        ..Config::default()
    })?;
    if let Some(warning) = sandbox.cache_warning() {
        output::talk(&format!("warning: {warning}"));
    }
    let options = Options {
        force: args.force,
        python: args.python.clone(),
        npm: args.npm.clone(),
    };
    let mut done = Vec::new();
    for language in chosen(&args.languages) {
        let is_there = !args.force && runtimes.find(language).is_ok();
        let progress = &mut |step: &Step| {
            if !args.quiet && !is_there {
                output::talk(&line(language, step));
            }
        };
        let installed = runtimes.install(language, &sandbox, &options, progress);
        let installed = installed.map_err(|error| not_installed(language, &error))?;
        if is_there && !args.quiet {
            output::talk(&format!(
                "{language} is installed already; --force makes it anew"
            ));
        }
        done.push(installed);
    }
    show(
        &done
            .into_iter()
            .map(|found| (found.language, Ok(found)))
            .collect::<Vec<_>>(),
        args.json,
    );
    Ok(Exit::Ok)
}

/// A step in a line, in the manner of a workflow's.
fn line(language: Language, step: &Step) -> String {
    let tenths = step.elapsed.as_millis() / 100;
    let since = format!("{}.{}s", tenths / 10, tenths % 10);
    format!("{since:>12}  {language}  {}", step.stage)
}

fn not_installed(language: Language, error: &InstallError) -> anyhow::Error {
    let exit = match error {
        InstallError::NoCache { .. } => Exit::Usage,
        _ => Exit::HostFault,
    };
    let message = format!(
        "the runtime of {language} is not installed: {}",
        output::harmless_text(&error.to_string())
    );
    match error.hint() {
        Some(hint) => because_hint(exit, message, hint),
        None => because(exit, message),
    }
}

fn list(args: &RuntimeListArgs) -> Result<Exit> {
    let cache = functions::cache_dir_or(args.cache_dir.as_deref());
    show(&runtimes(cache.as_deref()).list(), args.json);
    Ok(Exit::Ok)
}

type Found = (Language, Result<Installed, Missing>);

fn show(found: &[Found], json: bool) {
    if json {
        output::value(&found.iter().map(to_data).collect::<Data>());
    } else {
        output::data(&text(found));
    }
}

fn text(found: &[Found]) -> String {
    let mut table = Table::new([
        ("language", Column::Word),
        ("runtime", Column::Text),
        ("size", Column::Number),
    ]);
    let mut hints = String::new();
    for (language, found) in found {
        let (runtime, size) = match found {
            Ok(found) => (
                found.version.clone(),
                format!("{} MB", found.bytes.div_ceil(1 << 20)),
            ),
            Err(missing) => {
                let _ = writeln!(hints, "hint: {missing}");
                (state(missing.why).replace('-', " "), String::new())
            }
        };
        table.add([language.to_string(), output::one_line(&runtime), size]);
    }
    if !hints.is_empty() {
        output::talk(&hints);
    }
    table.text(pager::width())
}

/// What a runtime is that cannot be used, in a word for programs.
fn state(why: Why) -> &'static str {
    match why {
        Why::NoCache | Why::NotInstalled => "not-installed",
        Why::Outdated => "outdated",
        Why::Damaged => "damaged",
    }
}

fn to_data((language, found): &Found) -> Data {
    let object = Object::builder().with("language", language.as_str());
    let object = match found {
        Ok(found) => object
            .with("state", "installed")
            .with("version", found.version.as_str())
            .with("module", found.module.display().to_string())
            .with("sha256", hex(&found.sha256))
            .with("bytes", i64::try_from(found.bytes).unwrap_or(i64::MAX)),
        Err(missing) => object
            .with("state", state(missing.why))
            .with("install", missing.command()),
    };
    object.build().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn remove(args: &RuntimeRemoveArgs) -> Result<Exit> {
    let cache = functions::cache_dir_or(args.cache_dir.as_deref());
    let runtimes = runtimes(cache.as_deref());
    for language in chosen(&args.languages) {
        let removed = runtimes.remove(language);
        let removed = removed.map_err(|error| {
            because(
                Exit::HostFault,
                format!("the runtime of {language} cannot be removed: {error}"),
            )
        })?;
        output::talk(&match removed {
            true => format!("{language} is removed"),
            false => format!("{language} was not installed"),
        });
    }
    Ok(Exit::Ok)
}
