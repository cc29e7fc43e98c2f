//! The third contract: a component of the world in `wit/function.wit`.

use std::sync::OnceLock;

use wasmtime::Store;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Type};

use crate::engine::Engine;
use crate::guest::{LoadError, invalid};
use crate::host::{self, Host};
use crate::outcome::End;

/// The world that a component must fit, as WIT text.
pub const WORLD: &str = include_str!("../wit/function.wit");

/// The function that every component of the world exports.
const HANDLE: &str = "handle";

/// What the world says of it.
const SIGNATURE: &str = "func(event: string, context: string) -> result<string, string>";

/// What a component may import.
const AVAILABLE: &str = "the interfaces of WASI 0.2: cli, clocks, filesystem, io, random, sockets";

/// The packages of WASI whose interfaces are offered.
const OFFERED: [&str; 6] = [
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

/// A component, linked.
pub(crate) struct Function {
    component: Component,
    handle: ComponentExportIndex,
    real: InstancePre<Host>,
    in_virtual_time: OnceLock<InstancePre<Host>>,
}

/// Whatever goes wrong in a call is the component's own doing, unless it says that it is the host's.
#[derive(Debug, thiserror::Error)]
#[error("the component broke the rules of its world")]
pub(crate) struct Misconduct;

type Handle<'a> = (&'a str, &'a str);
type Answer = (Result<String, String>,);

/// Links a component, or says why it is none of the world.
pub(crate) fn link(engine: &Engine, component: Component) -> Result<Function, LoadError> {
    let handle = export(&component).map_err(|reason| LoadError::NoContract {
        reasons: vec![reason],
    })?;
    let linker = engine.linkers.components(&engine.wasm, false);
    let real = match linker.map_err(invalid)?.instantiate_pre(&component) {
        Ok(real) => real,
        Err(error) => return Err(unlinkable(engine, &component, error)),
    };
    Ok(Function {
        component,
        handle,
        real,
        in_virtual_time: OnceLock::new(),
    })
}

/// The export to call, or what is missing.
pub(crate) fn export(component: &Component) -> Result<ComponentExportIndex, String> {
    let found = component.get_export(None, HANDLE);
    let wanted = |is: &str| format!("a component needs an exported {HANDLE}: {SIGNATURE}{is}");
    match found {
        Some((ComponentItem::ComponentFunc(function), index)) if fits(&function) => Ok(index),
        Some(_) => Err(wanted(" (it has another type)")),
        None => Err(wanted("")),
    }
}

fn fits(function: &ComponentFunc) -> bool {
    let all_text = function.params().all(|(_, ty)| ty == Type::String);
    let mut results = function.results();
    let result = match (results.next(), results.next()) {
        (Some(Type::Result(result)), None) => result,
        _ => return false,
    };
    let is_text = |ty: Option<Type>| ty == Some(Type::String);
    all_text && function.params().len() == 2 && is_text(result.ok()) && is_text(result.err())
}

/// Imports that the host does not offer, by their names.
pub(crate) fn unknown_imports(engine: &Engine, component: &Component) -> Vec<String> {
    let known = |name: &str| OFFERED.iter().any(|package| name.starts_with(package));
    let names = imports(engine, component);
    names.into_iter().filter(|name| !known(name)).collect()
}

/// All imports, by their names.
pub(crate) fn imports(engine: &Engine, component: &Component) -> Vec<String> {
    let ty = component.component_type();
    let imports = ty.imports(&engine.wasm);
    imports.map(|(name, _)| name.to_owned()).collect()
}

fn unlinkable(engine: &Engine, component: &Component, error: wasmtime::Error) -> LoadError {
    let names = unknown_imports(engine, component);
    if names.is_empty() {
        return invalid(error);
    }
    LoadError::UnknownImports {
        names,
        available: AVAILABLE,
    }
}

impl Function {
    /// Whether it could open files at all.
    pub(crate) fn opens_files(&self, engine: &wasmtime::Engine) -> bool {
        let ty = self.component.component_type();
        ty.imports(engine)
            .any(|(name, _)| name.starts_with("wasi:filesystem/"))
    }

    /// Runs a new instance to its end. An error is a trap, an exit or a limit.
    pub(crate) async fn call(
        &self,
        engine: &Engine,
        store: &mut Store<Host>,
        in_virtual_time: bool,
    ) -> wasmtime::Result<End> {
        let linked = self.linked(engine, in_virtual_time)?;
        let instance = linked.instantiate_async(&mut *store).await?;
        let handle = instance.get_typed_func::<Handle<'_>, Answer>(&mut *store, &self.handle)?;
        let event = store.data().invocation.event.clone();
        let context = store.data().invocation.context.clone();
        // What comes from a workflow or a caller is JSON, so it is UTF-8.
        let event = String::from_utf8_lossy(&event);
        let called = handle.call_async(&mut *store, (&event, &context)).await;
        let (answer,) = called.map_err(|error| error.context(Misconduct))?;
        Ok(end(store.data().invocation.limits.output, answer))
    }

    fn linked(
        &self,
        engine: &Engine,
        in_virtual_time: bool,
    ) -> wasmtime::Result<&InstancePre<Host>> {
        if !in_virtual_time {
            return Ok(&self.real);
        }
        host::get_or_make(&self.in_virtual_time, || {
            let linker = engine.linkers.components(&engine.wasm, true)?;
            linker.instantiate_pre(&self.component)
        })
    }
}

fn end(limit: usize, answer: Result<String, String>) -> End {
    let (Ok(text) | Err(text)) = &answer;
    if text.len() > limit {
        return End::OutputTooLarge {
            limit,
            length: Some(text.len()),
        };
    }
    match answer {
        Ok(result) => End::Returned(result.into_bytes()),
        Err(error) => End::FunctionError(error.into_bytes()),
    }
}
