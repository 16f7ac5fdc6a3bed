//! Builtins by their names: how many arguments they take, and what to say of those that aren't there.

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

/// OPA's other builtins that the engine doesn't have.
const LACKING: [&str; 15] = [
    "cast_array",
    "cast_boolean",
    "cast_null",
    "cast_object",
    "cast_set",
    "cast_string",
    "net.cidr_contains_matches",
    "net.cidr_intersects",
    "net.cidr_merge",
    "regex.globs_match",
    "strings.render_template",
    "urlquery.decode",
    "urlquery.decode_object",
    "urlquery.encode",
    "urlquery.encode_object",
];

/// Why one of OPA's builtins is not here; nothing where it is, or is none.
pub(in super::super) fn missing(name: &str) -> Option<&'static str> {
    let is_here = ENGINE.contains_key(name) || super::BUILTINS.iter().any(|(own, ..)| *own == name);
    let reason = REASONS.iter().find(|(beginning, _)| name.starts_with(beginning) && !is_here).map(|(_, reason)| *reason);
    reason.or_else(|| LACKING.contains(&name).then_some("its rule engine lacks it"))
}

/// How many arguments the builtin of that name takes, if that is fixed; where there is none, what is wrong and what to do instead.
pub(in super::super) fn arity(name: &str) -> Result<Option<usize>, (String, Option<String>)> {
    let own = super::BUILTINS.iter().map(|(own, arity, _)| (*own, *arity));
    let known = own.clone().find(|(own, _)| *own == name).map(|(_, arity)| arity);
    if let Some(arity) = known.or_else(|| ENGINE.get(name).map(|(_, arity)| *arity)) {
        return Ok(Some(usize::from(arity)));
    }
    if name == "print" {
        return Ok(None);
    }
    let message = format!("there is no function {name}");
    if let Some(reason) = missing(name) {
        return Err((format!("{message} in kubevet: {reason}"), None));
    }
    let names = ENGINE.keys().copied().chain(own.map(|(own, _)| own)).filter(|known| !known.starts_with("internal."));
    let near = names.map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    let near = near.filter(|(distance, known)| *distance <= known.len() / 3);
    Err((message, near.map(|(_, known)| format!("did you mean {known}?"))))
}
