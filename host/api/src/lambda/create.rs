//! CreateFunction and DeleteFunction.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use data::{Data, Object};
use runtime::Code;
use sha2::{Digest, Sha256};

use super::configuration::{configuration, defaults, deployment, one};
use super::name::{LATEST, Name};
use super::store::{Package, Stored, Version};
use super::{Lambda, code, invalid, refused, uuid};
use crate::{ApiError, Caller};

/// Lambda's most for the code of all functions together.
const MOST_CODE: usize = 75 << 30;

/// The members of CreateFunction and UpdateFunctionConfiguration that are kept as they came.
pub(super) const SETTINGS: [&str; 15] = [
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "KMSKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

impl Lambda {
    pub(super) async fn create_function(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let settings = created(parameters)?;
        if self.store().get(&name).is_some() {
            return Err(exists(&name));
        }
        let source = parameters
            .get("Code")
            .cloned()
            .unwrap_or_else(Data::empty_object);
        let bytes = uploaded(&source)?;
        let package = self.package(&name, bytes, &settings).await?;
        let version = Version {
            version: LATEST.into(),
            settings,
            code: Arc::new(package),
            architectures: architectures(parameters, None),
            modified: self.host.now(),
            revision: uuid(),
        };
        let tags = super::tags::read(parameters.get("Tags"))?;
        let mut store = self.store();
        if store.get(&name).is_some() {
            return Err(exists(&name));
        }
        let stored: usize = store
            .functions
            .values()
            .flat_map(Stored::versions)
            .map(|one| one.code.bytes.len())
            .sum();
        if stored.saturating_add(version.code.bytes.len()) > MOST_CODE {
            return Err(refused(
                "CodeStorageExceededException",
                "Code storage limit exceeded.",
            ));
        }
        self.functions
            .deploy(deployment(&name.region, &name.name, &version, None));
        let mut function = Stored {
            latest: version,
            published: BTreeMap::new(),
            last_number: 0,
            tags,
            policies: BTreeMap::new(),
            concurrency: None,
        };
        let shown = if parameters.get("Publish").and_then(Data::as_bool) == Some(true) {
            self.publish(&name, &mut function, None)
        } else {
            configuration(&name.region, &name.name, &function.latest, false)
        };
        let key = (name.region.clone(), name.name.clone());
        store.functions.insert(key, function);
        self.save(&mut store, &name);
        Ok(shown.into())
    }

    pub(super) fn delete_function(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        let mut store = self.store();
        let key = (name.region.clone(), name.name.clone());
        let Some(stored) = store.functions.get_mut(&key) else {
            return Err(name.not_found());
        };
        match name.qualifier.as_deref() {
            None => {
                store.functions.remove(&key);
                self.functions.remove(&name.region, &name.name, None);
            }
            Some(LATEST) => {
                return Err(invalid(
                    "$LATEST version cannot be deleted without deleting the function.",
                ));
            }
            // As on AWS, a version that does not exist is not missed.
            Some(number) => {
                let known = number
                    .parse()
                    .ok()
                    .and_then(|number| stored.published.remove(&number));
                if known.is_some() {
                    stored.policies.remove(number);
                    self.functions
                        .remove(&name.region, &name.name, Some(number));
                }
            }
        }
        self.save(&mut store, &name);
        Ok(one("StatusCode", 204))
    }

    /// Makes code runnable; compiling it takes a while, for which the service is free for others.
    pub(super) async fn package(
        &self,
        name: &Name,
        bytes: Arc<[u8]>,
        settings: &BTreeMap<&'static str, Data>,
    ) -> Result<Package, ApiError> {
        let text = |member| settings.get(member).and_then(Data::as_str);
        let (runtime, handler) = (
            text("Runtime").unwrap_or_default().to_owned(),
            text("Handler"),
        );
        let handler = handler.map(str::to_owned);
        let (functions, name) = (Arc::clone(&self.functions), name.name.clone());
        let made = tokio::task::spawn_blocking(move || {
            let module = code::module(&bytes, handler.as_deref())?;
            let (code, unsupported) = match module {
                Some(module) => {
                    let code = functions.compile(&name, &module);
                    (code.map_err(|failure| invalid(failure.reason))?, None)
                }
                None if runtime.starts_with("provided") => {
                    return Err(code::no_module(&runtime, handler.as_deref()));
                }
                None => (Code::zip(Arc::clone(&bytes)), Some(runtime)),
            };
            let sha256 = BASE64.encode(Sha256::digest(&bytes));
            Ok(Package {
                bytes,
                sha256,
                code,
                unsupported,
            })
        });
        made.await
            .unwrap_or_else(|error| Err(ApiError::internal(error.to_string())))
    }
}

fn exists(name: &Name) -> ApiError {
    refused(
        "ResourceConflictException",
        format!("Function already exist: {}", name.name),
    )
}

/// The code that a request carries.
pub(super) fn uploaded(source: &Data) -> Result<Arc<[u8]>, ApiError> {
    let text = |member| source.get(member).and_then(Data::as_str);
    if text("ImageUri").is_some() {
        return Err(invalid(
            "ImageUri is not supported here: give the code as ZipFile",
        ));
    }
    if text("S3Bucket").is_some() || text("S3Key").is_some() {
        return Err(invalid(
            "S3Bucket and S3Key are not supported here: give the code as ZipFile",
        ));
    }
    match text("ZipFile") {
        Some(file) => Ok(code::decode(file)?.into()),
        None => Err(invalid("Please provide a source for function code.")),
    }
}

/// What the instructions of a version's code were said to be.
pub(super) fn architectures(parameters: &Data, before: Option<&Data>) -> Data {
    let said = parameters
        .get("Architectures")
        .filter(|value| !value.is_null());
    let said = said.or(before).cloned();
    said.unwrap_or_else(|| vec![Data::from("x86_64")].into())
}

/// What a new function is told, with what it is not.
fn created(parameters: &Data) -> Result<BTreeMap<&'static str, Data>, ApiError> {
    if parameters.get("PackageType").and_then(Data::as_str) == Some("Image") {
        return Err(invalid(
            "Functions in container images are not supported here: give the code as ZipFile",
        ));
    }
    if let Some(config) = parameters
        .get("CodeSigningConfigArn")
        .and_then(Data::as_str)
    {
        let message = format!("Code signing config does not exist: {config}");
        return Err(refused("CodeSigningConfigNotFoundException", message));
    }
    for member in ["Runtime", "Handler"] {
        if parameters.get(member).is_none_or(Data::is_null) {
            return Err(invalid(format!(
                "{member} is mandatory for functions created with deployment packages."
            )));
        }
    }
    let mut settings = BTreeMap::from(defaults());
    settings.extend(changed(parameters));
    Ok(settings)
}

/// What a request says of a function's settings.
pub(super) fn changed(parameters: &Data) -> impl Iterator<Item = (&'static str, Data)> {
    let said = SETTINGS.iter().filter_map(|member| {
        let value = parameters.get(member).filter(|value| !value.is_null())?;
        // An environment without variables is shown as none.
        let variables = value.get("Variables").and_then(Data::as_object);
        let value = match (*member, variables) {
            ("Environment", None) => one("Variables", Object::builder().build()),
            _ => value.clone(),
        };
        Some((*member, value))
    });
    said.collect::<Vec<_>>().into_iter()
}
