//! The Amazon States Language: a definition's text becomes a [`Program`] and all that is wrong with it.
//!
//! [`compile`] finds everything in one pass: what cannot run is an error, what can but is probably not meant
//! is a warning. A [`Diagnostic`] has AWS's code and words where they are known, its place as a pointer and
//! as a span, and a hint where there is one to give. A program has every `Next` resolved to a state that
//! exists, every path and template parsed and every number in its range, so that whoever walks it needs no
//! such checks.
//!
//! This room never runs anything. It must never know an execution, a clock, a file, a function or an
//! endpoint: the same text and the same [`Options`] give the same answer, always.
//!
//! ```
//! use asl::{Options, StateKind, compile};
//! use data::{Format, Source};
//!
//! let text = r#"{
//!   "StartAt": "Greet",
//!   "States": { "Greet": { "Type": "Pass", "Result": "hello", "End": true } }
//! }"#;
//! let compiled = compile(&Source::new("greet.asl.json", text), Format::Json, &Options::default());
//! let program = compiled.program.unwrap();
//! let start = program.block(asl::Program::ROOT).start;
//! assert!(matches!(program.state(start).kind, StateKind::Pass(_)));
//!
//! let source = Source::new("greet.asl.json", text.replace("\"Greet\",", "\"Great\","));
//! let compiled = compile(&source, Format::Json, &Options::default());
//! assert!(compiled.program.is_none());
//! let rendered = compiled.diagnostics[0].render(&source);
//! assert!(rendered.starts_with(
//!     "greet.asl.json:2:14: error[MISSING_TRANSITION_TARGET]: Missing 'Next' target: Great"
//! ));
//! assert!(rendered.ends_with("hint: did you mean `Greet`?\n"));
//! ```

mod assign;
mod block;
mod catch;
mod choice;
mod compiler;
mod condition;
mod diagnostic;
mod distributed;
mod duplicates;
mod errors;
mod excerpt;
mod fail;
mod fields;
mod item_batcher;
mod item_reader;
mod jsonata;
mod language;
mod machine;
mod map;
mod operator;
mod parallel;
mod pass;
mod paths;
mod place;
mod placeholder;
mod program;
mod reader;
mod resource;
mod result_writer;
mod retry;
mod single_state;
mod state;
mod task;
mod timestamp;
mod wait;

pub use diagnostic::{Code, Diagnostic, Severity};
pub use machine::{Compiled, Options, compile, compile_node};
pub use placeholder::{Placeholder, placeholders};
pub use program::*;
pub use single_state::{SingleState, compile_state};
