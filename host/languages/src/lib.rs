//! The languages whose functions run as they are: Python and JavaScript.
//!
//! A language has one generic guest, its runtime, which runs the handlers of every function in it.
//! [`Runtimes::install`] makes it once, of pinned packages that the user's own pip or npm fetches and
//! holds against their digests; [`Runtimes::find`] says where it is, or what command installs it.
//! [`package::unpack`] turns a function's zip into the folder that such a guest is given.
//!
//! What this room must never know: functions, Lambda's API, or what a handler does. It makes files
//! and finds them; the sandbox loads and runs them.
//!
//! ```
//! use languages::{Language, Runtimes};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache = tempfile::tempdir()?;
//! let runtimes = Runtimes::below(Some(cache.path()));
//! let language = Language::of_runtime("python3.12").ok_or("not a language of ours")?;
//! let missing = runtimes.find(language).unwrap_err();
//! assert!(missing.to_string().contains("wf-host runtime install python"));
//! # Ok(())
//! # }
//! ```

mod folder;
mod hex;
mod install;
mod kept;
mod language;
mod missing;
pub mod package;
mod recipe;
mod runtimes;

pub use install::{InstallError, Options, Stage, Step};
pub use language::Language;
pub use missing::{Missing, Why};
pub use runtimes::{Installed, Runtimes};
