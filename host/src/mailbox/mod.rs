//! The way in for answers from outside: a Unix socket a process, in a folder that only its user can enter.
//!
//! One request a connection, a line of JSON each way:
//! `{"token": T, "succeed": OUTPUT}`, `{"token": T, "fail": {"error": E, "cause": C}}` or
//! `{"token": T, "heartbeat": true}`; the reply is `{"ok": true}` or `{"refused": NAME, "message": TEXT}`.

#[cfg(unix)]
mod folder;
mod protocol;
#[cfg(unix)]
mod send;
#[cfg(unix)]
mod serve;

use runtime::Answerer;

use crate::output;
pub use protocol::{MOST_OUTPUT, Reply};
#[cfg(unix)]
pub use send::send;

/// Opens the way in when the first task waits for somebody outside, and says how to answer.
pub struct Door {
    answerer: Answerer,
    /// Whether to print what waits.
    tells: bool,
    #[cfg(unix)]
    open: Option<serve::Listener>,
}

impl Door {
    /// Closed still.
    pub fn new(answerer: Answerer, tells: bool) -> Door {
        Door {
            answerer,
            tells,
            #[cfg(unix)]
            open: None,
        }
    }

    /// A task waits: the way in is opened, and whoever watches is told how to answer.
    pub fn waiting(&mut self, who: &str, token: &str) {
        let opened = self.open();
        if !self.tells {
            return;
        }
        output::talk(&match opened {
            Ok(()) => format!(
                "{who} waits for its task token {token}\nhint: wf-host task succeed {token} --output '{{}}', \
                 or wf-host task fail {token} --error NAME"
            ),
            Err(why) => {
                format!(
                    "{who} waits for its task token {token}; no answer can come from outside: {why}"
                )
            }
        });
    }

    #[cfg(unix)]
    fn open(&mut self) -> Result<(), String> {
        if self.open.is_none() {
            let listener = serve::Listener::start(self.answerer.clone());
            self.open = Some(listener.map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn open(&mut self) -> Result<(), String> {
        let _ = &self.answerer;
        Err("this system has no Unix sockets".to_owned())
    }
}

/// Hands an answer to whichever running host waits for it.
#[cfg(not(unix))]
pub fn send(_: &str, _: &runtime::Answer) -> std::io::Result<Option<Reply>> {
    Err(std::io::Error::other("this system has no Unix sockets"))
}
