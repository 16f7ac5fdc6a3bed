//! `waivers.yaml`: exceptions that someone accepted, with a reason and an end; and those that stand beside what they waive.

mod allow;
mod in_place;
mod problems;

use std::path::Path;

use jiff::civil::Date;
use kustomize::{Error, Node, Place};

use crate::config::Document;
use crate::findings::{Object, Step};
use crate::problem::invalid;

pub use allow::Allow;
pub(crate) use allow::{ANNOTATION, MARK};
pub use in_place::{Found, InPlace, Reach, may_hold, of_annotation, of_comments};
pub(crate) use in_place::{MOST, too_many};

pub use problems::ProblemWaiver;

/// What a file accepts.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Findings.
    pub findings: Vec<Waiver>,
    /// Problems.
    pub problems: Vec<ProblemWaiver>,
}

/// One accepted exception.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rule, or a pattern of rules such as `pod-security/*`. In the other texts `*` stands for any characters too.
    pub rule: String,
    /// The object's kind.
    pub kind: String,
    /// The object's namespace; `None` for any.
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
    /// Where it is named.
    pub name_place: Place,
    /// The environments; empty for all.
    pub environments: Vec<String>,
    /// The path below which findings are waived; empty for the whole object. A string step also names a list element by its `name`.
    pub path: Vec<Step>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it holds.
    pub expiry: Date,
    /// Its place in the file.
    pub place: Place,
}

impl Waiver {
    /// Whether it is past its last day.
    pub fn expired(&self, today: Date) -> bool {
        today > self.expiry
    }

    /// Whether it may cover findings of a rule.
    pub fn is_of(&self, rule: &str) -> bool {
        is_like(&self.rule, rule)
    }

    /// Whether it holds in an environment.
    pub fn is_in(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|name| is_like(name, environment))
    }

    /// Whether it names an object.
    pub(crate) fn is_about(&self, object: &Object) -> bool {
        is_like(&self.kind, &object.kind)
            && is_like(&self.name, &object.name)
            && self.namespace.as_ref().is_none_or(|namespace| is_like(namespace, object.namespace.as_deref().unwrap_or_default()))
    }

    /// Whether another one accepts the same with the same words, wherever the two stand.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let parts = |waiver: &Self| {
            let Self { rule, kind, namespace, name, environments, path, reason, expiry, name_place: _, place: _ } = waiver.clone();
            (rule, kind, namespace, name, environments, path, reason, expiry)
        };
        parts(self) == parts(other)
    }

    /// Whether it covers a finding of `rule` in `environment` on `object` at `path`.
    ///
    /// `names` gives, for each step of `path`, the `name` of the list element that the step leads to, if it has one.
    pub fn covers(&self, rule: &str, environment: &str, object: &Object, path: &[Step], names: &[Option<&str>]) -> bool {
        self.is_of(rule)
            && self.is_about(object)
            && self.is_in(environment)
            && self.path.len() <= path.len()
            && self.path.iter().enumerate().all(|(at, step)| {
                let named = matches!(step, Step::Key(key) if names.get(at).copied().flatten() == Some(key));
                named || path.get(at) == Some(step)
            })
    }
}

/// Whether a text is what a pattern says, in which `*` stands for any characters: `pod-security/*`, `web-*`.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

/// Reads waivers; `path` is for messages.
pub fn parse(path: &Path, text: String) -> Result<Listed, Error> {
    let document = Document::parse(path, text)?;
    let root = &document.root;
    document.fields(root, "waivers.yaml", &["version", "waivers"])?;
    document.version(1)?;
    let list = document.required(root, "the file", "waivers")?;
    let mut listed = Listed::default();
    if list.is_null() {
        return Ok(listed);
    }
    for node in document.list(list, "\"waivers\"")? {
        match node.get("problem") {
            Some(_) => listed.problems.push(ProblemWaiver::read(&document, node)?),
            None => listed.findings.push(waiver(&document, node)?),
        }
    }
    Ok(listed)
}

