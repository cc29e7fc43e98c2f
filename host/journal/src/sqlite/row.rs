//! Rows of the store, with their checksums.

use std::sync::Arc;

use data::EcoString;
use engine::Timestamp;
use rusqlite::Row;

use super::piece::{Checksum, Piece, Pieces};
use crate::{Beginning, Definition, Fact, Kept, Summary};

/// The columns of a [`Summary`], as [`summary`] reads them.
pub(super) const SUMMARY: &str = "e.number, e.arn, e.machine, e.machine_arn, e.name, e.status, e.started_at, \
    e.stopped_at, e.error, e.redrives, e.redriven_at, e.due, e.records, e.events, e.version_arn, e.alias_arn, \
    e.map_run_arn, e.summary_crc";

/// The columns of a [`Beginning`], as [`kept`] reads them after those of a summary.
pub(super) const BEGINNING: &str =
    "e.root, e.parent, e.definition, e.parent_token, e.identity, e.beginning_crc";

/// Why a row is not what was written. The error within is SQLite's: there is no row to speak of.
pub(super) type Read<T> = rusqlite::Result<Result<T, String>>;

/// The numbers of an execution that go with its summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    /// In the order of first keeping.
    pub(super) number: i64,
    /// How many records it has.
    pub(super) records: u32,
    /// How many of them are events.
    pub(super) events: u32,
}

pub(super) fn summary_checksum(summary: &Summary, numbers: Numbers) -> i64 {
    let mut sum = Checksum::default();
    sum.number(Some(numbers.number));
    for text in [
        &summary.execution_arn,
        &summary.state_machine,
        &summary.state_machine_arn,
        &summary.name,
    ] {
        sum.add(Some(text.as_bytes()));
    }
    sum.add(Some(summary.status.as_bytes()));
    for moment in [
        Some(summary.started_at),
        summary.stopped_at,
        summary.redriven_at,
        summary.due,
    ] {
        sum.number(moment.map(|moment| moment.0));
    }
    sum.add(summary.error.as_ref().map(|error| error.as_bytes()));
    for number in [summary.redrives, numbers.records, numbers.events] {
        sum.number(Some(number.into()));
    }
    for arn in [
        &summary.version_arn,
        &summary.alias_arn,
        &summary.map_run_arn,
    ] {
        sum.add(arn.as_ref().map(|arn| arn.as_bytes()));
    }
    sum.end()
}

/// What a beginning's columns hold.
pub(super) struct BeginningColumns {
    pub(super) token: Option<Piece>,
    pub(super) identity: Piece,
    pub(super) crc: i64,
}

impl BeginningColumns {
    pub(super) fn of(
        pieces: &Pieces,
        number: i64,
        beginning: &Beginning,
    ) -> Result<Self, crate::Trouble> {
        let token = beginning.parent.as_ref().map(|(_, token)| token);
        let token = token.map(|token| pieces.of_text(&token_place(number), token));
        let token = token.transpose()?;
        let identity = pieces.of_text(&identity_place(number), &beginning.identity)?;
        let crc = beginning_checksum(number, beginning, token.as_ref(), &identity);
        Ok(BeginningColumns {
            token,
            identity,
            crc,
        })
    }
}

fn token_place(number: i64) -> String {
    format!("executions/{number}/token")
}

fn identity_place(number: i64) -> String {
    format!("executions/{number}/identity")
}

fn beginning_checksum(
    number: i64,
    beginning: &Beginning,
    token: Option<&Piece>,
    identity: &Piece,
) -> i64 {
    let mut sum = Checksum::default();
    sum.number(Some(number));
    sum.add(Some(beginning.root.as_bytes()));
    let parent = beginning.parent.as_ref();
    sum.add(parent.map(|(parent, _)| parent.as_bytes()));
    sum.add(Some(beginning.definition.digest.as_bytes()));
    sum.add(token.map(Piece::bytes));
    sum.add(Some(identity.bytes()));
    sum.end()
}

/// The statuses that an execution may have.
pub(super) const STATUSES: [&str; 5] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];

