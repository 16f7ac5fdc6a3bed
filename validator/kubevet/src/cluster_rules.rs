//! The cluster's own rules that a project brings: admission policies, and rules in CEL of definitions. Those that only a render has are met when it
//! is judged.

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

/// A policy with its bindings.
pub(crate) struct Policy<'p> {
    /// `admission/NAME`
    pub(crate) id: String,
    pub(crate) object: &'p Node,
    pub(crate) place: &'p Place,
    pub(crate) bindings: Vec<&'p Node>,
}

/// The policies of a project, by their names.
pub(crate) fn policies(project: &Project) -> Vec<Policy<'_>> {
    let of_kind = |kind: &'static str| {
        let all = std::iter::zip(&project.admission, &project.admission_places);
        all.filter(move |(object, _)| kubevet_facts::admission::is_policy(object) && object.str_at(&["kind"]) == Some(kind))
    };
    let policy = |(object, place)| {
        let name = name(object);
        let bindings = of_kind("ValidatingAdmissionPolicyBinding").map(|(binding, _)| binding);
        Policy {
            id: format!("admission/{name}"),
            object,
            place,
            bindings: bindings.filter(|binding| binding.str_at(&["spec", "policyName"]) == Some(name)).collect(),
        }
    };
    let mut found: Vec<Policy<'_>> = of_kind("ValidatingAdmissionPolicy").map(policy).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

fn name(object: &Node) -> &str {
    object.str_at(&["metadata", "name"]).unwrap_or_default()
}

impl Policy<'_> {
    /// What it asks for, in a line: the message of its first validation, or that one.
    pub(crate) fn title(&self) -> &str {
        let items = |field: &'static str| self.object.at(&["spec", field]).map_or(&[][..], Node::items);
        let first =
            items("validations").iter().find_map(|validation| validation.str_at(&["message"]).or(validation.str_at(&["expression"])));
        let only_audits = || items("auditAnnotations").iter().find_map(|annotation| annotation.str_at(&["valueExpression"]));
        first.or_else(only_audits).and_then(|text| text.trim().lines().next()).unwrap_or("nothing")
    }

    /// Its level in an environment: that of its row; else that of all policies, of one whose bindings deny nothing at most a warning.
    pub(crate) fn level(&self, project: &Project, environment: usize) -> Level {
        let table = &project.table;
        let actions = self.bindings.iter().filter_map(|binding| binding.at(&["spec", "validationActions"])).flat_map(Node::items);
        let most = match actions.filter_map(Node::as_str).map(|action| action == "Deny").max() {
            Some(true) => Level::Deny,
            Some(false) => Level::Warn,
            None => Level::Off,
        };
        let name = table.environments.get(environment).map_or("", |environment| &environment.name);
        table.own_level(&self.id, name).unwrap_or_else(|| table.level(POLICIES, environment).min(most))
    }

    /// `policies/admission/owners.yaml:3`
    pub(crate) fn file(&self) -> String {
        let (line, _) = self.place.source.position(self.place.start);
        format!("{}:{line}", shown(self.place.source.path()).display())
    }

    /// Writes what `kubevet explain` says of it.
    pub(crate) fn explain(&self, project: &Project, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {}\n", self.id, self.title())?;
        writeln!(out, "Engine   ValidatingAdmissionPolicy, in CEL, as the API server evaluates it")?;
        writeln!(out, "File     {}", self.file())?;
        let environments = project.table.environments.iter().enumerate();
        let levels: Vec<_> = environments.map(|(at, environment)| format!("{} {}", environment.name, self.level(project, at))).collect();
        writeln!(out, "Levels   {}", levels.join(", "))?;
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
        for (title, field) in parts {
            if let Some(part) = self.object.at(&["spec", field]) {
                section(out, title, part)?;
            }
        }
        if self.bindings.is_empty() {
            writeln!(out, "\nNo binding is there, so it says nothing.")?;
        }
        self.bindings.iter().filter_map(|binding| Some((binding, binding.get("spec")?))).try_for_each(|(binding, spec)| {
            let title = format!("Binding {}", name(binding));
            section(out, &title, spec)
        })
    }
}

/// A part of a policy as YAML, below its title.
fn section(out: &mut dyn Write, title: &str, part: &Node) -> io::Result<()> {
    let text = serde_yaml::to_string(&json(part)).map_err(io::Error::other)?;
    writeln!(out, "\n{title}")?;
    text.lines().try_for_each(|line| writeln!(out, "    {line}"))
}
