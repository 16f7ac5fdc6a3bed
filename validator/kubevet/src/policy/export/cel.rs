//! A rule in CEL: what of Rego can be said in it without a loss. Whatever else a rule has is a reason not to.
//!
//! What is undefined in Rego must not fail in CEL, so a value comes with guards that say whether it is there; and an element of a list or map is looked
//! for with `exists(key, value, …)`, which goes over both.

mod calls;
mod statements;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kustomize::Source;

use super::parsed;
use super::reach::{Meaning, Modules, Path, meaning};
use crate::policy::compile::names::first;
use crate::policy::compile::{self, Kind, Module, Term};
use crate::policy::rule::Rule;

/// How deep helpers may call each other.
const DEEPEST: usize = 8;

/// An expression of the Pod that an object has, as `kubevet.lib.workload` finds it.
pub(super) const POD_SPEC: &str = "object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.?spec : \
    object.kind == 'Pod' ? object.?spec : object.kind == 'PodTemplate' ? object.?template.?spec : object.?spec.?template.?spec";

/// The kinds that it knows.
const POD_KINDS: &str = "object.kind in ['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'PodTemplate', 'ReplicaSet', 'ReplicationController', \
    'StatefulSet']";

/// The group of the object.
const GROUP: &str = "(object.apiVersion.contains('/') ? object.apiVersion.split('/')[0] : '')";

/// A rule as a policy says it.
#[derive(Debug)]
pub struct Cel {
    /// Expressions that are true where the rule has nothing to say.
    pub validations: Vec<String>,
    /// The variables that they use.
    pub variables: Vec<(&'static str, &'static str)>,
}

/// A value, and what must hold for it to be there.
#[derive(Clone, Debug)]
struct Said {
    guards: Vec<String>,
    /// Nothing where it is only for messages.
    value: Option<String>,
}

/// What variables stand for.
type Names = BTreeMap<String, Said>;

struct Translator<'m> {
    modules: &'m Modules,
    package: Path,
    fresh: usize,
    depth: usize,
    uses_pod: bool,
    /// Variables that stand for an entry of `kubevet.lib.workload.containers`, and of which only the container is known.
    entries: BTreeSet<String>,
}

type Result<T> = std::result::Result<T, String>;

pub(super) fn of(sources: &[Arc<Source>], rule: &Rule) -> Result<Cel> {
    let modules = Modules::of(sources.iter().map(|source| parsed(source)).collect::<Result<_>>()?);
    let package: Path = rule.package().split('.').map(str::to_owned).collect();
    let mut translator =
        Translator { modules: &modules, package: package.clone(), fresh: 0, depth: 0, uses_pod: false, entries: BTreeSet::new() };
    let mut validations = Vec::new();
    for query in rule.queries() {
        let entry = query.rsplit('.').next().unwrap_or_default();
        for definition in translator.definitions(entry) {
            let [branch] = &definition.branches[..] else { return Err("it has an `else`".to_owned()) };
            let element = definition.head.element.clone().ok_or("it does not collect its findings")?;
            let body = branch.body.clone().unwrap_or_default();
            let found = translator.body(&body, Names::new(), &mut |translator, names| translator.there(&element, names))?;
            validations.push(format!("!({found})"));
        }
    }
    let variables = if translator.uses_pod { vec![("podSpec", POD_SPEC)] } else { Vec::new() };
    Ok(Cel { validations, variables })
}

