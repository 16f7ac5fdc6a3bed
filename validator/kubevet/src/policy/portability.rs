//! What the engine inside kubevet and OPA answer differently, as far as the text of a policy shows it.
//!
//! Each of these was tried with regorus 0.14.1 and OPA 1.20.2.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use kustomize::{Place, Source};
use regex::Regex;
use regorus::unstable::{BUILTINS, Module};

use super::files::{PolicyFile, PolicyFiles};
use super::heads::{heads, package};
use super::load::{Compiled, new_engine};
use super::text::Text;
use crate::problem::{Problem, invalid};

/// Something to avoid.
struct Idiom {
    /// The pattern; what its first group matches (or all of it) is marked.
    pattern: &'static str,
    what: &'static str,
    instead: &'static str,
}

/// Patterns of strings that are regular expressions.
const EXPRESSIONS: [Idiom; 3] = [
    Idiom {
        pattern: r"(?:^|[^\\\x00])(?:\\\x00?\\\x00?)*(\\\x00?[dDsSwWbB])",
        what: "means all of Unicode in kubevet, and ASCII in OPA",
        instead: r"write [0-9], [ \t\n\f\r], [A-Za-z0-9_], or for \b what may stand around the word",
    },
    Idiom {
        pattern: r"(?:^|[^\\\x00])(?:\\\x00?\\\x00?)*(\\\x00?[QECZ<>])",
        what: "is no regular expression in one of kubevet and OPA, or a different one",
        instead: "escape each character by itself, and use ^, $, \\A and \\z",
    },
    Idiom {
        pattern: r"\[[^\]\[]*(&&|~~|[^\[-]--)[^\]]*\]",
        what: "is an operation of two classes in kubevet, and two characters in OPA",
        instead: "put one of the two characters elsewhere in the class",
    },
];

/// Warns of everything in policies that did not come with the binary that OPA would answer differently.
pub fn portability(files: &PolicyFiles) -> Vec<Problem> {
    let compiled = Compiled::new(files.iter().map(|file| &file.source));
    let mut engine = new_engine(false);
    // A file that can't be read as Rego is an error elsewhere.
    let loaded: Vec<&PolicyFile> = files.iter().filter(|file| compiled.add(&mut engine, &file.source).is_ok()).collect();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let modules = engine.get_modules();
    for module in modules {
        names.entry(package(module)).or_default().extend(heads(module));
    }
    let own = std::iter::zip(loaded, modules).filter(|(file, _)| !file.embedded);
    own.flat_map(|(file, module)| of_file(&file.source, module, names.get(&package(module)))).collect()
}

fn of_file(source: &Arc<Source>, module: &Module, names: Option<&BTreeSet<String>>) -> Vec<Problem> {
    let text = Text::of(source.text());
    let mut found = Vec::new();
    for (start, literal) in &text.literals {
        // A format has other escapes.
        if text.code.get(..*start).is_some_and(|before| before.trim_end().ends_with("sprintf(")) {
            continue;
        }
        for (idiom, expression) in &PATTERNS.expressions {
            matches(expression, literal, *start).for_each(|(start, end)| {
                let shown = source.text().get(start..end).unwrap_or_default();
                found.push(((start, end), format!("{shown} {}", idiom.what), idiom.instead));
            });
        }
    }
    let aliases: BTreeSet<&str> = module.imports.iter().map(alias).collect();
    for (start, name) in shadowed(&text.code) {
        let first = first_of(name);
        if !aliases.contains(first) && !names.is_some_and(|names| names.contains(first)) {
            let what = format!("OPA does not find {name} where {first} is a variable");
            found.push(((start, start + name.len()), what, "give the variable another name"));
        }
    }
    found.sort();
    found.into_iter().map(|((start, end), what, instead)| warning(source, start, end, &what, instead)).collect()
}

/// Calls of builtins such as `object.get` in definitions that use a name such as `object` for something else.
fn shadowed(code: &str) -> Vec<(usize, &str)> {
    // A definition begins in the first column.
    let starts = PATTERNS.definitions.find_iter(code).map(|begin| begin.start());
    let bounds: Vec<usize> = starts.chain([code.len()]).collect();
    let of_definition = |(start, end): (&usize, &usize)| {
        let references = references(code.get(*start..*end).unwrap_or_default());
        let is_builtin = |name: &str, is_call: bool| is_call && name.contains('.') && BUILTINS.contains_key(name);
        let (calls, others): (Vec<_>, Vec<_>) = references.partition(|(_, name, is_call)| is_builtin(name, *is_call));
        let others: BTreeSet<_> = others.into_iter().map(|(_, name, _)| first_of(name)).collect();
        let found = calls.into_iter().filter(|(_, name, _)| others.contains(first_of(name))).map(|(at, name, _)| (start + at, name));
        found.collect::<Vec<_>>()
    };
    std::iter::zip(&bounds, bounds.iter().skip(1)).flat_map(of_definition).collect()
}

/// Names with what follows after dots, where each begins, and whether it is called.
fn references(code: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let reference = |(start, end)| Some((start, code.get(start..end)?, code.get(end..)?.starts_with('(')));
    matches(&PATTERNS.references, code, 0).filter_map(reference)
}

fn first_of(reference: &str) -> &str {
    reference.split('.').next().unwrap_or(reference)
}

fn warning(source: &Arc<Source>, start: usize, end: usize, what: &str, instead: &str) -> Problem {
    let place = Place { source: Arc::clone(source), start: start as u32, end: end as u32 };
    Problem::warning("not-portable", invalid(what).at(place).help(instead))
}

/// The name under which a module refers to an import.
fn alias(import: &regorus::unstable::Import) -> &str {
    let path = import.refr.span().text();
    import.r#as.as_ref().map_or_else(|| path.rsplit('.').next().unwrap_or(path), |span| span.text())
}

/// Where the first group of a pattern, or all of it, matches.
fn matches<'a>(expression: &'a Regex, text: &'a str, offset: usize) -> impl Iterator<Item = (usize, usize)> + 'a {
    let place = move |found: regex::Captures<'a>| found.get(1).or_else(|| found.get(0)).map(|at| (offset + at.start(), offset + at.end()));
    expression.captures_iter(text).filter_map(place)
}

type Patterns = Vec<(&'static Idiom, Regex)>;

struct Expressions {
    expressions: Patterns,
    references: Regex,
    definitions: Regex,
}

static PATTERNS: LazyLock<Expressions> = LazyLock::new(|| {
    #[allow(clippy::unwrap_used, reason = "the patterns are constants, which a test compiles")]
    let compiled = |pattern: &str| Regex::new(pattern).unwrap();
    let all = |idioms: &'static [Idiom]| idioms.iter().map(|idiom| (idiom, compiled(idiom.pattern))).collect();
    Expressions {
        expressions: all(&EXPRESSIONS),
        definitions: compiled(r"(?m)^\w"),
        references: compiled(r"(?:^|[^\w.])([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"),
    }
});
