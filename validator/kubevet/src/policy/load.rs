//! Policies on their way into an engine: compiled, checked together, and with the places that they have in the source where the engine fails.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use kustomize::{Error, ErrorKind, Place, Source};
use regorus::Engine;

use super::bounds::survive;
use super::builtins;
use super::compile::{self, Mistake, Module, Package, Printed, Program, Syntax};
use crate::problem::invalid;
use crate::watch;

/// What it may take to read a policy.
const LOADING: Duration = Duration::from_secs(5);

/// What the engine may read: what is compiled has long lines.
const LONGEST_FILE: usize = 8 << 20;

/// Policies as the engine reads them, by their paths.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    modules: BTreeMap<String, Result<Printed, Error>>,
    /// Their trees.
    trees: Vec<Module>,
}

impl Compiled {
    /// Compiles policies that are loaded together.
    pub(super) fn new<'s>(sources: impl IntoIterator<Item = &'s Arc<Source>>) -> Self {
        Self::in_syntax(sources, Syntax::Any)
    }

    /// The same for policies of which somebody says what syntax they are in.
    pub(super) fn in_syntax<'s>(sources: impl IntoIterator<Item = &'s Arc<Source>>, syntax: Syntax) -> Self {
        let mut parsed: Vec<(&Arc<Source>, Result<Module, Mistake>)> = Vec::new();
        let mut packages: BTreeMap<Vec<String>, Package> = BTreeMap::new();
        for source in sources {
            let _at = loading(source);
            let module = compile::parse_in(source.text(), syntax);
            if let Ok(module) = &module {
                packages.entry(module.package.path().unwrap_or_default()).or_default().extend(module);
            }
            parsed.push((source, module));
        }
        let all: Rc<Vec<Vec<String>>> = Rc::new(packages.keys().cloned().collect());
        for (path, package) in &mut packages {
            (package.path, package.all) = (path.clone(), Rc::clone(&all));
        }
        let mut program = Program::default();
        let mut modules: Vec<(&Arc<Source>, Result<Printed, Mistake>)> = Vec::new();
        let mut trees: Vec<Module> = Vec::new();
        for (number, (source, module)) in parsed.into_iter().enumerate() {
            let printed = module.and_then(|mut module| {
                let package = packages.entry(module.package.path().unwrap_or_default()).or_default();
                let printed = compile::compile(&mut module, package, source.text())?;
                program.add(number, &module);
                trees.push(module);
                Ok(printed)
            });
            modules.push((source, printed));
        }
        for (number, mistake) in program.mistakes(&builtins::arity) {
            if modules[number].1.is_ok() {
                modules[number].1 = Err(mistake);
            }
        }
        let modules = modules.into_iter().map(|(source, printed)| (shown(source), printed.map_err(|mistake| error(source, mistake))));
        Self { modules: modules.collect(), trees }
    }

    /// The trees of those in which nothing is wrong.
    pub(super) fn trees(&self) -> &[Module] {
        &self.trees
    }

    /// Adds a policy to an engine, as it was compiled, or as it is if it is made for this run.
    pub(super) fn add(&self, engine: &mut Engine, source: &Arc<Source>) -> Result<(), Error> {
        let text = match self.modules.get(&shown(source)) {
            Some(Ok(printed)) => &printed.text,
            Some(Err(error)) => return Err(error.clone()),
            None => source.text(),
        };
        self.add_compiled(engine, source, text)
    }

    /// Adds a policy of which the engine is to read another text.
    pub(super) fn add_compiled(&self, engine: &mut Engine, source: &Arc<Source>, text: &str) -> Result<(), Error> {
        let path = shown(source);
        let _at = loading(source);
        survive(|| engine.add_policy(path, text.to_owned())).map(drop).map_err(|text| self.error(&text, &[source]))
    }

    /// An error of the engine, with its place if it is in one of the sources.
    ///
    /// The engine's errors are text: `--> file:line:column`, the line, and `error: …`.
    pub(super) fn error(&self, text: &str, sources: &[&Arc<Source>]) -> Error {
        let message = text.split("error: ").nth(1).unwrap_or(text).trim();
        let message = message.lines().next().unwrap_or(message);
        let error = Error::new(ErrorKind::Syntax, message);
        let Some((path, line, column)) = text.lines().find_map(|line| {
            let mut parts = line.trim().strip_prefix("--> ")?.rsplitn(3, ':');
            let (column, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some((parts.next()?, number, column))
        }) else {
            return error;
        };
        let Some(source) = sources.iter().find(|source| shown(source) == path) else { return error };
        let start = match self.modules.get(path) {
            Some(Ok(printed)) => printed.source(offset(&printed.text, line, column)),
            // One of kubevet's own, which was compiled when kubevet was built.
            _ => match compile::alone(source.text()) {
                Ok(printed) => printed.source(offset(&printed.text, line, column)),
                Err(_) => offset(source.text(), line, column),
            },
        };
        error.at(to_the_end_of_its_line(source, start))
    }

    /// What the engine reads for the policy of a path.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.modules.get(path)?.as_ref().ok().map(|printed| printed.text.as_str())
    }

    /// The line of the source that a line of what the engine read stands for.
    pub(super) fn line(&self, source: &Source, line: u32) -> u32 {
        match self.modules.get(&source.path().display().to_string()) {
            Some(Ok(printed)) => printed.line(source.text(), line),
            _ => line,
        }
    }
}

fn shown(source: &Source) -> String {
    source.path().display().to_string()
}

fn loading(source: &Arc<Source>) -> watch::Lasting {
    let place = Place { source: Arc::clone(source), start: 0, end: 0 };
    watch::bounded(format!("loading the policy {}", shown(source)), LOADING, Some(place))
}

fn error(source: &Arc<Source>, mistake: Mistake) -> Error {
    let place = Place { source: Arc::clone(source), start: mistake.at.start, end: mistake.at.end.max(mistake.at.start) };
    let error = Error { kind: ErrorKind::Syntax, ..invalid(mistake.message) }.at(place);
    match mistake.help {
        Some(help) => error.help(help),
        None => error,
    }
}

fn to_the_end_of_its_line(source: &Arc<Source>, start: u32) -> Place {
    let start = start.min(source.text().len() as u32);
    let rest = source.text().get(start as usize..).unwrap_or_default();
    let length = rest.lines().next().unwrap_or_default().len();
    Place { source: Arc::clone(source), start, end: start + length as u32 }
}

/// The byte of a line and column as the engine counts them: bytes, a tab for four.
fn offset(text: &str, line: u32, column: u32) -> u32 {
    let start: usize = text.split_inclusive('\n').take((line as usize).saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let (mut at, mut counted) = (0, 1);
    for letter in rest.chars() {
        if counted >= column {
            break;
        }
        counted += if letter == '\t' { 4 } else { letter.len_utf8() as u32 };
        at += letter.len_utf8();
    }
    (start + at) as u32
}

/// An engine that answers as OPA does: an error in a builtin makes an expression undefined, unless it is strict.
pub(super) fn new_engine(is_strict: bool) -> Engine {
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(is_strict);
    if let (Some(max_col), Some(max_file_bytes)) =
        (std::num::NonZeroU32::new(LONGEST_FILE as u32), std::num::NonZeroUsize::new(LONGEST_FILE))
    {
        let config = regorus::PolicyLengthConfig { max_col, max_file_bytes, max_lines: max_file_bytes };
        engine.set_policy_length_config(config);
    }
    builtins::guard(&mut engine, is_strict);
    engine
}
