//! README.md does what it says: its `kubevet` commands are run, and what it shows is what they print today.
//!
//! Each section gets a fresh copy of the repository. In it, in order:
//! - a block with `file=PATH` after its language is written there, one with `append=PATH` is added to the end of the file, and `without=PATH`
//!   removes something first;
//! - a block with `graph=OVERLAY` is the picture of that overlay;
//! - of a `sh` block the `kubevet` commands are run and must succeed;
//! - of a `console` block every `$ command` is run, and the lines below it must be its output, where `…` stands for any lines.

#![allow(clippy::expect_used, clippy::panic, reason = "test helpers outside the functions that clippy exempts")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod common;

/// Commands that need a cluster, a network or minutes; README may show them, and they are not run here.
const NOT_RUN: [&str; 10] =
    ["cargo", "curl", "docker", "hack/port-forward", "kind", "kubectl", "kubevet completions", "pod=", "python3", "helm"];

#[test]
fn readme_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let mut commands = 0;
    let mut copy = None;
    for piece in pieces(&readme) {
        let block = match piece {
            Piece::Heading => {
                copy = None;
                continue;
            }
            Piece::Block(block) => block,
        };
        let dir = copy.get_or_insert_with(Copy::new);
        if let Some(path) = block.option("without=") {
            fs::remove_dir_all(dir.path(path)).expect("a directory to remove");
        }
        if let Some(path) = block.option("file=") {
            fs::create_dir_all(dir.path(path).parent().expect("a parent")).expect("a directory");
            fs::write(dir.path(path), &block.text).expect("a file");
        }
        if let Some(path) = block.option("append=") {
            let text = fs::read_to_string(dir.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            fs::write(dir.path(path), text + &block.text).expect("a file");
        }
        if let Some(overlay) = block.option("graph=") {
            let output = dir.shell(&format!("kubevet graph {overlay} --format mermaid"));
            assert_eq!(String::from_utf8_lossy(&output.stdout), block.text, "README's picture of {overlay} is not today's");
        }
        match block.language() {
            "sh" => commands += dir.run_commands(&block.text),
            "console" => commands += dir.run_transcript(&block.text),
            _ => {}
        }
    }
    assert!(commands >= 8, "README shows only {commands} kubevet commands");
}

/// What a reader of README meets.
enum Piece {
    Heading,
    Block(Block),
}

/// A fenced block.
struct Block {
    info: String,
    text: String,
}

impl Block {
    fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|word| word.strip_prefix(name))
    }
}

fn pieces(readme: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut open: Option<Block> = None;
    for line in readme.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => pieces.extend(open.take().map(Piece::Block)),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, None) if line.starts_with('#') => pieces.push(Piece::Heading),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "README ends within a code block");
    pieces
}

/// A copy of the repository without what is built, as a Git repository with one commit that `origin/main` points at.
struct Copy(tempfile::TempDir);

impl Copy {
    fn new() -> Self {
        let copy = Self(tempfile::tempdir().expect("a directory"));
        common::copy_of_repository(copy.0.path(), &["target", ".git", "validator"]);
        let commit = "git init -q . && git add -A && git -c user.name=t -c user.email=t@example.com commit -qm t && git update-ref refs/remotes/origin/main HEAD";
        assert!(copy.shell(commit).status.success(), "git works");
        copy
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn shell(&self, command: &str) -> Output {
        let bin = Path::new(env!("CARGO_BIN_EXE_kubevet")).parent().expect("a directory");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(self.0.path()).env("PATH", path).env("NO_COLOR", "1");
        shell.output().expect("a shell")
    }

    fn run_commands(&self, text: &str) -> usize {
        let mut count = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            if NOT_RUN.iter().any(|command| line.starts_with(command)) {
                continue;
            }
            assert!(line.starts_with("kubevet "), "README has a command that is neither run nor known: {line}");
            let output = self.shell(line);
            let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "`{line}` ended with {}:\n{shown}", output.status);
            count += 1;
        }
        count
    }

    fn run_transcript(&self, text: &str) -> usize {
        let mut count = 0;
        for part in text.split("$ ").skip(1) {
            let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
            let output = self.shell(&format!("{command} 2>&1"));
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(matches(expected.trim(), printed.trim()), "README shows for `{command}`:\n{expected}\nit prints:\n{printed}");
            count += 1;
        }
        count
    }
}

/// Whether the printed text is the expected one, in which `…` stands for anything.
fn matches(expected: &str, printed: &str) -> bool {
    let tidy = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let (expected, printed) = (tidy(expected), tidy(printed));
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || expected.ends_with('…')
}
