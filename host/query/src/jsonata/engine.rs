//! What a JSONata engine must do for this room, so that it could be another one.

use data::Data;

use super::error::{JsonataSyntaxError, Reason};
use super::reads::Reads;
use crate::scope::Surroundings;

/// A compiled expression.
pub(super) trait Engine: Sized + Send + Sync {
    /// Compiles a text; all that AWS would refuse is returned together.
    fn parse(text: &str) -> Result<Self, Vec<JsonataSyntaxError>>;

    /// What it reads.
    fn reads(&self) -> &Reads;

    /// The value; none if it is undefined. `inputs` holds what [`reads`](Self::reads) asks for: the fields of
    /// `$states`, then the variables.
    fn evaluate(
        &self,
        states: &[(&'static str, Data)],
        variables: &[(&str, Data)],
        outside: &dyn Surroundings,
    ) -> Result<Option<Data>, Reason>;
}
