//! What to say of builtins that aren't there.

use regorus::unstable::BUILTINS as ENGINE;

/// Why OPA's builtins are not all here, by what their names begin with.
const REASONS: [(&str, &str); 12] = [
    ("http.", "a rule may not ask the network"),
    ("net.lookup_ip_addr", "a rule may not ask the network"),
    ("time.", "the answer would depend on the time or on a database of time zones"),
    ("rand.", "the answer would depend on chance"),
    ("uuid.", "the answer would depend on chance"),
    ("opa.runtime", "the answer would depend on where it runs"),
    ("rego.", "policies may not look at themselves; write into the rule what is needed of its metadata"),
    ("io.jwt.", "manifests have no tokens to check"),
    ("crypto.", "manifests have nothing to sign"),
    ("graphql.", "manifests have no queries"),
    ("providers.", "a rule may not ask a cloud"),
    ("json.", "kubevet validates against schemas itself"),
];

/// What is wrong with calling a function of that name, and what to do instead; nothing if there is one.
pub(in super::super) fn unknown(name: &str) -> Option<(String, Option<String>)> {
    let own = super::BUILTINS.iter().map(|(own, _, _)| *own);
    if ENGINE.contains_key(name) || name == "print" || own.clone().any(|own| own == name) {
        return None;
    }
    let message = format!("there is no function {name}");
    if let Some((_, reason)) = REASONS.iter().find(|(beginning, _)| name.starts_with(beginning)) {
        return Some((format!("{message} in kubevet: {reason}"), None));
    }
    let near = ENGINE.keys().copied().chain(own).map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    let near = near.filter(|(distance, known)| *distance <= known.len() / 3);
    Some((message, near.map(|(_, known)| format!("did you mean {known}?"))))
}
