//! What an expression is evaluated in.

use data::Data;

/// What lies outside the value at hand.
pub trait Surroundings {
    /// The Context Object, `$$`.
    fn context(&self) -> Data;

    /// The workflow variable `$name`, if there is one.
    fn variable(&self, name: &str) -> Option<Data>;

    /// 64 random bits: the next draw each time.
    fn random(&self) -> u64;

    /// 128 random bits, of which a version 4 UUID is made: the next draw each time.
    fn uuid(&self) -> u128;

    /// The time, in milliseconds since the Unix epoch: the same through the whole step.
    fn now(&self) -> i64;
}

/// What one evaluation sees.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The value that `$` means.
    pub input: &'a Data,
    /// The Context Object, the variables and the draws.
    pub outside: &'a dyn Surroundings,
}

/// No surroundings: an empty Context Object, no variables, every draw and the time zero.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Surroundings for Nowhere {
    fn context(&self) -> Data {
        Data::empty_object()
    }

    fn variable(&self, _: &str) -> Option<Data> {
        None
    }

    fn random(&self) -> u64 {
        0
    }

    fn uuid(&self) -> u128 {
        0
    }

    fn now(&self) -> i64 {
        0
    }
}
