//! Parallel states.

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::place::Item;
use crate::program::{BlockId, Parallel};

impl Compiler<'_> {
    pub fn parallel(&mut self, state: &Item, scope: &Scope) -> Option<Parallel> {
        self.require(state, &["Branches"]);
        let field = state.get("Branches")?;
        if !self.filled_array(&field) {
            return None;
        }
        let branches: Vec<Option<BlockId>> = field
            .items()
            .map(|branch| self.branch(&branch, scope))
            .collect();
        let branches = branches.into_iter().collect::<Option<Vec<BlockId>>>()?;
        Some(Parallel { branches })
    }

    fn branch(&mut self, branch: &Item, scope: &Scope) -> Option<BlockId> {
        if !self.object(branch) {
            return None;
        }
        self.known(branch, &["StartAt", "States", "Comment"]);
        Some(self.block(branch, Some(scope.current), scope.depth + 1))
    }
}
