//! CustomResourceDefinitions: versions in which objects are stored can't go.

use serde_json::Value as Json;

use super::Check;
use crate::change::Why;
use crate::change::json::{at, text};

pub(super) fn has_one_schema(definition: &Json) -> bool {
    let mut schemas =
        at(definition, &["spec", "versions"]).and_then(Json::as_array).into_iter().flatten().map(|version| version.get("schema"));
    schemas
        .next()
        .is_some_and(|first| first.is_some_and(|first| at(first, &["openAPIV3Schema"]).is_some()) && schemas.all(|schema| schema == first))
}

pub(super) fn check(check: &mut Check<'_>) {
    let names = |object, only_stored: bool| -> Vec<String> {
        let versions = at(object, &["spec", "versions"]).and_then(Json::as_array).into_iter().flatten();
        let kept = versions.filter(|version| !only_stored || version.get("storage") == Some(&Json::Bool(true)));
        kept.map(|version| text(version, &["name"]).to_owned()).collect()
    };
    let listed = at(check.live, &["status", "storedVersions"])
        .and_then(Json::as_array)
        .map(|versions| versions.iter().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>());
    let now = names(check.stored, false);
    for (index, version) in listed.unwrap_or_else(|| names(check.live, true)).iter().enumerate() {
        if !now.contains(version) {
            let message = format!("has {version:?}, in which objects may be stored, so the version must stay in spec.versions");
            check.refuse(&["spec", "versions"], &format!("status.storedVersions[{index}]"), Why::Invalid, message);
        }
    }
}
