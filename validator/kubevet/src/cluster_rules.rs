//! The cluster's own rules that a project brings: admission policies, Gatekeeper's constraints, and rules in CEL of definitions. Those that only a
//! render has are met when it is judged.

use std::io::{self, Write};

use kustomize::{Node, Place};

use crate::environments::Level;
use crate::paths::shown;
use crate::policy::json;
use crate::project::Project;

/// The rule under which kubevet evaluates admission policies, whose levels count for those that have no row.
const POLICIES: &str = "admission/policy";

/// The rule under which it evaluates the rules of definitions.
pub(crate) const DEFINITIONS: &str = "schema/cel";

/// What evaluates a policy in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The API server.
    AdmissionPolicy,
    /// Gatekeeper.
    Gatekeeper,
}

/// An admission policy with its bindings, or a constraint with its template.
pub(crate) struct Policy<'p> {
    /// `admission/NAME`
    pub(crate) id: String,
    pub(crate) engine: Engine,
    pub(crate) object: &'p Node,
    pub(crate) place: &'p Place,
    /// Bindings, or the template.
    pub(crate) beside: Vec<&'p Node>,
}

/// The policies and constraints of a project, by their names.
pub(crate) fn policies(project: &Project) -> Vec<Policy<'_>> {
    let all = || std::iter::zip(&project.admission, &project.admission_places);
    let found = all().filter_map(|(object, place)| {
        let engine = engine_of(object)?;
        let is_beside = |other: &&Node| match engine {
            Engine::AdmissionPolicy => {
                kind(other) == "ValidatingAdmissionPolicyBinding" && text(other, &["spec", "policyName"]) == name(object)
            }
            Engine::Gatekeeper => {
                kind(other) == "ConstraintTemplate" && text(other, &["spec", "crd", "spec", "names", "kind"]) == kind(object)
            }
        };
        let beside = project.admission.iter().filter(is_beside).collect();
        Some(Policy { id: format!("admission/{}", name(object)), engine, object, place, beside })
    });
    let mut found: Vec<Policy<'_>> = found.collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

fn engine_of(object: &Node) -> Option<Engine> {
    if kind(object) == "ValidatingAdmissionPolicy" && kubevet_facts::admission::is_policy(object) {
        Some(Engine::AdmissionPolicy)
    } else {
        text(object, &["apiVersion"]).starts_with("constraints.gatekeeper.sh/").then_some(Engine::Gatekeeper)
    }
}

fn text<'n>(object: &'n Node, path: &[&str]) -> &'n str {
    object.str_at(path).unwrap_or_default()
}

fn kind(object: &Node) -> &str {
    text(object, &["kind"])
}

fn name(object: &Node) -> &str {
    text(object, &["metadata", "name"])
}

impl Engine {
    /// Its name, for people and programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AdmissionPolicy => "ValidatingAdmissionPolicy",
            Self::Gatekeeper => "Gatekeeper",
        }
    }
}

