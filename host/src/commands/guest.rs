//! `wf-host guest`: making and inspecting guests.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use data::{Data, Object};
use sandbox::{Config, Contract, ModuleReport, Sandbox};

use crate::args::{GuestCheckArgs, GuestCommand, GuestNewArgs};
use crate::exit::{Exit, because, because_hint};
use crate::{files, output};

/// Runs one of the commands about guests.
pub fn guest(command: GuestCommand) -> Result<Exit> {
    match command {
        GuestCommand::New(args) => new(&args),
        GuestCommand::Check(args) => check(&args),
    }
}

/// The files of a new guest, `{{name}}` standing for its name. The library that it is written with comes along,
/// so that it builds wherever it is made.
const FILES: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("../../new-guest/Cargo.toml.txt")),
    ("src/lib.rs", include_str!("../../new-guest/lib.rs.txt")),
    (
        ".cargo/config.toml",
        include_str!("../../new-guest/config.toml.txt"),
    ),
    (
        "wf-guest/Cargo.toml",
        include_str!("../../new-guest/wf-guest.toml.txt"),
    ),
];

const LIBRARY: [(&str, &str); 6] = [
    (
        "wf-guest/src/lib.rs",
        include_str!("../../../guests/sdk/src/lib.rs"),
    ),
    (
        "wf-guest/src/abi.rs",
        include_str!("../../../guests/sdk/src/abi.rs"),
    ),
    (
        "wf-guest/src/context.rs",
        include_str!("../../../guests/sdk/src/context.rs"),
    ),
    (
        "wf-guest/src/env.rs",
        include_str!("../../../guests/sdk/src/env.rs"),
    ),
    (
        "wf-guest/src/error.rs",
        include_str!("../../../guests/sdk/src/error.rs"),
    ),
    (
        "wf-guest/src/random.rs",
        include_str!("../../../guests/sdk/src/random.rs"),
    ),
];

/// The crates that a new guest builds on: one of the same name would stand in their way.
const TAKEN: [&str; 7] = [
    "wf-guest",
    "serde",
    "serde-json",
    "core",
    "std",
    "alloc",
    "test",
];

/// The words that Rust keeps for itself, as far as a guest's name can spell them.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

fn new(args: &GuestNewArgs) -> Result<Exit> {
    let name = &args.name;
    check_name(name)?;
    let folder = args.folder.join(name);
    if folder.exists() {
        return Err(because(
            Exit::Usage,
            format!("{} exists already", folder.display()),
        ));
    }
    for (path, text) in FILES {
        write(&folder.join(path), &text.replace("{{name}}", name))?;
    }
    for (path, text) in LIBRARY {
        write(&folder.join(path), text)?;
    }
    let built = format!(
        "target/wasm32-wasip1/release/{}.wasm",
        name.replace('-', "_")
    );
    let module = folder.join(built).display().to_string();
    let folder = folder.display().to_string();
    if args.json {
        let made = Object::builder()
            .with("folder", folder.as_str())
            .with("module", module.as_str());
        output::value(&made.build().into());
    } else {
        output::data(&format!(
            "{folder}\n  cd {folder} && cargo test && cargo build --release --target wasm32-wasip1\n  \
             wf-host run DEFINITION --guest {name}={module}\n",
        ));
    }
    Ok(Exit::Ok)
}

/// A guest's name is that of its package, and with `_` for `-` that of its crate.
fn check_name(name: &str) -> Result<()> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let why = if !starts_well || name.len() > 60 || !name.chars().all(valid) {
        "a guest's name has lower case letters, digits and dashes, begins with a letter and has at most 60 of them"
    } else if KEYWORDS.contains(&name) {
        "a guest's name cannot be a keyword of Rust"
    } else if TAKEN.contains(&name) {
        "a guest cannot have the name of a crate that it builds on"
    } else {
        return Ok(());
    };
    Err(because_hint(
        Exit::Usage,
        format!("{name:?}: {why}"),
        "a name such as send-email will do",
    ))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|error| because(Exit::BadFile, format!("{}: {error}", path.display())))
}

/// Larger modules are not read.
const MOST_BYTES: u64 = 256 << 20;

