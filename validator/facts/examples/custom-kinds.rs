//! What the carried schemas say of real documents of custom kinds.
//!
//! `cargo run -p kubevet-facts --example custom-kinds -- DIR… [--findings]`
//!
//! Reads every YAML file below the directories. A document counts once, however many files have it. What can't be read (a template, mostly) is counted
//! too. One row a kind that has findings; with `--findings` each of them, with its file.

#![expect(clippy::print_stdout, reason = "it prints a table for the person who runs it")]

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use kubevet_facts::schema::{self, Judged, Reason, SchemaSet, Version};

#[derive(Default)]
struct Count {
    documents: usize,
    partly: usize,
    reasons: BTreeMap<Reason, usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (options, dirs): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let mut files = Vec::new();
    dirs.iter().try_for_each(|dir| find(Path::new(dir), &mut files))?;
    let (mut kinds, mut seen, mut unreadable, mut unknown) = (BTreeMap::<String, Count>::new(), HashSet::new(), 0, 0);
    for file in &files {
        let Some(render) = fs::read_to_string(file).ok().and_then(|text| kustomize::read_manifests(file, text).ok()) else {
            unreadable += 1;
            continue;
        };
        for object in &render.objects {
            let text = |key| object.str_at(&[key]).unwrap_or_default();
            if !text("apiVersion").split('/').next().is_some_and(|group| group.contains('.')) || !seen.insert(format!("{:?}", object.value))
            {
                continue;
            }
            let set = SchemaSet::new(Version::default(), []).with_catalog([object]);
            let judged = set.judges(object);
            if matches!(judged, Judged::Not(_)) {
                unknown += 1;
                continue;
            }
            let count = kinds.entry(format!("{} {}", text("apiVersion"), text("kind"))).or_default();
            count.documents += 1;
            count.partly += usize::from(judged != Judged::Whole);
            let facts: Vec<_> = schema::check(object, &set).into_iter().filter(|fact| fact.by.is_some()).collect();
            for reason in facts.iter().map(|fact| fact.reason).collect::<std::collections::BTreeSet<_>>() {
                *count.reasons.entry(reason).or_default() += 1;
            }
            if options.iter().any(|option| option == "--findings") {
                facts.iter().for_each(|fact| println!("{} {}: {} {}", file.display(), text("kind"), fact.field, fact.message));
            }
        }
    }
    let documents: usize = kinds.values().map(|count| count.documents).sum();
    println!("{} files, {unreadable} unreadable; {documents} documents of {} carried kinds, {unknown} of others", files.len(), kinds.len());
    for (kind, count) in kinds.iter().filter(|(_, count)| !count.reasons.is_empty()) {
        let reasons: Vec<_> = count.reasons.iter().map(|(reason, count)| format!("{reason:?} {count}")).collect();
        println!("{kind:<70} {:>5} {:>5}  {}", count.documents, count.partly, reasons.join(", "));
    }
    Ok(())
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    Ok(())
}
