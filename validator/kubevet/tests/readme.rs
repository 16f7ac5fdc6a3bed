//! The documentation does what it says: its commands are run, and what it shows is what they print today.
//!
//! Each section gets a fresh copy of the repository. In it, in order:
//! - a block with `file=PATH` after its language is written there, one with `append=PATH` is added to the end of the file, and `without=PATH`
//!   removes something first;
//! - a block with `graph=OVERLAY` is the picture of that overlay;
//! - a `sh` block is run as a script and must succeed;
//! - of a `console` block every `$ command` is run, and the lines below it must be its output, where `…` stands for any lines;
//! - commands of kubevet and `kubectl … -k` within the text are run too, unless they have a placeholder in capitals.
//!
//! kubevet, git and the shell are real. Programs that need a cluster, a daemon or minutes are stood in for: see `common/desk.rs`.

#![allow(clippy::expect_used, clippy::panic, reason = "test helpers outside the functions that clippy exempts")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::desk::Desk;
use common::repository;

#[test]
fn readmes_are_true() {
    for (document, least) in [("README.md", 20), ("CONTRIBUTING.md", 2), ("jobs/README.md", 14), ("overlays/README.md", 3)] {
        let commands = try_out(document);
        assert!(commands >= least, "{document} shows only {commands} commands");
    }
}

#[test]
fn the_book_is_true() {
    let pages = walkdir::WalkDir::new(repository().join("docs/src")).into_iter().map(|entry| entry.expect("a readable book").into_path());
    let pages: Vec<PathBuf> = pages.filter(|page| page.extension().is_some_and(|extension| extension == "md")).collect();
    let commands: usize = pages.iter().map(|page| try_out(&page.display().to_string())).sum();
    assert!(commands >= 30, "the book shows only {commands} commands");
}

/// Runs the commands of a document and gives their number.
fn try_out(document: &str) -> usize {
    let text = fs::read_to_string(repository().join(document)).expect("a document");
    let mut commands = 0;
    let mut desk = None;
    for piece in pieces(&text) {
        if matches!(piece, Piece::Heading) {
            desk = None;
            continue;
        }
        let desk = desk.get_or_insert_with(Desk::new);
        match piece {
            Piece::Heading => {}
            Piece::Command(command) => commands += run_script(desk, &command),
            Piece::Block(block) => {
                prepare(desk, &block);
                commands += match block.language() {
                    "sh" => run_script(desk, &block.text),
                    "console" => run_transcript(desk, &block.text),
                    _ => 0,
                };
            }
        }
    }
    commands
}

/// Does what the words after a block's language say.
fn prepare(desk: &Desk, block: &Block) {
    if let Some(path) = block.option("without=") {
        fs::remove_dir_all(desk.file(path)).expect("a directory to remove");
    }
    if let Some(path) = block.option("file=") {
        fs::create_dir_all(desk.file(path).parent().expect("a parent")).expect("a directory");
        fs::write(desk.file(path), &block.text).expect("a file");
    }
    if let Some(path) = block.option("append=") {
        let text = fs::read_to_string(desk.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        fs::write(desk.file(path), text + &block.text).expect("a file");
    }
    if let Some(overlay) = block.option("graph=") {
        let output = desk.shell(&format!("kubevet graph {overlay} --format mermaid"));
        assert_eq!(String::from_utf8_lossy(&output.stdout), block.text, "the picture of {overlay} is not today's");
    }
}

/// Runs a script and gives the number of its commands, counted as its lines.
fn run_script(desk: &Desk, script: &str) -> usize {
    let output = desk.shell(script);
    let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{script}` ended with {}:\n{shown}", output.status);
    let lines = script.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).count();
    let stood_in = desk.calls();
    // git and sed prepare what a command below shows.
    let is_real = |line: &&str| line.contains("kubevet ") || line.starts_with("git ") || line.starts_with("sed ");
    let own = script.lines().filter(is_real).count();
    assert!(stood_in + own > 0, "`{script}` ran nothing");
    lines
}

fn run_transcript(desk: &Desk, text: &str) -> usize {
    let mut count = 0;
    for part in text.split("$ ").skip(1) {
        let (command, expected) = part.split_once('\n').unwrap_or((part, ""));
        let output = desk.shell(&format!("{command} 2>&1"));
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(matches(expected.trim(), printed.trim()), "shown for `{command}`:\n{expected}\nit prints:\n{printed}");
        count += 1;
    }
    count
}

/// What a reader meets.
enum Piece {
    Heading,
    Block(Block),
    /// A command within the text.
    Command(String),
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

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => pieces.extend(open.take().map(Piece::Block)),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, None) if line.starts_with('#') => pieces.push(Piece::Heading),
            (None, None) => pieces.extend(commands(line)),
        }
    }
    assert!(open.is_none(), "it ends within a code block");
    pieces
}

/// Commands within a line of text that somebody could copy and run.
fn commands(line: &str) -> impl Iterator<Item = Piece> {
    let runs = |command: &str| {
        let program = ["kubevet ", "kubectl apply -k ", "kubectl diff -k "].iter().any(|start| command.starts_with(start));
        let placeholder = command.split_whitespace().any(|word| word.chars().all(|character| character.is_ascii_uppercase()));
        // Shorter ones only name a command.
        program && !placeholder && command.split_whitespace().count() > 2
    };
    let spans = line.split('`').skip(1).step_by(2).filter(move |span| runs(span));
    spans.map(|span| Piece::Command(span.to_owned())).collect::<Vec<_>>().into_iter()
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
