//! `kubevet rules`: the table, one row a rule, a rule of the cluster or a parameter of rules, one column an environment.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use crate::cluster_rules::{DEFINITIONS, Policy, policies};
use crate::environments::{Environment, Level};
use crate::paths::shown;
use crate::policy::{Declaration, Examples, Rule, Scope, ValueType};
use crate::project::Project;
use crate::redact::{MASK, may_be_shown};

/// Writes the table, aligned, and below it the cluster's own rules.
pub fn write(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    let environments = 0..project.table.environments.len();
    let levels = |level: &dyn Fn(usize) -> Level| environments.clone().map(level).collect::<Vec<_>>();
    let rules = project.catalog.rules.iter();
    let own: Vec<Row<'_>> = rules.map(|rule| (&*rule.id, levels(&|at| project.level(rule, at)), rule.title.clone())).collect();
    let policies = policies(project);
    let admission = policies.iter().map(|policy| (&*policy.id, levels(&|at| policy.level(project, at)), policy.title().to_owned()));
    let definitions = project.crds.rules_in_cel().into_iter().map(|(kind, count)| {
        let title = format!("{count} rule{} in CEL of {kind}", if count == 1 { "" } else { "s" });
        (DEFINITIONS, levels(&|at| project.table.level(DEFINITIONS, at)), title)
    });
    let cluster: Vec<Row<'_>> = admission.chain(definitions).collect();
    let width = own.iter().chain(&cluster).map(|(id, ..)| id.chars().count()).max().unwrap_or(0).max("CLUSTER RULE".len());
    rows(project, out, "RULE", width, &own)?;
    if !cluster.is_empty() {
        writeln!(out)?;
        rows(project, out, "CLUSTER RULE", width, &cluster)?;
    }
    Ok(())
}

/// A rule's id, its level in each environment, and what it asks for.
type Row<'p> = (&'p str, Vec<Level>, String);

fn rows(project: &Project, out: &mut dyn Write, header: &str, width: usize, rows: &[Row<'_>]) -> io::Result<()> {
    let environments = &project.table.environments;
    let columns: Vec<usize> = environments.iter().map(|environment| environment.name.len().max("deny".len())).collect();
    write!(out, "{header:width$}")?;
    for (environment, column) in std::iter::zip(environments, &columns) {
        write!(out, "  {:column$}", environment.name.to_uppercase())?;
    }
    writeln!(out, "  TITLE")?;
    for (id, levels, title) in rows {
        write!(out, "{id:width$}")?;
        for (level, column) in std::iter::zip(levels, &columns) {
            write!(out, "  {level:column$}")?;
        }
        writeln!(out, "  {title}")?;
    }
    Ok(())
}

/// A rule, and all that it says of itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'p> {
    rule: &'p str,
    title: &'p str,
    description: &'p str,
    help: Option<&'p str>,
    /// Whether it offers fixes.
    fix: bool,
    /// What its input is: `object`, `overlay` or `environments`.
    scope: Scope,
    /// Empty for all.
    kinds: &'p [String],
    file: PathBuf,
    levels: BTreeMap<&'p str, Level>,
    why: Option<&'p str>,
    parameters: BTreeMap<&'p str, &'p Declaration>,
    examples: Examples,
}

/// One of the cluster's own rules.
#[derive(Serialize)]
struct ClusterEntry<'p> {
    rule: &'p str,
    title: &'p str,
    /// `ValidatingAdmissionPolicy` or `Gatekeeper`.
    engine: &'static str,
    /// With its line.
    file: String,
    levels: BTreeMap<&'p str, Level>,
}

/// Writes all rules as JSON: `{"version": 1, "rules": […], "clusterRules": […], "definitions": {…}}`, in the order of their ids; the last has how many
/// rules in CEL each kind's definition has.
pub fn write_json(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    let table = &project.table;
    let entry = |rule| {
        let Rule { id, title, description, kinds, scope, help, fix, file, .. }: &Rule = rule;
        let environments = table.environments.iter().enumerate();
        Entry {
            rule: id,
            title,
            description: description.trim(),
            help: help.as_deref().map(str::trim),
            fix: *fix,
            scope: *scope,
            kinds,
            file: shown(file.source.path()),
            levels: environments.map(|(at, environment)| (environment.name.as_str(), project.level(rule, at))).collect(),
            why: table.levels.row(id).and_then(|row| row.why.as_deref()),
            parameters: project.catalog.parameters.declared_in(file).map(|(name, parameter)| (name, &parameter.declaration)).collect(),
            examples: rule.examples(),
        }
    };
    let rules: Vec<Entry<'_>> = project.catalog.rules.iter().map(entry).collect();
    let policies = policies(project);
    let cluster: Vec<ClusterEntry<'_>> = policies.iter().map(|policy| cluster_entry(project, policy)).collect();
    let definitions: BTreeMap<String, usize> = project.crds.rules_in_cel().into_iter().collect();
    let all = json!({"version": 1, "rules": rules, "clusterRules": cluster, "definitions": definitions});
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

fn cluster_entry<'p>(project: &'p Project, policy: &'p Policy<'p>) -> ClusterEntry<'p> {
    let environments = project.table.environments.iter().enumerate();
    ClusterEntry {
        rule: &policy.id,
        title: policy.title(),
        engine: policy.engine.name(),
        file: policy.file(),
        levels: environments.map(|(at, environment)| (environment.name.as_str(), policy.level(project, at))).collect(),
    }
}

/// Writes the parameters that rules read, with what the table gives, aligned.
pub fn write_parameters(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    let environments = &project.table.environments;
    let names = environments.iter().map(|environment| environment.name.to_uppercase());
    let header = ["PARAMETER".to_owned(), "TYPE".to_owned(), "DEFAULT".to_owned()].into_iter().chain(names);
    let mut rows: Vec<(Vec<String>, &str)> = vec![(header.collect(), "WHAT FOR")];
    for (name, parameter) in project.catalog.parameters.iter() {
        let declaration = &parameter.declaration;
        let default = declaration.default.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let given = environments.iter().map(|environment| given(environment, name).unwrap_or_else(|| "-".to_owned()));
        rows.push(([name.to_owned(), kind(declaration), default].into_iter().chain(given).collect(), declaration.description.trim()));
    }
    let columns = rows.first().map_or(0, |(cells, _)| cells.len());
    let widest = |column: usize| rows.iter().filter_map(|(cells, _)| cells.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or_default()).collect();
    for (cells, description) in &rows {
        for (cell, width) in std::iter::zip(cells, &widths) {
            write!(out, "{cell:width$}  ")?;
        }
        writeln!(out, "{description}")?;
    }
    Ok(())
}

/// What an environment gives for a parameter, in JSON.
pub(crate) fn given(environment: &Environment, name: &str) -> Option<String> {
    let (_, _, node) = environment.parameters().find(|(known, _, node)| *known == name && !node.is_null())?;
    Some(if may_be_shown(name) { crate::policy::json(node).to_string() } else { MASK.to_owned() })
}

/// What a parameter may be, in a word or two.
pub(crate) fn kind(declaration: &Declaration) -> String {
    let word = |value: ValueType| match value {
        ValueType::String => "string",
        ValueType::Integer => "integer",
        ValueType::Number => "number",
        ValueType::Boolean => "boolean",
        ValueType::List => "list",
        ValueType::Map => "map",
    };
    match declaration {
        Declaration { choices, .. } if !choices.is_empty() => choices.join("|"),
        Declaration { value, of: Some(of), .. } => format!("{} of {}s", word(*value), word(*of)),
        Declaration { value, .. } => word(*value).to_owned(),
    }
}
