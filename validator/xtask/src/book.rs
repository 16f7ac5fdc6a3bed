//! The pages of the book that are made from kubevet itself when the book is built: a preprocessor of mdBook, which gives it the chapters as
//! JSON and takes them back. So they are never older than the rules, the commands and the schemas.
//!
//! - Below the chapter `rules/index.md` come a page for each group and a page for each rule, from `kubevet rules --format json`.
//! - A line `{{commands}}` becomes the help of every command.
//! - A line `{{schema NAME}}` becomes tables of the fields of that file, from `kubevet schema NAME`.

mod fields;
mod pages;

use std::env;
use std::error::Error;
use std::io;
use std::process::Command;

use serde_json::Value;

/// Reads the book from standard input and writes it to standard output.
pub(crate) fn preprocess() -> Result<(), Box<dyn Error>> {
    let mut given: Value = serde_json::from_reader(io::stdin())?;
    let book = given.get_mut(1).ok_or("mdBook gives a context and a book")?;
    let rules: Value = serde_json::from_str(&kubevet(&["rules", "--format", "json"])?)?;
    // The list of chapters had another name before mdBook 0.5.
    let items = book.get_mut("items").ok_or("the book has no items: this needs mdBook 0.5")?;
    chapters(items, &rules)?;
    serde_json::to_writer(io::stdout(), book)?;
    Ok(())
}

fn chapters(items: &mut Value, rules: &Value) -> Result<(), Box<dyn Error>> {
    for item in items.as_array_mut().into_iter().flatten() {
        let Some(chapter) = item.get_mut("Chapter") else { continue };
        if let Some(content) = chapter["content"].as_str() {
            // Files at the repository's top are chapters too, and lead from there into the book.
            chapter["content"] = filled(&content.replace("](docs/src/", "]("))?.into();
        }
        if chapter["path"] == "rules/index.md" {
            pages::add(chapter, rules)?;
        } else {
            chapters(&mut chapter["sub_items"], rules)?;
        }
    }
    Ok(())
}

/// The text with what its `{{…}}` lines stand for.
fn filled(content: &str) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for line in content.lines() {
        match line.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
            Some("commands") => text += &commands()?,
            Some(word) if word.starts_with("schema ") => {
                let name = word.trim_start_matches("schema ");
                text += &fields::tables(&serde_json::from_str(&kubevet(&["schema", name])?)?);
            }
            _ => text += line,
        }
        text.push('\n');
    }
    Ok(text)
}

/// What every command says of itself.
fn commands() -> Result<String, Box<dyn Error>> {
    let help = kubevet(&["--help"])?;
    let (_, list) = help.split_once("Commands:\n").ok_or("the help lists no commands")?;
    let names = list.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut text = String::new();
    for name in names {
        text += &format!("## kubevet {name}\n\n```text\n{}\n```\n\n", kubevet(&[name, "--help"])?.trim_end());
    }
    Ok(text)
}

/// What kubevet prints: the program that `KUBEVET` names, else that of the sources, as the README runs it.
fn kubevet(arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let mut command = match env::var_os("KUBEVET").filter(|program| !program.is_empty()) {
        Some(program) => Command::new(program),
        None => {
            let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.args(["run", "--quiet", "--release", "--locked", "--"]);
            cargo
        }
    };
    // Where the workspace is, policies/ are those inside the binary.
    command.args(arguments).env("COLUMNS", "100").env("NO_COLOR", "1").current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("kubevet {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
