//! The functions of a run: loaded guests with their limits, found by name.

mod bind;
mod deployed;
mod load;
mod resolve;
mod script;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use data::EcoString;

use languages::Runtimes;
use sandbox::{Access, Config, Guest, Limits, Mount, Root, Sandbox, SandboxError};

pub use deployed::{Code, Deployment, Meant};
pub use load::LoadFailure;
pub use resolve::{ApiCall, Envelope, Work, function_name};
pub(crate) use resolve::{binding_snippet, is_api, is_invoke, is_lambda, submits, waits_for_token};

use data::Mistake;
use script::Script;

use crate::manifest::{Ceilings, FunctionEntry, Manifest, TaskBinding};
use crate::remote::{Endpoint, Remote};

/// Every function that a run can call, and what else stands behind a `Resource`.
///
/// Guests are loaded when they are first needed, and the sandbox is made for the first of them: a workflow
/// without functions pays for neither.
pub struct Functions {
    config: Config,
    sandbox: OnceLock<Sandbox>,
    functions: BTreeMap<String, Arc<Function>>,
    aliases: BTreeMap<String, String>,
    tasks: BTreeMap<String, TaskBinding>,
    ceilings: Ceilings,
    deployed: deployed::Deployed,
    runtimes: Runtimes,
    /// The guests of the languages' runtimes, loaded once for all their functions.
    languages: script::Guests,
    remote: Option<Arc<dyn Remote>>,
}

/// More live guests than this are not made room for unasked: each takes some of the memory mappings that the
/// system grants a process.
const MOST_GUESTS: u32 = 1000;

/// A function: a guest and what it may use.
pub struct Function {
    /// Its name.
    pub name: String,
    /// What one invocation may use.
    pub limits: Limits,
    /// Invocations that may run side by side; above it Lambda throttles.
    pub concurrency: Option<u32>,
    /// Its own environment variables.
    pub environment: Vec<(String, String)>,
    /// The folders it sees.
    pub mounts: Vec<Mount>,
    /// Which of its versions this is: `$LATEST`, or a number if it was published.
    pub version: EcoString,
    /// The handler that it was deployed with.
    pub handler: Option<String>,
    /// The bytes of the `/tmp` that each invocation gets for itself; none: it has no `/tmp`.
    pub scratch: Option<u64>,
    /// Its name for `${Name}` and the like.
    aliases: Vec<String>,
    /// A variable of the host that it asks for and was not given.
    lacks: Option<String>,
    module: Module,
    guest: Arc<OnceLock<Guest>>,
    /// The folders of its code, if a language's runtime runs it: known when that is loaded.
    code: Arc<OnceLock<Vec<Mount>>>,
}

/// The version of a function that was not published.
const LATEST: &str = "$LATEST";

/// Where a function's module is.
#[derive(Clone)]
enum Module {
    /// A file under a manifest's folder.
    Under {
        root: Root,
        path: String,
        sha256: Option<String>,
    },
    /// A file that the user named.
    File(PathBuf),
    /// With whoever deployed the function; or nowhere any more: it was loaded then.
    Deployed(Option<deployed::Source>),
    /// None of its own: a language's runtime runs the function's code.
    Script(Arc<Script>),
    /// None: another server runs the function.
    Remote(Endpoint),
}

/// Whether the user named a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user did: what it asks for below its folder is granted.
    Named,
    /// It was found beside a definition that may be a stranger's: its guests may read below its folder only.
    Found,
}

/// Why functions cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum FunctionsError {
    /// The manifest says something wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Manifest(Vec<Mistake>),
    /// The manifest's folder cannot be opened.
    #[error("{path}: {error}")]
    Root {
        /// The folder.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A mount cannot be opened.
    #[error("function {function}: {error}")]
    Mount {
        /// The function.
        function: String,
        /// Why.
        error: sandbox::MountError,
    },
    /// A manifest that nobody named wants a guest to write.
    #[error(
        "function {function}: a functions file that is only found beside a definition may mount folders for \
             reading; name it with --functions to let guests write"
    )]
    ReadWrite {
        /// The function.
        function: String,
    },
    /// A manifest that nobody named would have the user's credentials used.
    #[error(
        "{what}: a functions file that is only found beside a definition must not send anything to an endpoint; \
             name it with --functions to let it"
    )]
    Endpoint {
        /// The function or resource.
        what: String,
    },
    /// Two functions share a name or an alias.
    #[error("{name} names more than one function")]
    Ambiguous {
        /// The name.
        name: String,
    },
}

