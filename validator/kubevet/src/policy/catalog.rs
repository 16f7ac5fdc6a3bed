//! All rules that are there, each with what it says about itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use kustomize::{Error, Place, Source};

use regorus::unstable::{Module, Rule as AstRule, RuleHead};
use regorus::{Engine, Value};

use super::batch::{self, Batches};
use super::bounds::{Whom, survive};
use super::files::{PolicyFile, PolicyFiles};
use super::guard::{self, Guards};
use super::load::{Compiled, new_engine};
use super::metadata::{self, Custom, Examples, Guard, Metadata, Mistake, Scope};
use super::modules::Modules;
use super::own;
use crate::config::yaml_error;
use crate::environments::Level;
use crate::problem::{Problem, invalid};
use crate::watch;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id: `probes/liveness` for package `kubevet.probes.liveness`; a foreign package's path, such as `main`.
    pub id: String,
    /// One sentence that says what it asks for.
    pub title: String,
    /// What it is and why it matters.
    pub description: String,
    /// The kinds of objects that it judges, or one of which an overlay must have; empty for every kind.
    pub kinds: Vec<String>,
    /// What else must be there for it to find anything.
    pub guard: Guard,
    /// What its input is.
    pub scope: Scope,
    /// What to do about a finding.
    pub help: Option<String>,
    /// The file that it is in.
    pub file: PolicyFile,
    /// The Rego rules to evaluate.
    pub(super) entries: Vec<Entry>,
}

/// A Rego rule whose results are findings.
#[derive(Debug)]
pub(super) struct Entry {
    /// `data.package.name`.
    pub(super) query: String,
    /// Whether its findings are warnings at most, because of its name.
    pub(super) warns: bool,
}

impl Rule {
    /// Whether it was written for conftest: any package outside `kubevet`.
    pub fn is_foreign(&self) -> bool {
        self.entries.iter().all(|entry| !entry.query.starts_with("data.kubevet."))
    }

    /// Manifests that show it at work; read from its file, as nothing but explanations and tests needs them.
    pub fn examples(&self) -> Examples {
        if self.is_foreign() { Examples::default() } else { metadata(&self.file).unwrap_or_default().custom.examples }
    }

