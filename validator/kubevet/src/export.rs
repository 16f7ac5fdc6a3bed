//! `kubevet export`: rules as objects for a cluster, with what binds them in each environment.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use kubevet_facts::admission::{Change, Policies, plural};
use kubevet_facts::schema::read_json;
use kustomize::{Node, read_manifests};
use serde_json::{Map, Value, json};

use crate::environments::{Environment, Level};
use crate::policy::export::{self, Rego};
use crate::policy::{Declaration, Gatekeeper, Rule, ValueType, json as json_of};
use crate::project::Project;
use crate::redact::may_be_shown;

/// The version of constraints.
const CONSTRAINTS: &str = "constraints.gatekeeper.sh/v1beta1";

/// The version of policies and bindings.
const POLICIES: &str = "admissionregistration.k8s.io/v1";

/// How long the examples of a rule may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How an environment is told apart in a cluster.
#[derive(Clone, Copy, Debug)]
pub enum Where<'a> {
    /// It has the cluster for itself.
    Everywhere,
    /// Its namespaces have this label, whose value is its name.
    Labelled(&'a str),
}

/// The objects of a rule for Gatekeeper: a template, and a constraint for each environment that it isn't off in. Of environments these places in the
/// table count.
///
/// # Errors
///
/// Why that can't be, to follow "it can't be exported, as …".
pub fn gatekeeper(project: &Project, rule: &Rule, environments: &[usize], place: Where<'_>) -> Result<Vec<Value>, String> {
    let rego = export::gatekeeper(&project.catalog, rule)?;
    if let Some(name) = rego.parameters.iter().find(|name| !may_be_shown(name)) {
        return Err(format!("its parameter {name} may be a credential"));
    }
    let mut objects = vec![template(project, rule, &rego)];
    let proof = |parameters| {
        let environment =
            json!({"apiVersion": CONSTRAINTS, "kind": kind(rule), "metadata": {"name": "proof"}, "spec": {"parameters": parameters}});
        [objects[0].clone(), environment]
    };
    prove(rule, &proof(rule.examples().parameters))?;
    for at in environments {
        if let Some(environment) = project.table.environments.get(*at) {
            objects.extend(constraint(project, rule, &rego, environment, project.level(rule, *at), place));
        }
    }
    Ok(objects)
}

