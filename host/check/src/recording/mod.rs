//! Recordings: a run in one file, and running it again anywhere.
//!
//! A recording holds the definitions, what each execution is called and may use, the seed, what was injected, the
//! hashes of the modules, and above all everything that an execution heard from outside: its input, the answers of
//! its tasks, the moments of its deadlines, each with its time. The interpreter is a function of these and of nothing
//! else, so [`replay`](Recording::replay) needs no guest, no clock and no network to come to the same history, event
//! by event. Where it does not, another version of the interpreter decides otherwise, and the first event that differs
//! is named. What a run was told of the activities that exist is not recorded: the command line tells none.

mod about;
mod input;
mod read;
mod recorder;
mod replay;

use asl::{BlockId, Program};
use data::{Data, EcoString, Format, Object};

pub use recorder::{Machine, Recorder, Settings};
pub use replay::{Divergence, Replayed};

/// A recorded run.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What it ran with, for people: clock, faults, mocks, modules. Replaying needs none of it.
    pub settings: Data,
    /// The seed of all chance.
    pub seed: u64,
    /// The names that mean functions, which a definition's placeholders may be.
    functions: Vec<EcoString>,
    machines: Vec<MachineText>,
    /// The executions in the order of their start, the main one first.
    executions: Vec<Recorded>,
}

/// The definition of a machine.
#[derive(Clone, Debug)]
struct MachineText {
    name: EcoString,
    file: EcoString,
    format: Format,
    text: EcoString,
    define: Vec<(EcoString, EcoString)>,
    express: bool,
}

/// One execution.
#[derive(Clone, Debug)]
struct Recorded {
    machine: EcoString,
    /// The block of the machine that it runs; not the machine's own for a child of a Distributed Map.
    block: BlockId,
    about: engine::About,
    heard: Vec<Heard>,
    /// Its history, against which a replay is held.
    history: Vec<Data>,
}

/// Something that an execution heard.
#[derive(Clone, Debug)]
struct Heard {
    at: engine::Timestamp,
    input: engine::Input,
    /// The last record that came of it, if the rest was cut off because the execution was stopped on purpose.
    until: Option<u32>,
}

/// The version of the format.
const VERSION: i64 = 1;

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Json => "json",
        Format::Yaml => "yaml",
        Format::Toml => "toml",
    }
}

impl Recording {
    /// The file's text.
    pub fn to_text(&self) -> String {
        let functions: Data = self
            .functions
            .iter()
            .map(|name| Data::from(name.clone()))
            .collect();
        let machines: Data = self.machines.iter().map(MachineText::to_data).collect();
        let executions: Data = self.executions.iter().map(Recorded::to_data).collect();
        let seed = data::Number::parse(&self.seed.to_string()).map_or(Data::Null, Data::Number);
        let object = Object::builder()
            .with("version", VERSION)
            .with("seed", seed)
            .with("settings", self.settings.clone())
            .with("functions", functions)
            .with("machines", machines)
            .with("executions", executions);
        let mut text = Data::from(object.build()).to_pretty();
        text.push('\n');
        text
    }
}

impl MachineText {
    fn to_data(&self) -> Data {
        let define = self
            .define
            .iter()
            .fold(Object::builder(), |object, (name, value)| {
                object.with(name.clone(), value.clone())
            });
        Object::builder()
            .with("name", self.name.clone())
            .with("type", if self.express { "EXPRESS" } else { "STANDARD" })
            .with("file", self.file.clone())
            .with("format", format_name(self.format))
            .with("define", define.build())
            .with("definition", self.text.clone())
            .build()
            .into()
    }
}

impl Recorded {
    fn to_data(&self) -> Data {
        let mut object = Object::builder().with("machine", self.machine.clone());
        if self.block != Program::ROOT {
            object = object.with("processor", i64::from(self.block.0));
        }
        object
            .with("about", about::to_data(&self.about))
            .with(
                "heard",
                self.heard.iter().map(Heard::to_data).collect::<Data>(),
            )
            .with("history", self.history.iter().cloned().collect::<Data>())
            .build()
            .into()
    }
}
