//! How long the server waits, and for how much.

use std::time::Duration;

/// What a server allows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names of hosts that requests may be addressed to, beside those of this machine; `*.NAME` admits every name
    /// below one.
    pub allowed_hosts: Vec<String>,
    /// How long the head of a request may take, counted from when the connection has nothing else to do: an idle
    /// connection is closed after it, too.
    pub head_timeout: Duration,
    /// How long the body of a request may pause.
    pub body_pause: Duration,
    /// How long the body of a request may take in all.
    pub body_timeout: Duration,
    /// How long a client may take nothing of an answer.
    pub answer_pause: Duration,
    /// How long answers under way may take when the server stops.
    pub grace: Duration,
    /// How many connections are open at a time; more wait to be accepted.
    pub max_connections: u32,
    /// Whether parameters and answers are logged.
    pub log_payloads: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            allowed_hosts: Vec::new(),
            head_timeout: Duration::from_secs(60),
            body_pause: Duration::from_secs(10),
            body_timeout: Duration::from_secs(300),
            answer_pause: Duration::from_secs(30),
            grace: Duration::from_secs(3),
            max_connections: 1000,
            log_payloads: false,
        }
    }
}