fn check(args: &GuestCheckArgs) -> Result<Exit> {
    let name = args.module.display().to_string();
    let bytes = files::bytes(&args.module, MOST_BYTES)?;
    let sandbox = Sandbox::new(Config {
        max_guests: 1,
        ..Config::default()
    })?;
    let report = sandbox.inspect(&bytes);
    let report =
        report.map_err(|error| because(Exit::GuestNotLoadable, format!("{name}: {error}")))?;
    if args.json {
        output::value(&as_data(&name, &report));
    } else {
        output::data(&as_text(&name, &report));
    }
    let loadable = report.contract.is_ok() && report.unknown_imports.is_empty();
    if loadable {
        return Ok(Exit::Ok);
    }
    Err(because_hint(
        Exit::GuestNotLoadable,
        format!("{name} cannot be loaded as a guest"),
        "guests/README.md describes the contracts that a module may fulfil",
    ))
}

fn contract(report: &ModuleReport) -> String {
    match &report.contract {
        Ok(Contract::Reactor) => "reactor: exports alloc and handle".into(),
        Ok(Contract::Command) => "command: event on stdin, result on stdout".into(),
        Ok(Contract::Component) => "component: exports handle of wf-host:function".into(),
        Ok(Contract::Script) => "script: a JavaScript engine with its library".into(),
        Err(missing) => format!("none: {}", missing.join("; ")),
    }
}

fn reach(report: &ModuleReport) -> Vec<&'static str> {
    let reach = &report.reach;
    let all = [
        (reach.files, "files (only the folders that it is given)"),
        (reach.clocks, "clocks"),
        (reach.random, "random numbers"),
        (
            reach.environment,
            "environment variables (only the function's own)",
        ),
        (reach.network, "network (always refused)"),
    ];
    all.into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, what)| what)
        .collect()
}

fn as_text(name: &str, report: &ModuleReport) -> String {
    let mut text = String::new();
    let most = report
        .memory_max
        .map_or_else(String::new, |max| format!(" to {} KB", max >> 10));
    let list = |items: &[String]| {
        if items.is_empty() {
            "none".into()
        } else {
            items.join(", ")
        }
    };
    let _ = writeln!(text, "{name}");
    let _ = writeln!(text, "  contract     {}", contract(report));
    let _ = writeln!(text, "  could touch  {}", reach(report).join(", "));
    let _ = writeln!(text, "  memory       {} KB{most}", report.memory_min >> 10);
    let _ = writeln!(text, "  imports      {}", list(&report.imports));
    if !report.unknown_imports.is_empty() {
        let _ = writeln!(text, "  unknown      {}", list(&report.unknown_imports));
    }
    let _ = writeln!(text, "  exports      {}", list(&report.exports));
    let names = if report.has_names {
        "yes"
    } else {
        "no: backtraces will show numbers"
    };
    let _ = writeln!(text, "  names        {names}");
    let _ = writeln!(text, "  sha256       {}", report.sha256);
    text
}

fn as_data(name: &str, report: &ModuleReport) -> Data {
    let strings = |items: &[String]| {
        items
            .iter()
            .map(|s| Data::from(s.as_str()))
            .collect::<Data>()
    };
    let contract = match report.contract {
        Ok(Contract::Reactor) => Data::from("reactor"),
        Ok(Contract::Command) => Data::from("command"),
        Ok(Contract::Component) => Data::from("component"),
        Ok(Contract::Script) => Data::from("script"),
        Err(_) => Data::Null,
    };
    let reach: Data = reach(report)
        .into_iter()
        .map(|what| Data::from(what.split(' ').next().unwrap_or(what)))
        .collect();
    Object::builder()
        .with("module", name)
        .with("contract", contract)
        .with("couldTouch", reach)
        .with("imports", strings(&report.imports))
        .with("unknownImports", strings(&report.unknown_imports))
        .with("exports", strings(&report.exports))
        .with("memoryMin", report.memory_min as i64)
        .with(
            "memoryMax",
            report
                .memory_max
                .map_or(Data::Null, |max| Data::from(max as i64)),
        )
        .with("hasNames", report.has_names)
        .with("sha256", report.sha256.as_str())
        .build()
        .into()
}
