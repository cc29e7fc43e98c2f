//! Functions that come and go while the host runs.
//!
//! Each has versions, `$LATEST` and numbers, and belongs to a region. A deployed function that can run comes before
//! one of the functions file of the same name. One that cannot, because its code is of a language whose runtime is
//! not installed or that has none, is run by the functions file's guest of that name, if there is one: under the limits, mounts and concurrency
//! that the file gives it, with the deployed environment beneath the file's own.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use data::{Data, EcoString, Object};
use engine::Failure;
use languages::Language;
use sandbox::{Guest, Limits, SandboxError};

use super::resolve::Reference;
use super::script::Script;
use super::{Function, Functions, LATEST, LoadFailure, Module};
use crate::manifest::SCRIPT_PACE;

/// A function as it is deployed.
#[derive(Clone)]
pub struct Deployment {
    /// Its region.
    pub region: EcoString,
    /// Its name.
    pub name: String,
    /// `$LATEST` or a number.
    pub version: EcoString,
    /// What runs.
    pub code: Code,
    /// `Runtime`
    pub runtime: Option<String>,
    /// `Handler`
    pub handler: Option<String>,
    /// `Timeout`
    pub timeout: Duration,
    /// `MemorySize`, in bytes.
    pub memory: u64,
    /// `EphemeralStorage`, in bytes.
    pub scratch: u64,
    /// `Environment`
    pub environment: Vec<(String, String)>,
    /// `ReservedConcurrentExecutions`
    pub concurrency: Option<u32>,
}

/// The code of a deployed function. Cheap to clone.
#[derive(Clone)]
pub struct Code(Kind);

#[derive(Clone)]
enum Kind {
    Guest(Arc<OnceLock<Guest>>),
    Later(Source, Arc<OnceLock<Guest>>),
    Zip(Arc<[u8]>),
}

/// Where the module of deployed code is had from when it is needed, or why it cannot be had.
pub(super) type Source = Arc<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>;

impl Code {
    /// Code whose module is asked for and loaded when an invocation first needs it. What is loaded is shared with all
    /// clones; a reason why there is no module is how the invocations fail.
    pub fn later(module: impl Fn() -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Code {
        Code(Kind::Later(Arc::new(module), Arc::default()))
    }

    /// A zip without WebAssembly in it: code for the runtime of the deployment, if there is one here.
    #[must_use]
    pub fn zip(bytes: Arc<[u8]>) -> Code {
        Code(Kind::Zip(bytes))
    }
}

/// What stands behind a reference to a function.
pub enum Meant {
    /// A function that can run.
    Function(Arc<Function>),
    /// A deployed function whose runtime is not here: how each of its invocations fails.
    Unsupported(Failure),
    /// No such function, or no such version of it.
    Unknown,
}

/// By region and name, then by version.
#[derive(Default)]
pub(super) struct Deployed(RwLock<BTreeMap<(EcoString, String), Versions>>);

type Versions = BTreeMap<EcoString, Result<Arc<Function>, Failure>>;

impl Functions {
    /// Loads a module that is to be deployed; takes as long as it takes to compile.
    pub fn compile(&self, name: &str, module: &[u8]) -> Result<Code, LoadFailure> {
        let failure = |reason: String| LoadFailure {
            function: name.to_owned(),
            path: "the deployed code".to_owned(),
            reason,
            hint: super::load::OF_MODULES,
        };
        let sandbox = self
            .sandbox()
            .map_err(|error: SandboxError| failure(error.to_string()))?;
        let guest = sandbox.load(name, module);
        let guest = guest.map_err(|error| failure(error.to_string()))?;
        Ok(Code(Kind::Guest(Arc::new(guest.into()))))
    }

    /// Puts a version of a function in its place, for all invocations that begin from now on.
    pub fn deploy(&self, deployment: Deployment) {
        let key = (deployment.region.clone(), deployment.name.clone());
        let version = deployment.version.clone();
        let function = self.deployable(deployment);
        self.deployed.write(|all| {
            all.entry(key).or_default().insert(version, function);
        });
    }

    /// Takes a version of a function away, or all of it; whether it was there. What runs is not stopped.
    pub fn remove(&self, region: &str, name: &str, version: Option<&str>) -> bool {
        let key = (region.into(), name.to_owned());
        self.deployed.write(|all| match version {
            None => all.remove(&key).is_some(),
            Some(version) => {
                let versions = all.get_mut(&key);
                versions.is_some_and(|versions| versions.remove(version).is_some())
            }
        })
    }

    /// The versions of a deployed function.
    pub fn versions(&self, region: &str, name: &str) -> Vec<EcoString> {
        let key = (region.into(), name.to_owned());
        let all = self.deployed.0.read();
        let all = all.unwrap_or_else(PoisonError::into_inner);
        let versions = all.get(&key).into_iter().flat_map(BTreeMap::keys);
        versions.cloned().collect()
    }

