//! The drawing of a machine: what happened, what never did, and where executions end that nobody catches.

use std::fmt::Write as _;

use asl::{Block, BlockId, Program, StateId, StateKind, Transition};
use engine::Via;

use super::findings::Kind;
use super::report::Report;
use crate::coverage::Point;

/// GitHub's Mermaid draws no more edges than these.
const MOST_EDGES: usize = 500;

const LEGEND: &str = "Green with a thin line: reached, and every fault is taken care of. Red with a thick line and \
    the word \"ends uncaught\": a fault ends the execution there. Grey with a broken line and the words \"never \
    reached\": no path came there. A dotted arrow is a Catch, \"never\" on an arrow says that no path took it.\n";

impl Report {
    /// The drawing as a block of Markdown with its legend.
    pub(crate) fn drawing_in_markdown(&self) -> String {
        let edges: usize = self.ways.iter().map(Vec::len).sum();
        if edges > MOST_EDGES {
            return format!("The machine has {edges} ways, more than GitHub draws.\n");
        }
        format!("```mermaid\n{}```\n\n{LEGEND}", self.to_mermaid())
    }

    /// The machine as a Mermaid flowchart.
    pub fn to_mermaid(&self) -> String {
        let mut out = String::from("flowchart TD\n");
        self.draw_block(&mut out, Program::ROOT, 1);
        for (id, _) in self.program.states() {
            self.draw_ways(&mut out, id);
        }
        out.push_str(
            "  classDef covered fill:#dcfce7,stroke:#15803d,color:#14532d\n  \
             classDef uncaught fill:#fee2e2,stroke:#b91c1c,stroke-width:4px,color:#7f1d1d\n  \
             classDef never fill:#f3f4f6,stroke:#6b7280,stroke-dasharray:5 5,color:#374151\n",
        );
        for (id, _) in self.program.states() {
            if self.inside(id).next().is_none() {
                let _ = writeln!(out, "  class s{} {}", id.0, self.class_of(id));
            }
        }
        out
    }

    /// The states of a block; one that has blocks inside of it is a box around them.
    fn draw_block(&self, out: &mut String, id: BlockId, depth: usize) {
        let indent = "  ".repeat(depth);
        let block: &Block = self.program.block(id);
        for state in &block.states {
            let known = self.program.state(*state);
            let (name, at) = (label(&known.name), state.0);
            let words = match self.class_of(*state) {
                "uncaught" => "<br/>ends uncaught",
                "never" => "<br/>never reached",
                _ => "",
            };
            let blocks: Vec<BlockId> = match &known.kind {
                StateKind::Parallel(parallel) => parallel.branches.clone(),
                StateKind::Map(map) => vec![map.processor],
                StateKind::Choice(_) => {
                    let _ = writeln!(out, "{indent}s{at}{{\"{name}{words}\"}}");
                    continue;
                }
                StateKind::Succeed | StateKind::Fail(_) => {
                    let _ = writeln!(out, "{indent}s{at}([\"{name}{words}\"])");
                    continue;
                }
                StateKind::Task(_) | StateKind::Wait(_) | StateKind::Pass(_) => {
                    let _ = writeln!(out, "{indent}s{at}[\"{name}{words}\"]");
                    continue;
                }
            };
            let kind = known.kind.state_type().as_str();
            let _ = writeln!(out, "{indent}subgraph s{at}[\"{name} ({kind}){words}\"]");
            for inner in blocks {
                self.draw_block(out, inner, depth + 1);
            }
            let _ = writeln!(out, "{indent}end");
        }
    }

    fn draw_ways(&self, out: &mut String, from: StateId) {
        let state = self.program.state(from);
        for (via, to) in self.ways(from) {
            let never = match self.coverage.hits(Point::Way(from, *via)) {
                0 => "never",
                _ => "",
            };
            let (arrow, words) = match via {
                Via::Next => ("-->", String::new()),
                Via::Rule(n) => ("-->", format!("Choices {n}")),
                Via::Default => ("-->", "Default".to_owned()),
                Via::Catcher(n) => ("-.->", format!("Catch {n}")),
            };
            let words = match (words.is_empty(), never.is_empty()) {
                (false, false) => format!("{words}, {never}"),
                _ => format!("{words}{never}"),
            };
            let label = match words.is_empty() {
                true => String::new(),
                false => format!("|\"{words}\"|"),
            };
            let _ = writeln!(out, "  s{} {arrow}{label} s{}", from.0, to.0);
        }
        let ends = state.next == Transition::End && !matches!(state.kind, StateKind::Fail(_));
        let whole = state.block == Program::ROOT && !matches!(state.kind, StateKind::Choice(_));
        if ends && whole && !matches!(state.kind, StateKind::Succeed) {
            let _ = writeln!(out, "  s{} --> e{}((\"end\"))", from.0, from.0);
        }
    }

    fn class_of(&self, state: StateId) -> &'static str {
        let name = self.name(state);
        if self.coverage.hits(Point::State(state)) == 0 {
            "never"
        } else if self.found(Kind::Uncaught).any(|found| found.state == name) {
            "uncaught"
        } else {
            "covered"
        }
    }
}

/// A name that Mermaid takes for nothing else: whatever might be markup becomes an entity.
fn label(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            c if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ',') => out.push(c),
            c if c.is_control() => out.push(' '),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(label("Pay \"now\"; end"), "Pay #34;now#34;#59; end");
        assert_eq!(label("<b>`x`|#1\n"), "#60;b#62;#96;x#96;#124;#35;1 ");
    }
}
