//! What is known of values that somebody else makes: the input of an execution and the results of its tasks.
//!
//! A value grows as the definition turns out to read it: a path makes fields, a Map makes an array, a
//! comparison gives candidates. While a machine is tried, every object that belongs to a value carries a mark,
//! so that it is known again wherever the definition has moved it.

use data::{Data, EcoString, Object};
use query::Hop;

use super::example;

/// A place in such a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ShapeId(usize);

/// What a place is to hold, as far as its readers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Nobody says.
    Open,
    Text,
    /// Text that holds JSON.
    Json,
    Number,
    Boolean,
    Timestamp,
    Object,
    List,
}

/// One of the values that a place may have, each of which leads somewhere else.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Candidate {
    /// Nothing stands there.
    Absent,
    /// Whatever its type says.
    Present,
    /// This.
    Value(Data),
}

#[derive(Debug)]
struct Shape {
    /// The field's name, which often says what is meant; empty for a whole value.
    name: EcoString,
    kind: Type,
    fields: Vec<(EcoString, ShapeId)>,
    item: Option<ShapeId>,
    /// How many items there are.
    length: usize,
    /// How deep in its value it lies.
    depth: usize,
    candidates: Vec<Candidate>,
}

/// Which objects carry marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// All, and whatever may turn out to be an object is one.
    Eager,
    /// Those that are known to be objects.
    Known,
    /// None.
    Off,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    all: Vec<Shape>,
    /// How often something was learnt.
    pub learnt: usize,
}

/// Which candidate each place has; the first where nothing is said.
pub(super) type Chosen = std::collections::BTreeMap<ShapeId, usize>;

/// The field that marks an object, and how a text begins that is its own mark.
const MARK: &str = "wf-host:place";
/// The most candidates of a place.
const MOST_CANDIDATES: usize = 12;
/// The most places: a definition that reads more is no longer tried but left as it is.
const MOST_SHAPES: usize = 5000;
/// The deepest place: a loop that goes ever deeper into a value ends there.
const MOST_DEPTH: usize = 50;

impl Shapes {
    /// A whole value of which nothing is known.
    pub fn root(&mut self) -> ShapeId {
        self.add(EcoString::new(), 0)
    }

    fn add(&mut self, name: EcoString, depth: usize) -> ShapeId {
        self.learnt += 1;
        self.all.push(Shape {
            name,
            kind: Type::Open,
            fields: Vec::new(),
            item: None,
            length: 1,
            depth,
            candidates: Vec::new(),
        });
        ShapeId(self.all.len() - 1)
    }

    /// The place one step further in, if it is known.
    pub fn known(&self, at: ShapeId, hop: &Hop) -> Option<ShapeId> {
        let shape = &self.all[at.0];
        match hop {
            Hop::Field(name) => {
                let field = shape.fields.iter().find(|(known, _)| known == name);
                field.map(|(_, id)| *id)
            }
            Hop::Item(_) | Hop::Items => shape.item,
        }
    }

    /// The place one step further in.
    pub fn child(&mut self, at: ShapeId, hop: &Hop) -> ShapeId {
        let depth = self.all[at.0].depth + 1;
        if depth > MOST_DEPTH || self.all.len() >= MOST_SHAPES {
            return at;
        }
        match hop {
            Hop::Field(name) => {
                // A field of an array is the field of each of its items.
                if let Some(item) = self.all[at.0].item {
                    return self.child(item, hop);
                }
                if let Some(known) = self.known(at, hop) {
                    return known;
                }
                let id = self.add(name.clone(), depth);
                self.all[at.0].kind = Type::Object;
                self.all[at.0].fields.push((name.clone(), id));
                id
            }
            Hop::Item(index) => {
                let item = self.item(at);
                let shape = &mut self.all[at.0];
                if shape.length <= *index && *index < 100 {
                    shape.length = index + 1;
                    self.learnt += 1;
                }
                item
            }
            Hop::Items => self.item(at),
        }
    }

