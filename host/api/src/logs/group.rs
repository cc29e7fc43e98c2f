//! A group with its streams, and the bound on what it holds.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use data::EcoString;
use engine::Timestamp;

use super::token::Place;

/// The most that the events of one group take, counted as the service does: the message in UTF-8 and
/// [`EVENT_BYTES`] for each. Beyond it those that came first are dropped.
pub const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// What an event counts besides its message.
pub(super) const EVENT_BYTES: usize = 26;

/// A log group.
#[derive(Debug)]
pub(super) struct Group {
    pub created: Timestamp,
    /// `retentionInDays`; none: for ever.
    pub retention: Option<i64>,
    pub class: EcoString,
    pub kms_key: Option<String>,
    pub deletion_protection: bool,
    pub tags: BTreeMap<String, String>,
    /// By name.
    pub streams: BTreeMap<Arc<str>, Stream>,
    /// Streams and places of all events, in the order in which they came.
    arrivals: VecDeque<(Arc<str>, Place)>,
    bytes: usize,
    /// The number of the next event, from 1.
    next: u64,
}

/// A log stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub created: Timestamp,
    pub last_ingestion: Option<Timestamp>,
    /// In the order of their places.
    pub events: VecDeque<Event>,
}

/// A log event.
#[derive(Debug)]
pub(super) struct Event {
    /// Its time, then its serial number in the group.
    pub place: Place,
    pub ingested: Timestamp,
    pub message: String,
}

impl Group {
    pub fn new(created: Timestamp) -> Group {
        Group {
            created,
            retention: None,
            class: "STANDARD".into(),
            kms_key: None,
            deletion_protection: false,
            tags: BTreeMap::new(),
            streams: BTreeMap::new(),
            arrivals: VecDeque::new(),
            bytes: 0,
            next: 1,
        }
    }

    /// The bytes of all events.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The stream of that name, made if there is none.
    pub fn stream_or_new(&mut self, name: &str, now: Timestamp) -> &mut Stream {
        let stream = || Stream {
            created: now,
            last_ingestion: None,
            events: VecDeque::new(),
        };
        self.streams.entry(name.into()).or_insert_with(stream)
    }

    /// Adds an event to a stream that is there.
    pub fn push(&mut self, stream: &str, at: Timestamp, now: Timestamp, message: String) {
        let Some((name, _)) = self.streams.get_key_value(stream) else {
            return;
        };
        let name = Arc::clone(name);
        let place = Place {
            at: at.0,
            serial: self.next,
        };
        self.next += 1;
        self.bytes += message.len() + EVENT_BYTES;
        self.arrivals.push_back((name, place));
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.last_ingestion = Some(now);
            stream.insert(Event {
                place,
                ingested: now,
                message,
            });
        }
    }

    /// Drops what came first until the bound holds.
    pub fn shrink(&mut self) {
        while self.bytes > GROUP_BYTES {
            let Some((name, place)) = self.arrivals.pop_front() else {
                return;
            };
            let stream = self.streams.get_mut(&name);
            if let Some(event) = stream.and_then(|stream| stream.take(place)) {
                self.bytes -= event.bytes();
            }
        }
    }

    /// Drops the events that are older than the retention.
    pub fn expire(&mut self, now: Timestamp) {
        let Some(horizon) = self.horizon(now) else {
            return;
        };
        let mut gone = false;
        for stream in self.streams.values_mut() {
            while let Some(event) = stream.events.pop_front_if(|event| event.place.at < horizon) {
                self.bytes -= event.bytes();
                gone = true;
            }
        }
        if gone {
            self.tidy();
        }
    }

    /// The moment before which events are not retained.
    pub fn horizon(&self, now: Timestamp) -> Option<i64> {
        let days = self.retention?;
        Some(now.0.saturating_sub(days.saturating_mul(86_400_000)))
    }

    /// Removes a stream with its events; whether there was one.
    pub fn remove(&mut self, stream: &str) -> bool {
        let Some(gone) = self.streams.remove(stream) else {
            return false;
        };
        self.bytes -= gone.events.iter().map(Event::bytes).sum::<usize>();
        self.arrivals.retain(|(name, _)| name.as_ref() != stream);
        true
    }

    /// Forgets the arrivals of events that are gone.
    fn tidy(&mut self) {
        let streams = &self.streams;
        self.arrivals.retain(|(name, place)| {
            let stream = streams.get(name);
            stream.is_some_and(|stream| stream.position(*place).is_ok())
        });
    }
}

impl Stream {
    fn insert(&mut self, event: Event) {
        let (Ok(index) | Err(index)) = self.position(event.place);
        self.events.insert(index, event);
    }

    /// The index of the event at a place, or the index that it would have.
    fn position(&self, place: Place) -> Result<usize, usize> {
        self.events
            .binary_search_by_key(&place, |event| event.place)
    }

    fn take(&mut self, place: Place) -> Option<Event> {
        self.events.remove(self.position(place).ok()?)
    }
}

impl Event {
    fn bytes(&self) -> usize {
        self.message.len() + EVENT_BYTES
    }
}
