//! How values, counts and objects are written for people.

use kubevet_facts::change::{Kind, Restart};
use serde_json::Value as Json;

use crate::check::{FieldChange, ObjectChange, OverlayChange};
use crate::environments::Level;
use crate::findings::Finding;
use crate::words::{cut, plural};

/// The longest value that is shown, in characters.
const LONGEST: usize = 80;

/// The most fields of an object that are listed.
pub(super) const MOST_FIELDS: usize = 40;

/// A value on one line, shortened.
pub(super) fn value(value: &Json) -> String {
    match value {
        Json::String(text) => cut(&format!("{text:?}"), LONGEST),
        other => cut(&other.to_string(), LONGEST),
    }
}

/// A name or path in a place with little room. Names that Kubernetes takes are shorter.
pub(super) fn short(text: &str) -> String {
    cut(text, 300)
}

/// A sentence in a place with little room.
pub(super) fn long(text: &str) -> String {
    cut(text, 1_000)
}

/// What happens to a field, with its values.
pub(super) fn field(field: &FieldChange) -> String {
    match (&field.old, &field.new) {
        _ if field.is_secret => "changed".to_owned(),
        (Some(old), Some(new)) => {
            let (old_text, new_text) = (value(old), value(new));
            if old_text == new_text { "changed".to_owned() } else { format!("{old_text} → {new_text}") }
        }
        (None, Some(new)) => value(new),
        (Some(old), None) => value(old),
        (None, None) => "changed".to_owned(),
    }
}

/// `spec.replicas: 2 → 3`
pub(super) fn line(field: &FieldChange) -> String {
    format!("{}: {}", field.path_text, self::field(field))
}

/// `+`, `-` or `~`
pub(super) fn field_sign(field: &FieldChange) -> char {
    match (&field.old, &field.new) {
        (None, Some(_)) => '+',
        (Some(_), None) => '-',
        _ => '~',
    }
}

/// `+`, `-`, `~` or `±` (the old object and a new one)
pub(super) fn sign(object: &ObjectChange) -> char {
    match object.change {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Renamed => '±',
        Kind::Changed | Kind::Unchanged => '~',
    }
}

/// What a restart means.
pub(super) fn restart(restart: Restart) -> Option<&'static str> {
    match restart {
        Restart::None => None,
        Restart::Rolling => Some("restarts, rolling"),
        Restart::AtOnce => Some("restarts, all Pods at once"),
        Restart::Later => Some("new Pods only later: paused, OnDelete or partition"),
        Restart::NoReplicas => Some("new Pods, of which there are none now"),
    }
}

/// What is to be said of an object behind its name.
pub(super) fn remarks(object: &ObjectChange) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(was) = &object.was {
        remarks.push(match (object.by_hash, was.to_string() == object.object.to_string()) {
            (true, _) => format!("content changed, was {}", was.name),
            (false, true) => format!("was {}", was.api_version),
            (false, false) => format!("was {was}"),
        });
    }
    if object.is_invalid || !object.refused.is_empty() {
        remarks.push("refused by the API server".to_owned());
    } else {
        remarks.extend(restart(object.restart).map(str::to_owned));
    }
    if !object.hashes.is_empty() {
        remarks.push(format!("because of {}", object.hashes.join(", ")));
    }
    remarks
}

/// How many workloads get other Pods by themselves; what is refused changes nothing.
pub(super) fn restarts(change: &OverlayChange) -> usize {
    change.objects.iter().filter(|object| object.refused.is_empty() && object.restart.happens() == Some(true)).count()
}

/// Whether a finding says that the API server takes no such object.
fn is_refusal(finding: &Finding) -> bool {
    let rule = finding.rule.as_str();
    rule == "change/refused-update" || rule.starts_with("schema/") || (rule.starts_with("admission/") && finding.level == Level::Deny)
}

/// `3 changed, 1 added, 2 restarts, 1 refused`
pub(super) fn summary(change: &OverlayChange, findings: &[Finding]) -> String {
    let restarts = restarts(change);
    let of_overlay = |finding: &&Finding| finding.overlays.contains(&change.path) || finding.environments.contains(&change.environment);
    let refused: std::collections::HashSet<String> =
        findings.iter().filter(of_overlay).filter(|finding| is_refusal(finding)).map(|finding| finding.object.to_string()).collect();
    let lost = findings.iter().filter(of_overlay).filter(|finding| finding.rule == "change/data-loss").count();
    let counts = [
        (change.count(Kind::Changed), "changed"),
        (change.count(Kind::Renamed), "recreated"),
        (change.count(Kind::Added), "added"),
        (change.count(Kind::Removed), "removed"),
    ];
    let mut parts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() {
        return "no changes".to_owned();
    }
    parts.push(plural(restarts, "restart"));
    parts.push(format!("{} refused", refused.len()));
    parts.push(format!("{lost} lost"));
    let effects = &change.effects;
    let counts = [(effects.opened, "flow", " opened"), (effects.cut, "flow", " cut"), (effects.granted, "right", " granted")];
    parts.extend(counts.iter().filter(|(count, ..)| *count > 0).map(|(count, what, how)| format!("{}{how}", plural(*count, what))));
    parts.join(", ")
}
