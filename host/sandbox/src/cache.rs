//! Compiled code on disk, shared by processes that know nothing of each other.
//!
//! One file a module: the code, then a digest of it, then a mark. It is written under another name
//! and renamed, so a reader sees a whole file or none; what is cut, changed or from elsewhere fails
//! the digest and is compiled anew. The digest guards against damage, and is one that reads as fast
//! as memory does, since a language runtime has 50 MB of code. Against malice guards the folder: it
//! must belong to this user and be writable by nobody else.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use twox_hash::XxHash3_128;
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// Ends every file of this format.
const MARK: &[u8; 8] = b"wfcwasm2";
const DIGEST: usize = 16;

/// What is read at once when a file is checked.
const CHUNK: usize = 256 << 10;

/// A larger file is not one of ours.
const MOST_BYTES: u64 = 1 << 30;

/// Where a guest's compiled code came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheUse {
    /// No cache folder is in use.
    Off,
    /// Taken from disk.
    Hit,
    /// Compiled, and kept for the next time.
    Stored,
    /// Compiled because the file on disk was damaged or foreign, which has been replaced.
    Replaced,
    /// Compiled, but it could not be written; the reason in words.
    NotStored(String),
}

/// The folder, if one is in use.
pub(crate) struct Cache {
    folder: Option<PathBuf>,
    warning: Option<String>,
    fingerprint: [u8; 32],
}

/// Code that can be instantiated.
pub(crate) trait Compiled: Sized {
    /// Compiles, without keeping anything.
    fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self>;

    /// Compiles to bytes that can be kept.
    fn precompile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>>;

    /// Takes bytes of this very engine's [`Compiled::precompile`].
    fn from_own_code(engine: &Engine, code: &[u8]) -> wasmtime::Result<Self>;

    /// Maps a file of this module's, which was verified on this same open file.
    fn from_verified_file(engine: &Engine, file: File, path: &Path) -> wasmtime::Result<Self>;
}

/// What a file turned out to be.
enum Found<C> {
    Code(C),
    Nothing,
    Damaged,
}

impl Cache {
    pub(crate) fn new(folder: Option<&Path>, fingerprint: [u8; 32]) -> Cache {
        let (folder, warning) = match folder.map(|path| (path, prepare(path))) {
            None => (None, None),
            Some((path, Ok(()))) => (Some(path.to_owned()), None),
            Some((path, Err(reason))) => {
                let text = format!("cache folder {} is not used: {reason}", path.display());
                (None, Some(text))
            }
        };
        Cache {
            folder,
            warning,
            fingerprint,
        }
    }

    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The compiled form of what `wasm` gives, whose SHA-256 is `sha256`; it is only asked for when it must be
    /// compiled.
    pub(crate) fn compiled<'w, C: Compiled>(
        &self,
        engine: &Engine,
        sha256: &[u8; 32],
        wasm: impl FnOnce() -> wasmtime::Result<Cow<'w, [u8]>>,
    ) -> wasmtime::Result<(C, CacheUse)> {
        let Some(folder) = &self.folder else {
            return Ok((C::compile(engine, &wasm()?)?, CacheUse::Off));
        };
        let path = folder.join(self.file_name(sha256));
        let damaged = match read(engine, &path) {
            Found::Code(code) => return Ok((code, CacheUse::Hit)),
            Found::Nothing => false,
            Found::Damaged => true,
        };
        let code = C::precompile(engine, &wasm()?)?;
        let stored = match write(folder, &path, &code) {
            Ok(()) if damaged => CacheUse::Replaced,
            Ok(()) => CacheUse::Stored,
            Err(error) => CacheUse::NotStored(format!("{}: {error}", path.display())),
        };
        Ok((C::from_own_code(engine, &code)?, stored))
    }

    fn file_name(&self, sha256: &[u8; 32]) -> String {
        let mut hash = Sha256::new();
        hash.update(sha256);
        hash.update(self.fingerprint);
        hex(&hash.finalize()) + ".cwasm"
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn read<C: Compiled>(engine: &Engine, path: &Path) -> Found<C> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Err(_) => return Found::Damaged,
    };
    match is_whole(&mut file) {
        Ok(true) => C::from_verified_file(engine, file, path).map_or(Found::Damaged, Found::Code),
        Ok(false) | Err(_) => Found::Damaged,
    }
}