impl Function {
    /// A function that nobody defined, with Lambda's defaults and no guest.
    pub(crate) fn stand_in(name: &str) -> Function {
        Function {
            name: name.to_owned(),
            limits: Limits::default(),
            concurrency: None,
            environment: Vec::new(),
            mounts: Vec::new(),
            version: LATEST.into(),
            handler: None,
            scratch: None,
            aliases: Vec::new(),
            lacks: None,
            module: Module::File(PathBuf::new()),
            guest: Arc::default(),
            code: Arc::default(),
        }
    }
}

impl Functions {
    /// No functions yet; the sandbox will be made with `config`, within `ceilings`.
    pub fn new(config: Config, ceilings: Ceilings) -> Functions {
        let mut config = config;
        let mut ceilings = ceilings;
        // No function can have more memory than a guest's addresses reach, or than all guests together have.
        let least = config
            .max_memory
            .min(ceilings.host_memory.unwrap_or(u64::MAX));
        let least = least.min(config.max_memory_per_guest);
        ceilings.memory = Some(ceilings.memory.unwrap_or(u64::MAX).min(least));
        config.max_guests = config.max_guests.min(ceilings.guests.unwrap_or(u32::MAX));
        config.max_memory = config
            .max_memory
            .min(ceilings.host_memory.unwrap_or(u64::MAX));
        Functions {
            sandbox: OnceLock::new(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            tasks: BTreeMap::new(),
            ceilings,
            deployed: deployed::Deployed::default(),
            runtimes: Runtimes::below(config.cache_dir.as_deref()),
            languages: script::Guests::default(),
            config,
            remote: None,
        }
    }

    /// Adds what a manifest names; its paths are relative to `folder` and cannot leave it.
    ///
    /// `host_environment` gives the host's variables that the run allows.
    pub fn add_manifest(
        &mut self,
        manifest: &Manifest,
        folder: &std::path::Path,
        trust: Trust,
        host_environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), FunctionsError> {
        let root = Root::open(folder).map_err(|error| FunctionsError::Root {
            path: folder.display().to_string(),
            error,
        })?;
        if trust == Trust::Found
            && let Some(what) = manifest.first_endpoint()
        {
            return Err(FunctionsError::Endpoint { what });
        }
        for (name, entry) in &manifest.functions {
            if trust == Trust::Found && entry.mounts.iter().any(|m| m.access == Access::ReadWrite) {
                return Err(FunctionsError::ReadWrite {
                    function: name.clone(),
                });
            }
            let function = self.function(name, entry, &root, host_environment)?;
            self.insert(function)?;
        }
        let taken = self
            .aliases
            .keys()
            .find(|alias| self.functions.contains_key(*alias));
        if let Some(name) = taken {
            return Err(FunctionsError::Ambiguous { name: name.clone() });
        }
        self.tasks.extend(manifest.tasks.clone());
        Ok(())
    }

    /// Adds the guest in a file that the user named, with Lambda's default limits unless the name is known
    /// already: then only its module changes.
    pub fn add_guest(&mut self, name: &str, path: PathBuf) {
        let name = self
            .aliases
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_owned());
        let name = name.as_str();
        let known = self.functions.get(name);
        let function = Function {
            name: name.to_owned(),
            limits: known.map_or_else(
                || self.ceilings.bind(&Limits::default()),
                |f| f.limits.clone(),
            ),
            concurrency: known.and_then(|f| f.concurrency),
            environment: known.map(|f| f.environment.clone()).unwrap_or_default(),
            mounts: known.map(|f| f.mounts.clone()).unwrap_or_default(),
            version: LATEST.into(),
            handler: None,
            scratch: None,
            aliases: known.map(|f| f.aliases.clone()).unwrap_or_default(),
            lacks: known.and_then(|f| f.lacks.clone()),
            module: Module::File(path),
            guest: Arc::default(),
            code: Arc::default(),
        };
        self.functions.insert(name.to_owned(), Arc::new(function));
    }

