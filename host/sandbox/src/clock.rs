//! The clock of one live guest.
//!
//! Virtual time is arithmetic: start + time slept + fuel used at a fixed rate. A timeout is then a
//! budget of fuel that shrinks with every sleep, so a guest that spins ends at its deadline
//! exactly, on any machine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::admission::Permit;
use crate::invocation::{Sleeper, Time};
use crate::limits::Limits;
use crate::outcome::HostFault;

/// Nanoseconds in a second.
const SECOND: u128 = 1_000_000_000;

/// Fuel given so far, and what time it is for the guest.
pub(crate) struct Clock {
    /// All fuel given since the start, used or not.
    pub(crate) granted: u64,
    limits: Limits,
    in_virtual_time: Option<Virtual>,
}

struct Virtual {
    start: Duration,
    sleeper: Arc<dyn Sleeper>,
    slept: Duration,
    awake: Arc<AwakeTime>,
}

impl Clock {
    pub(crate) fn new(time: &Time, limits: &Limits) -> Clock {
        let in_virtual_time = match time {
            Time::Real => None,
            Time::Virtual { start, sleeper } => Some(Virtual {
                start: *start,
                sleeper: Arc::clone(sleeper),
                slept: Duration::ZERO,
                awake: Arc::new(AwakeTime::start()),
            }),
        };
        let mut clock = Clock {
            granted: 0,
            limits: limits.clone(),
            in_virtual_time,
        };
        clock.granted = clock.budget();
        clock
    }

    /// The wall time spent awake, under the virtual clock.
    pub(crate) fn awake(&self) -> Option<Arc<AwakeTime>> {
        self.in_virtual_time
            .as_ref()
            .map(|time| Arc::clone(&time.awake))
    }

    /// Virtual time passed since the start when `fuel` has been used; `None` under the real clock.
    pub(crate) fn elapsed(&self, fuel: u64) -> Option<Duration> {
        let time = self.in_virtual_time.as_ref()?;
        let elapsed = time.slept.saturating_add(self.fuel_time(fuel));
        Some(elapsed.min(self.limits.timeout))
    }

    /// True when running out of fuel means that the time is up.
    pub(crate) fn fuel_is_time(&self) -> bool {
        self.in_virtual_time.is_some() && self.limits.fuel.is_none_or(|fuel| self.granted < fuel)
    }

    /// Fuel that may be used from start to end, given the time slept so far.
    fn budget(&self) -> u64 {
        let fuel = self.limits.fuel.unwrap_or(u64::MAX);
        match &self.in_virtual_time {
            None => fuel,
            Some(time) => fuel.min(self.time_fuel(self.limits.timeout.saturating_sub(time.slept))),
        }
    }

    fn time_fuel(&self, time: Duration) -> u64 {
        let fuel = time
            .as_nanos()
            .saturating_mul(u128::from(self.limits.fuel_per_second))
            / SECOND;
        u64::try_from(fuel).unwrap_or(u64::MAX)
    }

    fn fuel_time(&self, fuel: u64) -> Duration {
        let nanos = u128::from(fuel) * SECOND / u128::from(self.limits.fuel_per_second);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The instant the guest started at, since the Unix epoch.
    pub(crate) fn start(&self) -> Duration {
        self.in_virtual_time().start
    }

    /// Virtual time since the guest's start, when it has `left` of its fuel.
    pub(crate) fn now(&self, left: u64) -> Duration {
        let used = self.granted.saturating_sub(left);
        self.in_virtual_time()
            .slept
            .saturating_add(self.fuel_time(used))
    }

    /// Passes time asleep. Of the fuel that was left, returns what is left now: the deadline has
    /// come closer.
    pub(crate) fn slept(&mut self, time: Duration, left: u64) -> u64 {
        let used = self.granted.saturating_sub(left);
        if let Some(virtual_time) = &mut self.in_virtual_time {
            virtual_time.slept = virtual_time.slept.saturating_add(time);
        }
        self.granted = self.budget().max(used);
        self.granted - used
    }

    /// Waits until `wake`, time since the guest's start, without counting as awake.
    pub(crate) async fn sleep_until(
        &self,
        wake: Duration,
        permit: &mut Permit,
    ) -> Result<(), HostFault> {
        let time = self.in_virtual_time();
        let sleep = time.sleeper.sleep_until(time.start.saturating_add(wake));
        time.awake.pause();
        let woken = permit.lend_during(sleep).await;
        time.awake.resume();
        woken
    }

    fn in_virtual_time(&self) -> &Virtual {
        self.in_virtual_time
            .as_ref()
            .expect("only called under the virtual clock")
    }
}

/// Wall time that a guest under the virtual clock has spent awake.
pub(crate) struct AwakeTime(Mutex<Awake>);

struct Awake {
    before: Duration,
    since: Option<Instant>,
}

impl AwakeTime {
    fn start() -> AwakeTime {
        AwakeTime(Mutex::new(Awake {
            before: Duration::ZERO,
            since: Some(Instant::now()),
        }))
    }

    pub(crate) fn total(&self) -> Duration {
        self.with(|awake| awake.before + awake.since.map_or(Duration::ZERO, |at| at.elapsed()))
    }

    fn pause(&self) {
        self.with(|awake| {
            if let Some(since) = awake.since.take() {
                awake.before += since.elapsed();
            }
        });
    }

    fn resume(&self) {
        self.with(|awake| awake.since = Some(Instant::now()));
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Awake) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