fn expiry(document: &Document, node: &Node) -> Result<Date, Error> {
    let expiry = document.required(node, "a waiver", "expiry")?;
    expiry.text().unwrap_or_default().parse().map_err(|_| {
        document.error(expiry, "\"expiry\" must be a date, the last day on which the waiver holds").help("for example: expiry: 2027-03-31")
    })
}

fn waiver(document: &Document, node: &Node) -> Result<Waiver, Error> {
    document.fields(node, "a waiver", &["rule", "object", "environment", "environments", "path", "reason", "expiry"])?;
    let text = |key: &str| document.string(document.required(node, "a waiver", key)?, &format!("\"{key}\"")).map(str::to_owned);
    let object = document.required(node, "a waiver", "object")?;
    document.fields(object, "\"object\"", &["kind", "namespace", "name"])?;
    let object_text = |key: &str| document.string(document.required(object, "\"object\"", key)?, &format!("\"{key}\"")).map(str::to_owned);
    let namespace = object.get("namespace").map(|value| document.string(value, "\"namespace\"").map(str::to_owned)).transpose()?;
    Ok(Waiver {
        rule: text("rule")?,
        kind: object_text("kind")?,
        namespace,
        name: object_text("name")?,
        name_place: document.place(object.get("name").unwrap_or(object)),
        environments: environments(document, node)?,
        path: node.get("path").map(|path| steps(document, path)).transpose()?.unwrap_or_default(),
        reason: text("reason")?,
        expiry: expiry(document, node)?,
        place: document.place(node.get("rule").unwrap_or(node)),
    })
}

/// `environment: prod` or `environments: [staging, prod]`.
fn environments(document: &Document, node: &Node) -> Result<Vec<String>, Error> {
    match (node.get("environment"), node.get("environments")) {
        (Some(one), None) => Ok(vec![document.string(one, "\"environment\"")?.to_owned()]),
        (None, Some(list)) => {
            let names = document.list(list, "\"environments\"")?;
            names.iter().map(|name| document.string(name, "an environment").map(str::to_owned)).collect()
        }
        (None, None) => Ok(Vec::new()),
        (Some(_), Some(both)) => Err(document.error(both, "a waiver has either \"environment\" or \"environments\"")),
    }
}

fn steps(document: &Document, node: &Node) -> Result<Vec<Step>, Error> {
    let step = |item: &Node| match (item.as_i64(), item.as_str()) {
        (Some(index), _) => {
            usize::try_from(index).map(Step::Index).map_err(|_| document.error(item, "an index in \"path\" must not be negative"))
        }
        (None, Some(key)) => Ok(Step::Key(key.to_owned())),
        (None, None) => Err(document
            .error(item, "a step in \"path\" must be a key, a list element's name, or an index")
            .help("for example: path: [spec, template, spec, containers, somabrain]")),
    };
    document.list(node, "\"path\"")?.iter().map(step).collect()
}

/// Errors for waivers that name a rule or environment that does not exist.
pub fn dangling(waivers: &[Waiver], rules: &[&str], environments: &[&str]) -> Vec<Error> {
    let mut errors = Vec::new();
    for waiver in waivers {
        if !rules.iter().any(|rule| waiver.is_of(rule)) && !crate::environments::is_of_cluster(&waiver.rule) {
            let hint = crate::problem::suggest(&waiver.rule, rules.iter().copied());
            errors.push(
                invalid(format!("the waiver names rule \"{}\", which does not exist", waiver.rule)).at(waiver.place.clone()).help(hint),
            );
        }
        for name in waiver.environments.iter().filter(|name| !environments.iter().any(|known| is_like(name, known))) {
            let hint = crate::problem::suggest(name, environments.iter().copied());
            errors.push(
                invalid(format!("the waiver names environment \"{name}\", which does not exist")).at(waiver.place.clone()).help(hint),
            );
        }
    }
    errors
}
