//! Numbers that count from 0, alone or as an inclusive range.

use std::fmt;

use data::{Mistakes, Node, Value, units};

/// `3` or `"1-2"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl Numbers {
    /// Reads a number, or a string with a number or range.
    pub fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Numbers> {
        if let Value::String(text) = &node.value {
            let parsed = Numbers::parse(text);
            if parsed.is_none() {
                let message = "expected a number that counts from 0, or a range such as \"1-2\"";
                mistakes.add(node.span, message);
            }
            return parsed;
        }
        let number = mistakes.take(node, units::count(node, 0, u64::from(u32::MAX)))?;
        let number = u32::try_from(number).ok()?;
        Some(Numbers {
            first: number,
            last: number,
        })
    }

    /// The same from its text.
    pub fn parse(text: &str) -> Option<Numbers> {
        let number = |text: &str| -> Option<u32> {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits)
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (number(first)?, number(last)?);
        (first <= last).then_some(Numbers { first, last })
    }

    /// Whether the number is one of them.
    pub fn contains(self, number: u32) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "{}", self.first),
            false => write!(f, "{}-{}", self.first, self.last),
        }
    }
}
