//! Opening and closing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use engine::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::connect;
use super::error::OpenError;
use super::journal::{OpenUnit, SqliteJournal};
use super::key::{Key, Seal};
use super::lock::Lock;
use super::piece::Pieces;
use super::prune::Pruned;
use super::queue::{PruneRequest, Queue};
use super::read::Reader;
use super::resources::SqliteResources;
use super::schema::{self, unreadable};
use super::wal;
use super::writer::Writer;
use crate::{Journal, JournalError, Progress, Resources, Trouble};

/// How a store is opened.
#[derive(Clone, Debug, Default)]
pub struct StoreOptions {
    /// What it is encrypted with; none for one that is not.
    pub key: Option<Key>,
}

/// A store that this process has for itself. It is closed when it is dropped.
pub struct Store {
    path: PathBuf,
    pieces: Pieces,
    progress: Progress,
    queue: Arc<Queue>,
    writer: Option<JoinHandle<Result<(), Trouble>>>,
    last_number: i64,
    journal_is_out: Mutex<bool>,
    notice: Option<String>,
    lock: Mutex<Lock>,
}

/// A store that is only looked into.
pub struct Looking {
    /// Its executions. What would change them is refused.
    pub journal: Box<dyn Journal>,
    /// What is beside them. What is put is never kept, and the trouble says why.
    pub resources: Arc<dyn Resources>,
}

