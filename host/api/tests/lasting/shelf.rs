//! A store in memory.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use journal::{GarbledResource, JournalError, Mark, Progress, Resource, Resources, Trouble, Value};

/// Keeps what it is given at once, unless it is full.
#[derive(Default)]
pub struct Shelf {
    kept: Mutex<BTreeMap<(String, String), Value>>,
    puts: AtomicUsize,
    full: AtomicBool,
    progress: Progress,
}

impl Shelf {
    /// How often it was given something.
    pub fn puts(&self) -> usize {
        self.puts.load(Ordering::SeqCst)
    }

    /// Another one with the same things.
    pub fn copy(&self) -> Shelf {
        Shelf {
            kept: Mutex::new(self.kept.lock().unwrap().clone()),
            ..Shelf::default()
        }
    }

    /// The keys of the things of a kind.
    pub fn keys(&self, kind: &str) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        let keys = kept.keys().filter(|(of, _)| of == kind);
        keys.map(|(_, key)| key.clone()).collect()
    }

    /// The JSON of a thing.
    pub fn json(&self, kind: &str, key: &str) -> String {
        let kept = self.kept.lock().unwrap();
        kept[&(kind.to_owned(), key.to_owned())].json.clone()
    }

    /// Puts a thing there past the services.
    pub fn place(&self, kind: &str, key: &str, json: &str) {
        let value = Value {
            json: json.to_owned(),
            bytes: None,
        };
        let key = (kind.to_owned(), key.to_owned());
        self.kept.lock().unwrap().insert(key, value);
    }

    /// From now on nothing can be kept, or everything again.
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
        if full {
            self.progress.fail(Trouble("no space left".to_owned()));
        } else {
            self.progress.keep(self.progress.given());
        }
    }
}

impl Resources for Shelf {
    fn put(&self, resources: Vec<Resource>) -> Mark {
        let mut kept = self.kept.lock().unwrap();
        for resource in resources {
            let key = (resource.kind, resource.key);
            match resource.value {
                Some(value) => drop(kept.insert(key, value)),
                None => drop(kept.remove(&key)),
            }
        }
        self.puts.fetch_add(1, Ordering::SeqCst);
        let mark = self.progress.give();
        if !self.full.load(Ordering::SeqCst) {
            self.progress.keep(mark);
        }
        mark
    }

    fn all(&self, kind: &str) -> Result<Vec<Result<Resource, GarbledResource>>, JournalError> {
        let kept = self.kept.lock().unwrap();
        let of_kind = kept.iter().filter(|((of, _), _)| of == kind);
        let resources = of_kind.map(|((kind, key), value)| Resource {
            kind: kind.clone(),
            key: key.clone(),
            owner: None,
            value: Some(value.clone()),
        });
        Ok(resources.map(Ok).collect())
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}