    /// The Rego references whose values are its findings, such as `data.kubevet.probes.liveness.deny`.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.query.as_str())
    }

    /// Whom to blame where it takes too much.
    pub(super) fn whom(&self) -> Whom {
        Whom { name: format!("rule {}", self.id).into(), place: Some(self.top()) }
    }

    /// The beginning of its file.
    pub(super) fn top(&self) -> Place {
        Place { source: Arc::clone(&self.file.source), start: 0, end: 0 }
    }

    /// The part of the id before the slash.
    pub fn group(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// All rules and their policies.
#[derive(Debug)]
pub struct Catalog {
    /// In the order of their ids.
    pub rules: Vec<Rule>,
    pub(super) guards: Guards,
    files: Vec<PolicyFile>,
    modules: Modules,
    compiled: Compiled,
    /// Has the policies that the binary doesn't know, which are always loaded: they may be wrong.
    unknown: Engine,
}

impl Catalog {
    /// Takes all policies but their tests. Those that the binary was built with are parsed when a rule needs them.
    pub fn load(files: &PolicyFiles) -> Result<Self, Vec<Problem>> {
        let files: Vec<PolicyFile> = files.iter().filter(|file| !file.is_test()).cloned().collect();
        let modules = Modules::new(&files);
        let compiled = Compiled::new(files.iter().filter(|file| file.known.is_none()).map(|file| &file.source));
        let mut unknown = new_engine(false);
        let mut rules = BTreeMap::new();
        let mut problems = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let found = if file.known.is_some() {
                rule(file, modules.package(at), &["deny".to_owned()])
            } else {
                compiled.add(&mut unknown, &file.source).and_then(|()| match unknown.get_modules().last() {
                    Some(module) => {
                        own::check(file, module)?;
                        rule(file, &package(module), &heads(module))
                    }
                    None => Ok(None),
                })
            };
            let added = found.and_then(|rule| rule.map_or(Ok(()), |rule| insert(&mut rules, rule)));
            problems.extend(added.err().map(|error| Problem::configuration("policy-load", error)));
        }
        let rules: Vec<Rule> = rules.into_values().collect();
        match Guards::new(&rules) {
            Ok(guards) if problems.is_empty() => Ok(Self { rules, guards, files, modules, compiled, unknown }),
            Ok(_) => Err(problems),
            Err(error) => {
                problems.push(Problem::configuration("policy-load", error));
                Err(problems)
            }
        }
    }

    /// An engine that is ready to answer these queries.
    pub(super) fn engine(&self, batches: &Batches) -> Result<Engine, Error> {
        let mut engine = self.unknown.clone();
        let asked = batches.rules();
        let is_start =
            |file: &PolicyFile| file.known.is_none() || asked.iter().any(|at| Arc::ptr_eq(&self.rules[*at].file.source, &file.source));
        let start = (0..self.files.len()).filter(|at| is_start(&self.files[*at]));
        let needed = self.modules.closure(&self.files, start).into_iter().map(|at| &self.files[at]);
        for (file, known) in needed.filter_map(|file| Some((file, file.known?))) {
            self.compiled.add_compiled(&mut engine, &file.source, known.compiled)?;
        }
        let batches = batches.modules.iter().enumerate().map(|(number, text)| (format!("batch-{number}"), text.clone()));
        for (name, text) in batches.chain([("environment".to_owned(), batch::environment_policy())]) {
            self.compiled.add(&mut engine, &Arc::new(Source::new(format!("<kubevet>/{name}.rego"), text)))?;
        }
        // The first query analyses all policies.
        engine.set_input(Value::new_object());
        let _at = watch::at("analysing the policies");
        survive(|| engine.eval_rule(batch::NOTHING.to_owned())).map_err(|text| self.error(&text))?;
        Ok(engine)
    }

    /// An error of the engine with its place in the policies.
    pub(super) fn error(&self, text: &str) -> Error {
        let sources: Vec<_> = self.files.iter().map(|file| &file.source).collect();
        self.compiled.error(text, &sources)
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// All policies.
    pub fn files(&self) -> impl Iterator<Item = &PolicyFile> {
        self.files.iter()
    }

    /// All ids.
    pub fn ids(&self) -> Vec<&str> {
        self.rules.iter().map(|rule| rule.id.as_str()).collect()
    }
}

/// The package's path, without `data`.
pub(super) fn package(module: &Module) -> String {
    module.package.refr.span().text().to_owned()
}

/// The names of a module's rules, each once.
pub(super) fn heads(module: &Module) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for rule in &module.policy {
        let refr = match rule.as_ref() {
            AstRule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. }, .. }
            | AstRule::Default { refr, .. } => refr,
        };
        let name = refr.span().text();
        // `deny[msg]` is a head too; its name is what stands before the bracket.
        let name = name.split(['[', '.']).next().unwrap_or(name);
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn rule(file: &PolicyFile, package: &str, heads: &[String]) -> Result<Option<Rule>, Error> {
    if package == "kubevet.lib" || package.starts_with("kubevet.lib.") {
        return Ok(None);
    }
    match package.strip_prefix("kubevet.") {
        Some(path) => own_rule(file, path, heads).map(Some),
        None => Ok(foreign_rule(file, package, heads)),
    }
}

