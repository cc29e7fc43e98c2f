//! `wf-host schema`: the JSON Schema of a file format, or the world of components.

use anyhow::Result;

use crate::args::SchemaArg;
use crate::exit::Exit;
use crate::output;

/// Prints the schema.
pub fn schema(what: SchemaArg) -> Result<Exit> {
    output::data(match what {
        SchemaArg::Config => include_str!("../../schemas/config.schema.json"),
        SchemaArg::Faults => include_str!("../../schemas/faults.schema.json"),
        SchemaArg::Suite => include_str!("../../schemas/suite.schema.json"),
        SchemaArg::Recording => include_str!("../../schemas/recording.schema.json"),
        SchemaArg::Limits => include_str!("../../schemas/limits.schema.json"),
        SchemaArg::Wit => sandbox::WORLD,
    });
    Ok(Exit::Ok)
}
