//! `endpoint` and `region`: a server elsewhere.

use data::{Mistakes, Node};

use crate::remote::{Address, Endpoint};

/// What stands for AWS itself.
const AWS: &str = "aws";

/// `endpoint` as it is read, with the `region` beside it.
#[derive(Clone, Copy, Default)]
pub(super) struct Written<'n> {
    pub endpoint: Option<&'n Node>,
    pub region: Option<&'n Node>,
}

impl Written<'_> {
    /// The endpoint, if there is one; what is wrong with either is told.
    pub fn read(self, mistakes: &mut Mistakes<'_>) -> Option<Endpoint> {
        let region = self.region.and_then(|node| {
            let region = mistakes.string(node)?;
            if self.endpoint.is_none() {
                mistakes.add(node.span, "`region` means nothing without `endpoint`");
            }
            mistakes.take(node, checked_region(region))
        });
        let node = self.endpoint?;
        let text = mistakes.string(node)?;
        let address = mistakes.take(node, address(&text))?;
        Some(Endpoint { address, region })
    }
}

/// A region is a label of AWS's host names: nothing else may reach one.
fn checked_region(region: String) -> Result<String, String> {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label = !region.is_empty() && region.len() <= 63 && region.bytes().all(valid);
    if label {
        return Ok(region);
    }
    Err("a region is a name such as \"eu-central-1\"".to_owned())
}

fn address(text: &str) -> Result<Address, String> {
    if text == AWS {
        return Ok(Address::Aws);
    }
    let wrong = || {
        "an endpoint is a URL such as \"http://localhost:4566\", without user, query or fragment, \
         or \"aws\" for AWS itself"
            .to_owned()
    };
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("http://")
        .or_else(|| lower.strip_prefix("https://"))
        .ok_or_else(wrong)?;
    let host = rest.split('/').next().unwrap_or_default();
    let odd =
        |c: char| !c.is_ascii_graphic() || matches!(c, '?' | '#' | '@' | '\\' | '"' | '<' | '>');
    if host.is_empty() || host.starts_with(':') || text.contains(odd) {
        return Err(wrong());
    }
    Ok(Address::Url(text.trim_end_matches('/').to_owned()))
}