impl Store {
    /// Opens a store for writing, and makes it if there is no such file.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Store, OpenError> {
        let StoreOptions { key } = options;
        let path = &real(path)?;
        refuse_others(path)?;
        let lock = Lock::take(path)?;
        let notice = wal::examine(path).map_err(|error| refused(path, &error))?;
        let mut connection = connect::for_writing(path)?;
        let version = schema::version_of(&connection, path)?;
        connect::settle(&connection, path, version == 0)?;
        let failed = |error: rusqlite::Error| unreadable(path, &error);
        let first = |connection: &Connection| mark(connection, key.as_ref());
        schema::migrate(&mut connection, version, first).map_err(failed)?;
        let pieces = pieces(&connection, path, key.as_ref())?;
        let last_number = "SELECT ifnull(max(number), 0) FROM executions";
        let last_number = connection.query_row(last_number, [], |row| row.get(0));
        let progress = Progress::default();
        let queue = Arc::new(Queue::new(progress.clone()));
        let mut store = Store {
            path: path.clone(),
            pieces: pieces.clone(),
            progress: progress.clone(),
            queue: Arc::clone(&queue),
            writer: None,
            last_number: last_number.map_err(failed)?,
            journal_is_out: Mutex::new(false),
            notice,
            lock: Mutex::new(lock),
        };
        let writer = Writer::new(connection, pieces, queue, progress);
        let thread = std::thread::Builder::new().name("store".to_owned());
        let thread = thread.spawn(|| writer.run());
        store.writer = Some(thread.map_err(|error| refused(path, &error))?);
        Ok(store)
    }

    /// Opens a store for looking: without a lock, beside whoever writes it, and without a change to it.
    pub fn look(path: &Path, key: Option<&Key>) -> Result<Looking, OpenError> {
        let (progress, unit) = (Progress::default(), None);
        let resources = SqliteResources {
            reader: Mutex::new(reader(path, key)?),
            queue: None,
            progress: progress.clone(),
        };
        let journal = SqliteJournal {
            reader: reader(path, key)?,
            progress,
            unit,
        };
        Ok(Looking {
            journal: Box::new(journal),
            resources: Arc::new(resources),
        })
    }

    /// The store as a journal. There is one only, since it numbers what it is given.
    pub fn journal(&self) -> Result<Box<dyn Journal>, JournalError> {
        let out = self.journal_is_out.lock();
        let mut out = out.unwrap_or_else(PoisonError::into_inner);
        if *out {
            let text = "the store's journal was handed out already";
            return Err(JournalError::Store(text.to_owned()));
        }
        let journal = SqliteJournal {
            reader: self.reader()?,
            progress: self.progress.clone(),
            unit: Some(OpenUnit::new(Arc::clone(&self.queue), self.last_number)),
        };
        *out = true;
        Ok(Box::new(journal))
    }

    /// What is in the store beside executions.
    pub fn resources(&self) -> Result<Arc<dyn Resources>, JournalError> {
        Ok(Arc::new(SqliteResources {
            reader: Mutex::new(self.reader()?),
            queue: Some(Arc::clone(&self.queue)),
            progress: self.progress.clone(),
        }))
    }

    /// What whoever opened it should be told: that something which it held may be lost.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Forgets the executions that were over before a moment, with what belongs to them, and gives their space back;
    /// an execution stays as long as one does that was started by way of the same root. With `dry_run` it only
    /// says what it would forget. It is for a store whose journal is not handed out.
    pub fn prune(&self, older_than: Timestamp, dry_run: bool) -> Result<Pruned, Trouble> {
        let out = self.journal_is_out.lock();
        let out = out.unwrap_or_else(PoisonError::into_inner);
        if *out {
            let text = "the store's journal is in use, so that nothing can be pruned";
            return Err(Trouble(text.to_owned()));
        }
        let (reply, answer) = std::sync::mpsc::channel();
        self.queue.ask(PruneRequest {
            older_than,
            dry_run,
            reply,
        });
        let answer = answer.recv();
        answer.unwrap_or_else(|_| Err(Trouble("the store is closed".to_owned())))
    }

    /// How far the store has come with keeping.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Tells those who find the store in use where what is in it is served.
    pub fn announce(&self, url: &str) -> std::io::Result<()> {
        let lock = self.lock.lock();
        lock.unwrap_or_else(PoisonError::into_inner).announce(url)
    }

    /// Keeps all units that wait, and lets go of the file. The trouble is why some could not be kept.
    pub fn close(mut self) -> Result<(), Trouble> {
        self.finish()
    }

    fn finish(&mut self) -> Result<(), Trouble> {
        self.queue.close();
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let ended = writer.join();
        ended.unwrap_or_else(|_| Err(Trouble("the store's writer broke off".to_owned())))
    }

    fn reader(&self) -> Result<Reader, JournalError> {
        let connection = connect::for_reading(&self.path);
        let connection = connection.map_err(|error| JournalError::Store(error.to_string()))?;
        Ok(Reader {
            connection,
            pieces: self.pieces.clone(),
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Who wants to hear of it closes the store.
        let _ = self.finish();
    }
}

/// A connection for looking into a store.
pub(super) fn reader(path: &Path, key: Option<&Key>) -> Result<Reader, OpenError> {
    let connection = connect::for_reading(path)?;
    if schema::version_of(&connection, path)? == 0 {
        return Err(OpenError::NotAStore {
            path: path.to_owned(),
            reason: "it is empty".to_owned(),
        });
    }
    let pieces = pieces(&connection, path, key)?;
    Ok(Reader { connection, pieces })
}

/// The path by which everybody means the same file, whether it exists or not.
fn real(path: &Path) -> Result<PathBuf, OpenError> {
    if let Ok(real) = path.canonicalize() {
        return Ok(real);
    }
    let name = path.file_name().unwrap_or_default();
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let folder = folder.canonicalize();
    let folder = folder.map_err(|error| refused(path, &error))?;
    Ok(folder.join(name))
}

fn refused(path: &Path, error: &std::io::Error) -> OpenError {
    OpenError::Refused {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// SQLite would leave a file of something else alone too, but not without a lock file and a WAL beside it.
fn refuse_others(path: &Path) -> Result<(), OpenError> {
    use std::io::Read;
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(refused(path, &error)),
    };
    let mut head = Vec::new();
    let read = file.take(MAGIC.len() as u64).read_to_end(&mut head);
    read.map_err(|error| refused(path, &error))?;
    if head.is_empty() || head == MAGIC {
        return Ok(());
    }
    Err(OpenError::NotAStore {
        path: path.to_owned(),
        reason: "it does not begin as an SQLite database does".to_owned(),
    })
}

/// What a sealed text says, so that a key can be told from another.
const SEALED: &str = "wf-host";

/// Gives a new store its identity, and says whether it is encrypted.
fn mark(connection: &Connection, key: Option<&Key>) -> rusqlite::Result<()> {
    let mut id = [0; 16];
    let failed = |text: &str| rusqlite::Error::ToSqlConversionFailure(text.into());
    getrandom::fill(&mut id).map_err(|_| failed("the system gives no random bytes"))?;
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let insert = "INSERT INTO store (name, value) VALUES (?1, ?2)";
    connection.execute(insert, ["id", &id])?;
    if let Some(key) = key {
        let sealed = Seal::new(key, &id).seal("key", SEALED.as_bytes());
        let sealed = sealed.map_err(|_| failed("the system gives no random bytes"))?;
        connection.execute(insert, rusqlite::params!["sealed", sealed])?;
    }
    Ok(())
}

/// How the store's pieces are read and written, if the key is the right one.
fn pieces(connection: &Connection, path: &Path, key: Option<&Key>) -> Result<Pieces, OpenError> {
    let value = "SELECT value FROM store WHERE name = ?";
    let failed = |error: rusqlite::Error| unreadable(path, &error);
    let id: Option<String> = connection
        .query_row(value, ["id"], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    let id = id.ok_or_else(|| OpenError::Damaged {
        path: path.to_owned(),
        reason: "it does not know its own identity".to_owned(),
    })?;
    let sealed: Option<Vec<u8>> = connection
        .query_row(value, ["sealed"], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    match (sealed, key) {
        (None, None) => Ok(Pieces::default()),
        (None, Some(_)) => Err(OpenError::NotEncrypted(path.to_owned())),
        (Some(_), None) => Err(OpenError::KeyNeeded(path.to_owned())),
        (Some(sealed), Some(key)) => {
            let seal = Seal::new(key, &id);
            match seal.unseal("key", &sealed) {
                Ok(_) => Ok(Pieces::new(Some(seal))),
                Err(_) => Err(OpenError::WrongKey(path.to_owned())),
            }
        }
    }
}