    fn item(&mut self, at: ShapeId) -> ShapeId {
        if let Some(item) = self.all[at.0].item {
            return item;
        }
        let fields = std::mem::take(&mut self.all[at.0].fields);
        let name = self.all[at.0].name.clone();
        let depth = self.all[at.0].depth + 1;
        let item = self.add(example::singular(&name), depth);
        if !fields.is_empty() {
            self.all[item.0].kind = Type::Object;
        }
        self.all[item.0].fields = fields;
        self.all[at.0].kind = Type::List;
        self.all[at.0].item = Some(item);
        item
    }

    /// Says what a place is to hold. Who says it first is right, but for texts: those who take one often take
    /// anything that can be written as one.
    pub fn want(&mut self, at: ShapeId, wanted: Type) {
        let kind = self.all[at.0].kind;
        if wanted == kind || wanted == Type::Open {
            return;
        }
        if wanted == Type::List && matches!(kind, Type::Open | Type::Object | Type::Text) {
            self.item(at);
        } else if matches!(kind, Type::Open | Type::Text) {
            self.all[at.0].kind = wanted;
            self.learnt += 1;
        }
    }

    /// Adds a value that the place may have.
    pub fn offer(&mut self, at: ShapeId, candidate: &Candidate) {
        let shape = &mut self.all[at.0];
        if shape.candidates.len() < MOST_CANDIDATES && !shape.candidates.contains(candidate) {
            shape.candidates.push(candidate.clone());
            self.learnt += 1;
        }
    }

    /// Gives a field of a whole value the one value that it always has.
    pub fn fix(&mut self, at: ShapeId, name: &str, value: Data) {
        let field = self.child(at, &Hop::Field(name.into()));
        self.offer(field, &Candidate::Value(value));
    }

    /// Every place that may have one of several values, with their number.
    pub fn choices(&self) -> impl Iterator<Item = (ShapeId, usize)> {
        let counted = self.all.iter().enumerate();
        let counted = counted.map(|(at, shape)| (ShapeId(at), shape.candidates.len()));
        counted.filter(|(_, count)| *count > 1)
    }

    /// The value; none if nothing is to stand there. `marks` says which objects carry marks.
    pub fn data(&self, at: ShapeId, chosen: &Chosen, marks: Marks) -> Option<Data> {
        let shape = &self.all[at.0];
        let index = chosen.get(&at).copied().unwrap_or(0);
        let candidate = shape.candidates.get(index);
        if candidate == Some(&Candidate::Absent) {
            return None;
        }
        if let Some(item) = shape.item {
            let item = self.data(item, chosen, marks)?;
            return Some(std::iter::repeat_n(item, shape.length).collect());
        }
        let is_object = !shape.fields.is_empty() || shape.kind == Type::Object;
        if !is_object && let Some(Candidate::Value(value)) = candidate {
            return Some(value.clone());
        }
        let is_whole = shape.name.is_empty();
        if is_object || shape.kind == Type::Open && (marks == Marks::Eager || is_whole) {
            return Some(self.object(at, chosen, marks));
        }
        let value = example::of(&shape.name, shape.kind);
        let is_text = matches!(shape.kind, Type::Open | Type::Text) && value.as_str().is_some();
        Some(match is_text && marks != Marks::Off {
            true => Data::from(format!("{MARK}:{}", at.0)),
            false => value,
        })
    }

    fn object(&self, at: ShapeId, chosen: &Chosen, marks: Marks) -> Data {
        let mut object = Object::builder();
        for (name, field) in &self.all[at.0].fields {
            if let Some(value) = self.data(*field, chosen, marks) {
                object.insert(name.clone(), value);
            }
        }
        if marks != Marks::Off {
            object.insert(MARK.into(), Data::from(at.0 as i64));
        }
        object.build().into()
    }

    /// Whose mark a value carries.
    pub fn marked(&self, value: &Data) -> Option<ShapeId> {
        let at = match value {
            Data::Object(object) => usize::try_from(object.get(MARK)?.as_i64()?).ok()?,
            Data::String(text) => text
                .as_str()
                .strip_prefix(MARK)?
                .strip_prefix(':')?
                .parse()
                .ok()?,
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Array(_) => return None,
        };
        (at < self.all.len()).then_some(ShapeId(at))
    }
}
