//! Pages of lists.
//!
//! A `nextToken` says behind which item the next page begins, so that a list may grow between two pages. It holds a
//! digest over the operation, its parameters and a secret of this process: a token that was changed, made up or given
//! to another call is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data::{Data, ObjectBuilder};
use sha2::{Digest, Sha256};

use super::refuse::invalid_token;
use super::wire::{member, put, text};
use crate::error::ApiError;

/// The items of a page unless told otherwise (service model).
const DEFAULT: usize = 100;
/// The bytes of the digest in a token.
const DIGEST: usize = 12;

/// Issues and reads tokens.
#[derive(Debug)]
pub(super) struct Pager {
    secret: [u8; 32],
}

/// Which page of which list is wanted.
#[derive(Debug)]
pub(super) struct Wanted<'p> {
    pager: &'p Pager,
    scope: String,
    /// Behind which item the page begins; none: at the beginning.
    pub after: Option<String>,
    /// At most so many items.
    pub size: usize,
}

impl Pager {
    /// A pager with a secret of its own.
    pub fn new() -> Pager {
        Pager {
            secret: rand::random(),
        }
    }

    /// The page that the parameters of an operation ask for.
    pub fn wanted(&self, operation: &str, parameters: &Data) -> Result<Wanted<'_>, ApiError> {
        let size = member(parameters, "maxResults").and_then(Data::as_i64);
        let size = size.and_then(|size| usize::try_from(size).ok());
        let scope = scope(operation, parameters);
        let after = match text(parameters, "nextToken") {
            Some(token) => Some(self.read(&scope, token).ok_or_else(invalid_token)?),
            None => None,
        };
        Ok(Wanted {
            pager: self,
            scope,
            after,
            size: size.filter(|size| *size > 0).unwrap_or(DEFAULT),
        })
    }

    fn read(&self, scope: &str, token: &str) -> Option<String> {
        let bytes = STANDARD.decode(token).ok()?;
        let (digest, at) = bytes.split_at_checked(DIGEST)?;
        let at = std::str::from_utf8(at).ok()?;
        (digest == self.digest(scope, at)).then(|| at.to_owned())
    }

    fn issue(&self, scope: &str, at: &str) -> String {
        let mut bytes = self.digest(scope, at).to_vec();
        bytes.extend_from_slice(at.as_bytes());
        STANDARD.encode(bytes)
    }

    fn digest(&self, scope: &str, at: &str) -> [u8; DIGEST] {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        hash.update(scope.len().to_be_bytes());
        hash.update(scope);
        hash.update(at);
        let mut digest = [0; DIGEST];
        digest.copy_from_slice(&hash.finalize()[..DIGEST]);
        digest
    }
}

impl Wanted<'_> {
    /// Puts the page of a list into an answer. The items come with their keys, in the order of the keys.
    pub fn cut(
        &self,
        name: &str,
        items: impl IntoIterator<Item = (String, Data)>,
        answer: &mut ObjectBuilder,
    ) {
        let is_behind = |key: &str| self.after.as_deref().is_none_or(|after| key > after);
        let mut rest = items.into_iter().filter(|(key, _)| is_behind(key));
        let page: Vec<(String, Data)> = rest.by_ref().take(self.size).collect();
        let last = rest.next().and_then(|_| page.last());
        let token = last.map(|(key, _)| self.token(key));
        let page: Data = page.into_iter().map(|(_, item)| item).collect();
        answer.insert(name.into(), page);
        put(answer, "nextToken", token);
    }

    /// The token of the page behind an item.
    pub fn token(&self, last: &str) -> String {
        self.pager.issue(&self.scope, last)
    }
}

/// Operation and parameters but those that may differ from page to page.
fn scope(operation: &str, parameters: &Data) -> String {
    let mut members: Vec<String> = Vec::new();
    for (name, value) in parameters
        .as_object()
        .into_iter()
        .flat_map(|all| all.iter())
    {
        if !value.is_null() && name != "nextToken" && name != "maxResults" {
            members.push(format!("{name}={value}"));
        }
    }
    members.sort();
    format!("{operation}\n{}", members.join("\n"))
}

/// A key that puts the greatest number first.
pub(super) fn descending(number: u64) -> String {
    format!("{:020}", u64::MAX - number)
}
