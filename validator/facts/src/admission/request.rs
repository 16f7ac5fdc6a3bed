//! A request to the API server, as policies see it.

use kubevet_cel::Value;
use kustomize::Node;

use super::cluster::Cluster;
use super::values;

/// A change of one object: created where there is no old one, deleted where there is no new one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// The object after it.
    pub object: Option<&'a Node>,
    /// The object before it.
    pub old: Option<&'a Node>,
    /// The part of it that is changed, such as `scale`; empty for the object itself.
    pub subresource: &'a str,
    /// The namespace of the request, where the object doesn't name it.
    pub namespace: &'a str,
    /// Who asks, as `request.userInfo` has it, where that is known.
    pub user: Option<&'a Node>,
}

/// The same with what matters for policies worked out once.
#[derive(Debug)]
pub(super) struct Request<'r> {
    pub(super) operation: &'static str,
    pub(super) group: &'r str,
    pub(super) version: &'r str,
    pub(super) kind: &'r str,
    pub(super) resource: String,
    pub(super) subresource: &'r str,
    pub(super) name: &'r str,
    pub(super) namespace: Option<&'r str>,
    pub(super) object: Option<&'r Node>,
    pub(super) old: Option<&'r Node>,
    pub(super) user: Option<&'r Node>,
    /// What expressions know as `object`, `oldObject`, `request` and `namespaceObject`.
    pub(super) values: [(&'static str, Value); 4],
}

/// What nobody can know without the cluster.
const ASKER: &str = "who asks is known in the cluster only";

impl<'r> Request<'r> {
    pub(super) fn of(change: &Change<'r>, object: &'r Node, cluster: &Cluster<'_>) -> Self {
        let text = |keys: &[&str]| object.str_at(keys).unwrap_or_default();
        let (group, version) = text(&["apiVersion"]).split_once('/').unwrap_or(("", text(&["apiVersion"])));
        let kind = text(&["kind"]);
        let named = Some(text(&["metadata", "namespace"])).filter(|namespace| !namespace.is_empty());
        let given = Some(change.namespace).filter(|namespace| !namespace.is_empty());
        let is_namespaced = cluster.is_namespaced(group, kind);
        let namespace = if is_namespaced { named.or(given).or(Some("default")) } else { None };
        let operation = match (change.object, change.old) {
            (Some(_), None) => "CREATE",
            (None, _) => "DELETE",
            (Some(_), Some(_)) => "UPDATE",
        };
        let resource = cluster.resource(group, kind);
        let string = |text: &str| Value::string(text);
        let gvk = || Value::object([("group", string(group)), ("version", string(version)), ("kind", string(kind))]);
        let gvr = || Value::object([("group", string(group)), ("version", string(version)), ("resource", string(&resource))]);
        let name = text(&["metadata", "name"]);
        let value = |object: Option<&Node>| object.map_or(Value::Null, |object| values::of(object, namespace));
        let mut fields = vec![
            ("kind", gvk()),
            ("resource", gvr()),
            ("requestKind", gvk()),
            ("requestResource", gvr()),
            ("name", string(name)),
            ("operation", string(operation)),
            ("userInfo", change.user.map_or(Value::Unknown(ASKER), values::plain)),
            ("uid", Value::Unknown(ASKER)),
            ("options", Value::Unknown(ASKER)),
            // What is judged is what is deployed.
            ("dryRun", Value::Bool(false)),
        ];
        fields.extend(namespace.map(|namespace| ("namespace", string(namespace))));
        if !change.subresource.is_empty() {
            fields.extend([("subResource", string(change.subresource)), ("requestSubResource", string(change.subresource))]);
        }
        let namespace_object = match namespace {
            None => Value::Null,
            Some(name) => cluster.namespace_value(name),
        };
        let values = [
            ("object", value(change.object)),
            ("oldObject", value(change.old)),
            ("request", Value::object(fields)),
            ("namespaceObject", namespace_object),
        ];
        let subresource = change.subresource;
        let Change { object, old, user, .. } = *change;
        Request { operation, group, version, kind, resource, subresource, name, namespace, object, old, user, values }
    }
}
