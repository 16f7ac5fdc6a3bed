//! An editor: speaks the protocol with `kubevet lsp`, and remembers what it is told to show.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};

use super::kubevet;

/// Longer than anything takes that ends, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server and what an editor knows of it.
#[derive(Debug)]
pub(crate) struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    folder: PathBuf,
    next: i64,
    versions: BTreeMap<String, i64>,
    /// What the editor shows, by the path from the folder.
    pub(crate) shown: BTreeMap<String, Vec<Value>>,
    /// Notifications and requests of the server, besides diagnostics.
    pub(crate) heard: Vec<Value>,
}

impl Editor {
    /// Starts a server for a folder, and waits until everything is judged.
    pub(crate) fn open(folder: &Path) -> Self {
        Self::open_with(folder, json!({}))
    }

    /// The same with an editor that can do more than count in bytes.
    pub(crate) fn open_with(folder: &Path, mut capabilities: Value) -> Self {
        let mut editor = Self::start(folder);
        capabilities["general"] = json!({"positionEncodings": ["utf-8", "utf-16"]});
        let params = json!({"processId": null, "rootUri": uri(&editor.folder), "capabilities": capabilities});
        editor.ask("initialize", params).expect("an answer to initialize");
        editor.tell("initialized", json!({}));
        editor.settle();
        editor
    }

    /// Starts a server and says nothing to it.
    pub(crate) fn start(folder: &Path) -> Self {
        let folder = folder.canonicalize().expect("a folder");
        let mut child =
            kubevet().arg("lsp").current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("kubevet starts");
        let (sender, messages) = mpsc::channel();
        let output = child.stdout.take().expect("a pipe");
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = child.stdin.take();
        let (versions, shown) = (BTreeMap::new(), BTreeMap::new());
        Self { child, input, messages, folder, next: 0, versions, shown, heard: Vec::new() }
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open input");
        input.write_all(bytes).and_then(|()| input.flush()).expect("a server that listens");
    }

    /// Sends a message.
    pub(crate) fn write(&mut self, message: &Value) {
        let text = message.to_string();
        self.send(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// Sends a notification.
    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and waits for its result, or its error.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.next += 1;
        let id = self.next;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.hear();
            if message["id"] == id && message.get("method").is_none() {
                return if message.get("error").is_some() { Err(message["error"].clone()) } else { Ok(message["result"].clone()) };
            }
        }
    }