    fn function(
        &self,
        name: &str,
        entry: &FunctionEntry,
        root: &Root,
        host_environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Function, FunctionsError> {
        let mut environment: BTreeMap<String, String> = entry.environment.clone();
        let mut lacks = None;
        for variable in &entry.environment_from_host {
            match host_environment(variable) {
                Some(value) => drop(environment.insert(variable.clone(), value)),
                None => lacks = Some(variable.clone()),
            }
        }
        let mount = |entry: &crate::manifest::MountEntry| {
            let mount = root.mount(&entry.source, &entry.target, entry.access);
            mount.map_err(|error| FunctionsError::Mount {
                function: name.to_owned(),
                error,
            })
        };
        Ok(Function {
            name: name.to_owned(),
            limits: self.ceilings.bind(&entry.limits),
            concurrency: self.ceilings.bind_concurrency(entry.concurrency),
            environment: environment.into_iter().collect(),
            mounts: entry.mounts.iter().map(mount).collect::<Result<_, _>>()?,
            version: LATEST.into(),
            handler: entry.script.as_ref().map(|script| script.handler.clone()),
            scratch: entry
                .scratch
                .or_else(|| entry.script.as_ref().map(|_| script::SCRATCH)),
            aliases: entry.aliases.clone(),
            lacks,
            module: match (&entry.endpoint, &entry.script) {
                (Some(endpoint), _) => Module::Remote(endpoint.clone()),
                (None, Some(script)) => Module::Script(Arc::new(Script::under(root, script))),
                (None, None) => Module::Under {
                    root: root.clone(),
                    path: entry.module.clone(),
                    sha256: entry.sha256.clone(),
                },
            },
            guest: Arc::default(),
            code: Arc::default(),
        })
    }

    fn insert(&mut self, function: Function) -> Result<(), FunctionsError> {
        for alias in &function.aliases {
            let taken = self.aliases.insert(alias.clone(), function.name.clone());
            if taken.is_some_and(|other| other != function.name) {
                return Err(FunctionsError::Ambiguous {
                    name: alias.clone(),
                });
            }
        }
        self.functions
            .insert(function.name.clone(), Arc::new(function));
        Ok(())
    }

    /// The function of that name or alias that was there from the beginning.
    pub fn get(&self, name: &str) -> Option<&Arc<Function>> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.functions.get(name)
    }

    /// Every function that was there from the beginning, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.values()
    }

    /// Has whoever speaks other servers' protocols answer the tasks that go to an endpoint.
    pub fn set_remote(&mut self, remote: Arc<dyn Remote>) {
        self.remote = Some(remote);
    }

    /// Whoever answers the tasks that go to an endpoint.
    pub fn remote(&self) -> Option<&Arc<dyn Remote>> {
        self.remote.as_ref()
    }

    /// The sandbox, made on first use.
    pub fn sandbox(&self) -> Result<&Sandbox, SandboxError> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }
        let sandbox = Sandbox::new(self.config.clone())?;
        Ok(self.sandbox.get_or_init(|| sandbox))
    }

    /// Makes room for `guests` live guests, within the ceilings; without effect once the sandbox is made.
    ///
    /// Room costs time when the sandbox is made, so a run makes as much as its definition can use.
    pub fn make_room(&mut self, guests: u32) {
        let most = self.ceilings.guests.unwrap_or(u32::MAX).min(MOST_GUESTS);
        self.config.max_guests = guests.clamp(1, most.max(1));
    }

    /// How many guests may be live at once.
    pub fn max_guests(&self) -> u32 {
        self.config.max_guests
    }
}
