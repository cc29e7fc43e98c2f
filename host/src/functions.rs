//! From flags and files to the functions of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use data::Mistake;
use endpoint::{Endpoints, Settings};
use runtime::manifest::{Ceilings, MachineEntry, Manifest};
use runtime::{Functions, Trust};

use crate::args::FunctionArgs;
use crate::exit::{Exit, because, because_hint};
use crate::files;

/// What stands behind the tasks of a definition, and the values of its placeholders.
pub struct Setup {
    /// The functions.
    pub functions: Functions,
    /// `${Name}` -> value.
    pub define: BTreeMap<String, String>,
    /// The machines that the functions file names.
    pub machines: BTreeMap<String, MachineEntry>,
    /// The functions file's folder.
    pub folder: PathBuf,
}

/// Reads the functions file, the limits file and the flags that go with `definition`.
pub fn setup(args: &FunctionArgs, definition: &Path) -> Result<Setup> {
    setup_beside(args, definition, None)
}

/// The same where another file names the functions file: the flag wins, and what was only found is no grant.
pub fn setup_beside(
    args: &FunctionArgs,
    definition: &Path,
    config: Option<PathBuf>,
) -> Result<Setup> {
    let ceilings = ceilings(args.limits.as_deref())?;
    let sandbox = sandbox::Config {
        cache_dir: cache_dir(args),
        ..sandbox::Config::default()
    };
    let mut functions = Functions::new(sandbox, ceilings);
    functions.set_remote(Arc::new(Endpoints::new(Settings::default())));
    let mut define = BTreeMap::new();
    let (mut machines, mut folder) = (BTreeMap::new(), PathBuf::new());
    if let Some(path) = &manifest_path(args, definition, config) {
        let (source, format) = files::source(path)?;
        let read = Manifest::read(&source, format).map_err(|faults| bad_file(&faults))?;
        let allowed = |name: &str| {
            let allowed = args.allow_env.iter().any(|allowed| allowed == name);
            allowed.then(|| std::env::var(name).ok()).flatten()
        };
        let trust = if args.functions.is_some() {
            Trust::Named
        } else {
            Trust::Found
        };
        folder = files::folder(path);
        let added = functions.add_manifest(&read, &folder, trust, &allowed);
        added.map_err(|error| because(Exit::BadFile, format!("{}: {error}", path.display())))?;
        define.extend(read.define);
        machines = read.machines;
    }
    for binding in &args.guest {
        let (name, path) = pair(binding, "--guest", "NAME=PATH")?;
        if !Path::new(path).is_file() {
            let message = format!("--guest {binding}: {path} is not a file");
            return Err(because(Exit::GuestNotLoadable, message));
        }
        functions.add_guest(name, PathBuf::from(path));
    }
    for definition in &args.define {
        let (name, value) = pair(definition, "--define", "NAME=VALUE")?;
        define.insert(name.to_owned(), value.to_owned());
    }
    Ok(Setup {
        functions,
        define,
        machines,
        folder,
    })
}

/// The functions file: the one that the user names, else that of another file, else the one beside the definition.
fn manifest_path(
    args: &FunctionArgs,
    definition: &Path,
    config: Option<PathBuf>,
) -> Option<PathBuf> {
    args.functions.clone().or(config).or_else(|| {
        let beside = files::folder(definition).join("wf-host.toml");
        beside.is_file().then_some(beside)
    })
}

fn ceilings(path: Option<&Path>) -> Result<Ceilings> {
    let Some(path) = path else {
        return Ok(Ceilings::default());
    };
    let (source, format) = files::source(path)?;
    Ceilings::read(&source, format).map_err(|faults| bad_file(&faults))
}

fn bad_file(faults: &[Mistake]) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    because_hint(Exit::BadFile, lines.join("\n"), "wf-host help config")
}

fn pair<'a>(text: &'a str, flag: &str, form: &str) -> Result<(&'a str, &'a str)> {
    text.split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| because(Exit::Usage, format!("{flag} {text}: expected {form}")))
}

/// `wf-host` under the XDG cache folder, unless a flag or variable says otherwise.
pub fn cache_dir(args: &FunctionArgs) -> Option<PathBuf> {
    cache_dir_or(args.cache_dir.as_deref())
}

/// The same where the flag stands alone.
pub fn cache_dir_or(named: Option<&Path>) -> Option<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named.map(Path::to_owned).or_else(|| {
        let base = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
        Some(base.join("wf-host"))
    })
}