impl Policy<'_> {
    /// What it asks for, in a line: the message of its first validation, or that one; what its template says of itself.
    pub(crate) fn title(&self) -> &str {
        if self.engine == Engine::Gatekeeper {
            let title = self.beside.iter().find_map(|template| {
                let notes = template.at(&["metadata", "annotations"])?;
                notes.str_at(&["metadata.gatekeeper.sh/title"]).or_else(|| notes.str_at(&["description"]))
            });
            return title.and_then(|title| title.trim().lines().next()).unwrap_or_else(|| kind(self.object));
        }
        let items = |field: &'static str| self.object.at(&["spec", field]).map_or(&[][..], Node::items);
        let first =
            items("validations").iter().find_map(|validation| validation.str_at(&["message"]).or(validation.str_at(&["expression"])));
        let only_audits = || items("auditAnnotations").iter().find_map(|annotation| annotation.str_at(&["valueExpression"]));
        first.or_else(only_audits).and_then(|text| text.trim().lines().next()).unwrap_or("nothing")
    }

    /// Its level in an environment: that of its row; else that of all policies, of one that denies nothing at most a warning.
    pub(crate) fn level(&self, project: &Project, environment: usize) -> Level {
        let table = &project.table;
        let name = table.environments.get(environment).map_or("", |environment| &environment.name);
        table.own_level(&self.id, name).unwrap_or_else(|| table.level(POLICIES, environment).min(self.most()))
    }

    fn most(&self) -> Level {
        let denies = match self.engine {
            Engine::AdmissionPolicy => {
                let actions = self.beside.iter().filter_map(|binding| binding.at(&["spec", "validationActions"])).flat_map(Node::items);
                actions.filter_map(Node::as_str).map(|action| action == "Deny").max()
            }
            Engine::Gatekeeper if self.beside.is_empty() => None,
            Engine::Gatekeeper => Some(matches!(text(self.object, &["spec", "enforcementAction"]), "" | "deny" | "scoped")),
        };
        match denies {
            Some(true) => Level::Deny,
            Some(false) => Level::Warn,
            None => Level::Off,
        }
    }

    /// `policies/admission/owners.yaml:3`
    pub(crate) fn file(&self) -> String {
        let (line, _) = self.place.source.position(self.place.start);
        format!("{}:{line}", shown(self.place.source.path()).display())
    }

    /// Writes what `kubevet explain` says of it.
    pub(crate) fn explain(&self, project: &Project, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {}\n", self.id, self.title())?;
        let engine = match self.engine {
            Engine::AdmissionPolicy => "ValidatingAdmissionPolicy, in CEL, as the API server evaluates it",
            Engine::Gatekeeper => "Gatekeeper, as its webhook evaluates it",
        };
        writeln!(out, "Engine   {engine}")?;
        writeln!(out, "File     {}", self.file())?;
        let environments = project.table.environments.iter().enumerate();
        let levels: Vec<_> = environments.map(|(at, environment)| format!("{} {}", environment.name, self.level(project, at))).collect();
        writeln!(out, "Levels   {}", levels.join(", "))?;
        match self.engine {
            Engine::AdmissionPolicy => self.explain_policy(out),
            Engine::Gatekeeper => self.explain_constraint(out),
        }
    }

    fn explain_policy(&self, out: &mut dyn Write) -> io::Result<()> {
        let failures = self.object.str_at(&["spec", "failurePolicy"]).unwrap_or("Fail");
        writeln!(out, "Failures {}", if failures == "Ignore" { "are ignored" } else { "of an expression refuse the object" })?;
        let parts = [
            ("Match", "matchConstraints"),
            ("Conditions", "matchConditions"),
            ("Parameters", "paramKind"),
            ("Variables", "variables"),
            ("Validations", "validations"),
            ("Audit annotations", "auditAnnotations"),
        ];
        parts.iter().try_for_each(|(title, field)| section(out, title, self.object.at(&["spec", field])))?;
        if self.beside.is_empty() {
            writeln!(out, "\nNo binding is there, so it says nothing.")?;
        }
        self.beside.iter().try_for_each(|binding| section(out, &format!("Binding {}", name(binding)), binding.get("spec")))
    }

    fn explain_constraint(&self, out: &mut dyn Write) -> io::Result<()> {
        section(out, "Match", self.object.at(&["spec", "match"]))?;
        section(out, "Parameters", self.object.at(&["spec", "parameters"]))?;
        let Some(template) = self.beside.first() else {
            return writeln!(out, "\nIts template of kind {} is not there, so it says nothing.", kind(self.object));
        };
        section(out, &format!("Template {}", name(template)), template.at(&["spec", "targets"]))
    }
}

/// A part of a policy as YAML, below its title.
fn section(out: &mut dyn Write, title: &str, part: Option<&Node>) -> io::Result<()> {
    let Some(part) = part else { return Ok(()) };
    let text = serde_yaml::to_string(&json(part)).map_err(io::Error::other)?;
    writeln!(out, "\n{title}")?;
    text.lines().try_for_each(|line| writeln!(out, "    {line}"))
}