/// Reads the columns of [`SUMMARY`].
pub(super) fn summary(row: &Row<'_>) -> Read<(Summary, Numbers)> {
    let status: String = row.get(5)?;
    let Some(status) = STATUSES.into_iter().find(|known| *known == status) else {
        return Ok(Err(format!("its status is {status:?}")));
    };
    let moment = |at: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp))
    };
    let summary = Summary {
        execution_arn: row.get(1)?,
        state_machine: row.get(2)?,
        state_machine_arn: row.get(3)?,
        version_arn: row.get(14)?,
        alias_arn: row.get(15)?,
        map_run_arn: row.get(16)?,
        name: row.get(4)?,
        status,
        started_at: Timestamp(row.get(6)?),
        stopped_at: moment(7)?,
        error: word(row, 8)?,
        redrives: row.get(9)?,
        redriven_at: moment(10)?,
        due: moment(11)?,
    };
    let numbers = Numbers {
        number: row.get(0)?,
        records: row.get(12)?,
        events: row.get(13)?,
    };
    let crc: i64 = row.get(17)?;
    if crc != summary_checksum(&summary, numbers) {
        return Ok(Err("its entry does not have its checksum".to_owned()));
    }
    Ok(Ok((summary, numbers)))
}

/// Reads the columns of [`SUMMARY`] and [`BEGINNING`].
pub(super) fn kept(row: &Row<'_>, pieces: &Pieces) -> Read<(Kept, Numbers)> {
    let (summary, numbers) = match summary(row)? {
        Ok(read) => read,
        Err(reason) => return Ok(Err(reason)),
    };
    let parent: Option<EcoString> = word(row, 19)?;
    let token: Option<Piece> = row.get(21)?;
    let identity: Piece = row.get(22)?;
    let crc: i64 = row.get(23)?;
    let mut beginning = Beginning {
        root: word(row, 18)?.unwrap_or_default(),
        parent: parent.map(|parent| (parent, EcoString::new())),
        definition: Definition {
            digest: word(row, 20)?.unwrap_or_default(),
            ..Definition::default()
        },
        identity: String::new(),
    };
    let number = numbers.number;
    if crc != beginning_checksum(number, &beginning, token.as_ref(), &identity) {
        return Ok(Err("its beginning does not have its checksum".to_owned()));
    }
    let read = || -> Result<(), String> {
        beginning.identity = pieces.text(&identity_place(number), identity)?;
        if let (Some((_, place)), Some(token)) = (&mut beginning.parent, token) {
            *place = pieces.text(&token_place(number), token)?.into();
        }
        Ok(())
    };
    Ok(read().map(|()| (Kept { summary, beginning }, numbers)))
}

/// A record's narrow columns.
pub(super) struct Narrow<'r> {
    pub(super) execution: i64,
    pub(super) seq: u32,
    pub(super) at: Timestamp,
    pub(super) event: Option<u32>,
    pub(super) fact: &'r Fact,
}

impl Narrow<'_> {
    /// The checksum of the row with this piece.
    pub(super) fn checksum(&self, piece: &[u8]) -> i64 {
        let mut sum = Checksum::default();
        sum.number(Some(self.execution));
        sum.number(Some(self.seq.into()));
        sum.number(Some(self.at.0));
        sum.number(self.event.map(i64::from));
        sum.number(self.fact.millis);
        sum.add(Some(self.fact.kind.as_bytes()));
        sum.add(self.fact.state.as_ref().map(|state| state.as_bytes()));
        sum.add(self.fact.error.as_ref().map(|error| error.as_bytes()));
        sum.add(Some(piece));
        sum.end()
    }
}

/// Where a record is sealed for.
pub(super) fn record_place(execution: i64, seq: u32) -> String {
    format!("records/{execution}/{seq}")
}

/// A text of a row.
pub(super) fn word(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<EcoString>> {
    let text = row.get_ref(at)?.as_str_or_null()?;
    Ok(text.map(EcoString::from))
}

/// A fact whose columns begin at `at`: kind, state, millis, error.
pub(super) fn fact(row: &Row<'_>, at: usize) -> rusqlite::Result<Fact> {
    Ok(Fact {
        kind: word(row, at)?.unwrap_or_default(),
        state: word(row, at + 1)?,
        millis: row.get(at + 2)?,
        error: word(row, at + 3)?,
    })
}

pub(super) fn definition_checksum(definition: &Definition, text: &Piece, define: &Piece) -> i64 {
    let mut sum = Checksum::default();
    sum.add(Some(definition.digest.as_bytes()));
    sum.add(Some(definition.format.as_bytes()));
    sum.add(Some(text.bytes()));
    sum.add(Some(define.bytes()));
    sum.end()
}

/// A text that many may hold.
pub(super) fn shared(text: String) -> Arc<str> {
    text.into()
}
