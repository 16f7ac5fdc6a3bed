//! All rules that are there, each with what it says about itself.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use kustomize::{Error, Source};

use regorus::{Engine, Value};

use super::batch::{self, Batches};
use super::block;
use super::bounds::{PATIENCE, survive};
use super::compile;
use super::conftest;
use super::data::Data;
use super::entry::Entry;
use super::files::{PolicyFile, PolicyFiles};
use super::glance::{self, Glance, Limits, Results};
use super::guard::{self, Guards};
use super::heads::package;
use super::load::{Compiled, new_engine};
use super::metadata::{Custom, Guard, Usual};
use super::modules::Modules;
use super::own;
use super::packages::Foreign;
use super::parameters::{Parameters, metadata_place};
use super::reach::{self, Asks};
use super::rule::{Found, Rule};
use crate::levels::{FIRST_RELEASE, Level, Release};
use crate::problem::{Problem, invalid};
use crate::watch;

/// All rules and their policies.
#[derive(Debug)]
pub struct Catalog {
    /// In the order of their ids.
    pub rules: Vec<Rule>,
    /// What the table may say to them.
    pub parameters: Parameters,
    /// What authors of rules should know.
    pub warnings: Vec<Problem>,
    pub(super) guards: Guards,
    files: Vec<PolicyFile>,
    modules: Modules,
    compiled: Compiled,
    /// Has the policies that the binary doesn't know, which are always loaded: they may be wrong.
    unknown: Engine,
    /// What can be looked at without an engine; made when something is to be looked at.
    glance: OnceLock<glance::Program>,
    /// Whether what rules offer to do about a finding is left out.
    is_without_fixes: bool,
}

