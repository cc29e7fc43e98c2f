//! What is known of nodes that were explored, so that paths that meet are explored once.

use std::collections::HashMap;
use std::ops::Range;

use super::node::Node;

/// More nodes are not kept: each holds a copy of an execution's frames.
const MOST_NODES: usize = 100_000;

/// Explored nodes with the leaves under them, found by fingerprint and compared in full.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    known: HashMap<u64, Vec<Known>>,
    held: usize,
}

/// An explored node.
#[derive(Debug)]
pub(crate) struct Known {
    pub node: Node,
    /// Its leaves, among those of the search: a node's leaves lie side by side.
    pub leaves: Range<usize>,
}

impl Memo {
    /// The explored node that goes on like this one.
    pub fn find(&self, fingerprint: u64, node: &Node) -> Option<&Known> {
        let same = self.known.get(&fingerprint)?;
        same.iter().find(|known| known.node.goes_on_like(node))
    }

    /// Keeps a node that is explored.
    pub fn keep(&mut self, fingerprint: u64, node: Node, leaves: Range<usize>) {
        if self.held < MOST_NODES {
            self.held += 1;
            let known = Known { node, leaves };
            self.known.entry(fingerprint).or_default().push(known);
        }
    }
}
