//! What WASI 0.2 says of files, for components: folders are listed by name. Under the virtual clock nothing else differs
//! from one machine to the next either: every file is as old as the run, and numbered in the order in which the guest
//! first looks at it.

use std::collections::HashMap;
use std::time::Duration;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorStat, DirectoryEntry, ErrorCode, Host as _, HostDescriptor as _, MetadataHashValue,
    PathFlags,
};
use wasmtime_wasi::p2::{FsResult, ReaddirIterator};

use crate::host::Host;

/// The number of each file that was looked at, by what tells it apart on this machine.
pub(crate) type Numbers = HashMap<(u64, u64), u64>;

/// More files than this are not numbered: the numbers are the host's to remember.
const MOST_NUMBERS: u64 = 100_000;

/// The interface as wasmtime-wasi names it; a component of any 0.2 finds it.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

type Result<T> = wasmtime::Result<T>;
type Context<'c> = StoreContextMut<'c, Host>;
type File = Resource<Descriptor>;
type Stream = Resource<Entries>;

/// The rest of a listing.
pub(crate) struct Entries(std::vec::IntoIter<DirectoryEntry>);

/// Redefines what tells one machine's files from another's.
pub(crate) fn shadow(linker: &mut Linker<Host>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async(
        "[method]descriptor.stat",
        |mut context: Context<'_>, (file,): (File,)| {
            Box::new(async move {
                let found = context.data_mut().filesystem().stat(file).await;
                answer(context, found, dated)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.stat-at",
        |mut context: Context<'_>, (file, flags, path): (File, PathFlags, String)| {
            Box::new(async move {
                let found = context
                    .data_mut()
                    .filesystem()
                    .stat_at(file, flags, path)
                    .await;
                answer(context, found, dated)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.metadata-hash",
        |mut context: Context<'_>, (file,): (File,)| {
            Box::new(async move {
                let found = context.data_mut().filesystem().metadata_hash(file).await;
                answer(context, found, numbered)
            })
        },
    )?;
    types.func_wrap_async(
        "[method]descriptor.metadata-hash-at",
        |mut context: Context<'_>, (file, flags, path): (File, PathFlags, String)| {
            Box::new(async move {
                let mut files = context.data_mut().filesystem();
                let found = files.metadata_hash_at(file, flags, path).await;
                answer(context, found, numbered)
            })
        },
    )
}

/// Redefines how folders are listed, whatever the clock: by name, and without what cannot be looked at, such as a link
/// that leads out of the mount. Otherwise one such link would make its whole folder unreadable.
pub(crate) fn shadow_listing(linker: &mut Linker<Host>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    let stream = ResourceType::host::<Entries>();
    types.resource("directory-entry-stream", stream, |mut context, rep| {
        let stream: Stream = Resource::new_own(rep);
        context.data_mut().filesystem().table.delete(stream)?;
        Ok(())
    })?;
    types.func_wrap_async(
        "[method]descriptor.read-directory",
        |mut context: Context<'_>, (file,): (File,)| {
            Box::new(async move {
                let listed = listed(&mut context, file).await;
                answer(context, listed, |_, stream| stream)
            })
        },
    )?;
    types.func_wrap(
        "[method]directory-entry-stream.read-directory-entry",
        |mut context: Context<'_>, (stream,): (Stream,)| {
            let files = context.data_mut().filesystem();
            let next = files.table.get_mut(&stream)?.0.next();
            Ok((Ok::<_, ErrorCode>(next),))
        },
    )
}

/// All of a folder at once, by name.
async fn listed(context: &mut Context<'_>, folder: File) -> FsResult<Stream> {
    let mut files = context.data_mut().filesystem();
    let stream = files.read_directory(folder).await?;
    let found: ReaddirIterator = files.table.delete(stream)?;
    let mut entries: Vec<DirectoryEntry> = found.into_iter().flatten().collect();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files.table.push(Entries(entries.into_iter()))?)
}

/// What the guest gets for what was found, or its error.
fn answer<T, U>(
    mut context: Context<'_>,
    found: FsResult<T>,
    change: impl FnOnce(&mut Host, T) -> U,
) -> Result<(std::result::Result<U, ErrorCode>,)> {
    let host = context.data_mut();
    Ok((match found {
        Ok(found) => Ok(change(host, found)),
        Err(error) => Err(host.filesystem().convert_error_code(error)?),
    },))
}

fn dated(host: &mut Host, found: DescriptorStat) -> DescriptorStat {
    let start: Duration = host.clock.start();
    let date = Some(Datetime {
        seconds: start.as_secs(),
        nanoseconds: start.subsec_nanos(),
    });
    DescriptorStat {
        link_count: 1,
        data_access_timestamp: date,
        data_modification_timestamp: date,
        status_change_timestamp: date,
        ..found
    }
}

fn numbered(host: &mut Host, found: MetadataHashValue) -> MetadataHashValue {
    let next = host.numbers.len() as u64 + 1;
    if next > MOST_NUMBERS {
        return found;
    }
    let number = host
        .numbers
        .entry((found.lower, found.upper))
        .or_insert(next);
    MetadataHashValue {
        lower: *number,
        upper: 0,
    }
}
