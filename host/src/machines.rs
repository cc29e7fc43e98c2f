//! The machines of a run: the main one, and those that it can start or that run beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use asl::{Options, Program, Severity};
use check::recording;
use data::{Data, EcoString, Format, Source};
use engine::Entropy;
use journal::Definition;
use runtime::{Companion, Machine, Machines, is_name};

use crate::args::MachineArgs;
use crate::exit::{Exit, because, because_hint};
use crate::functions::Setup;
use crate::{files, output};

/// More than this is no definition; AWS takes 1 MB.
const MOST_BYTES: u64 = 8 << 20;

/// Compiles a definition and tells what there is to say of it.
pub fn compile(
    setup: &Setup,
    (source, format): &(Source, Format),
    express: bool,
    quiet: bool,
) -> Result<Arc<Program>> {
    let is_function = |name: &str| setup.functions.find(name).is_some();
    let options = Options {
        definitions: &setup.define,
        is_function: &is_function,
        express,
    };
    let compiled = asl::compile(source, *format, &options);
    let program = compiled.program;
    tell(&compiled.diagnostics, source, quiet && program.is_some());
    let message = || format!("{} is not a valid definition", source.name);
    let program = program.ok_or_else(|| because(Exit::BadFile, message()))?;
    Ok(Arc::new(program))
}

/// Warnings and errors of a definition.
fn tell(diagnostics: &[asl::Diagnostic], source: &Source, errors_only: bool) {
    for diagnostic in diagnostics {
        // A missing timeout concerns whoever writes the definition, not each of its runs.
        let minor = diagnostic.code == asl::Code::MissingTimeout;
        if diagnostic.severity == Severity::Error || !(errors_only || minor) {
            output::talk(&diagnostic.render(source));
        }
    }
}

/// A machine with the text that it was compiled from.
pub struct Named {
    pub machine: Machine,
    pub source: Source,
    pub format: Format,
}

impl Named {
    /// Compiles a machine that a run knows by this name.
    fn compile(
        setup: &Setup,
        name: &str,
        (source, format): (Source, Format),
        express: bool,
        quiet: bool,
    ) -> Result<Named> {
        let text = (source, format);
        let program = compile(setup, &text, express, quiet)?;
        Ok(Named {
            machine: Machine::local(name, program, express),
            source: text.0,
            format,
        })
    }

    /// Its definition as JSON text; one that is JSON already stays as it is written.
    pub fn definition(&self) -> String {
        match self.format {
            Format::Json => self.source.text.to_string(),
            Format::Yaml | Format::Toml => match data::read(&self.source, self.format) {
                Ok(node) => node.to_data().to_pretty(),
                Err(_) => String::new(),
            },
        }
    }

    /// Its definition as a store keeps it.
    pub fn kept(&self, setup: &Setup) -> Definition {
        runtime::definition(&self.source.text, self.format, &setup.define)
    }

    /// The machine as a recording holds it.
    pub fn recorded(&self, setup: &Setup) -> recording::Machine {
        recording::Machine {
            name: self.machine.name.clone(),
            source: self.source.clone(),
            format: self.format,
            define: setup.define.clone(),
            express: self.machine.express,
        }
    }
}

/// The machines that the functions file names.
pub fn listed(setup: &Setup) -> Result<Vec<Named>> {
    let machines = setup.machines.iter().map(|(name, entry)| {
        let text = in_folder(&setup.folder, &entry.definition)?;
        Named::compile(setup, name, text, entry.express, false)
    });
    machines.collect()
}

/// The machines that the functions file and `--also` name; the flag wins over the file. No two flags may give one
/// name, and none that of the run's `own` machine: which of them a task starts would be anybody's guess.
pub fn named(args: &MachineArgs, own: &str, setup: &Setup, quiet: bool) -> Result<Vec<Named>> {
    let mut machines = Vec::new();
    let mut taken = BTreeSet::from([own.to_owned()]);
    for (name, entry) in &setup.machines {
        let text = in_folder(&setup.folder, &entry.definition)?;
        machines.push(Named::compile(setup, name, text, entry.express, quiet)?);
    }
    for also in &args.also {
        let (name, path) = match also.split_once('=') {
            Some((name, path)) => (name.to_owned(), PathBuf::from(path)),
            None => (files::machine_name(Path::new(also)), PathBuf::from(also)),
        };
        if !is_name(&name) {
            return Err(because(
                Exit::Usage,
                format!("--also {also}: {name:?} is not a name for a state machine"),
            ));
        }
        if !taken.insert(name.clone()) {
            return Err(because_hint(
                Exit::Usage,
                format!("--also {also}: another machine of this run is called {name:?}"),
                "--also NAME=DEFINITION gives it another name",
            ));
        }
        let text = files::source(&path)?;
        machines.push(Named::compile(setup, &name, text, false, quiet)?);
    }
    Ok(machines)
}

/// A definition that a functions file names: below its folder, whatever links say.
fn in_folder(folder: &Path, path: &str) -> Result<(Source, Format)> {
    let name = folder.join(path).display().to_string();
    let bad = |why: String| because(Exit::BadFile, format!("{name}: {why}"));
    let format = Format::of_name(path).ok_or_else(|| {
        because_hint(
            Exit::BadFile,
            format!("{name}: unknown kind of file"),
            "the ending must be .json, .yaml, .yml or .toml",
        )
    })?;
    let root = sandbox::Root::open(folder).map_err(|error| bad(error.to_string()))?;
    let bytes = root.read(path, MOST_BYTES);
    let bytes = bytes.map_err(|error| bad(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| bad("not UTF-8".to_owned()))?;
    Ok((Source::new(name.as_str(), text), format))
}

/// The executions that `--beside` starts. Their names are drawn from the seed.
pub fn companions(args: &MachineArgs, machines: &Machines, seed: u64) -> Result<Vec<Companion>> {
    let entropy = Entropy::from_seed(seed);
    let companions = args.beside.iter().enumerate().map(|(index, beside)| {
        let (name, input) = match beside.split_once('=') {
            Some((name, input)) => (name, files::json(input, &format!("--beside {name}"))?),
            None => (beside.as_str(), Data::empty_object()),
        };
        let machine = machines.find(name).ok_or_else(|| unknown(name, machines))?;
        let bits = entropy.derive("companion", &format!("{index}:{name}"));
        Ok(Companion {
            machine: Arc::clone(machine),
            name: EcoString::from(crate::commands::run::uuid_of(bits)),
            input,
        })
    });
    companions.collect()
}

fn unknown(name: &str, machines: &Machines) -> anyhow::Error {
    let known: Vec<&str> = machines
        .iter()
        .map(|machine| machine.name.as_str())
        .collect();
    because_hint(
        Exit::Usage,
        format!("--beside {name}: there is no machine {name:?}"),
        format!(
            "known machines: {}; name more with --also [NAME=]DEFINITION",
            known.join(", ")
        ),
    )
}