impl<'m> Translator<'m> {
    fn definitions(&self, name: &str) -> Vec<&'m compile::Rule> {
        let modules = self.modules.modules.iter().filter(|module| module.package.path().as_ref() == Some(&self.package));
        modules.flat_map(|module| &module.rules).filter(|rule| first(&rule.head.name) == Some(name)).collect()
    }

    fn module(&self) -> Result<&'m Module> {
        let found = self.modules.modules.iter().find(|module| module.package.path().as_ref() == Some(&self.package));
        found.ok_or_else(|| "its package is not there".to_owned())
    }

    /// A name that nothing else has.
    fn name(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }

    /// That every value of a term is there, for what is only shown.
    fn there(&mut self, term: &Term, names: &Names) -> Result<String> {
        let parts: Vec<&Term> = match &term.kind {
            Kind::Const(_) => return Ok("true".to_owned()),
            Kind::Object(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Kind::Array(terms) => terms.iter().collect(),
            // A text of values, and a path of parts, is there if they are.
            Kind::Call(function, arguments) if shows(function) => arguments.iter().collect(),
            _ => {
                let said = self.value(term, names)?;
                return Ok(all(&said.guards));
            }
        };
        let parts: Vec<String> = parts.into_iter().map(|part| self.there(part, names)).collect::<Result<_>>()?;
        Ok(all(&parts))
    }

    /// The value of a term.
    fn value(&mut self, term: &Term, names: &Names) -> Result<Said> {
        let total = |value: String| Ok(Said { guards: Vec::new(), value: Some(value) });
        match &term.kind {
            Kind::Const(written) => match term.as_text() {
                Some(text) => total(quoted(&text)),
                None => total(written.clone()),
            },
            Kind::Array(terms) | Kind::Set(terms) => {
                let parts: Vec<Said> = terms.iter().map(|part| self.value(part, names)).collect::<Result<_>>()?;
                let guards = parts.iter().flat_map(|part| part.guards.clone()).collect();
                let values: Option<Vec<String>> = parts.into_iter().map(|part| part.value).collect();
                let is_text = |value: &String| value.starts_with('"');
                if values.as_ref().is_some_and(|values| values.iter().any(is_text) && !values.iter().all(is_text)) {
                    return Err("it has a list of values of several types, which the API server refuses".to_owned());
                }
                Ok(Said { guards, value: values.map(|values| format!("[{}]", values.join(", "))) })
            }
            Kind::Var(name) if names.contains_key(name) => Ok(names[name].clone()),
            Kind::Var(_) | Kind::Ref(..) => self.reference(term, names),
            Kind::Call(function, arguments) => self.call(function, arguments, names),
            Kind::Infix(op, left, right) => self.infix(op.0, left, right, names),
            Kind::Member(None, value, collection) => {
                let (value, collection) = (self.value(value, names)?, self.value(collection, names)?);
                let (key, each) = (self.name("k"), self.name("v"));
                let guards = [value.guards.clone(), collection.guards.clone()].concat();
                let found = format!("{}.exists({key}, {each}, {each} == {})", text_of(&collection)?, text_of(&value)?);
                Ok(Said { guards, value: Some(found) })
            }
            _ => Err("it computes what CEL can't, or not the same way".to_owned()),
        }
    }

    /// A field of the input or of a variable, or what a helper stands for.
    fn reference(&mut self, term: &Term, names: &Names) -> Result<Said> {
        let (head, parts) = match &term.kind {
            Kind::Ref(head, parts) => (&**head, &parts[..]),
            _ => (term, &[][..]),
        };
        if let Kind::Var(name) = &head.kind
            && let Some(known) = names.get(name)
        {
            if self.entries.contains(name) {
                return self.entry(known, parts, names);
            }
            return self.fields(known.clone(), parts, names);
        }
        let own = self.modules.names(&self.package);
        match meaning(self.module()?, &own, term) {
            Some(Meaning::Input(path)) if matches!(path.first().map(String::as_str), Some("facts" | "objects")) => {
                Err(format!("it reads what kubevet works out (input.{})", path.join(".")))
            }
            Some(Meaning::Input(_)) => self.fields(Said { guards: Vec::new(), value: Some("object".to_owned()) }, parts, names),
            Some(Meaning::Own(name)) if parts.is_empty() => self.helper(&name, None, names),
            Some(Meaning::Data(path)) => self.library(&path, parts, names),
            _ => Err("it refers to something that a policy can't".to_owned()),
        }
    }

    /// A part of an entry of `kubevet.lib.workload.containers`.
    fn entry(&mut self, container: &Said, parts: &[Term], names: &Names) -> Result<Said> {
        let field = parts.first().and_then(Term::as_text);
        match field.as_deref() {
            Some("container") => self.fields(container.clone(), &parts[1..], names),
            Some("label" | "path") if parts.len() == 1 => Ok(Said { guards: Vec::new(), value: None }),
            _ => Err("it asks what type a container is".to_owned()),
        }
    }

    /// The lists of a Pod's containers, each with what must hold for it to be there; nothing if a term is something else.
    fn containers(&mut self, term: &Term) -> Result<Option<Vec<Said>>> {
        let own = self.modules.names(&self.package);
        let Some(Meaning::Data(path)) = meaning(self.module()?, &own, term) else { return Ok(None) };
        if path != ["kubevet", "lib", "workload", "containers"] {
            return Ok(None);
        }
        let list = |name: &str| {
            let spec = "variables.podSpec.value()";
            let guards = vec![POD_KINDS.to_owned(), pod_groups(), "variables.podSpec.hasValue()".to_owned(), format!("has({spec}.{name})")];
            Said { guards, value: Some(format!("{spec}.{name}")) }
        };
        self.uses_pod = true;
        Ok(Some(["containers", "initContainers", "ephemeralContainers"].map(list).to_vec()))
    }

    /// What kubevet's library has of the Pods of workloads.
    fn library(&mut self, path: &[String], parts: &[Term], names: &Names) -> Result<Said> {
        let name = path.strip_prefix(&["kubevet", "lib", "workload"].map(str::to_owned)[..]);
        match name {
            Some([name, ..]) if name == "group" => Ok(Said { guards: Vec::new(), value: Some(GROUP.to_owned()) }),
            Some([name, rest @ ..]) if name == "spec" => {
                self.uses_pod = true;
                let guards = vec![POD_KINDS.to_owned(), pod_groups(), "variables.podSpec.hasValue()".to_owned()];
                let spec = Said { guards, value: Some("variables.podSpec.value()".to_owned()) };
                let named = parts.iter().take_while(|part| part.as_text().is_some()).count();
                self.fields(spec, &parts[named.saturating_sub(rest.len())..], names)
            }
            Some([name]) if name == "spec_path" || name == "pod_path" => {
                Ok(Said { guards: vec![POD_KINDS.to_owned(), pod_groups()], value: None })
            }
            _ => Err(format!("it uses data.{}, which is not said in CEL", path.join("."))),
        }
    }

    fn fields(&mut self, mut of: Said, parts: &[Term], names: &Names) -> Result<Said> {
        for part in parts {
            let base = text_of(&of)?.to_owned();
            let (guard, value) = match part.as_text() {
                Some(field) if is_plain(&field) => (format!("has({base}.{field})"), format!("{base}.{field}")),
                Some(field) => (format!("{} in {base}", quoted(&field)), format!("{base}[{}]", quoted(&field))),
                None => match &part.kind {
                    Kind::Const(index) if index == "0" => (format!("size({base}) > 0"), format!("{base}[0]")),
                    Kind::Var(_) => {
                        let key = self.value(part, names)?;
                        of.guards.extend(key.guards.clone());
                        let key = text_of(&key)?.to_owned();
                        (format!("{key} in {base}"), format!("{base}[{key}]"))
                    }
                    _ => return Err("it looks up a field that is computed".to_owned()),
                },
            };
            of.guards.push(guard);
            of.value = Some(value);
        }
        Ok(of)
    }
}

/// That the object's group has kinds with Pods.
fn pod_groups() -> String {
    format!("{GROUP} in ['', 'apps', 'batch', 'extensions']")
}

/// Whether a function only makes a text or a path of what it is given.
fn shows(function: &Term) -> bool {
    matches!(function.path().unwrap_or_default().join(".").as_str(), "sprintf" | "concat" | "array.concat")
}

fn text_of(said: &Said) -> Result<&str> {
    said.value.as_deref().ok_or_else(|| "it goes on with a text that is made for a message".to_owned())
}

/// All of these; true where there are none.
fn all(parts: &[String]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for part in parts.iter().map(String::as_str).filter(|part| *part != "true") {
        if !seen.contains(&part) {
            seen.push(part);
        }
    }
    if seen.is_empty() { "true".to_owned() } else { seen.join(" && ") }
}

/// Whether a field can be written behind a dot.
fn is_plain(name: &str) -> bool {
    kubevet_cel::names::escaped(name).as_deref() == Some(name)
}

/// A text as CEL has it, which reads what JSON writes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
