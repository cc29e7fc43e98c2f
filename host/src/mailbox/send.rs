//! The other end: an answer looks for the host that waits for it.

use std::io::{Error, ErrorKind, Result, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use runtime::Answer;

use super::folder;
use super::protocol::{PATIENCE, Reply, read_line, read_reply, request};

/// Asks every running host of this user, until one knows the token. Sockets that nobody listens on any more are
/// removed.
pub fn send(token: &str, answer: &Answer) -> Result<Option<Reply>> {
    let request = request(token, answer);
    let mut silent = None;
    for socket in folder::sockets()? {
        match ask(&socket, &request) {
            Ok(Some(Reply::Refused(name, _))) if name == "TaskDoesNotExist" => {}
            Ok(Some(reply)) => return Ok(Some(reply)),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                // Its process is gone, or the socket is by now.
                let _ = std::fs::remove_file(&socket);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                silent = Some(socket);
            }
            // A host that ends just now does not wait for this token.
            Err(_) => {}
        }
    }
    match silent {
        None => Ok(None),
        Some(socket) => Err(Error::other(format!(
            "the host behind {} is too busy to reply; it may take the answer yet",
            socket.display()
        ))),
    }
}

fn ask(socket: &Path, request: &str) -> Result<Option<Reply>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    Ok(read_reply(&read_line(&mut stream)?))
}
