//! ConfigMaps and Secrets that are immutable.

use serde_json::Value as Json;

use super::Check;
use crate::change::Why;
use crate::change::json::at;

pub(super) fn check(check: &mut Check<'_>) {
    if at(check.live, &["immutable"]) != Some(&Json::Bool(true)) {
        return;
    }
    const MESSAGE: &str = "can't change while `immutable` is set; make another one with another name";
    if at(check.stored, &["immutable"]) != Some(&Json::Bool(true)) {
        check.refuse(&["immutable"], "immutable", Why::Forbidden, "can't be taken back");
    }
    for field in ["data", "binaryData"] {
        if at(check.live, &[field]) != at(check.stored, &[field]) {
            check.refuse(&[field], field, Why::Forbidden, MESSAGE);
        }
    }
}
