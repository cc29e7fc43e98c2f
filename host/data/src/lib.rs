//! Values and text: the bottom room of the house.
//!
//! [`Data`] is what flows between the states of a workflow: an immutable JSON tree whose parts are
//! shared, so that handing it on, putting one field into it or taking one part out never copies the rest.
//! Every array and object knows how many bytes it has as compact JSON and how deep it is, so that a payload
//! quota is a comparison and not a walk.
//!
//! [`Node`] is what a person wrote: the same shapes with the place of each value in its [`Source`], read
//! from JSON, YAML or TOML by one reader, so that every later complaint can name file, line and column.
//!
//! This room knows nothing of the Amazon States Language, of paths, of files or of clocks.
//!
//! ```
//! use data::Data;
//!
//! let order = Data::parse(r#"{"id": 7, "price": 1.0}"#).unwrap();
//! let paid = order.as_object().unwrap().with("paid", Data::from(true));
//! assert_eq!(Data::from(paid).to_string(), r#"{"id":7,"price":1.0,"paid":true}"#);
//! assert_eq!(order.size(), r#"{"id":7,"price":1.0}"#.len());
//! ```

mod array;
mod json;
mod nearest;
mod node;
mod number;
mod object;
mod read;
mod serde_impl;
mod source;
mod table;
mod text;
pub mod units;
mod value;

pub use array::Array;
pub use json::{ParseError, escaped_len, write_string};
pub use nearest::nearest;
pub use node::{Key, Node, Value};
pub use number::Number;
pub use object::{Object, ObjectBuilder};
pub use read::{Format, ReadError, read};
pub use source::{Position, Source, Span};
pub use table::{Mistake, Mistakes};
pub use text::Text;
pub use value::Data;

/// The type of object keys: short ones are stored in place, long ones are shared.
pub use ecow::EcoString;

/// The deepest nesting of arrays and objects that any reader accepts.
///
/// Readers, writers and the release of a tree work recursively; the limit keeps all of them far from the
/// end of a thread's stack. It equals the default of the JSON parser that AWS's own services use.
pub const MAX_DEPTH: u32 = 1000;
