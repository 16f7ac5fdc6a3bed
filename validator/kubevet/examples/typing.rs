//! What typing costs: `typing target/release/kubevet DIRECTORY EDITS FILE [FILE ...]` opens a folder in a language server over its real standard input and
//! output, makes that many random edits in these files, and waits after each until everything is judged and shown. `generated:N` instead of a directory is an
//! overlay of N objects, whose files need not be named.
//!
//! Prints the processor's time from an edit to the diagnostics, and the memory of the server over time. Linux only: it reads `/proc`.

// What fails here fails the measurement.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[path = "../../kustomize/benches/overlay/mod.rs"]
mod overlay;

#[path = "../tests/common/random.rs"]
mod random;

use random::Random;

/// The system counts in hundredths of a second, so that only many edits tell what one costs.
const TICK: Duration = Duration::from_millis(10);

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kubevet, folder, edits, files @ ..] = arguments.as_slice() else {
        return Err("usage: typing KUBEVET DIRECTORY EDITS FILE [FILE ...], or generated:N for the directory".to_owned());
    };
    let edits: usize = edits.parse().map_err(|_| "the number of edits is none".to_owned())?;
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let (folder, files) = match folder.strip_prefix("generated:") {
        Some(objects) => {
            let built = overlay::write(scratch.path(), objects.parse().map_err(|_| "the number of objects is none".to_owned())?);
            table(scratch.path(), &built.expect("an overlay"));
            (scratch.path().to_owned(), manifests(scratch.path()))
        }
        None => (PathBuf::from(folder), files.iter().map(PathBuf::from).collect()),
    };
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    let mut server = Server::start(kubevet, &folder);
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(folder.join(file)).expect("a file")).collect();
    files.iter().zip(&texts).for_each(|(file, text)| server.open(&folder.join(file), text));
    server.settle();
    println!("opened: {:?} of the processor, {} MiB", server.time(), server.memory());
    let mut random = Random::new(1);
    let (mut before, start) = (server.time(), Instant::now());
    let every = edits.div_ceil(10).max(1);
    for number in 1..=edits {
        let at = random.below(files.len());
        let text = edited(&texts[at], &mut random);
        server.change(&folder.join(&files[at]), number, &text);
        server.settle();
        if number % every == 0 {
            let now = server.time();
            let each = (now - before) / every as u32;
            println!("{number} edits: {each:?} of the processor each, {} MiB", server.memory());
            before = now;
        }
    }
    println!("{:?} each by the clock", start.elapsed() / edits.max(1) as u32);
    server.end();
    Ok(())
}

/// One environment for a generated overlay.
fn table(folder: &Path, built: &Path) {
    let relative = built.strip_prefix(folder).expect("below").display().to_string();
    let glob = if relative.is_empty() { ".".to_owned() } else { relative };
    fs::create_dir_all(folder.join("policies")).expect("a directory");
    let text = format!("version: 1\nenvironments:\n  prod: {{overlays: [\"{glob}\"]}}\n");
    fs::write(folder.join("policies/environments.yaml"), text).expect("a table");
}

/// Up to ten manifests below a directory.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|name| name == "yaml") && !path.ends_with("kustomization.yaml");
    let paths = entries.map(|entry| entry.path().to_owned()).filter(|path| is_manifest(path) && !path.starts_with(folder.join("policies")));
    paths.take(10).map(|path| path.strip_prefix(folder).expect("below").to_owned()).collect()
}

/// A text with another number, another word, or a line less.
fn edited(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.below(lines.len().max(1));
    let Some(line) = lines.get_mut(at) else { return text.to_owned() };
    match random.below(4) {
        0 => line.push_str(" # typed"),
        1 => *line = line.replace(|digit: char| digit.is_ascii_digit(), &random.below(10).to_string()),
        2 => line.push_str(&random.below(1000).to_string()),
        _ => drop(lines.remove(at)),
    }
    lines.join("\n") + "\n"
}

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: i64,
}

impl Server {
    fn start(kubevet: &str, folder: &Path) -> Self {
        let mut command = Command::new(kubevet);
        command.arg("lsp").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("kubevet starts");
        let (input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut server = Self { child, input, output: BufReader::new(output), next: 0 };
        server.ask("initialize", json!({"capabilities": {}, "rootUri": format!("file://{}", folder.display())}));
        server.tell("initialized", json!({}));
        server
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("a server that listens");
        self.input.flush().expect("a server that listens");
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("a server that speaks");
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(value) => length = value.parse().expect("a length"),
                None if line.trim_end().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("a message");
        serde_json::from_slice(&body).expect("JSON")
    }

    fn open(&mut self, path: &Path, text: &str) {
        let document = json!({"uri": uri(path), "languageId": "yaml", "version": 0, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&mut self, path: &Path, version: usize, text: &str) {
        let document = json!({"uri": uri(path), "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": text}]}));
    }

    fn settle(&mut self) {
        self.ask("kubevet/judged", Value::Null);
    }

    fn end(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.child.wait().expect("an end");
    }

    /// The processor's time of all threads.
    fn time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a process");
        // The name of the command, in parentheses, may hold anything.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).unwrap_or_default();
        TICK * (ticks(11) + ticks(12))
    }

    /// In MiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() >> 10
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
