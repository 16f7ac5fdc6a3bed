//! What templates in Rego see: `input.review`, and `data.inventory`.

use kustomize::Node;
use serde_json::{Map, Value as Json, json};

use crate::admission::cluster::Cluster;
use crate::admission::request::Request;
use crate::admission::values;
use crate::objects::group_of;

/// `input.review`: the request as the API server sends it to webhooks, without what is known in the cluster only.
pub(super) fn review(request: &Request<'_>, cluster: &Cluster<'_>) -> Json {
    let Request { operation, group, version, kind, resource, subresource, name, namespace, .. } = request;
    let gvk = json!({"group": group, "version": version, "kind": kind});
    let gvr = json!({"group": group, "version": version, "resource": resource});
    let object = |at: usize| values::to_json(&request.values[at].1);
    let mut review = json!({
        "kind": gvk, "resource": gvr, "requestKind": gvk, "requestResource": gvr, "name": name, "operation": operation,
        "object": object(0), "oldObject": object(1), "options": null, "dryRun": false,
    });
    let mut put = |key: &str, value: Json| review.as_object_mut().and_then(|fields| fields.insert(key.to_owned(), value));
    if let Some(user) = request.user {
        put("userInfo", values::to_json(&values::plain(user)));
    }
    if !subresource.is_empty() {
        put("subResource", json!(subresource));
    }
    if let Some(namespace) = namespace {
        put("namespace", json!(namespace));
        if cluster.namespace(namespace).is_some() {
            let found = values::to_json(&cluster.namespace_value(namespace));
            put("_unstable", json!({"namespace": found}));
            put("namespaceObject", found);
        }
    }
    review
}

/// `data.inventory`: all that is there, by scope, namespace, apiVersion, kind and name.
pub(super) fn inventory(cluster: &Cluster<'_>) -> Json {
    let mut inventory = Json::Object(Map::new());
    for object in cluster.objects() {
        let text = |keys: &[&str]| object.str_at(keys).unwrap_or_default();
        let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        let namespace = namespace_of(object, cluster.is_namespaced(group_of(api_version), kind));
        let path = match namespace {
            Some(namespace) => vec!["namespace", namespace, api_version, kind],
            None => vec!["cluster", api_version, kind],
        };
        let value = values::to_json(&values::of(object, namespace));
        path.into_iter().chain([text(&["metadata", "name"])]).fold(&mut inventory, |at, step| &mut at[step]).clone_from(&value);
    }
    inventory
}

/// The namespace that an object is in.
fn namespace_of(object: &Node, is_namespaced: bool) -> Option<&str> {
    is_namespaced.then(|| object.str_at(&["metadata", "namespace"]).filter(|name| !name.is_empty()).unwrap_or("default"))
}