/// A rule of ours: package `kubevet.<group>.<rule>`, one `deny`.
fn own_rule(file: &PolicyFile, path: &str, heads: &[String]) -> Result<Rule, Error> {
    let top = Place { source: Arc::clone(&file.source), start: 0, end: 0 };
    let id = path.replace('.', "/").replace('_', "-");
    let expected = file.source.path().with_extension("");
    let same_file = expected.ends_with(&id);
    if id.split('/').count() != 2 || !same_file {
        let error = invalid(format!("package kubevet.{path} is not the package of this file")).at(top);
        return Err(error.help("policies/<group>/<rule>.rego has package kubevet.<group>.<rule>, with _ for -"));
    }
    if !heads.iter().any(|name| name == "deny") {
        let error = invalid("this rule has no `deny`, so it never finds anything").at(top);
        return Err(error.help("a rule is `deny contains {\"msg\": msg, \"path\": path} if { … }`; helpers belong in package kubevet.lib"));
    }
    let metadata = match file.known.and_then(|known| known.metadata.as_ref()) {
        Some(known) => known.into(),
        None => metadata(file)?,
    };
    let Some(title) = metadata.title else {
        let error = invalid("this rule has no METADATA block with a title").at(top);
        return Err(error.help("begin the file with `# METADATA`, `# title: …`, `# description: …`; see `kubevet explain` for examples"));
    };
    let Custom { kinds, scope, help, keys, texts, needs, .. } = metadata.custom;
    // A path that never holds anything would switch the rule off without a word.
    if let Some((path, help)) = needs.iter().find_map(|path| Some((path, guard::known_paths(path).err()?))) {
        let error = invalid(format!("`needs` of this rule names {path}, which no input has")).at(top);
        return Err(error.help(help));
    }
    Ok(Rule {
        title,
        description: metadata.description.unwrap_or_default(),
        kinds,
        guard: Guard { keys, texts, needs },
        scope,
        help,
        file: file.clone(),
        entries: vec![Entry { query: format!("data.kubevet.{path}.deny"), warns: false }],
        id,
    })
}

/// A rule written for conftest: `deny`, `violation` or `warn`, also with a suffix, in any package.
fn foreign_rule(file: &PolicyFile, package: &str, heads: &[String]) -> Option<Rule> {
    let is = |name: &str, prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    let entries: Vec<Entry> = heads
        .iter()
        .filter(|name| ["deny", "violation", "warn"].iter().any(|prefix| is(name, prefix)))
        .map(|name| Entry { query: format!("data.{package}.{name}"), warns: is(name, "warn") })
        .collect();
    // What such a file says about itself follows its own conventions, or none.
    let metadata = metadata(file).unwrap_or_default();
    (!entries.is_empty()).then(|| Rule {
        id: package.replace('.', "/"),
        title: metadata.title.unwrap_or_else(|| format!("Package {package}")),
        description: metadata.description.unwrap_or_default(),
        kinds: Vec::new(),
        guard: Guard::default(),
        scope: Scope::Object,
        help: None,
        file: file.clone(),
        entries,
    })
}

/// What a policy says about itself; nothing where it has no block.
fn metadata(file: &PolicyFile) -> Result<Metadata, Error> {
    let source = &file.source;
    metadata::parse(source.text()).map(Option::unwrap_or_default).map_err(|mistake| match mistake {
        Mistake::Line(line) => {
            let place = Place { source: Arc::clone(source), start: line.start as u32, end: line.end as u32 };
            invalid("expected `# ` or `package` after the METADATA block").at(place)
        }
        Mistake::Yaml(before, error) => {
            let error = yaml_error(source, before, &error);
            let message = format!("the METADATA block is wrong: {}", error.message);
            Error { message, ..error }.help(
                "it is YAML in comments: title, description, and custom with kinds, keys, texts, needs, scope (object, overlay or \
                 environments), help and examples (good, bad)",
            )
        }
    })
}

/// Files of a foreign package are one rule together; a package of ours is one file.
fn insert(rules: &mut BTreeMap<String, Rule>, rule: Rule) -> Result<(), Error> {
    let Some(existing) = rules.get_mut(&rule.id) else {
        rules.insert(rule.id.clone(), rule);
        return Ok(());
    };
    if rule.is_foreign() && existing.is_foreign() {
        for entry in rule.entries {
            if !existing.entries.iter().any(|known| known.query == entry.query) {
                existing.entries.push(entry);
            }
        }
        return Ok(());
    }
    let place = |file: &PolicyFile| Place { source: Arc::clone(&file.source), start: 0, end: 0 };
    let error = invalid(format!("rule {} is there twice", rule.id)).at(place(&rule.file));
    Err(error.related(place(&existing.file), "the other one"))
}

/// The level of an entry, given the level of its rule.
pub(super) fn entry_level(entry: &Entry, level: Level) -> Level {
    if entry.warns { level.min(Level::Warn) } else { level }
}