impl Catalog {
    /// Takes all policies but their tests. Those that the binary was built with are parsed when a rule needs them.
    pub fn load(files: &PolicyFiles) -> Result<Self, Vec<Problem>> {
        let files: Vec<PolicyFile> = files.iter().filter(|file| !file.is_test()).cloned().collect();
        let modules = Modules::new(&files);
        let compiled = Compiled::new(files.iter().filter(|file| file.known.is_none()).map(|file| &file.source));
        let mut unknown = new_engine(false);
        let mut rules = BTreeMap::new();
        let mut parameters = Parameters::default();
        let (mut foreign, mut strays) = (Foreign::default(), Vec::new());
        let mut problems = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let found = if file.known.is_some() {
                own(file, modules.package(at), &["deny".to_owned()], &mut parameters)
            } else {
                compiled.add(&mut unknown, &file.source).and_then(|()| match unknown.get_modules().last() {
                    Some(module) => {
                        own::check(file, module)?;
                        let package = package(module);
                        if is_library(&package) {
                            own(file, &package, &[], &mut parameters)
                        } else if is_own(&package) {
                            let found = conftest::entry_points(&file.source, &package, module)?;
                            strays.extend(found.strays());
                            own(file, &package, &found.names(), &mut parameters)
                        } else {
                            foreign.add(file, &package, module).map(|()| None)
                        }
                    }
                    None => Ok(None),
                })
            };
            let added = found.and_then(|rule| rule.map_or(Ok(()), |rule| insert(&mut rules, rule)));
            problems.extend(added.err().map(|error| Problem::configuration("policy-load", error)));
        }
        parameters.read_by(files.iter());
        let mut warnings = warnings(rules.values(), &parameters);
        warnings.extend(strays.into_iter().map(|error| Problem::warning("no-entry-point", error)));
        match foreign.finish(&files, &mut rules) {
            Ok(near) => warnings.extend(near),
            Err(problem) if problems.is_empty() => problems.push(problem),
            Err(_) => {}
        }
        let rules: Vec<Rule> = rules.into_values().collect();
        match Guards::new(&rules) {
            Ok(guards) if problems.is_empty() => Ok(Self {
                rules,
                parameters,
                warnings,
                guards,
                files,
                modules,
                compiled,
                unknown,
                glance: OnceLock::new(),
                is_without_fixes: false,
            }),
            Ok(_) => Err(problems),
            Err(error) => {
                problems.push(Problem::configuration("policy-load", error));
                Err(problems)
            }
        }
    }

    /// Lets rules read data from files.
    pub(crate) fn give(&mut self, data: &Data) -> Result<(), Error> {
        self.unknown.get_modules().iter().try_for_each(|module| data.check(module))?;
        data.give(&mut self.unknown).map_err(|text| self.error(&text))
    }

    /// The files that a rule needs: its own and all that it refers to.
    pub(super) fn sources(&self, rule: &Rule) -> Vec<Arc<Source>> {
        let start = (0..self.files.len()).filter(|at| Arc::ptr_eq(&self.files[*at].source, &rule.file.source));
        self.modules.closure(&self.files, start).into_iter().map(|at| Arc::clone(&self.files[at].source)).collect()
    }

    /// An engine that is ready to answer foreign rules, with more data.
    pub(super) fn foreign_engine(&self, data: &Value) -> Result<Engine, Error> {
        let mut engine = self.unknown.clone();
        let start = (0..self.files.len()).filter(|at| self.files[*at].known.is_none());
        for at in self.modules.closure(&self.files, start) {
            if let Some(known) = self.files[at].known {
                self.compiled.add_compiled(&mut engine, &self.files[at].source, known.compiled)?;
            }
        }
        self.compiled.add(&mut engine, &Arc::new(Source::new("<kubevet>/batch.rego", batch::nothing_policy())))?;
        survive(|| engine.add_data(data.clone())).map_err(|text| self.error(&text))?;
        engine.set_input(Value::new_object());
        let _at = watch::at("analysing the policies");
        survive(|| engine.eval_rule(batch::NOTHING.to_owned())).map_err(|text| self.error(&text))?;
        Ok(engine)
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

    /// Leaves out what rules offer to do about a finding, which nobody is going to look at.
    pub fn without_fixes(self) -> Self {
        Self { glance: OnceLock::new(), is_without_fixes: true, ..self }
    }

    /// The policies in the form in which they are looked at.
    fn program(&self) -> &glance::Program {
        self.glance.get_or_init(|| {
            // What the build script printed for them was read when it was built.
            let known = self.files.iter().filter_map(|file| compile::parse(file.known?.compiled).ok());
            let mut trees: Vec<compile::Module> = self.compiled.trees().iter().cloned().chain(known).collect();
            if self.is_without_fixes {
                trees.iter_mut().for_each(compile::fixes::remove);
            }
            glance::program(trees.iter())
        })
    }

    /// What rules certainly find in an input, and which of them the engine is to be asked.
    pub(super) fn glance(&self, rules: Vec<usize>, input: &Value, environment: &Value) -> (Vec<Found>, Vec<usize>) {
        let (mut found, mut open) = (Vec::new(), Vec::new());
        if rules.is_empty() {
            return (found, open);
        }
        let mut glance = Some(Glance::new(self.program(), input, environment));
        for at in rules {
            let rule = &self.rules[at];
            let _at = rule.is_of_project().then(|| {
                let whom = rule.whom();
                watch::bounded(whom.name, PATIENCE, whom.place)
            });
            let limits = if rule.is_of_project() { Limits::OTHERS } else { Limits::OWN };
            let mut own = Vec::new();
            for (number, entry) in rule.entries.iter().enumerate() {
                let results = glance.as_mut().map(|glance| watch::survive(|| glance.results(&entry.query, limits)));
                match results {
                    Some(Ok(Results::None)) => {}
                    // What exempts from it, and what object it is about, is for the engine.
                    Some(Ok(Results::Known(results))) if rule.exception.is_none() && !matches!(input, Value::Array(_)) => {
                        own.push(Found { rule: at, entry: number, results })
                    }
                    results => {
                        if matches!(results, Some(Err(_))) {
                            glance = None;
                        }
                        open.push(at);
                        own.clear();
                        break;
                    }
                }
            }
            found.extend(own);
        }
        (found, open)
    }

    /// An error of the engine with its place in the policies.
    pub(super) fn error(&self, text: &str) -> Error {
        let sources: Vec<_> = self.files.iter().map(|file| &file.source).collect();
        self.compiled.error(text, &sources)
    }

    /// Whether all policies came with the binary.
    pub(super) fn is_known(&self) -> bool {
        self.files.iter().all(|file| file.known.is_some())
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

/// What authors of a project's rules should know.
fn warnings<'r>(rules: impl Iterator<Item = &'r Rule>, parameters: &Parameters) -> Vec<Problem> {
    let unseen = rules.filter(|rule| rule.is_of_project()).flat_map(|rule| reach::body(&rule.file.source, rule.scope));
    let unseen = unseen.map(|error| Problem::warning("never-there", error));
    unseen.chain(parameters.undeclared().map(|error| Problem::warning("parameter-undeclared", error))).collect()
}

fn is_own(package: &str) -> bool {
    package == "kubevet" || package.starts_with("kubevet.")
}

fn is_library(package: &str) -> bool {
    package == "kubevet.lib" || package.starts_with("kubevet.lib.")
}

/// A rule of ours, if the file is one and no helper.
fn own(file: &PolicyFile, package: &str, heads: &[String], parameters: &mut Parameters) -> Result<Option<Rule>, Error> {
    if is_library(package) {
        parameters.declare(file, block::known_metadata(file)?.custom.parameters)?;
        return Ok(None);
    }
    own_rule(file, package.strip_prefix("kubevet.").unwrap_or_default(), heads, parameters).map(Some)
}

/// A rule of ours: package `kubevet.<group>.<rule>`, one `deny`.
fn own_rule(file: &PolicyFile, path: &str, heads: &[String], parameters: &mut Parameters) -> Result<Rule, Error> {
    let top = file.top();
    let id = path.replace('.', "/").replace('_', "-");
    let expected = file.source.path().with_extension("");
    let same_file = expected.ends_with(&id);
    if id.split('/').count() != 2 || !same_file {
        let error = invalid(format!("package kubevet.{path} is not the package of this file")).at(top);
        return Err(error.help("policies/<group>/<rule>.rego has package kubevet.<group>.<rule>, with _ for -"));
    }
    if !heads.iter().any(|name| name == "deny") {
        let error = invalid("this rule has no `deny` that is a set, so it never finds anything").at(top);
        return Err(error.help("a rule is `deny contains {\"msg\": msg, \"path\": path} if { … }`; helpers belong in package kubevet.lib"));
    }
    let metadata = block::known_metadata(file)?;
    let Some(title) = metadata.title else {
        let error = invalid("this rule has no METADATA block with a title").at(top);
        return Err(error.help("begin the file with `# METADATA`, `# title: …`, `# description: …`; see `kubevet explain` for examples"));
    };
    // A path that never holds anything would switch the rule off without a word.
    if let Some((path, help)) = metadata.custom.needs.iter().find_map(|path| Some((path, guard::known_paths(path).err()?))) {
        let error = invalid(format!("`needs` of this rule names {path}, which no input has")).at(metadata_place(&file.source, path));
        return Err(error.help(help));
    }
    if file.known.is_none() {
        reach::conditions(&file.source, &metadata.custom)?;
    }
    let Custom { kinds, scope, help, keys, texts, needs, parameters: declared, since, level, fix, .. } = metadata.custom;
    parameters.declare(file, declared)?;
    Ok(Rule {
        title,
        description: metadata.description.unwrap_or_default(),
        kinds,
        guard: Guard { keys, texts, needs },
        scope,
        help,
        fix,
        file: file.clone(),
        entries: vec![Entry { query: format!("data.kubevet.{path}.deny"), warns: false, place: file.top() }],
        exception: None,
        asks: Asks::default(),
        // What a project writes itself is never news to it.
        since: file.known.map(|_| since.as_deref().and_then(Release::parse).unwrap_or(FIRST_RELEASE)),
        level: match level {
            None | Some(Usual::Deny) => Level::Deny,
            Some(Usual::Warn) => Level::Warn,
            Some(Usual::Off) => Level::Off,
        },
        id,
    })
}

fn insert(rules: &mut BTreeMap<String, Rule>, rule: Rule) -> Result<(), Error> {
    let Some(existing) = rules.get(&rule.id) else {
        rules.insert(rule.id.clone(), rule);
        return Ok(());
    };
    let error = invalid(format!("rule {} is there twice", rule.id)).at(rule.top());
    Err(error.related(existing.top(), "the other one"))
}
