//! Query languages: what a definition says about data, compiled once and evaluated many times.
//!
//! A workflow picks and builds its data with [`Path`] (`$.order.lines[0]`), [`ReferencePath`] (where a result
//! is put), [`Expression`] (a path or an intrinsic function such as `States.Format`) and [`Template`] (a JSON
//! value whose `"name.$"` fields are expressions). Paths follow the JsonPath library that AWS uses, its
//! oddities included, and errors carry the texts that AWS answers.
//!
//! This room knows no state, no execution and no definition. It never learns the time, never draws a random
//! number, never touches a file: what it needs beyond the value at hand comes through [`Surroundings`].
//! Evaluating an expression twice in the same [`Scope`] with the same draws gives the same value.
//! [`Jsonata`] and [`JsonataTemplate`] are the other query language; see below.
//!
//! ```
//! use data::{Data, Node};
//! use query::{Nowhere, Scope, Template};
//!
//! let template = Node::parse_json(r#"{"total.$": "States.MathAdd($.price, $.tax)", "currency": "EUR"}"#).unwrap();
//! let template = Template::parse(&template).unwrap();
//!
//! let order = Data::parse(r#"{"price": 40, "tax": 2}"#).unwrap();
//! let invoice = template.evaluate(&Scope { input: &order, outside: &Nowhere }).unwrap();
//! assert_eq!(invoice.to_string(), r#"{"total":42,"currency":"EUR"}"#);
//! ```
//!
//! JSONata states have one input, the variable `$states` of [`States`]. A value that is only handed through keeps
//! every digit; what is calculated with becomes a double, as it is in JSONata. Work, depth and memory of an
//! evaluation are bounded, and an error carries AWS's text.
//!
//! ```
//! use data::Data;
//! use query::{Jsonata, Nowhere, States};
//!
//! let body = Jsonata::body("{% $sum($states.input.lines.(price * quantity)) %}").unwrap();
//! let total = Jsonata::parse(body).unwrap();
//! assert!(total.reads("input") && total.variables().is_empty());
//!
//! let order = Data::parse(r#"{"lines": [{"price": 2, "quantity": 3}, {"price": 5, "quantity": 1}]}"#).unwrap();
//! let states = States { input: &order, result: None, error_output: None, outside: &Nowhere };
//! assert_eq!(total.evaluate(&states), Ok(Some(Data::from(11))));
//! ```

mod error;
mod expression;
mod filter;
mod intrinsic;
mod java;
mod jsonata;
mod jsonpath;
mod outline;
mod reference_path;
mod scope;
mod template;

pub use error::{EvaluateError, PathError, SyntaxError};
pub use expression::Expression;
pub use jsonata::{
    Jsonata, JsonataError, JsonataSyntaxError, JsonataTemplate, JsonataTemplateError, Reason,
    States,
};
pub use jsonpath::{Path, Root};
pub use outline::{Hop, Takes, Way};
pub use reference_path::{InsertError, ReferencePath};
pub use scope::{Nowhere, Scope, Surroundings};
pub use template::{Template, TemplateError};