/// The objects of a rule for the API server: a policy, and a binding for each environment that it isn't off in.
///
/// # Errors
///
/// Why that can't be, to follow "it can't be exported, as …".
pub fn admission_policy(project: &Project, rule: &Rule, environments: &[usize], place: Where<'_>) -> Result<Vec<Value>, String> {
    let cel = export::admission_policy(&project.catalog, rule)?;
    let name = format!("{}.kubevet", lower(&rule.id));
    let resources: Vec<String> =
        if rule.kinds.is_empty() { vec!["*".to_owned()] } else { rule.kinds.iter().map(|kind| plural(kind)).collect() };
    let everything = json!({"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": resources});
    let validations: Vec<Value> = cel.validations.iter().map(|text| json!({"expression": text, "message": rule.title})).collect();
    let mut spec = json!({"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [everything]}, "validations": validations});
    if !cel.variables.is_empty() {
        let variables = cel.variables.iter().map(|(name, text)| json!({"name": name, "expression": text}));
        spec["variables"] = variables.collect();
    }
    let policy = json!({
        "apiVersion": POLICIES,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, "annotations": {"kubevet.rule": rule.id, "description": rule.description.trim()}},
        "spec": spec,
    });
    let binding = |environment: &str, level: Level, place: Where<'_>| {
        let actions = if level == Level::Deny { json!(["Deny"]) } else { json!(["Warn", "Audit"]) };
        let mut spec = json!({"policyName": name, "validationActions": actions});
        if let Where::Labelled(key) = place {
            spec["matchResources"] = json!({"namespaceSelector": {"matchLabels": {key: environment}}});
        }
        let name = format!("{name}.{}", lower(environment));
        json!({"apiVersion": POLICIES, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": spec})
    };
    prove(rule, &[policy.clone(), binding("proof", Level::Deny, Where::Everywhere)])?;
    let levels = environments.iter().filter_map(|at| Some((project.table.environments.get(*at)?, project.level(rule, *at))));
    let bindings = levels.filter(|(_, level)| *level != Level::Off).map(|(environment, level)| binding(&environment.name, level, place));
    Ok(std::iter::once(policy.clone()).chain(bindings).collect())
}

/// A text as a part of an object's name.
fn lower(text: &str) -> String {
    text.to_ascii_lowercase().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

/// Holds what is exported to the examples of the rule. A rule about a field that is not there says nothing in a cluster where the API server sets that
/// field before anybody is asked.
fn prove(rule: &Rule, objects: &[Value]) -> Result<(), String> {
    let examples = rule.examples();
    let nodes: Vec<Node> = objects.iter().filter_map(|object| read_json(&object.to_string()).ok()).collect();
    let engine = Gatekeeper::default();
    let session = engine.session(PATIENCE);
    let policies = Policies::of(&[], &nodes).with_engine(Some(&session));
    let denials = |text: &str| -> Result<usize, String> {
        let render = read_manifests(Path::new("example"), text.to_owned())
            .map_err(|error| format!("its example can't be read: {}", error.message))?;
        let decisions = render.objects.iter().map(|object| policies.decide(&Change { object: Some(object), ..Change::default() }));
        let decisions: Vec<_> = decisions.collect();
        match decisions.iter().flat_map(|decision| &decision.undecided).next() {
            Some(undecided) => Err(format!("what it would say can't be told: {}", undecided.why)),
            None => Ok(decisions.iter().map(|decision| decision.denials.len()).sum()),
        }
    };
    if examples.bad.as_deref().map(&denials).transpose()? == Some(0) {
        return Err("the API server sets what its bad example lacks before anybody is asked".to_owned());
    }
    match examples.good.as_deref().map(&denials).transpose()? {
        None | Some(0) => Ok(()),
        Some(_) => Err("with what the API server sets in it, its good example would be refused".to_owned()),
    }
}

/// Writes objects as a stream of YAML.
pub fn write(objects: &[Value], out: &mut dyn Write) -> io::Result<()> {
    for (number, object) in objects.iter().enumerate() {
        let text = serde_yaml::to_string(object).map_err(io::Error::other)?;
        write!(out, "{}{text}", if number == 0 { "" } else { "---\n" })?;
    }
    Ok(())
}

/// `KubevetProbesLiveness`
fn kind(rule: &Rule) -> String {
    let words = rule.id.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..]);
    format!("Kubevet{}", words.map(capital).collect::<String>())
}

fn template(project: &Project, rule: &Rule, rego: &Rego) -> Value {
    let declared = export::declared(&project.catalog, &rego.parameters);
    let properties: Map<String, Value> =
        declared.iter().map(|(name, parameter)| ((*name).to_owned(), schema(&parameter.declaration))).collect();
    let kind = kind(rule);
    let mut source = json!({"version": "v1", "rego": rego.main});
    if !rego.libs.is_empty() {
        source["libs"] = json!(rego.libs);
    }
    json!({
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {
            "name": kind.to_ascii_lowercase(),
            "annotations": {"metadata.gatekeeper.sh/title": rule.title, "description": rule.description.trim(), "kubevet.rule": rule.id},
        },
        "spec": {
            "crd": {"spec": {"names": {"kind": kind}, "validation": {"openAPIV3Schema": {"type": "object", "properties": properties}}}},
            "targets": [{"target": "admission.k8s.gatekeeper.sh", "code": [{"engine": "Rego", "source": source}]}],
        },
    })
}

/// The schema of a parameter.
fn schema(declaration: &Declaration) -> Value {
    let of_type = |value: ValueType| match value {
        ValueType::String => json!({"type": "string"}),
        ValueType::Integer => json!({"type": "integer"}),
        ValueType::Number => json!({"type": "number"}),
        ValueType::Boolean => json!({"type": "boolean"}),
        ValueType::List => json!({"type": "array", "items": {"x-kubernetes-preserve-unknown-fields": true}}),
        ValueType::Map => json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    };
    let with_choices = |mut schema: Value| {
        if !declaration.choices.is_empty() {
            schema["enum"] = json!(declaration.choices);
        }
        schema
    };
    let mut schema = match (declaration.value, declaration.of) {
        (ValueType::List, of) if of.is_some() || !declaration.choices.is_empty() => {
            json!({"type": "array", "items": with_choices(of_type(of.unwrap_or(ValueType::String)))})
        }
        (ValueType::Map, Some(of)) => json!({"type": "object", "additionalProperties": with_choices(of_type(of))}),
        (value @ (ValueType::List | ValueType::Map), _) => of_type(value),
        (value, _) => with_choices(of_type(value)),
    };
    schema["description"] = json!(declaration.description.trim());
    schema
}

/// The constraint of an environment; nothing where the rule is off.
fn constraint(project: &Project, rule: &Rule, rego: &Rego, environment: &Environment, level: Level, place: Where<'_>) -> Option<Value> {
    let action = match level {
        Level::Off => return None,
        Level::Warn => "warn",
        Level::Deny => "deny",
    };
    let given: BTreeMap<&str, Value> =
        environment.parameters().filter(|(_, _, node)| !node.is_null()).map(|(name, _, node)| (name, json_of(node))).collect();
    let declared = export::declared(&project.catalog, &rego.parameters);
    let value = |name: &String| {
        let default = || declared.get(name.as_str()).and_then(|parameter| parameter.declaration.default.clone());
        given.get(name.as_str()).cloned().or_else(default)
    };
    let parameters: Map<String, Value> = rego.parameters.iter().filter_map(|name| Some((name.clone(), value(name)?))).collect();
    let mut matches = Map::new();
    if !rule.kinds.is_empty() {
        matches.insert("kinds".into(), json!([{"apiGroups": ["*"], "kinds": rule.kinds}]));
    }
    if let Where::Labelled(key) = place {
        matches.insert("namespaceSelector".into(), json!({"matchLabels": {key: environment.name}}));
    }
    let mut spec = json!({"enforcementAction": action});
    if !matches.is_empty() {
        spec["match"] = Value::Object(matches);
    }
    if !parameters.is_empty() {
        spec["parameters"] = Value::Object(parameters);
    }
    let name = format!("kubevet-{}-{}", lower(&rule.id), lower(&environment.name));
    Some(json!({
        "apiVersion": CONSTRAINTS,
        "kind": kind(rule),
        "metadata": {"name": name},
        "spec": spec,
    }))
}
