//! CustomResourceDefinitions: names, versions, and schemas that are structural.

use super::{check, check_if_set, check_required, unique_names};
use crate::schema::cursor::At;
use crate::schema::custom::cel::costs::{Costs, Repeats};
use crate::schema::custom::cel::types::check_rules;
use crate::schema::format::name;
use crate::schema::{Reason, custom};

pub(super) fn custom_resource_definition(at: At<'_>) {
    let spec = at.get("spec");
    let (group, names) = (spec.get("group"), spec.get("names"));
    let plural = names.get("plural");
    let wanted = format!("{}.{}", plural.str(), group.str());
    let own_name = at.at(&["metadata", "name"]);
    let own_name = if own_name.exists() { own_name } else { at.at(&["metadata", "generateName"]) };
    if !own_name.str().is_empty() && own_name.str() != wanted {
        own_name.breaks(format!("must be names.plural and group, {wanted:?}"));
    }
    if group.not_empty() {
        check(group, name::dns_subdomain);
        if !group.str().contains('.') {
            group.breaks("must be a domain with at least one dot");
        }
        approval(at, group.str());
    }
    accepted_names(names);
    let scope = spec.get("scope");
    if scope.str().is_empty() && !scope.is_broken() {
        scope.required("Cluster or Namespaced");
    } else {
        scope.one_of_if_set(&["Cluster", "Namespaced"]);
    }
    if spec.get("preserveUnknownFields").is_true() {
        spec.get("preserveUnknownFields").invalid("must not be true; put x-kubernetes-preserve-unknown-fields: true into the schema");
    }
    versions(spec.get("versions"));
    selectable_fields(spec.get("versions"));
    let conversion = spec.get("conversion");
    if conversion.exists() {
        let (strategy, webhook) = (conversion.get("strategy"), conversion.get("webhook"));
        if strategy.str() == "Webhook" && !webhook.exists() {
            webhook.required("with strategy Webhook");
        } else if strategy.str() != "Webhook" && webhook.exists() {
            webhook.forbidden("must not be set without strategy Webhook");
        }
        strategy.one_of(&["None", "Webhook"]);
    }
}

/// Groups of Kubernetes' own domains need somebody's approval.
fn approval(at: At<'_>, group: &str) {
    const KEY: &str = "api-approved.kubernetes.io";
    let is_of = |domain: &str| group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !["k8s.io", "kubernetes.io"].into_iter().any(is_of) {
        return;
    }
    let approval = at.at(&["metadata", "annotations"]).key(KEY);
    let is_url =
        |text: &str| text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty() && !rest.starts_with('/'));
    match approval.str() {
        "" => approval.required(format!("for the group {group}: the address of the approval, or a text that starts with \"unapproved\"")),
        text if text.starts_with("unapproved") || is_url(text) => {}
        _ => approval.breaks("must be the address of the approval, or start with \"unapproved\""),
    }
}

fn accepted_names(names: At<'_>) {
    let kind = names.get("kind");
    check_required(names.get("plural"), name::dns_1035_label);
    check_if_set(names.get("singular"), name::dns_1035_label);
    // Without them, these two are made from the kind.
    if kind.not_empty() && name::dns_1035_label(&kind.str().to_lowercase()).is_err() {
        kind.breaks("must be letters, digits and '-', starting with a letter");
    }
    let list = names.get("listKind");
    if !list.str().is_empty() && name::dns_1035_label(&list.str().to_lowercase()).is_err() {
        list.breaks("must be letters, digits and '-', starting with a letter");
    }
    if !kind.str().is_empty() && kind.str() == list.str() {
        list.breaks("must not be the kind itself");
    }
    names.get("shortNames").items().for_each(|short| check(short, name::dns_1035_label));
    names.get("categories").items().for_each(|category| check(category, name::dns_1035_label));
}

fn versions(versions: At<'_>) {
    let stored = versions.items().filter(|version| version.get("storage").is_true()).count();
    if stored != 1 && !versions.is_broken() {
        versions.report(Reason::Invalid, format!("must have exactly one version with storage: true, but has {stored}"));
    }
    for version in versions.items() {
        check_required(version.get("name"), name::dns_1035_label);
        let schema = version.at(&["schema", "openAPIV3Schema"]);
        if version.get("deprecationWarning").exists() && !version.get("deprecated").is_true() {
            version.get("deprecationWarning").invalid("must not be set in a version that is not deprecated");
        }
        if schema.exists() {
            root_schema(schema);
            if version.at(&["subresources", "status"]).exists() {
                root_beside_status(schema);
            }
        } else if !version.get("schema").is_broken() {
            schema.required("");
        }
        let columns = version.get("additionalPrinterColumns");
        for column in columns.items() {
            column.get("name").not_empty();
            column.get("type").one_of(&["boolean", "date", "integer", "number", "string"]);
            column.get("format").one_of_if_set(&["byte", "date", "date-time", "double", "float", "int32", "int64", "password"]);
            let path = column.get("jsonPath");
            if path.not_empty() && !path.str().starts_with('.') {
                path.breaks("must start with '.'");
            }
        }
        let scale = version.at(&["subresources", "scale"]);
        for field in ["specReplicasPath", "statusReplicasPath"] {
            let (path, root) = (scale.get(field), if field.starts_with("spec") { ".spec." } else { ".status." });
            if scale.exists() && path.not_empty() && !path.str().starts_with(root) {
                path.breaks(format!("must be a path below {}", root.trim_end_matches('.')));
            }
        }
        let labels = scale.get("labelSelectorPath");
        if !labels.str().is_empty() && ![".spec.", ".status."].iter().any(|root| labels.str().starts_with(root)) {
            labels.breaks("must be a path below .spec or .status");
        }
    }
    unique_names(versions.items(), "name");
}

