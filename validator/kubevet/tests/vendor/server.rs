//! A server on the loopback: files as they lie in a directory, and repositories through `git http-backend`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

/// Serves until the process ends; what it was asked for, it remembers.
pub(crate) struct Server {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn of(dir: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, asked, dir) = (listener.local_addr().unwrap().port(), Arc::default(), dir.to_owned());
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (dir, asked) = (dir.clone(), Arc::clone(&asked));
                thread::spawn(move || answer(&stream, &dir, &asked));
            }
        });
        Self { port, asked: heard }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// What it was asked for since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn answer(stream: &TcpStream, dir: &Path, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    input.read_line(&mut line).ok()?;
    let [method, target, _] = line.split_whitespace().collect::<Vec<_>>()[..] else { return None };
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    asked.lock().unwrap().push(path.to_owned());
    let is_git = ["/info/refs", "/git-upload-pack"].iter().any(|end| path.ends_with(end));
    let (status, body) = if is_git {
        let mut sent = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
        input.read_exact(&mut sent).ok()?;
        return backend(stream, dir, method, path, query, &headers, &sent);
    } else if let Some(to) = path.strip_prefix("/moved/") {
        let mut out = stream;
        return write!(out, "HTTP/1.1 302 Found\r\nLocation: /{to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
    } else {
        let file: PathBuf = dir.join(path.trim_start_matches('/'));
        std::fs::read(file).map_or(("404 Not Found", b"nothing here".to_vec()), |body| ("200 OK", body))
    };
    let mut out = stream;
    write!(out, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).ok()?;
    out.write_all(&body).ok()
}

/// What git's own server says, as the Common Gateway Interface has it.
fn backend(
    mut stream: &TcpStream,
    dir: &Path,
    method: &str,
    path: &str,
    query: &str,
    headers: &BTreeMap<String, String>,
    sent: &[u8],
) -> Option<()> {
    let header = |name: &str| headers.get(name).map_or("", String::as_str);
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", dir)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(sent).ok()?;
    let output = child.wait_with_output().ok()?.stdout;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (String::from_utf8_lossy(&output[..end]).into_owned(), &output[end + 4..]);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    write!(stream, "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).ok()?;
    stream.write_all(body).ok()
}
