//! Messages on standard input and output, as far as they are messages.

use std::io::{self, BufRead, Read, Write};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use lsp_server::{ErrorCode, Message, RequestId, Response};
use serde_json::Value;

/// The most bytes of a message: an editor sends no file that is larger than what kubevet reads.
const LONGEST: u64 = 64 << 20;

/// The most bytes of what stands before a message.
const LONGEST_HEADER: u64 = 4 << 10;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// Something that has the frame of a message and is none; the answer says so.
    Malformed(Response),
}

/// Both directions.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) incoming: Receiver<Incoming>,
    pub(super) outgoing: Sender<Message>,
    writer: thread::JoinHandle<io::Result<()>>,
}

impl Wire {
    /// Reads standard input and writes standard output, each in a thread of its own.
    pub(super) fn stdio() -> io::Result<Self> {
        // An editor that sends faster than it is answered waits.
        let (sender, incoming) = bounded(64);
        let (outgoing, receiver) = unbounded::<Message>();
        // It ends with the input, or with the process.
        thread::Builder::new().name("reader".to_owned()).spawn(move || {
            let mut input = io::stdin().lock();
            while let Ok(Some(message)) = read(&mut input) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        })?;
        let writer = thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let mut output = io::stdout().lock();
            receiver.into_iter().try_for_each(|message| message.write(&mut output).and_then(|()| output.flush()))
        })?;
        Ok(Self { incoming, outgoing, writer })
    }

    /// Waits until everything is written.
    pub(super) fn finish(self) {
        let Self { incoming, outgoing, writer } = self;
        drop((incoming, outgoing));
        // Nobody is left to be told where it could not be written.
        let _ = writer.join();
    }
}

/// The next message; nothing at the end of the input.
///
/// # Errors
/// Where nobody can tell where the next message begins: no header, or a message of an absurd length.
fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = read_header(input)? else { return Ok(None) };
    let mut bytes = Vec::new();
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Ok(None);
    }
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { return Ok(Some(malformed(0.into(), ErrorCode::ParseError))) };
    let id = serde_json::from_value(value.get("id").cloned().unwrap_or_default()).unwrap_or_else(|_| 0.into());
    let message = serde_json::from_value(value).map(Incoming::Message);
    Ok(Some(message.unwrap_or_else(|_| malformed(id, ErrorCode::InvalidRequest))))
}

fn malformed(id: RequestId, code: ErrorCode) -> Incoming {
    Incoming::Malformed(Response::new_err(id, code as i32, "this is no message of JSON-RPC".to_owned()))
}

/// The length that the lines before a message name.
fn read_header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut header = input.take(LONGEST_HEADER);
    let mut length = None;
    loop {
        let mut line = String::new();
        if header.read_line(&mut line)? == 0 {
            return if length.is_none() && header.limit() > 0 { Ok(None) } else { Err(invalid("a header without an end")) };
        }
        let line = line.trim_end();
        if line.is_empty() {
            let length: u64 = length.ok_or_else(|| invalid("a message without a length"))?;
            return if length <= LONGEST { Ok(Some(length)) } else { Err(invalid("a message that is too long")) };
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse().map_err(|_| invalid("a length that is no number"))?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<String> {
        let mut input = text.as_bytes();
        let mut all = Vec::new();
        loop {
            match read(&mut input) {
                Ok(Some(Incoming::Message(Message::Notification(notification)))) => all.push(notification.method),
                Ok(Some(Incoming::Message(_))) => all.push("request".to_owned()),
                Ok(Some(Incoming::Malformed(response))) => {
                    all.push(response.response_result.unwrap_err().code.to_string());
                }
                Ok(None) => return all,
                Err(error) => {
                    all.push(error.to_string());
                    return all;
                }
            }
        }
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn what_is_no_message_is_refused_and_the_next_one_read() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        assert_eq!(read_all(&exit), ["exit"]);
        assert_eq!(read_all(&format!("{}{}{exit}", framed("{"), framed("[]"))), ["-32700", "-32600", "exit"]);
        let deep = framed(&"[".repeat(100_000));
        assert_eq!(read_all(&format!("{deep}{exit}")), ["-32700", "exit"]);
        assert_eq!(read_all(""), Vec::<String>::new());
        assert_eq!(read_all("Content-Length: 7\r\n\r\n{}"), Vec::<String>::new());
    }

    #[test]
    fn a_length_that_nothing_has_ends_the_input() {
        assert_eq!(read_all("Content-Length: 99999999999\r\n\r\n"), ["a message that is too long"]);
        assert_eq!(read_all("Content-Length: -1\r\n\r\n"), ["a length that is no number"]);
        assert_eq!(read_all("X: y\r\n\r\n"), ["a message without a length"]);
        assert_eq!(read_all(&"a".repeat(10_000)), ["a header without an end"]);
    }
}
