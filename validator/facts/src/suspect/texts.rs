//! Which texts deserve a closer look: those that may hold or set a credential, or a setting that turns encryption off.
//!
//! `policies/lib/credentials.rego` and the rules decide; everything that these could mind is suspect here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kustomize::{Entry, Node, Value};

/// How the names of credentials end, whatever the case.
const ENDINGS: [&str; 14] = [
    "credential",
    "credentials",
    "key",
    "masterauth",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
];

/// What is meant to be replaced begins with one of these, whatever the case.
const STAND_INS: [&str; 24] = [
    "*",
    "-",
    ".",
    "<",
    "?",
    "[",
    "change",
    "dummy",
    "enter",
    "example",
    "fill",
    "fixme",
    "insert",
    "my",
    "pass",
    "placeholder",
    "put",
    "replace",
    "sample",
    "secret",
    "tbd",
    "to",
    "x",
    "your",
];

const SWITCHES: [&str; 13] =
    ["disabled", "enabled", "false", "nil", "no", "none", "null", "off", "on", "optional", "required", "true", "yes"];

/// Settings of clients that let a connection be plain: PostgreSQL's `sslmode` and Kafka's `security.protocol`.
const PLAIN: [&str; 5] = ["allow", "disable", "plaintext", "prefer", "sasl_plaintext"];

/// Whether a name with this value may be a credential in plain text.
pub(super) fn is_credential(name: &str, value: &Node) -> bool {
    names_credential(name) && value.as_str().is_some_and(|value| !is_harmless(value))
}

/// Whether a name with this value may be a credential that somebody forgot to set.
pub(super) fn is_unset(name: &str, value: &Node) -> bool {
    names_credential(name) && value.as_str().is_some_and(may_stand_in)
}

/// Whether a value of a Secret may be one that somebody forgot to set.
pub(super) fn is_unset_secret(value: &Node) -> bool {
    let is_decoded_one = |text: &str| {
        let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.is_some_and(|text| may_stand_in(&text))
    };
    value.as_str().is_some_and(|text| may_stand_in(text) || is_decoded_one(text))
}

/// Whether a file may set a credential. In programs `token = x` is everywhere.
pub(super) fn file_sets_credential(name: &str, text: &str) -> bool {
    let is_program = name.rsplit_once('.').is_some_and(|(_, ending)| ["bash", "py", "rego", "sh", "sql"].contains(&ending));
    let is_named_so = ["pgpass", "userlist"].iter().any(|word| name.to_lowercase().contains(word));
    (!is_program && sets_credential(text)) || is_named_so || has_form(text)
}

/// The same of one in Base64.
pub(super) fn encoded_file_sets_credential(name: &str, value: &Node) -> bool {
    let decoded = value.as_str().and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|text| names_credential(name) || file_sets_credential(name, &text))
}

/// Whether a text may be one in which passwords have a form of their own: of Redis, XML, PostgreSQL (by the ports that these lines usually name),
/// netrc, or a registry.
fn has_form(text: &str) -> bool {
    const SIGNS: [&str; 12] =
        ["requirepass", "masterauth", "</", "/>", ":5432:", ":5433:", ":6432:", ":*:", "password ", "password\t", "\"auths\"", "user "];
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Whether some text of a resource may be or set a credential: by the name of its key, or by one that stands beside its value.
pub(super) fn resource_sets_credential(node: &Node) -> bool {
    let is_set = |name: &str, value: &Node| {
        value.as_str().is_some_and(|text| (names_credential(name) && !is_harmless(text)) || passes_credential(text) || has_form(text))
    };
    match &node.value {
        Value::Scalar(scalar) => passes_credential(&scalar.text) || has_form(&scalar.text),
        Value::Seq(seq) => seq.items.iter().any(resource_sets_credential),
        Value::Map(map) => {
            let beside = node.str_at(&["name"]).zip(node.get("value")).is_some_and(|(name, value)| is_set(name, value));
            let below = |entry: &Entry| is_set(&entry.key.text, &entry.value) || resource_sets_credential(&entry.value);
            beside || map.entries().iter().any(below)
        }
    }
}

/// Whether a free text may set a credential: `password: x`, `"password": "x"`, `PGPASSWORD=x cmd`.
pub(super) fn sets_credential(text: &str) -> bool {
    let sets = |(at, separator): (usize, &str)| {
        let before = text[..at].trim_end_matches([' ', '\t']);
        let name = before.strip_suffix(['"', '\'']).unwrap_or(before);
        let after = text[at + separator.len()..].trim_start_matches([' ', '\t']);
        after.starts_with(|first| !"\r\n;&|,)}=".contains(first)) && names_credential(last_word(name))
    };
    text.match_indices(['=', ':']).any(sets)
}

/// Whether an argument may set a credential: as above, or `--password` with the value behind a space or in the next argument; or whether it calls a
/// program that takes one under a letter.
pub(super) fn passes_credential(argument: &str) -> bool {
    const LETTERED: [&str; 4] = ["curl", "mysql", "redis-cli", "sshpass"];
    let is_flag = |word: &str| word.starts_with('-') && names_credential(word);
    sets_credential(argument)
        || argument.split([' ', '\t', '\r', '\n']).any(is_flag)
        || LETTERED.iter().any(|program| argument.contains(program))
}

/// What is suspect about any text of an object, by name.
pub(super) fn of_texts(node: &Node) -> Vec<&'static str> {
    let mut found = [("plainClient", false), ("urlPassword", false)];
    look(node, &mut |text| {
        found[0].1 |= is_plain_client(text);
        found[1].1 |= urls(text).any(|(_, rest)| has_password(rest));
    });
    found.into_iter().filter(|(_, is_suspect)| *is_suspect).map(|(name, _)| name).collect()
}

