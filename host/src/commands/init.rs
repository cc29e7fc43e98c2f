//! `wf-host init`: what definitions need, and files with which they run before anything of it is there.

mod beside;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use asl::{Options, Severity};
use check::stubs::{self, Definition, Inventory, Placeholder, Stubs, TEST_CASE};
use data::{Data, EcoString, Format, Node, Source};

use crate::args::InitArgs;
use crate::exit::{Exit, because, because_hint};
use crate::{files, output};
use beside::Beside;

const MANIFEST: &str = "wf-host.toml";
const MOCKS: &str = "mocks.json";

/// Writes the files and lists what the definitions need.
pub fn init(args: &InitArgs) -> Result<Exit> {
    let read = read(args)?;
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => files::folder(&read[0].path),
    };
    let targets = [folder.join(MANIFEST), folder.join(MOCKS)];
    if !args.force {
        targets.iter().try_for_each(|path| must_be_free(path))?;
    }
    let beside = Beside::of(&read, &folder);
    let nodes = read.iter().map(|one| &one.node);
    let placeholders = stubs::placeholders(nodes, &beside.names());
    let define = values(&placeholders);
    let definitions = read.iter().map(|one| compile(one, &define));
    let definitions = definitions.collect::<Result<Vec<Definition>>>()?;
    let inventory = Inventory::of(&definitions);
    let machines = beside.machines(&inventory, &define);
    let found: Vec<Stubs> = definitions.iter().map(Stubs::of).collect();
    write(
        &targets[0],
        &stubs::manifest(&inventory, &placeholders, &machines),
        args.force,
    )?;
    write(&targets[1], &stubs::mock_file(&found), args.force)?;
    if args.json {
        let listing = stubs::to_data(&inventory, &placeholders, &machines, &found);
        output::value(&with_files(&listing, &targets));
    } else {
        output::data(&stubs::text(&inventory, &placeholders, &machines, &found));
    }
    output::talk(&next_steps(&read, &found, &targets));
    Ok(Exit::Ok)
}

/// A definition that was read.
struct ReadDefinition {
    path: PathBuf,
    machine: String,
    source: Source,
    format: Format,
    node: Node,
}

/// Every definition that the arguments name, each with a name of its own.
fn read(args: &InitArgs) -> Result<Vec<ReadDefinition>> {
    let mut read: Vec<ReadDefinition> = Vec::new();
    for path in &args.definitions {
        for path in files::definitions(path)? {
            if read.iter().any(|known| known.path == path) {
                continue;
            }
            let one = read_one(path)?;
            if let Some(known) = read.iter().find(|known| known.machine == one.machine) {
                let (machine, a, b) = (&one.machine, known.path.display(), one.path.display());
                return Err(because_hint(
                    Exit::Usage,
                    format!("{a} and {b} are both called {machine:?}"),
                    "a machine is called as its file: name them one by one, each with a --folder of its own",
                ));
            }
            read.push(one);
        }
    }
    Ok(read)
}

fn read_one(path: PathBuf) -> Result<ReadDefinition> {
    let (source, format) = files::source(&path)?;
    let node =
        data::read(&source, format).map_err(|error| because(Exit::BadFile, error.to_string()))?;
    Ok(ReadDefinition {
        machine: files::machine_name(&path),
        path,
        source,
        format,
        node,
    })
}

fn values(placeholders: &[Placeholder]) -> BTreeMap<String, String> {
    let values = placeholders.iter();
    let values = values.filter_map(|one| Some((one.name.to_string(), one.value()?.to_string())));
    values.collect()
}

/// Compiles a definition; warnings are `validate`'s to tell.
fn compile(read: &ReadDefinition, define: &BTreeMap<String, String>) -> Result<Definition> {
    let options = Options {
        definitions: define,
        ..Options::default()
    };
    let compiled = asl::compile(&read.source, read.format, &options);
    let errors = compiled.diagnostics.iter();
    for error in errors.filter(|one| one.severity == Severity::Error) {
        output::talk(&error.render(&read.source));
    }
    let program = compiled.program.ok_or_else(|| {
        let message = format!("{} is not a valid definition", read.source.name);
        because(Exit::BadFile, message)
    })?;
    Ok(Definition {
        machine: read.machine.as_str().into(),
        source: read.source.clone(),
        program: program.into(),
    })
}

fn must_be_free(path: &Path) -> Result<()> {
    // A link that leads nowhere is a file, too, that somebody wants to keep.
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(taken(path))
}

fn taken(path: &Path) -> anyhow::Error {
    because_hint(
        Exit::Usage,
        format!("{} is there already", path.display()),
        "--force writes over it, --folder DIR writes elsewhere",
    )
}

fn write(path: &Path, text: &str, over: bool) -> Result<()> {
    let failed =
        |error: std::io::Error| because(Exit::BadFile, format!("{}: {error}", path.display()));
    std::fs::create_dir_all(files::folder(path)).map_err(failed)?;
    let mut options = std::fs::OpenOptions::new();
    match over {
        true => options.write(true).create(true).truncate(true),
        false => options.write(true).create_new(true),
    };
    let mut file = options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path),
        _ => failed(error),
    })?;
    file.write_all(text.as_bytes()).map_err(failed)
}

fn with_files(listing: &Data, targets: &[PathBuf]) -> Data {
    let files = targets
        .iter()
        .map(|path| Data::from(path.display().to_string()));
    let listing = listing
        .as_object()
        .map(|all| all.with("files", files.collect()));
    listing.map_or(Data::Null, Data::from)
}

/// What to do with the files.
fn next_steps(read: &[ReadDefinition], found: &[Stubs], targets: &[PathBuf; 2]) -> String {
    let [manifest, mocks] = targets.each_ref().map(|path| path.display().to_string());
    let mut text = format!("wrote {manifest} and {mocks}\nnext:\n");
    for (definition, stubs) in read.iter().zip(found) {
        let path = definition.path.display().to_string();
        let case = format!("{}#{TEST_CASE}", stubs.machine);
        let mut line = format!(
            "  wf-host run {} --mock-config {} --test-case {}",
            quoted(&path),
            quoted(&mocks),
            quoted(&case)
        );
        if files::folder(&definition.path).join(MANIFEST) != targets[0] {
            let _ = write!(line, " --functions {}", quoted(&manifest));
        }
        if stubs.needs_input() {
            let _ = write!(line, " --input {}", quoted(&stubs.input.to_string()));
        }
        let _ = writeln!(text, "{line}");
    }
    let failing = found.iter().filter(|stubs| !stubs.succeeds());
    let failing: Vec<&EcoString> = failing.map(|stubs| &stubs.machine).collect();
    for machine in failing {
        let _ = writeln!(
            text,
            "note: {machine} does not succeed with its stubs; complete them in {mocks}"
        );
    }
    text
}

/// The text as a shell takes it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+#".contains(c);
    if !text.is_empty() && !text.starts_with('#') && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