fn is_whole(file: &mut File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    let length = metadata.len();
    let end = (DIGEST + MARK.len()) as u64;
    if !metadata.is_file() || length > MOST_BYTES || length < end {
        return Ok(false);
    }
    let mut hash = XxHash3_128::new();
    let mut chunk = vec![0; CHUNK];
    let mut left = usize::try_from(length - end).unwrap_or(usize::MAX);
    while left > 0 {
        let piece = &mut chunk[..left.min(CHUNK)];
        file.read_exact(piece)?;
        hash.write(piece);
        left -= piece.len();
    }
    let (mut digest, mut mark, mut more) = ([0; DIGEST], [0; MARK.len()], [0; 1]);
    file.read_exact(&mut digest)?;
    file.read_exact(&mut mark)?;
    let is_end = file.read(&mut more)? == 0;
    Ok(is_end && mark == *MARK && hash.finish_128().to_le_bytes() == digest)
}

impl Compiled for Module {
    fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Module> {
        Module::from_binary(engine, wasm)
    }

    fn precompile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
        engine.precompile_module(wasm)
    }

    #[expect(
        unsafe_code,
        reason = "wasmtime's only way to load compiled code from memory"
    )]
    fn from_own_code(engine: &Engine, code: &[u8]) -> wasmtime::Result<Module> {
        // SAFETY: `code` has just come from `Engine::precompile_module` of this very engine.
        unsafe { Module::deserialize(engine, code) }
    }

    #[expect(
        unsafe_code,
        reason = "wasmtime's only way to load compiled code from a file"
    )]
    fn from_verified_file(engine: &Engine, file: File, _: &Path) -> wasmtime::Result<Module> {
        // SAFETY: the code must come from `Engine::precompile_module` and not change while mapped. Its
        // digest was checked on this same open file; the folder belongs to this user and nobody else
        // can write to it; files are only ever replaced by rename, which leaves the mapped one as it
        // is. The engine itself refuses code of other versions, targets and settings, and components.
        unsafe { Module::deserialize_open_file(engine, file) }
    }
}

impl Compiled for Component {
    fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Component> {
        Component::from_binary(engine, wasm)
    }

    fn precompile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
        engine.precompile_component(wasm)
    }

    #[expect(
        unsafe_code,
        reason = "wasmtime's only way to load compiled code from memory"
    )]
    fn from_own_code(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
        // SAFETY: `code` has just come from `Engine::precompile_component` of this very engine.
        unsafe { Component::deserialize(engine, code) }
    }

    #[expect(
        unsafe_code,
        reason = "wasmtime's only way to load compiled code from a file"
    )]
    fn from_verified_file(engine: &Engine, file: File, path: &Path) -> wasmtime::Result<Component> {
        // SAFETY: as for modules. Components are opened by name only; on Linux the name leads to the file that
        // was checked, elsewhere to the folder that nobody else can write to.
        unsafe { Component::deserialize_file(engine, same_file(&file, path)) }
    }
}

/// A path that leads to a file that is open, whatever now stands at its name.
#[cfg(target_os = "linux")]
fn same_file(file: &File, _: &Path) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

#[cfg(not(target_os = "linux"))]
fn same_file(_: &File, path: &Path) -> PathBuf {
    path.to_owned()
}

fn write(folder: &Path, path: &Path, code: &[u8]) -> io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{}.{number}.tmp", std::process::id()));
    let written = write_all(&temporary, code).and_then(|()| replace(&temporary, path));
    if written.is_err() {
        // It may never have been made; the first error is the one that says why.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_all(path: &Path, code: &[u8]) -> io::Result<()> {
    let mut file = private_file(path)?;
    file.write_all(code)?;
    file.write_all(&XxHash3_128::oneshot(code).to_le_bytes())?;
    file.write_all(MARK)
}

fn replace(from: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        fs::remove_dir_all(to)?; // Not ours, and in the way.
    }
    fs::rename(from, to)
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // Left over from a process that was killed and had the same id.
    let _ = fs::remove_file(path);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<File> {
    File::create(path)
}

/// Makes the folder if need be, and says why it must not be used.
#[cfg(unix)]
fn prepare(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    let text = |error: io::Error| error.to_string();
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(text)?;
    let metadata = fs::metadata(folder).map_err(text)?;
    if !metadata.is_dir() {
        return Err("it is not a folder".to_owned());
    }
    if metadata.uid() != own_uid(folder).map_err(text)? {
        return Err("it belongs to another user".to_owned());
    }
    if metadata.mode() & 0o022 != 0 {
        return Err("others may write to it (chmod go-w)".to_owned());
    }
    Ok(())
}

#[cfg(not(unix))]
fn prepare(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())
}

/// This process's user: the owner of what it makes. Where the kernel shows it, nothing is made.
#[cfg(unix)]
fn own_uid(folder: &Path) -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt as _;
    if let Ok(metadata) = fs::metadata("/proc/self") {
        return Ok(metadata.uid());
    }
    let probe = folder.join(format!(".{}.probe", std::process::id()));
    let uid = private_file(&probe)?.metadata()?.uid();
    fs::remove_file(&probe)?;
    Ok(uid)
}
