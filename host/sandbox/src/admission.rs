//! Host-wide caps: how many guests may be live, and how much memory their limits may add up to.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};

use crate::config::Config;
use crate::outcome::HostFault;

/// Memory is counted in WebAssembly pages, so that a semaphore's 32-bit weights are enough.
const PAGE: u64 = 64 << 10;

/// Both caps. Waiters are served in the order they came.
pub(crate) struct Admission {
    shared: Arc<Shared>,
}

struct Shared {
    guests: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    max_guests: u32,
    asleep: AtomicU32,
    fell_asleep: Notify,
}

/// A place for one live guest and its share of memory; dropping it gives both back.
pub struct Permit {
    shared: Arc<Shared>,
    pages: u32,
    memory: Option<OwnedSemaphorePermit>,
    guest: Arc<OwnedSemaphorePermit>,
}

impl Admission {
    pub(crate) fn new(config: &Config) -> Admission {
        let pages = usize::try_from(config.max_memory / PAGE).unwrap_or(usize::MAX);
        let shared = Shared {
            guests: Arc::new(Semaphore::new(config.max_guests as usize)),
            memory: Arc::new(Semaphore::new(pages.min(Semaphore::MAX_PERMITS))),
            max_guests: config.max_guests,
            asleep: AtomicU32::new(0),
            fell_asleep: Notify::new(),
        };
        Admission {
            shared: Arc::new(shared),
        }
    }

    /// Waits for a place, however long that takes. `memory` is the guest's limit in bytes.
    pub(crate) async fn admit(&self, memory: u64) -> Result<Permit, HostFault> {
        let guest = self
            .shared
            .guests
            .clone()
            .acquire_owned()
            .await
            .map_err(closed)?;
        self.with_memory(guest, memory).await
    }

    /// As [`Admission::admit`], but gives up when every place is held by a sleeper: virtual time
    /// cannot move on while this guest waits, so none of them would ever wake.
    pub(crate) async fn admit_awake(&self, memory: u64) -> Result<Permit, HostFault> {
        let mut place = pin!(self.shared.guests.clone().acquire_owned());
        let guest = loop {
            let mut slept = pin!(self.shared.fell_asleep.notified());
            slept.as_mut().enable();
            let all_asleep = self.shared.asleep.load(Ordering::SeqCst) >= self.shared.max_guests;
            let polled = poll_fn(|cx| match place.as_mut().poll(cx) {
                Poll::Ready(guest) => Poll::Ready(Some(guest)),
                Poll::Pending if all_asleep => Poll::Ready(None),
                Poll::Pending => slept.as_mut().poll(cx).map(|()| None),
            });
            match polled.await {
                Some(guest) => break guest.map_err(closed)?,
                None if all_asleep => {
                    return Err(HostFault::AllAsleep {
                        guests: self.shared.max_guests,
                    });
                }
                None => {}
            }
        };
        self.with_memory(guest, memory).await
    }

    async fn with_memory(
        &self,
        guest: OwnedSemaphorePermit,
        memory: u64,
    ) -> Result<Permit, HostFault> {
        let pages = u32::try_from(memory.div_ceil(PAGE)).unwrap_or(u32::MAX);
        let mut permit = Permit {
            shared: Arc::clone(&self.shared),
            pages,
            memory: None,
            guest: Arc::new(guest),
        };
        permit.take_memory().await?;
        Ok(permit)
    }
}

impl Permit {
    /// The place among the live guests. Whoever holds it keeps it taken, so that it is not given away before
    /// the instance behind it is gone.
    pub(crate) fn place(&self) -> Arc<OwnedSemaphorePermit> {
        Arc::clone(&self.guest)
    }

    async fn take_memory(&mut self) -> Result<(), HostFault> {
        let memory = self.shared.memory.clone();
        self.memory = Some(
            memory
                .acquire_many_owned(self.pages)
                .await
                .map_err(closed)?,
        );
        Ok(())
    }

    /// Waits for `sleep` without its share of memory, so that guests asleep in virtual time do not
    /// keep others from running; then waits for the share again.
    pub(crate) async fn lend_during(
        &mut self,
        sleep: impl Future<Output = ()>,
    ) -> Result<(), HostFault> {
        self.memory = None;
        let asleep = Asleep::new(Arc::clone(&self.shared));
        sleep.await;
        drop(asleep);
        self.take_memory().await
    }
}

/// Counts one sleeper, also when its guest is killed in its sleep.
struct Asleep(Arc<Shared>);

impl Asleep {
    fn new(shared: Arc<Shared>) -> Asleep {
        shared.asleep.fetch_add(1, Ordering::SeqCst);
        shared.fell_asleep.notify_waiters();
        Asleep(shared)
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        self.0.asleep.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The semaphores are never closed, so this is never seen.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn closed(error: AcquireError) -> HostFault {
    HostFault::Engine(error.to_string())
}