fn look(node: &Node, at: &mut impl FnMut(&str)) {
    match &node.value {
        Value::Scalar(scalar) => at(&scalar.text),
        Value::Seq(seq) => seq.items.iter().for_each(|item| look(item, at)),
        Value::Map(map) => map.entries().iter().for_each(|entry| look(&entry.value, at)),
    }
}

/// Digits and signs at the end of a name say nothing.
fn names_credential(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.trim_end_matches(|last: char| !last.is_ascii_lowercase());
    name.contains("rediscli") || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The letters, digits and `_.-` that a text ends with.
fn last_word(text: &str) -> &str {
    let is_part = |part: char| part.is_ascii_alphanumeric() || "_.-".contains(part);
    text.rfind(|part| !is_part(part)).map_or(text, |at| text[at..].trim_start_matches(|part| !is_part(part)))
}

/// Nothing, a switch, a variable or an absolute path.
fn is_harmless(value: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|one| one.is_ascii_alphanumeric() || "._-".contains(one));
    let is_path = value.strip_prefix('/').is_some_and(|path| path.split('/').all(is_part));
    value.trim().is_empty() || value.starts_with("$(") || is_path || SWITCHES.contains(&value.to_lowercase().as_str())
}

fn may_stand_in(value: &str) -> bool {
    let value = value.trim().to_lowercase();
    value.is_empty() || STAND_INS.iter().any(|beginning| value.starts_with(beginning))
}

/// What stands before and behind each `://`.
fn urls(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("://").map(|(at, separator)| (&text[..at], &text[at + separator.len()..]))
}

/// Whether a URL's rest is `user:password@…` with a password that is neither a variable nor a stand-in.
fn has_password(rest: &str) -> bool {
    const ENDS: &str = " \t\r\n/@\"'";
    let Some((user, rest)) = rest.split_once(':') else { return false };
    let Some((password, _)) = rest.split_once('@') else { return false };
    !user.contains(|one| ENDS.contains(one)) && !password.contains(|one| ENDS.contains(one)) && !password.starts_with(['$', '<', '{'])
}

/// Whether a text turns encryption off, or leaves it to the server of a PostgreSQL URL.
fn is_plain_client(text: &str) -> bool {
    let accepts_plain = |(before, rest): (&str, &str)| {
        let scheme = before.rfind(|one: char| !(one.is_ascii_alphanumeric() || one == '+')).map_or(before, |at| &before[at..]);
        let rest = rest.split([' ', '\t', '\r', '\n', '"', '\'', '<', '>', '|', ';', ',']).next().unwrap_or_default().to_lowercase();
        scheme.contains("postgres")
            && (!rest.contains("ssl") || ["allow", "disable", "prefer"].iter().any(|mode| rest.contains(&format!("sslmode={mode}"))))
    };
    (text.len() <= 14 && PLAIN.contains(&text.to_lowercase().as_str())) || urls(text).any(accepts_plain)
}
