//! Surroundings for tests: a fixed Context Object, fixed variables, counted draws.

use std::cell::Cell;

use data::Data;
use query::Surroundings;

pub struct Fixed {
    pub context: Data,
    pub variables: Data,
    draws: Cell<u64>,
}

impl Fixed {
    pub fn new(context: Data, variables: Data) -> Fixed {
        Fixed {
            context,
            variables,
            draws: Cell::new(0),
        }
    }

    fn draw(&self) -> u64 {
        self.draws.set(self.draws.get() + 1);
        self.draws.get().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl Surroundings for Fixed {
    fn context(&self) -> Data {
        self.context.clone()
    }

    fn variable(&self, name: &str) -> Option<Data> {
        self.variables.get(name).cloned()
    }

    fn random(&self) -> u64 {
        self.draw()
    }

    fn now(&self) -> i64 {
        1_773_453_540_000
    }

    fn uuid(&self) -> u128 {
        u128::from(self.draw()) << 64 | u128::from(self.draw())
    }
}
