//! Functions in languages that have a runtime here: one guest a language, and the code in folders.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use engine::Failure;
use languages::{Language, package};
use sandbox::{Access, Guest, Mount, MountError, Root};
use sha2::{Digest, Sha256};

use super::deployed::unsupported;
use super::{Function, Functions, LoadFailure, Module};
use crate::manifest::ScriptEntry;

/// The bytes of `/tmp` that Lambda gives a function which asks for nothing else.
pub(super) const SCRATCH: u64 = 512 << 20;

/// Where a function finds its code, and its layers.
const TASK: &str = "/var/task";
const OPT: &str = "/opt";

/// A zip larger than this is not read: Lambda's most for a function and its layers, unzipped.
const MOST_ZIP: u64 = package::MOST_UNZIPPED;

/// The code of a function in a language that has a runtime here.
pub(crate) struct Script {
    language: Language,
    /// Lambda's name of the runtime, such as `python3.12`.
    pub runtime: String,
    code: Source,
    layers: Vec<Source>,
}

/// Where code comes from.
enum Source {
    /// A folder or a zip below a manifest's folder.
    Under(Root, PathBuf),
    /// A zip that was uploaded.
    Given(Arc<[u8]>),
}

/// The memory without which a language's runtime does not come to a handler. Lambda gives 128 MB or more.
fn least_memory(language: Language) -> u64 {
    match language {
        Language::Python => 48 << 20,
        Language::Node => 8 << 20,
    }
}

/// The languages' guests, as far as they were needed.
#[derive(Default)]
pub(super) struct Guests {
    python: OnceLock<Guest>,
    node: OnceLock<Guest>,
}

impl Guests {
    fn of(&self, language: Language) -> &OnceLock<Guest> {
        match language {
            Language::Python => &self.python,
            Language::Node => &self.node,
        }
    }
}

impl Script {
    /// The code that a manifest names.
    pub(super) fn under(root: &Root, entry: &ScriptEntry) -> Script {
        let source = |path: &String| Source::Under(root.clone(), PathBuf::from(path));
        Script {
            language: entry.language,
            runtime: entry.runtime.clone(),
            code: source(&entry.code),
            layers: entry.layers.iter().map(source).collect(),
        }
    }

    /// The code that was uploaded.
    pub(super) fn given(language: Language, runtime: String, zip: Arc<[u8]>) -> Script {
        Script {
            language,
            runtime,
            code: Source::Given(zip),
            layers: Vec::new(),
        }
    }

    /// The variables that Lambda's own runtime of the language has besides those of all.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let own = match self.language {
            Language::Python => ("PYTHONPATH", "/var/runtime"),
            Language::Node => (
                "NODE_PATH",
                "/opt/nodejs/node_modules:/var/runtime/node_modules",
            ),
        };
        let all = [
            own,
            ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("LANG", "en_US.UTF-8"),
            (
                "PATH",
                "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
            ),
        ];
        all.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Where its code is, for people.
    pub(super) fn place(&self) -> String {
        match &self.code {
            Source::Under(root, path) => root.path().join(path).display().to_string(),
            Source::Given(_) => "the deployed code".to_owned(),
        }
    }

    /// The SHA-256 of its code, its layers included, by the names and contents of the files.
    pub(super) fn digest(&self) -> Result<[u8; 32], String> {
        let mut hash = Sha256::new();
        hash.update(self.runtime.as_bytes());
        for source in std::iter::once(&self.code).chain(&self.layers) {
            hash.update(source.digest()?);
        }
        Ok(hash.finalize().into())
    }

    fn mounts(&self, cache: &Path) -> Result<Vec<Mount>, String> {
        let mut mounts = vec![self.code.mount(cache, TASK)?];
        let layer = match self.layers.as_slice() {
            [] => return Ok(mounts),
            [layer] => layer
                .mount(cache, OPT)
                .map_err(|reason| layer.at_fault(&reason)),
            layers => merged(layers, cache),
        };
        mounts.push(layer?);
        Ok(mounts)
    }
}

/// Several layers as one folder, later ones over earlier ones.
fn merged(layers: &[Source], cache: &Path) -> Result<Mount, String> {
    let mut hash = Sha256::new();
    let mut folders = Vec::new();
    for layer in layers {
        let at_fault = |reason: String| layer.at_fault(&reason);
        hash.update(layer.digest().map_err(at_fault)?);
        folders.push(layer.root(cache).map_err(at_fault)?);
    }
    let folder = package::merge(cache, hash.finalize().into(), |write| {
        for (root, path) in &folders {
            for file in root.files(path).map_err(|error| error.to_string())? {
                let bytes = root.read(path.join(&file), MOST_ZIP);
                write(&file, &bytes.map_err(|error| error.to_string())?)?;
            }
        }
        Ok(())
    })?;
    mount_whole(&folder, OPT)
}

impl Source {
    /// The folder as a guest sees it.
    fn mount(&self, cache: &Path, target: &str) -> Result<Mount, String> {
        let (root, path) = self.root(cache)?;
        let mount = root.mount(path, target, Access::Read);
        mount.map_err(|error| error.to_string())
    }

