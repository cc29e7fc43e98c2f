//! From a module's file to a loaded guest.

use std::fmt::Write as _;
use std::path::Path;

use sandbox::{Guest, Root, SandboxError};
use sha2::{Digest, Sha256};

use super::{Function, Functions, Module};
use crate::remote::Endpoint;

/// A module larger than this is not one.
const MOST_MODULE_BYTES: u64 = 256 << 20;

/// Why a function's guest cannot be loaded.
#[derive(Clone, Debug, thiserror::Error)]
#[error("function {function}: {path}: {reason}")]
pub struct LoadFailure {
    /// The function.
    pub function: String,
    /// The module's path.
    pub path: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// Where there is more to know.
    pub hint: &'static str,
}

/// What helps with a module.
pub(super) const OF_MODULES: &str = "wf-host guest check MODULE says what a module is";

/// What helps with the code of a language that has a runtime.
const OF_SCRIPTS: &str = "wf-host help runtimes says what code, layers and runtimes are";

impl Functions {
    /// The function's guest, loaded on first use.
    pub fn guest<'f>(&self, function: &'f Function) -> Result<&'f Guest, LoadFailure> {
        if let Some(guest) = function.guest.get() {
            return Ok(guest);
        }
        if let Some(variable) = &function.lacks {
            return Err(function.failure(format!(
                "it wants {variable} from the host's environment; set it and allow it with --allow-env {variable}"
            )));
        }
        if let Module::Script(script) = &function.module {
            return self.script_guest(function, script);
        }
        let bytes = function.bytes()?;
        let sandbox = self
            .sandbox()
            .map_err(|error: SandboxError| function.failure(error.to_string()))?;
        let guest = sandbox.load(&function.name, &bytes);
        let guest = guest.map_err(|error| function.failure(error.to_string()))?;
        Ok(function.guest.get_or_init(|| guest))
    }
}

impl Function {
    /// Whether its guest is loaded.
    pub(crate) fn is_loaded(&self) -> bool {
        self.guest.get().is_some()
    }

    /// The SHA-256 of its module, or of its code if a language's runtime runs it, in hexadecimal.
    pub fn sha256(&self) -> Result<String, LoadFailure> {
        if let (Module::Deployed(_), Some(guest)) = (&self.module, self.guest.get()) {
            return Ok(hex(&guest.sha256()));
        }
        if let Module::Script(script) = &self.module {
            let digest = script.digest().map_err(|reason| self.failure(reason))?;
            return Ok(hex(&digest));
        }
        Ok(hex(&Sha256::digest(self.bytes()?)))
    }

    /// The server that runs it, if no guest does.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match &self.module {
            Module::Remote(endpoint) => Some(endpoint),
            Module::File(_) | Module::Under { .. } | Module::Deployed(_) | Module::Script(_) => {
                None
            }
        }
    }

    /// Its other names.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn bytes(&self) -> Result<Vec<u8>, LoadFailure> {
        match &self.module {
            Module::File(path) => {
                // Through the same door as a manifest's files: regular files only, of a bounded size. A link
                // that leads elsewhere is the user's own choice here.
                let failure = |error: std::io::Error| self.failure(error.to_string());
                let path = std::fs::canonicalize(path).map_err(failure)?;
                let root = Root::open(path.parent().unwrap_or(Path::new("/"))).map_err(failure)?;
                self.read(&root, Path::new(path.file_name().unwrap_or_default()))
            }
            Module::Under { root, path, sha256 } => {
                let bytes = self.read(root, Path::new(path))?;
                self.check_pin(&bytes, sha256.as_deref())?;
                Ok(bytes)
            }
            Module::Deployed(Some(source)) => source().map_err(|reason| self.failure(reason)),
            Module::Deployed(None) => Err(self.failure("its module is gone".to_owned())),
            Module::Script(_) => Err(self.failure("it has no module of its own".to_owned())),
            Module::Remote(_) => Err(self.failure("another server runs it".to_owned())),
        }
    }

    fn read(&self, root: &Root, name: &Path) -> Result<Vec<u8>, LoadFailure> {
        let bytes = root.read(name, MOST_MODULE_BYTES);
        bytes.map_err(|error| self.failure(error.to_string()))
    }

    fn check_pin(&self, bytes: &[u8], pin: Option<&str>) -> Result<(), LoadFailure> {
        let Some(pin) = pin else { return Ok(()) };
        let found = hex(&Sha256::digest(bytes));
        if found == pin {
            return Ok(());
        }
        Err(self.failure(format!(
            "its SHA-256 is {found}, the functions file wants {pin}"
        )))
    }

    pub(super) fn failure(&self, reason: String) -> LoadFailure {
        let path = match &self.module {
            Module::File(path) => path.display().to_string(),
            Module::Under { root, path, .. } => root.path().join(path).display().to_string(),
            Module::Deployed(_) => "the deployed code".to_owned(),
            Module::Script(script) => script.place(),
            Module::Remote(endpoint) => endpoint.address.to_string(),
        };
        LoadFailure {
            function: self.name.clone(),
            path,
            reason,
            hint: match &self.module {
                Module::Script(_) => OF_SCRIPTS,
                Module::File(_)
                | Module::Under { .. }
                | Module::Deployed(_)
                | Module::Remote(_) => OF_MODULES,
            },
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing into a String cannot fail");
        text
    })
}
