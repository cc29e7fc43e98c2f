//! How many files the process may have open.

/// Asks for as many as the system grants: each guest may have a thousand, and one that has them must not keep others
/// from theirs. Where the system refuses, things stay as they are.
#[cfg(unix)]
pub fn raise() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub fn raise() {}