    /// Says which layer it is that is at fault.
    fn at_fault(&self, reason: &str) -> String {
        match self {
            Source::Under(_, path) => format!("its layer {}: {reason}", path.display()),
            Source::Given(_) => reason.to_owned(),
        }
    }

    /// The folder: what was named, or what a zip was unpacked to.
    fn root(&self, cache: &Path) -> Result<(Root, PathBuf), String> {
        let unpacked = |zip: &[u8]| {
            let folder = package::unpack(cache, zip).map_err(|error| error.to_string())?;
            let root = Root::open(&folder).map_err(|error| in_folder(&folder, &error))?;
            Ok((root, PathBuf::from(".")))
        };
        match self {
            Source::Given(zip) => unpacked(zip),
            Source::Under(root, path) => match root.mount(path, TASK, Access::Read) {
                Ok(_) => Ok((root.clone(), path.clone())),
                Err(MountError::Io { source, .. })
                    if source.kind() == io::ErrorKind::NotADirectory =>
                {
                    let zip = root.read(path, MOST_ZIP);
                    let zip = zip.map_err(|error| error.to_string())?;
                    unpacked(&zip).map_err(|reason| {
                        format!("it is a file, and no zip that can be used: {reason}")
                    })
                }
                Err(MountError::Io { source, .. }) => Err(source.to_string()),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    fn digest(&self) -> Result<[u8; 32], String> {
        let (root, path) = match self {
            Source::Given(zip) => return Ok(Sha256::digest(zip).into()),
            Source::Under(root, path) => (root, path),
        };
        let text = |error: sandbox::ReadError| error.to_string();
        let files = match root.files(path) {
            Ok(files) => files,
            Err(sandbox::ReadError::NotAFolder { .. }) => {
                return Ok(Sha256::digest(root.read(path, MOST_ZIP).map_err(text)?).into());
            }
            Err(error) => return Err(error.to_string()),
        };
        let mut hash = Sha256::new();
        for file in files {
            let bytes = root.read(path.join(&file), MOST_ZIP).map_err(text)?;
            let name = file.to_string_lossy();
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update(Sha256::digest(&bytes));
        }
        Ok(hash.finalize().into())
    }
}

fn mount_whole(folder: &Path, target: &str) -> Result<Mount, String> {
    let root = Root::open(folder).map_err(|error| in_folder(folder, &error))?;
    let mount = root.mount(".", target, Access::Read);
    mount.map_err(|error| error.to_string())
}

fn in_folder(folder: &Path, error: &io::Error) -> String {
    format!("{}: {error}", folder.display())
}

impl Functions {
    /// The guest of the function's language, with the function's code made ready for it.
    pub(super) fn script_guest<'f>(
        &self,
        function: &'f Function,
        script: &Script,
    ) -> Result<&'f Guest, LoadFailure> {
        let failure = |reason: String| function.failure(reason);
        let (memory, least) = (function.limits.memory, least_memory(script.language));
        if memory < least {
            let (memory, least) = (memory >> 20, least >> 20);
            let reason = format!(
                "its memory of {memory} MB is too little for {}, which wants {least} MB or more",
                script.language
            );
            return Err(failure(reason));
        }
        let guest = self.language(script.language).map_err(failure)?;
        // There is no guest of a language without a cache folder.
        let cache = self.config.cache_dir.as_deref().unwrap_or(Path::new("."));
        if function.code.get().is_none() {
            let mounts = script.mounts(cache).map_err(failure)?;
            function.code.get_or_init(|| mounts);
        }
        Ok(function.guest.get_or_init(|| guest.clone()))
    }

    /// How each invocation fails of a deployed function whose language's runtime is not installed. It may be at any
    /// time, so this is looked up until it is loaded.
    pub(super) fn without_runtime(&self, function: &Function) -> Option<Failure> {
        let script = function.script()?;
        if self.languages.of(script.language).get().is_some() {
            return None;
        }
        let missing = self.runtimes.find(script.language).err()?;
        let (name, runtime) = (&function.name, &script.runtime);
        let why = format!("The function {name}, for {runtime}, cannot run yet: {missing}. Or bind");
        Some(unsupported(&function.name, &why))
    }

    /// The guest of a language, loaded on first use.
    fn language(&self, language: Language) -> Result<&Guest, String> {
        let place = self.languages.of(language);
        if let Some(guest) = place.get() {
            return Ok(guest);
        }
        let installed = self.runtimes.find(language);
        let installed = installed.map_err(|missing| missing.to_string())?;
        let sandbox = self.sandbox().map_err(|error| error.to_string())?;
        let guest = sandbox.load_prebuilt(language.as_str(), &installed.prebuilt());
        let guest = guest.map_err(|error| error.to_string())?;
        Ok(place.get_or_init(|| guest))
    }
}

impl Function {
    /// The code that a language's runtime runs, if one does.
    pub(crate) fn script(&self) -> Option<&Script> {
        match &self.module {
            Module::Script(script) => Some(script),
            Module::Under { .. } | Module::File(_) | Module::Deployed(_) | Module::Remote(_) => {
                None
            }
        }
    }

    /// The folders that it sees, its code's included.
    pub(crate) fn all_mounts(&self) -> Vec<Mount> {
        let code = self.code.get().into_iter().flatten();
        code.chain(&self.mounts).cloned().collect()
    }
}
