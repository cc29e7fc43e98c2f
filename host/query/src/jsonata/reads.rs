//! What an expression reads: found in its syntax tree, so that nothing else is handed to the engine.

use std::collections::HashMap;

use data::{Data, EcoString};

/// With more fields than this all of the value is taken.
const MANY: usize = 200;

/// How much of a value is needed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Need {
    /// All of it.
    All,
    /// These fields, where it is an object or an array of objects.
    Fields(Vec<(EcoString, Need)>),
}

impl Need {
    pub(super) fn nothing() -> Need {
        Need::Fields(Vec::new())
    }

    /// Adds what lies at the end of a path of fields.
    pub(super) fn add(&mut self, path: &[&str]) {
        let Need::Fields(fields) = self else { return };
        let Some((first, rest)) = path.split_first() else {
            *self = Need::All;
            return;
        };
        if fields.len() > MANY {
            *self = Need::All;
            return;
        }
        let at = fields.iter().position(|(name, _)| name == first);
        let at = at.unwrap_or_else(|| {
            fields.push(((*first).into(), Need::nothing()));
            fields.len() - 1
        });
        fields[at].1.add(rest);
    }

    /// What is needed of a field; none if nothing is.
    pub(super) fn field(&self, name: &str) -> Option<&Need> {
        match self {
            Need::All => Some(&Need::All),
            Need::Fields(fields) => fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, need)| need),
        }
    }
}

/// An expression that is nothing but a variable or a path of fields from one: its value is handed through.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Direct {
    pub(super) variable: EcoString,
    pub(super) fields: Vec<EcoString>,
}

/// Where a [`Direct`] leads.
pub(super) enum Found {
    /// To a value.
    Data(Data),
    /// To nothing.
    Undefined,
    /// Through an array, whose items the engine has to go through.
    Unclear,
}

impl Direct {
    /// Follows some of the fields, the first `skip` of them aside, from a value on.
    pub(super) fn follow(&self, skip: usize, from: &Data) -> Found {
        let mut at = from;
        for field in &self.fields[skip..] {
            at = match at {
                Data::Object(object) => match object.get(field) {
                    Some(found) => found,
                    None => return Found::Undefined,
                },
                Data::Array(_) => return Found::Unclear,
                _ => return Found::Undefined,
            };
        }
        Found::Data(at.clone())
    }
}

/// All that an expression reads.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reads {
    /// Of `$states`; none if it is not named.
    pub(super) states: Option<Need>,
    /// The other free variables, in the order in which they are first named.
    pub(super) names: Vec<EcoString>,
    /// How much of each.
    pub(super) needs: Vec<Need>,
    /// Where each name stands among them.
    places: HashMap<EcoString, usize>,
    pub(super) direct: Option<Direct>,
}

impl Reads {
    pub(super) fn nothing() -> Reads {
        Reads {
            states: None,
            names: Vec::new(),
            needs: Vec::new(),
            places: HashMap::new(),
            direct: None,
        }
    }

    pub(super) fn add(&mut self, variable: &str, path: &[&str]) {
        if variable == "states" {
            self.states.get_or_insert_with(Need::nothing).add(path);
            return;
        }
        let at = self.places.get(variable).copied().unwrap_or_else(|| {
            let at = self.names.len();
            self.names.push(variable.into());
            self.needs.push(Need::nothing());
            self.places.insert(variable.into(), at);
            at
        });
        self.needs[at].add(path);
    }

    /// What is needed of a variable.
    pub(super) fn need(&self, variable: &str) -> &Need {
        match self.places.get(variable) {
            Some(at) => &self.needs[*at],
            None => &Need::All,
        }
    }
}
