//! The modules of the crates use each other in one direction.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The names that lead to a module: none for the crate itself.
type Module = Vec<String>;

/// The modules of a folder, each with those beside it that it uses, whether itself or with what is in it.
type Uses = BTreeMap<Module, BTreeMap<String, BTreeSet<String>>>;

/// Every module below a folder, with its text.
fn modules(folder: &Path, name: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let below = || name.iter().cloned().chain([stem.to_owned()]).collect();
        if path.is_dir() {
            modules(&path, &below(), found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if matches!(stem, "lib" | "main" | "mod") { name.clone() } else { below() };
            found.entry(module).or_default().push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// A text without comments and without its unit tests, which may use what they like.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths of what stands behind `use`, groups taken apart.
fn expand(prefix: &str, group: &str, found: &mut Vec<String>) {
    let mut depth = 0;
    let parts = group.split(|next: char| {
        depth += i32::from(next == '{') - i32::from(next == '}');
        next == ',' && depth == 0
    });
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('{') {
            Some((path, rest)) => expand(&format!("{prefix}{path}"), rest.trim_end().strip_suffix('}').unwrap_or(rest), found),
            None => found.push(format!("{prefix}{}", part.split(" as ").next().unwrap_or_default())),
        }
    }
}

/// Every path in the code, those of `use` lines and those in the middle of a line.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        if code[..at].ends_with(['\n', ' ']) || at == 0 {
            expand("", code[at + "use ".len()..].split(';').next().unwrap_or_default(), &mut found);
        }
    }
    let is_part = |next: char| next.is_alphanumeric() || matches!(next, '_' | ':');
    found.extend(code.split(|next| !is_part(next)).filter(|path| path.contains("::")).map(str::to_owned));
    found
}

/// The module that a path leads into from another, if it is one of this crate.
fn target(modules: &BTreeMap<Module, String>, from: &Module, path: &str) -> Option<Module> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let first = *parts.peek()?;
    let mut at: Module = match first {
        "crate" => Vec::new(),
        "self" | "super" => from.clone(),
        _ => {
            let child: Module = from.iter().cloned().chain([first.to_owned()]).collect();
            modules.contains_key(&child).then(|| from.clone())?
        }
    };
    for part in parts {
        match part {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            name => {
                at.push(name.to_owned());
                if !modules.contains_key(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    Some(at)
}

fn uses(modules: &BTreeMap<Module, String>) -> Uses {
    let mut uses = Uses::new();
    for (from, text) in modules {
        for path in paths(&code(text)) {
            let Some(to) = target(modules, from, &path) else { continue };
            let common = std::iter::zip(from, &to).take_while(|(one, other)| one == other).count();
            if let (Some(one), Some(other)) = (from.get(common), to.get(common)) {
                uses.entry(from[..common].to_vec()).or_default().entry(one.clone()).or_default().insert(other.clone());
            }
        }
    }
    uses
}

/// What a module leads to along the uses.
fn reached(uses: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(next) = open.pop() {
        let fresh = uses.get(&next).into_iter().flatten().filter(|other| reached.insert((*other).clone()));
        open.extend(fresh.cloned());
    }
    reached
}

/// The circles among the modules of one folder, each as those that take part in it.
fn circles(uses: &Uses) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (folder, beside) in uses {
        for one in beside.keys() {
            let from_one = reached(beside, one);
            if from_one.contains(one) {
                let circle: Vec<_> = from_one.iter().filter(|other| reached(beside, other).contains(one)).cloned().collect();
                found.insert(format!("{}: {}", folder.join("/"), circle.join(", ")));
            }
        }
    }
    found
}

fn read(crate_name: &str) -> BTreeMap<Module, String> {
    let mut found = BTreeMap::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_name).join("src"), &Vec::new(), &mut found);
    assert!(found.len() > 10, "{crate_name}");
    found
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    for name in ["kustomize", "facts", "cel", "kubevet"] {
        assert_eq!(circles(&uses(&read(name))), BTreeSet::new(), "{name}: what both need goes into a module below them");
    }
}

/// The modules of a crate in the order in which its `lib.rs` lists them.
fn map(modules: &BTreeMap<Module, String>) -> Vec<&str> {
    let lines = modules[&Vec::new()].lines();
    lines.filter_map(|line| line.strip_prefix("mod ").or_else(|| line.strip_prefix("pub mod "))?.strip_suffix(';')).collect()
}

#[test]
fn layers_use_what_is_above_them_in_the_map() {
    for (name, top, ground) in [("kustomize", "build", "yaml"), ("facts", "references", "objects"), ("kubevet", "cli", "problem")] {
        let modules = read(name);
        let map = map(&modules);
        let rank = |name: &str| map.iter().position(|other| *other == name).unwrap();
        let uses = uses(&modules);
        let backwards: Vec<_> = uses[&Vec::new()]
            .iter()
            .flat_map(|(one, others)| others.iter().map(move |other| (one, other)))
            .filter(|(one, other)| rank(one) <= rank(other))
            .collect();
        assert!(backwards.is_empty(), "{name}: these use what comes later in lib.rs: {backwards:?}");
        assert!(uses[&Vec::new()][top].contains(ground), "the test reads no `use` lines");
    }
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let text = |text: &str| text.to_owned();
    let modules = BTreeMap::from([
        (vec![], text("mod a;\nmod b;")),
        (vec!["a".to_owned()], text("mod x; mod y;\nuse crate::{b::Thing, std};")),
        (vec!["a".to_owned(), "x".to_owned()], text("use super::{self, y};\n// use crate::none;")),
        (vec!["a".to_owned(), "y".to_owned()], text("fn f() { super::x::g() }\n#[cfg(test)]\nuse crate::c::D;")),
        (vec!["b".to_owned()], text("use crate::a::{x::{One, Two as Three}};")),
        (vec!["c".to_owned()], text("use crate::a;")),
    ]);
    assert_eq!(circles(&uses(&modules)), BTreeSet::from([": a, b".to_owned(), "a: x, y".to_owned()]));
}
