//! Comparing what AWS answered with what comes out here. Everything must be the same.

use api::ApiError;
use data::{Data, Object};
use engine::Status;

use crate::describe::describe;
use crate::difference::Difference;
use crate::exceptions::Exception;
use crate::history;
use crate::normal::normal;
use crate::placeholder::{self, Bindings};
use crate::run::Ran;

/// The comparison of one recording: what its placeholders stand for, and where it may differ.
#[derive(Clone)]
pub struct Comparison {
    bindings: Bindings,
    exceptions: Vec<Exception>,
}

type Compared = Result<(), Box<Difference>>;

impl Comparison {
    /// Nothing is bound yet.
    pub fn new(exceptions: Vec<Exception>) -> Comparison {
        Comparison {
            bindings: Bindings::default(),
            exceptions,
        }
    }

    /// The places of exceptions where nothing differed.
    pub fn unused_exceptions(&self) -> Vec<String> {
        let unused = self.exceptions.iter().filter(|one| !one.is_used);
        unused.map(|one| one.path.clone()).collect()
    }

    /// Compares an execution. The history comes first: it tells most about what went otherwise.
    pub fn execution(&mut self, expected: &Data, ran: &Ran) -> Result<(), String> {
        if let Some(events) = expected.get("history").and_then(Data::as_array) {
            let found: Vec<Data> = ran.history().iter().map(normal).collect();
            history::compare(self, events, found)?;
        }
        let found = normal(&ending(ran));
        let at = |name: &str| found.get(name).filter(|value| !value.is_null());
        let has_status = expected.get("status").is_some();
        for name in ["status", "output", "error", "cause"] {
            let expected = expected.get(name).filter(|value| !value.is_null());
            if expected.is_some() || has_status {
                self.member(&format!("$.{name}"), name, expected, at(name))
                    .map_err(|difference| difference.render())?;
            }
        }
        if let Some(expected) = expected.get("case") {
            self.same("$.case", "case", expected, &case(ran))
                .map_err(|difference| difference.render())?;
        }
        if let Some(expected) = expected.get("describe_execution") {
            let found = normal(&describe(&ran.0.execution));
            self.same("$.describe_execution", "", expected, &found)
                .map_err(|difference| difference.render())?;
        }
        Ok(())
    }

    /// Compares the answer to a call.
    pub fn answer(&mut self, call: &Data, answer: Result<Data, ApiError>) -> Result<(), String> {
        let (name, found) = match answer {
            Ok(response) => ("expected", response),
            Err(refusal) => {
                let error = Object::builder()
                    .with("Code", refusal.code.as_ref())
                    .with("Message", refusal.message);
                ("expected_error", error.build().into())
            }
        };
        let found = normal(&found);
        let compared = match call.get(name) {
            Some(expected) => self.same("$", "", expected, &found),
            // One of the two is an error, the other is none.
            None => Err(Box::new(Difference {
                place: "$".to_owned(),
                expected: call.get("expected").or(call.get("expected_error")).cloned(),
                found: Some(found),
            })),
        };
        compared.map_err(|difference| difference.render())
    }

    /// Compares a value that was computed from several calls.
    pub fn value(&mut self, expected: &Data, found: &Data) -> Result<(), String> {
        let compared = self.same("$", "", expected, &normal(found));
        compared.map_err(|difference| difference.render())
    }

    fn member(
        &mut self,
        place: &str,
        key: &str,
        expected: Option<&Data>,
        found: Option<&Data>,
    ) -> Compared {
        let compared = match (expected, found) {
            (Some(expected), Some(found)) => return self.same(place, key, expected, found),
            (None, None) => Ok(()),
            _ => Err(Difference {
                place: place.to_owned(),
                expected: expected.cloned(),
                found: found.cloned(),
            }),
        };
        self.unless_excepted(place, compared.map_err(Box::new))
    }

    /// Compares two values. `key` is the name of the member that they are.
    pub fn same(&mut self, place: &str, key: &str, expected: &Data, found: &Data) -> Compared {
        let compared = match (expected, found) {
            (Data::Object(a), Data::Object(b)) => self.same_object(place, a, b),
            (Data::Array(a), Data::Array(b)) if a.len() == b.len() => {
                let mut pairs = a.iter().zip(b.iter()).enumerate();
                pairs.try_for_each(|(at, (a, b))| self.same(&format!("{place}[{at}]"), "", a, b))
            }
            (Data::String(a), Data::String(b)) if self.same_text(a, b) => Ok(()),
            (Data::String(word), _) if placeholder::word_stands_for(key, word, found) => Ok(()),
            _ if expected == found => Ok(()),
            _ => Err(Box::new(Difference {
                place: place.to_owned(),
                expected: Some(expected.clone()),
                found: Some(found.clone()),
            })),
        };
        self.unless_excepted(place, compared)
    }

    /// Texts are the same to the letter; those that are JSON arrays may be spaced in another way.
    fn same_text(&mut self, expected: &str, found: &str) -> bool {
        let array = |text: &str| text.starts_with('[').then(|| Data::parse(text).ok())?;
        self.bindings.match_text(expected, found)
            || array(expected).is_some_and(|value| array(found) == Some(value))
    }

    fn same_object(&mut self, place: &str, expected: &Object, found: &Object) -> Compared {
        let surplus = found
            .iter()
            .filter(|(name, _)| !expected.contains_key(name));
        let names: Vec<_> = expected
            .iter()
            .chain(surplus)
            .map(|(name, _)| name)
            .collect();
        names.into_iter().try_for_each(|name| {
            let place = format!("{place}.{name}");
            self.member(&place, name, expected.get(name), found.get(name))
        })
    }

    fn unless_excepted(&mut self, place: &str, compared: Compared) -> Compared {
        let mut exceptions = self.exceptions.iter_mut();
        match (compared, exceptions.find(|one| one.covers(place))) {
            (Err(_), Some(exception)) => {
                exception.is_used = true;
                Ok(())
            }
            (compared, _) => compared,
        }
    }
}

/// How an execution ended, as DescribeExecution has it.
fn ending(ran: &Ran) -> Data {
    let status = ran.0.execution.status();
    let mut ending = Object::builder().with("status", status.as_str());
    if let Status::Succeeded { output } = status {
        ending.insert("output".into(), output.to_string().into());
    }
    // AWS reports no error for an execution that timed out.
    if let Status::Failed(failure) | Status::Aborted(failure) = status {
        for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
            if let Some(text) = text {
                ending.insert(name.into(), text.clone().into());
            }
        }
    }
    ending.build().into()
}

/// Input and output alone.
fn case(ran: &Ran) -> Data {
    let execution = &ran.0.execution;
    let output = match execution.status() {
        Status::Succeeded { output } => output.clone(),
        other => Data::from(format!("{other:?}")),
    };
    let case = Object::builder()
        .with("input", execution.input().to_string())
        .with("output", output.to_string());
    normal(&case.build().into())
}
