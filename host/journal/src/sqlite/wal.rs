//! What SQLite does not say of a write-ahead log: whether a part of it is lost.
//!
//! After a crash SQLite uses the log up to the first frame that is not what was written, and forgets the rest without a
//! word. That is right for what was being written when the machine died: at most one transaction, the last, whose end
//! was never told to anybody. If the end of a transaction stands behind the first broken frame, or the log's head is
//! broken and frames follow, then what was kept may be lost, and whoever opens the store is told.
//!
//! The form of the file is described at <https://www.sqlite.org/fileformat2.html#walformat>.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::lock::{private, with_suffix};

const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// What is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// Its head: none of it will be used.
    Head,
    /// A frame, and so many ends of transactions stand there or behind.
    Frame(usize),
}

/// Looks at the log of a store before SQLite does. If a part of it is lost, a copy of it is put beside it, and the text
/// says what happened.
pub(super) fn examine(store: &Path) -> io::Result<Option<String>> {
    let wal = with_suffix(store, "-wal");
    let bytes = match fs::read(&wal) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(flaw) = flaw(&bytes) else {
        return Ok(None);
    };
    let copy = put_aside(store, &bytes)?;
    let lost = match flaw {
        Flaw::Head => "its head is damaged, so that none of it can be used: what was kept since the store was last \
             closed or written back is lost"
            .to_owned(),
        Flaw::Frame(0 | 1) => "its last transaction is not whole: either the machine stopped while it was written, and \
             nothing that was acknowledged is lost, or it was damaged since"
            .to_owned(),
        Flaw::Frame(ends) => format!("it is damaged, and the last {ends} transactions in it are lost"),
    };
    Ok(Some(format!(
        "the store was not closed when it was last used, and of what it wrote last, in {}, not all can be read: {lost}; \
         a copy is in {}",
        wal.display(),
        copy.display()
    )))
}

/// Beside the store, under a name that is free.
fn put_aside(store: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let name = |number: u32| with_suffix(store, &format!("-damaged-wal-{number}"));
    let free = (1..).map(name).find(|path| !path.exists());
    let path = free.unwrap_or_else(|| name(0));
    private().open(&path)?.write_all(bytes)?;
    Ok(path)
}

fn flaw(bytes: &[u8]) -> Option<Flaw> {
    if bytes.len() < HEAD + FRAME_HEAD {
        return None;
    }
    let Some(head) = Head::read(bytes) else {
        // A log that was begun and not written has a head of zeros, and nothing in it.
        return bytes.iter().any(|byte| *byte != 0).then_some(Flaw::Head);
    };
    let size = FRAME_HEAD + head.page_size;
    // A frame that was only begun is how a process ends that is killed.
    let frames = || bytes[HEAD..].chunks_exact(size);
    let mut sum = head.sum;
    let broken = frames().position(|frame| {
        sum = head.add(head.add(sum, &frame[..8]), &frame[FRAME_HEAD..]);
        frame[8..16] != *head.salts || frame[16..24] != pair(sum)
    })?;
    let ours: Vec<&[u8]> = frames()
        .skip(broken)
        .filter(|frame| head.is_of(frame))
        .collect();
    let ends = ours.iter().filter(|frame| frame[4..8] != [0; 4]).count();
    (!ours.is_empty()).then_some(Flaw::Frame(ends))
}

fn pair([a, b]: [u32; 2]) -> [u8; 8] {
    let [a, b] = [a.to_be_bytes(), b.to_be_bytes()];
    [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]]
}

struct Head<'b> {
    page_size: usize,
    salts: &'b [u8],
    /// Whether checksums are made of big-endian words.
    big: bool,
    sum: [u32; 2],
}

impl<'b> Head<'b> {
    fn read(bytes: &'b [u8]) -> Option<Head<'b>> {
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let magic = word(0)?;
        let page_size = usize::try_from(word(8)?).ok()?;
        if magic & !1 != 0x377f_0682 || !page_size.is_power_of_two() || page_size < 512 {
            return None;
        }
        let mut head = Head {
            page_size,
            salts: bytes.get(16..24)?,
            big: magic & 1 == 1,
            sum: [0, 0],
        };
        head.sum = head.add([0, 0], &bytes[..24]);
        (bytes[24..32] == pair(head.sum)).then_some(head)
    }

    fn add(&self, [mut a, mut b]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        for words in bytes.as_chunks::<8>().0 {
            let [p, q, r, s, t, u, v, w] = *words;
            let word = |bytes| match self.big {
                true => u32::from_be_bytes(bytes),
                false => u32::from_le_bytes(bytes),
            };
            a = a.wrapping_add(word([p, q, r, s])).wrapping_add(b);
            b = b.wrapping_add(word([t, u, v, w])).wrapping_add(a);
        }
        [a, b]
    }

    /// Whether a frame is of this log. Frames of a log that was here before differ in both salts; one that differs in a
    /// single one was damaged.
    fn is_of(&self, frame: &[u8]) -> bool {
        frame[8..12] == self.salts[..4] || frame[12..16] == self.salts[4..]
    }
}