/// Versions with one schema share it, and then none of them may have selectable fields that another one lacks.
fn selectable_fields(versions: At<'_>) {
    let part = |version: At<'_>, keys: &[&'static str]| version.node().and_then(|node| node.at(keys).cloned());
    let same = |keys: &[&'static str]| {
        let mut parts = versions.items().map(|version| part(version, keys));
        let first = parts.next();
        parts.all(|part| Some(&part) == first.as_ref())
    };
    if versions.len() > 1 && same(&["schema"]) && !same(&["selectableFields"]) {
        let fields = versions.items().map(|version| version.get("selectableFields")).filter(|fields| !fields.is_empty());
        fields.for_each(|fields| fields.invalid("must be the same in all versions, which have one schema"));
    }
}

/// What may stand at the root of a schema beside a status that is written by itself.
fn root_beside_status(schema: At<'_>) {
    const ALLOWED: &[&str] = &[
        "description",
        "type",
        "format",
        "title",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "multipleOf",
        "required",
        "items",
        "properties",
        "externalDocs",
        "example",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    ];
    let is_set = |field: At<'_>| field.exists() && field.bool() != Some(false);
    let mut others = schema.fields().filter(|(name, field)| !ALLOWED.contains(name) && is_set(*field));
    if let Some((name, _)) = others.next() {
        schema.invalid(format!("must not have {name} at its root where the status is a subresource"));
    }
}

fn root_schema(schema: At<'_>) {
    let kind = schema.get("type");
    match kind.str() {
        "" if kind.is_broken() => {}
        "" => kind.required("\"object\" at the root"),
        "object" => {
            if schema.get("nullable").is_true() {
                schema.get("nullable").forbidden("must not be true at the root");
            }
            let costs = Costs::default();
            check_rules(schema, true, Repeats::ONCE, &costs);
            below_root(schema, Repeats::ONCE, &costs);
            costs.check_total(schema);
        }
        _ => kind.breaks("must be \"object\" at the root"),
    }
}

fn structural(schema: At<'_>, repeats: Repeats, costs: &Costs) {
    check_rules(schema, false, repeats, costs);
    below_root(schema, repeats, costs);
}

/// What makes a schema structural: each field says what it is.
fn below_root(schema: At<'_>, repeats: Repeats, costs: &Costs) {
    let (kind, items, additional) = (schema.get("type"), schema.get("items"), schema.get("additionalProperties"));
    let open = schema.get("x-kubernetes-preserve-unknown-fields").is_true();
    let either = schema.get("x-kubernetes-int-or-string").is_true();
    match kind.str() {
        "" if open || either || kind.is_broken() => {}
        "" => kind.required("unless x-kubernetes-preserve-unknown-fields or x-kubernetes-int-or-string is true"),
        "array" if !items.exists() => items.required("in a schema of type array"),
        "array" | "boolean" | "integer" | "number" | "object" | "string" => {}
        _ => kind.not_one_of(&["array", "boolean", "integer", "number", "object", "string"]),
    }
    if !schema.get("properties").is_empty() && additional.exists() {
        additional.forbidden("must not be set beside properties");
    }
    if items.node().is_some_and(|node| node.as_seq().is_some()) {
        items.forbidden("must be a schema, not a list of them");
    }
    if schema.get("$schema").exists() {
        schema.get("$schema").invalid("is not supported in the schema of a custom resource");
    }
    let preserve = schema.get("x-kubernetes-preserve-unknown-fields");
    if preserve.bool() == Some(false) {
        preserve.invalid("must be true or not be set");
    }
    schema.get("x-kubernetes-map-type").one_of_if_set(&["atomic", "granular"]);
    let pattern = schema.get("pattern");
    pattern.doc.charge(pattern.str().len());
    if let Err(why) = kustomize::regex_of_go(pattern.str()) {
        pattern.breaks(format_args!("must be a regular expression ({why})"));
    }
    for field in ["$ref", "definitions", "dependencies", "id", "patternProperties"] {
        if schema.get(field).exists() {
            schema.get(field).forbidden("is not supported in the schema of a custom resource");
        }
    }
    if schema.get("uniqueItems").is_true() {
        schema.get("uniqueItems").forbidden("must not be true; use x-kubernetes-list-type: set");
    }
    list_type(schema);
    if schema.get("default").exists() {
        custom::default_fits(schema.get("default"), schema);
    }
    let children = schema.get("properties").entries().map(|(_, child)| child);
    let children = children.chain([items, additional]).filter(|child| child.node().is_some_and(|node| node.as_map().is_some()));
    let below = repeats.below(schema);
    children.for_each(|child| structural(child, below, costs));
}

fn list_type(schema: At<'_>) {
    let (list, keys) = (schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys"));
    list.one_of_if_set(&["atomic", "map", "set"]);
    if list.str() != "map" {
        if !keys.is_empty() {
            keys.forbidden("must not be set without x-kubernetes-list-type: map");
        }
        return;
    }
    if keys.is_empty() && !keys.is_broken() {
        keys.required("with x-kubernetes-list-type: map");
    }
    let item = schema.get("items");
    for key in keys.items() {
        let field = item.get("properties").key(key.str());
        let is_required = item.get("required").items().any(|name| name.str() == key.str());
        if !field.exists() {
            key.breaks("must be a property of the items");
        } else if !is_required && !field.get("default").exists() {
            key.breaks("must be required in the items, or have a default");
        }
    }
}
