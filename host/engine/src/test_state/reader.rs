//! Members of a request, held against the bounds of the service model.
//!
//! A member of the wrong type ends the reading; members out of bounds are collected and told in one message,
//! `N validation errors detected: ...; ...`. The value of a sensitive member is not repeated.

use std::fmt::Display;
use std::ops::RangeInclusive;

use data::{Data, EcoString};

use super::error::{TestStateError, TestStateErrorCode};

#[derive(Default)]
pub(super) struct Reader {
    /// The way to the object at hand, such as `mock.errorOutput.`.
    path: String,
    violations: Vec<String>,
}

type Read<T> = Result<T, TestStateError>;

impl Reader {
    /// Reads what lies inside the member `name`.
    pub fn within<T>(&mut self, name: &str, read: impl FnOnce(&mut Reader) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(name);
        self.path.push('.');
        let value = read(self);
        self.path.truncate(length);
        value
    }

    /// A sensitive text, as nearly all of them are.
    pub fn text(
        &mut self,
        object: &Data,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Read<Option<String>> {
        let text = self.string(object, name)?;
        if let Some(text) = text {
            self.bound("Value", name, text, &length);
        }
        Ok(text.map(str::to_owned))
    }

    /// A text that must be there.
    pub fn needed(
        &mut self,
        object: &Data,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Read<String> {
        let text = self.text(object, name, length)?;
        if text.is_none() {
            self.violation("Value null", name, "Member must not be null");
        }
        Ok(text.unwrap_or_default())
    }

    /// A text that a complaint may repeat.
    pub fn shown(
        &mut self,
        object: &Data,
        name: &str,
        length: RangeInclusive<usize>,
    ) -> Read<Option<EcoString>> {
        let text = self.string(object, name)?;
        if let Some(text) = text {
            self.bound(&format!("Value '{text}'"), name, text, &length);
        }
        Ok(text.map(EcoString::from))
    }

    /// One of a few words, the default if it is not there.
    pub fn word<T: Copy + Default>(
        &mut self,
        object: &Data,
        name: &str,
        words: &[(&str, T)],
    ) -> Read<T> {
        let Some(text) = self.string(object, name)? else {
            return Ok(T::default());
        };
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let rule = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            self.violation(&format!("Value '{text}'"), name, rule);
        }
        Ok(found.map_or_else(T::default, |(_, value)| *value))
    }

    pub fn boolean(&mut self, object: &Data, name: &str) -> Read<bool> {
        match self.member(object, name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| self.mistyped(name)),
        }
    }

    /// A number of times.
    pub fn count(&mut self, object: &Data, name: &str) -> Read<Option<u32>> {
        let Some(value) = self.member(object, name) else {
            return Ok(None);
        };
        let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
        let number = number.ok_or_else(|| self.mistyped(name))?;
        let count = u32::try_from(number).ok();
        if count.is_none() {
            let rule = "Member must have value greater than or equal to 0";
            self.violation(&format!("Value '{number}'"), name, rule);
        }
        Ok(count)
    }

    pub fn object<'d>(&mut self, object: &'d Data, name: &str) -> Read<Option<&'d Data>> {
        match self.member(object, name) {
            Some(value) if value.as_object().is_none() => Err(self.mistyped(name)),
            member => Ok(member),
        }
    }

    /// The complaints, if there are any.
    pub fn finish(self) -> Read<()> {
        let errors = match self.violations.len() {
            0 => return Ok(()),
            1 => "1 validation error".to_owned(),
            many => format!("{many} validation errors"),
        };
        let all = self.violations.join("; ");
        Err(TestStateError::invalid(format!("{errors} detected: {all}")))
    }

    /// A member that is there; `null` counts as absent.
    fn member<'d>(&self, object: &'d Data, name: &str) -> Option<&'d Data> {
        object.get(name).filter(|value| !value.is_null())
    }

    fn string<'d>(&self, object: &'d Data, name: &str) -> Read<Option<&'d str>> {
        match self.member(object, name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| self.mistyped(name)),
        }
    }

    fn bound(&mut self, value: &str, name: &str, text: &str, length: &RangeInclusive<usize>) {
        let found = text.chars().count();
        if found > *length.end() {
            let rule = format!(
                "Member must have length less than or equal to {}",
                length.end()
            );
            self.violation(value, name, rule);
        } else if found < *length.start() {
            let rule = format!(
                "Member must have length greater than or equal to {}",
                length.start()
            );
            self.violation(value, name, rule);
        }
    }

    fn violation(&mut self, value: &str, name: &str, rule: impl Display) {
        let path = &self.path;
        self.violations.push(format!(
            "{value} at '{path}{name}' failed to satisfy constraint: {rule}"
        ));
    }

    /// The words are our own: AWS's tell of its parser.
    fn mistyped(&self, name: &str) -> TestStateError {
        let message = format!("The member '{}{name}' is of the wrong type", self.path);
        TestStateError::new(TestStateErrorCode::SerializationException, message)
    }
}
