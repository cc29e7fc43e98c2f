//! YAML, by the events of `saphyr-parser`.

use std::iter::Peekable;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Mark, StrInput};

use super::Failure;
use crate::MAX_DEPTH;
use crate::node::{Key, Node, Value};
use crate::number::Number;
use crate::source::Span;

/// Aliases repeat what they name; together they may not make more values than this.
const MAX_NODES: usize = 1_000_000;

pub(super) fn read(text: &str) -> Result<Node, Failure> {
    let mut reader = Reader {
        events: Parser::new_from_str(text).peekable(),
        offsets: Offsets::of(text),
        anchors: Vec::new(),
        depth: 0,
        nodes: 0,
    };
    let root = reader.document()?;
    root.ok_or_else(|| {
        (
            "expected a value, found an empty text".to_owned(),
            Span::default(),
        )
    })
}

struct Reader<'t> {
    events: Peekable<Parser<'t, StrInput<'t>>>,
    offsets: Offsets,
    anchors: Vec<(usize, Node, usize)>,
    depth: u32,
    nodes: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Option<Node>, Failure> {
        let mut root = None;
        while let Some((event, mark)) = self.next()? {
            match event {
                Event::StreamEnd => break,
                Event::Nothing
                | Event::StreamStart
                | Event::DocumentStart(_)
                | Event::DocumentEnd => {}
                event if root.is_none() => root = Some(self.node(event, mark)?),
                _ => return Err(("only one document can be read".into(), self.span(mark))),
            }
        }
        Ok(root)
    }

    fn node(&mut self, event: Event<'_>, mark: Mark) -> Result<Node, Failure> {
        let span = self.span(mark);
        self.count(1, span)?;
        let before = self.nodes;
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some() {
                    return Err(("tags are not used here".into(), span));
                }
                (anchor, Node::new(span, scalar(&text, style)))
            }
            Event::SequenceStart(anchor, _) => (anchor, self.nested(span, Self::sequence)?),
            Event::MappingStart(anchor, _) => (anchor, self.nested(span, Self::mapping)?),
            Event::Alias(anchor) => return self.alias(anchor, span),
            _ => return Err(("expected a value".into(), span)),
        };
        if anchor > 0 {
            self.anchors
                .push((anchor, node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<Node, Failure> {
        let named = self.anchors.iter().rev().find(|(id, _, _)| *id == anchor);
        let (node, nodes) = named
            .map(|(_, node, nodes)| (node.clone(), *nodes))
            .ok_or_else(|| ("the alias names no anchor before it".to_owned(), span))?;
        self.count(nodes, span)?;
        Ok(node)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Failure> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err((format!("more than {MAX_NODES} values"), span));
        }
        Ok(())
    }

    fn nested(
        &mut self,
        span: Span,
        read: impl FnOnce(&mut Self, Span) -> Result<Node, Failure>,
    ) -> Result<Node, Failure> {
        if self.depth == MAX_DEPTH {
            return Err((format!("nested deeper than {MAX_DEPTH} levels"), span));
        }
        self.depth += 1;
        let node = read(self, span)?;
        self.depth -= 1;
        Ok(node)
    }

    fn sequence(&mut self, span: Span) -> Result<Node, Failure> {
        let mut items = Vec::new();
        loop {
            match self.expect(span)? {
                (Event::SequenceEnd, mark) => {
                    let end = self.span(mark).end;
                    return Ok(Node::new(Span::new(span.start, end), Value::Array(items)));
                }
                (event, mark) => items.push(self.node(event, mark)?),
            }
        }
    }

    fn mapping(&mut self, span: Span) -> Result<Node, Failure> {
        let mut entries = Vec::new();
        loop {
            let (event, mark) = self.expect(span)?;
            if event == Event::MappingEnd {
                let end = self.span(mark).end;
                return Ok(Node::new(
                    Span::new(span.start, end),
                    Value::Object(entries),
                ));
            }
            let at = self.span(mark);
            let Event::Scalar(name, ..) = event else {
                return Err(("a key must be a plain string".into(), at));
            };
            let key = Key {
                name: name.as_ref().into(),
                span: at,
            };
            let (event, mark) = self.expect(span)?;
            entries.push((key, self.node(event, mark)?));
        }
    }

    fn expect(&mut self, span: Span) -> Result<(Event<'static>, Mark), Failure> {
        self.next()?
            .ok_or_else(|| ("the text ends inside a value".to_owned(), span))
    }

    fn next(&mut self) -> Result<Option<(Event<'static>, Mark)>, Failure> {
        match self.events.next() {
            None => Ok(None),
            Some(Ok((event, mark))) => Ok(Some((owned(event), mark))),
            Some(Err(error)) => Err(self.failure(&error)),
        }
    }

    fn failure(&self, error: &ScanError) -> Failure {
        let at = self.offsets.byte(error.marker().index());
        (error.info().to_owned(), Span::new(at, at))
    }

    fn span(&self, mark: Mark) -> Span {
        Span::new(
            self.offsets.byte(mark.start.index()),
            self.offsets.byte(mark.end.index()),
        )
    }
}

fn owned(event: Event<'_>) -> Event<'static> {
    match event {
        Event::Scalar(text, style, anchor, tag) => {
            let tag = tag.map(|tag| std::borrow::Cow::Owned(tag.into_owned()));
            Event::Scalar(text.into_owned().into(), style, anchor, tag)
        }
        Event::SequenceStart(anchor, _) => Event::SequenceStart(anchor, None),
        Event::MappingStart(anchor, _) => Event::MappingStart(anchor, None),
        Event::Nothing => Event::Nothing,
        Event::StreamStart => Event::StreamStart,
        Event::StreamEnd => Event::StreamEnd,
        Event::DocumentStart(explicit) => Event::DocumentStart(explicit),
        Event::DocumentEnd => Event::DocumentEnd,
        Event::Alias(anchor) => Event::Alias(anchor),
        Event::SequenceEnd => Event::SequenceEnd,
        Event::MappingEnd => Event::MappingEnd,
    }
}

/// The core schema of YAML 1.2, without its octal, hexadecimal and infinite numbers.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => {
            Number::parse(text).map_or_else(|| Value::String(text.into()), Value::Number)
        }
        _ => Value::String(text.into()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
}

/// The parser counts characters; everybody else counts bytes.
struct Offsets(Option<Vec<usize>>);

impl Offsets {
    fn of(text: &str) -> Offsets {
        let wide = !text.is_ascii();
        Offsets(wide.then(|| {
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect()
        }))
    }

    fn byte(&self, character: usize) -> usize {
        match &self.0 {
            None => character,
            Some(bytes) => bytes.get(character).or(bytes.last()).copied().unwrap_or(0),
        }
    }
}