    /// The next message of the server.
    pub(crate) fn hear(&mut self) -> Value {
        let message = self.messages.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("the server says nothing: {error}"));
        if message["method"] == "textDocument/publishDiagnostics" {
            let path = self.path(message["params"]["uri"].as_str().expect("a URI"));
            let list = message["params"]["diagnostics"].as_array().expect("a list").clone();
            if list.is_empty() { drop(self.shown.remove(&path)) } else { drop(self.shown.insert(path, list)) }
        } else if message.get("method").is_some() {
            self.heard.push(message.clone());
        }
        message
    }

    /// Waits until everything is judged and shown.
    pub(crate) fn settle(&mut self) {
        self.ask("kubevet/judged", Value::Null).expect("an answer");
    }

    /// Opens a file with a text.
    pub(crate) fn did_open(&mut self, path: &str, text: &str) {
        self.versions.insert(path.to_owned(), 1);
        let document = json!({"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Changes an open file: each change is what the protocol has for one.
    pub(crate) fn did_change(&mut self, path: &str, changes: Value) {
        let version = self.versions.get_mut(path).expect("an open file");
        *version += 1;
        let document = json!({"uri": uri(&self.folder.join(path)), "version": *version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// Closes a file.
    pub(crate) fn did_close(&mut self, path: &str) {
        self.tell("textDocument/didClose", json!({"textDocument": {"uri": self.uri(path)}}));
    }

    /// Says that files changed on disk.
    pub(crate) fn changed_on_disk(&mut self, paths: &[&str]) {
        let changes: Vec<_> = paths.iter().map(|path| json!({"uri": self.uri(path), "type": 2})).collect();
        self.tell("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    }

    /// Ends the server as the protocol wants it, and gives its exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.ask("shutdown", Value::Null).expect("an answer");
        self.tell("exit", Value::Null);
        self.wait()
    }

    /// Goes away, and gives the exit code of the server.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().expect("an end").code()
    }

    /// A file of the folder as a URI.
    pub(crate) fn uri(&self, path: &str) -> String {
        uri(&self.folder.join(path))
    }

    /// The path of a file from the folder.
    pub(crate) fn path(&self, uri: &str) -> String {
        let path = uri.strip_prefix("file://").expect("a file");
        let folder = self.folder.to_str().expect("UTF-8");
        path.strip_prefix(folder).map_or(path, |path| path.trim_start_matches('/')).to_owned()
    }

    /// What is shown, a line each: severity, file, line and rule, and the message without its help.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (path, list) in &self.shown {
            for diagnostic in list {
                let severity = if diagnostic["severity"] == 1 { "error" } else { "warning" };
                let line = diagnostic["range"]["start"]["line"].as_u64().expect("a line") + 1;
                let code = diagnostic["code"].as_str().unwrap_or_default();
                let message = diagnostic["message"].as_str().expect("a message").split("\nhelp: ").next().unwrap_or_default();
                lines.push(format!("{severity} {path}:{line} {code} {message}"));
            }
        }
        lines.sort();
        lines
    }
}

/// A text after edits of it, as the protocol has them, whose columns count bytes.
pub(crate) fn edited(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let number = |key: &str| usize::try_from(position[key].as_u64().expect("a number")).expect("a small one");
        let start: usize = text.split_inclusive('\n').take(number("line")).map(str::len).sum();
        start + number("character")
    };
    let mut edits = edits.as_array().expect("a list").clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    edits.iter().fold(text.to_owned(), |mut text, edit| {
        text.replace_range(offset(&edit["range"]["start"])..offset(&edit["range"]["end"]), edit["newText"].as_str().expect("a text"));
        text
    })
}

/// What `check --format json` says of a folder, as [`Editor::lines`] has it.
pub(crate) fn lines_of_check(folder: &Path) -> Vec<String> {
    let output = kubevet().args(["check", "--format", "json"]).current_dir(folder).output().expect("kubevet starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for finding in list(&report["findings"]).iter().filter(|finding| finding["waived"].is_null()) {
        let severity = if finding["level"] == "deny" { "error" } else { "warning" };
        let place = &finding["locations"][0];
        let environments: Vec<String> = list(&finding["environments"]).iter().map(text).collect();
        let start =
            format!("{severity} {}:{} {} {}: ", text(&place["file"]), place["line"], text(&finding["rule"]), environments.join(", "));
        lines.push(format!("{start}{}: {}", objects(finding), text(&finding["message"])));
    }
    for (severity, key) in [("error", "errors"), ("warning", "warnings")] {
        for problem in list(&report[key]) {
            let place = &problem["locations"][0];
            if place.is_null() {
                continue;
            }
            let file = text(&place["file"]);
            let kustomization = format!("{file}/kustomization.yaml");
            let file = if folder.join(&file).is_dir() { kustomization } else { file };
            lines.push(format!("{severity} {file}:{} {} {}", place["line"], text(&problem["code"]), text(&problem["message"])));
        }
    }
    lines.sort();
    lines
}

/// The objects of a finding: `Deployment web-dev/web, web-prod/web`.
fn objects(finding: &Value) -> String {
    let name = |object: &Value| {
        let name = object["name"].as_str().unwrap_or_default();
        object["namespace"].as_str().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
    };
    let first = &finding["object"];
    let all = finding["objects"].as_array().cloned().unwrap_or_else(|| vec![first.clone()]);
    let of_kind = |object: &Value| match object["kind"] == first["kind"] {
        true => name(object),
        false => format!("{} {}", object["kind"].as_str().unwrap_or_default(), name(object)),
    };
    let names: Vec<String> = all.iter().take(6).map(of_kind).collect();
    let more = if all.len() > 6 { format!(" and {} more", all.len() - 6) } else { String::new() };
    format!("{} {}{more}", first["kind"].as_str().unwrap_or_default(), names.join(", "))
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn read(output: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