    /// What a name, an ARN or a placeholder means, with a qualifier that it may have beside it. A reference that
    /// says no region is looked for in `region`, or, without one, in all.
    pub fn meant(&self, reference: &str, qualifier: Option<&str>, region: Option<&str>) -> Meant {
        let parsed = Reference::of(reference);
        let version = qualifier.or(parsed.qualifier).unwrap_or(LATEST);
        let region = parsed.region.or(region);
        if let Some(versions) = self.deployed.find(region, parsed.name) {
            return match versions.get(version) {
                Some(Ok(function)) => match self.without_runtime(function) {
                    Some(failure) => Meant::Unsupported(failure),
                    None => Meant::Function(Arc::clone(function)),
                },
                Some(Err(failure)) => Meant::Unsupported(failure.clone()),
                None => Meant::Unknown,
            };
        }
        match self.find(reference) {
            Some(function) => Meant::Function(Arc::clone(function)),
            None => Meant::Unknown,
        }
    }

    fn deployable(&self, deployment: Deployment) -> Result<Arc<Function>, Failure> {
        match &deployment.code.0 {
            Kind::Guest(guest) => {
                let guest = Arc::clone(guest);
                Ok(Arc::new(self.guest_of(deployment, None, guest)))
            }
            Kind::Later(source, guest) => {
                let (source, guest) = (Some(Arc::clone(source)), Arc::clone(guest));
                Ok(Arc::new(self.guest_of(deployment, source, guest)))
            }
            Kind::Zip(bytes) => {
                let bytes = Arc::clone(bytes);
                self.script_of(deployment, bytes)
            }
        }
    }

    /// What runs code that is no WebAssembly: its language's runtime, or a guest of the functions file.
    fn script_of(
        &self,
        deployment: Deployment,
        bytes: Arc<[u8]>,
    ) -> Result<Arc<Function>, Failure> {
        let runtime = deployment.runtime.clone().unwrap_or_default();
        let language = Language::of_runtime(&runtime);
        let is_there = language.is_some_and(|language| self.runtimes.find(language).is_ok());
        if !is_there && let Some(own) = self.get(&deployment.name) {
            return Ok(Arc::new(own.in_place_of(&deployment)));
        }
        let Some(language) = language else {
            return Err(unsupported(
                &deployment.name,
                &other_runtime(&deployment.name, &runtime),
            ));
        };
        let script = Script::given(language, runtime, bytes);
        let function = self.guest_of(deployment, None, Arc::default());
        let limits = Limits {
            fuel_per_second: SCRIPT_PACE,
            ..function.limits
        };
        Ok(Arc::new(Function {
            limits,
            module: Module::Script(Arc::new(script)),
            ..function
        }))
    }

    fn guest_of(
        &self,
        deployment: Deployment,
        source: Option<Source>,
        guest: Arc<OnceLock<Guest>>,
    ) -> Function {
        let limits = Limits {
            timeout: deployment.timeout,
            memory: deployment.memory,
            ..Limits::default()
        };
        Function {
            name: deployment.name,
            limits: self.ceilings.bind(&limits),
            concurrency: self.ceilings.bind_concurrency(deployment.concurrency),
            environment: deployment.environment,
            mounts: Vec::new(),
            version: deployment.version,
            handler: deployment.handler,
            scratch: Some(deployment.scratch),
            aliases: Vec::new(),
            lacks: None,
            module: Module::Deployed(source),
            guest,
            code: Arc::default(),
        }
    }
}

impl Function {
    /// This function of the functions file, doing the work of a deployed one.
    fn in_place_of(&self, deployment: &Deployment) -> Function {
        let mut environment = self.environment.clone();
        let own = |key: &str| self.environment.iter().any(|(name, _)| name == key);
        let deployed = deployment.environment.iter();
        environment.extend(deployed.filter(|(key, _)| !own(key)).cloned());
        Function {
            name: deployment.name.clone(),
            limits: self.limits.clone(),
            concurrency: deployment.concurrency.or(self.concurrency),
            environment,
            mounts: self.mounts.clone(),
            version: deployment.version.clone(),
            handler: self.handler.clone().or_else(|| deployment.handler.clone()),
            scratch: self.scratch,
            aliases: Vec::new(),
            lacks: self.lacks.clone(),
            module: self.module.clone(),
            guest: Arc::clone(&self.guest),
            code: Arc::clone(&self.code),
        }
    }
}

impl Deployed {
    fn write<T>(
        &self,
        change: impl FnOnce(&mut BTreeMap<(EcoString, String), Versions>) -> T,
    ) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(&self, region: Option<&str>, name: &str) -> Option<Versions> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(region) = region {
            return all.get(&(region.into(), name.to_owned())).cloned();
        }
        let mut named = all.iter().filter(|((_, other), _)| other == name);
        named.next().map(|(_, versions)| versions.clone())
    }
}

/// What is said of a runtime that there is none of.
fn other_runtime(name: &str, runtime: &str) -> String {
    format!(
        "The runtime {runtime} of the function {name} is not supported here: its code is kept, but only Python, Node.js and \
         WebAssembly run. Deploy a zip that holds a .wasm file, or bind"
    )
}

/// How an invocation fails whose runtime is not here, and what to do about it: `why` ends before what is always
/// possible.
pub(super) fn unsupported(name: &str, why: &str) -> Failure {
    const ERROR: &str = "Runtime.NotSupported";
    let message = format!(
        "{why} the function to a guest in wf-host.toml, which then runs in its place: [functions.{name}] module = \
         \"NAME.wasm\""
    );
    let payload = Object::builder()
        .with("errorMessage", message)
        .with("errorType", ERROR);
    Failure::new(ERROR, Data::from(payload.build()).to_string())
}
