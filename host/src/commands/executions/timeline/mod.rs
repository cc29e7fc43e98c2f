//! What happened in an execution, for people: its states in their order, what Parallel and Map ran inside them, the
//! attempts that failed, and what it waits for. All of it is read off the events alone.

mod event;
mod lines;
mod tree;
mod visits;

#[cfg(test)]
mod tests;

use data::Data;

pub use event::moment;
pub use visits::visits;

use event::Event;
use tree::Tree;

/// The timeline of a history's events, which begin with the first.
pub fn timeline(events: &[Data]) -> String {
    lines::lines(&tree(events))
}

fn tree(events: &[Data]) -> Tree {
    let mut tree = Tree::default();
    for event in events.iter().filter_map(Event::read) {
        tree.take(&event);
    }
    tree
}
