//! What conftest asks of a policy: the rules whose names it knows, and those that only look like it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use kustomize::{Error, Place, Source};
use regex::Regex;
use regorus::unstable::{Expr, Module, Rule, RuleHead};

use super::entry::Entry;
use super::text::Text;
use crate::problem::invalid;

/// The beginnings of the names of entry points.
const NAMES: [&str; 3] = ["deny", "violation", "warn"];

/// The rule that exempts inputs from others.
const EXCEPTION: &str = "exception";

/// What a module of a foreign package has for conftest.
#[derive(Debug, Default)]
pub(super) struct EntryPoints {
    /// What is asked.
    pub(super) entries: Vec<Entry>,
    /// What exempts inputs from it: its query.
    pub(super) exception: Option<String>,
    /// What looks like an entry point and is none: its name, why, and where.
    pub(super) near: Vec<Near>,
    /// What else the module defines.
    pub(super) others: Vec<String>,
}

impl EntryPoints {
    /// The names of the entry points.
    pub(super) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.name().to_owned()).collect()
    }

    /// A word on what is asked of a package that was written for conftest, and not of a rule of kubevet.
    pub(super) fn strays(&self) -> Vec<Error> {
        let stray = |entry: &Entry| {
            let message = format!("`{}` is not asked: of a rule in package kubevet, `deny` alone is", entry.name());
            let help = "call it deny; whether a finding is a warning is said in environments.yaml";
            invalid(message).at(entry.place.clone()).help(help)
        };
        self.entries.iter().filter(|entry| entry.name() != "deny").map(stray).collect()
    }
}

/// A rule that looks like an entry point.
#[derive(Debug)]
pub(super) struct Near {
    name: String,
    why: &'static str,
    pub(super) place: Place,
    /// Whether nobody who knows conftest would write it for anything else.
    pub(super) is_certain: bool,
}

impl Near {
    /// A word to its author.
    pub(super) fn error(&self) -> Error {
        let message = format!("`{}` is {}, so it finds nothing", self.name, self.why);
        let help = "rules that are asked are called deny, violation or warn, alone or with a suffix: `deny_root contains msg if { … }`";
        invalid(message).at(self.place.clone()).help(help)
    }
}

/// What a rule makes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Makes {
    Results,
    Function,
    /// `deny if …`, `deny[x] if …`: true or an object, where messages are wanted.
    NoMessages,
}

/// Looks for entry points in a module.
///
/// # Errors
/// For a rule of such a name that gives no messages.
pub(super) fn entry_points(source: &Arc<Source>, package: &str, module: &Module) -> Result<EntryPoints, Error> {
    let mut found = EntryPoints::default();
    let places = places(source.text());
    let place = |name: &str| {
        let start = places.get(name).copied();
        let end = start.map_or(0, |start| start + name.len());
        Place { source: Arc::clone(source), start: start.unwrap_or_default() as u32, end: end as u32 }
    };
    let mut seen = HashSet::new();
    for (name, makes) in module.policy.iter().map(|rule| head(rule)).filter(|head| seen.insert(*head)) {
        let query = || format!("data.{package}.{name}");
        if name == EXCEPTION && makes != Makes::Function {
            found.exception = Some(query());
        } else if is_entry(name) && makes == Makes::NoMessages {
            let error = invalid(format!("`{name}` has no messages: with `if` and without `contains`, it is true or an object"));
            return Err(error.at(place(name)).help(format!("write `{name} contains msg if {{ … }}`")));
        } else if is_entry(name) && makes != Makes::Function {
            found.entries.push(Entry { query: query(), warns: name.starts_with("warn"), place: place(name) });
        } else if let Some((why, is_certain)) = nearly(name, makes) {
            found.near.push(Near { name: name.to_owned(), why, place: place(name), is_certain });
        } else {
            found.others.push(name.to_owned());
        }
    }
    Ok(found)
}

/// Refuses entry points in a file of tests, which is not asked.
pub(super) fn no_entry_points(source: &Arc<Source>) -> Result<(), Error> {
    let code = Text::of(source.text()).code;
    let is_function = |at: usize, name: &str| code.get(at + name.len()..).is_some_and(|rest| rest.trim_start().starts_with('('));
    let found = places(&code).into_iter().filter(|(name, at)| is_entry(name) && !is_function(*at, name)).min_by_key(|(_, at)| *at);
    let Some((name, at)) = found else { return Ok(()) };
    let place = Place { source: Arc::clone(source), start: at as u32, end: (at + name.len()) as u32 };
    let error = invalid(format!("`{name}` is not asked: a file that ends in _test.rego holds tests"));
    Err(error.at(place).help("give the file another name, or put the rule into another file"))
}

/// A rule's name, and what it makes.
fn head(rule: &Rule) -> (&str, Makes) {
    let (refr, makes) = match rule {
        Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => (refr, Makes::Function),
        Rule::Spec { head: RuleHead::Compr { refr, assign: None, .. }, .. } => (refr, Makes::NoMessages),
        Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }, .. } => (refr, Makes::Results),
        Rule::Default { refr, args, .. } => (refr, if args.is_empty() { Makes::Results } else { Makes::Function }),
    };
    let mut first: &Expr = refr;
    while let Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } = first {
        first = refr;
    }
    (first.span().text(), makes)
}

/// Whether conftest asks for a rule of that name.
fn is_entry(name: &str) -> bool {
    static ENTRY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^(deny|violation|warn)(_[a-zA-Z0-9]+)*$").ok());
    ENTRY.as_ref().is_some_and(|entry| entry.is_match(name))
}

/// Why a rule of that name may be meant as an entry point, and is none; and whether it certainly is.
fn nearly(name: &str, makes: Makes) -> Option<(&'static str, bool)> {
    const BEGINNINGS: [&str; 4] = ["deny", "deni", "violat", "warn"];
    let is_like = |known: &&str| name.strip_prefix(known).is_some_and(|rest| rest.starts_with('_'));
    match makes {
        Makes::Function => NAMES.contains(&name).then_some(("a function", true)),
        _ if NAMES.iter().any(is_like) => Some(("no name that is asked for", true)),
        _ if BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) => Some(("no name that is asked for", false)),
        _ if NAMES.iter().any(|known| strsim::damerau_levenshtein(known, name) < 2) => Some(("no name that is asked for", false)),
        _ => None,
    }
}

/// The part of an entry's name that exceptions call it by: `run_as_root` of `deny_run_as_root`.
pub(super) fn suffix(name: &str) -> &str {
    let rest = NAMES.iter().find_map(|known| name.strip_prefix(known)).unwrap_or(name);
    rest.strip_prefix('_').unwrap_or(rest)
}

/// Where a text begins to define each of its rules.
fn places(text: &str) -> HashMap<&str, usize> {
    let mut places = HashMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let head = line.strip_prefix("default ").unwrap_or(line);
        let name = head.split(|next: char| !next.is_alphanumeric() && next != '_').next().unwrap_or_default();
        places.entry(name).or_insert(start + line.len() - head.len());
        start += line.len();
    }
    places
}
