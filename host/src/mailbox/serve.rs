//! The host's end: a thread that takes one request a connection.

use std::io::{Result, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use runtime::Answerer;

use super::folder;
use super::protocol::{PATIENCE, read_line, read_request, reply};

/// An open way in; closed, and its socket removed, when dropped.
pub struct Listener {
    path: PathBuf,
    /// Held while an answer is on its way, so that the process does not end before whoever gave it has heard.
    busy: Arc<Mutex<()>>,
}

impl Listener {
    /// Begins to listen on a socket of this process.
    pub fn start(answerer: Answerer) -> Result<Listener> {
        let drawn = getrandom::u32().map_err(std::io::Error::other)?;
        let name = format!("{}-{drawn:08x}.sock", std::process::id());
        let path = folder::make()?.join(name);
        let socket = UnixListener::bind(&path)?;
        let busy = Arc::new(Mutex::new(()));
        let listener = Listener {
            path,
            busy: Arc::clone(&busy),
        };
        std::thread::Builder::new()
            .name("answers".to_owned())
            .spawn(move || listen(&socket, &answerer, &busy))?;
        Ok(listener)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // One that stays behind is removed by the next `wf-host task`.
        let _ = std::fs::remove_file(&self.path);
        drop(self.busy.lock());
    }
}

fn listen(socket: &UnixListener, answerer: &Answerer, busy: &Mutex<()>) {
    for connection in socket.incoming() {
        match connection {
            // A peer that misbehaves has spoilt its own request only.
            Ok(stream) => drop(serve(stream, answerer, busy)),
            // Out of file descriptors, say: not so the next moment.
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

fn serve(mut stream: UnixStream, answerer: &Answerer, busy: &Mutex<()>) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let line = read_line(&mut stream)?;
    let _busy = busy.lock();
    let line = match read_request(&line) {
        Some((token, answer)) => reply(answerer.answer(&token, answer)),
        None => "{\"refused\":\"BadRequest\",\"message\":\"not a request\"}\n".to_owned(),
    };
    stream.write_all(line.as_bytes())
}
