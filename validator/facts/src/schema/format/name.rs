//! Names of things, as `k8s.io/apimachinery/pkg/util/validation` checks them.
//!
//! Each function says what the text must be, where it is not that.

/// What a text must be.
pub(crate) type Rule = Result<(), &'static str>;

fn rule(holds: bool, otherwise: &'static str) -> Rule {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Lower-case letters and digits at both ends, hyphens allowed between.
fn is_label_shaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

/// Letters and digits at both ends, `-`, `_` and `.` allowed between.
fn is_qualified_shaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    alphanumeric(bytes.first())
        && alphanumeric(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// A DNS label of RFC 1123.
pub(crate) fn dns_label(text: &str) -> Rule {
    rule(text.len() <= 63, "must have at most 63 characters")?;
    rule(is_label_shaped(text), "must be lower-case letters, digits and '-', with a letter or digit at both ends (RFC 1123 label)")
}

/// A DNS label of RFC 1035, which starts with a letter.
pub(crate) fn dns_1035_label(text: &str) -> Rule {
    rule(text.len() <= 63, "must have at most 63 characters")?;
    let shaped = is_label_shaped(text) && text.starts_with(|first: char| first.is_ascii_lowercase());
    rule(shaped, "must be lower-case letters, digits and '-', start with a letter and end with a letter or digit (RFC 1035 label)")
}

/// DNS labels of RFC 1123 with dots between.
pub(crate) fn dns_subdomain(text: &str) -> Rule {
    rule(text.len() <= 253, "must have at most 253 characters")?;
    rule(
        text.split('.').all(is_label_shaped),
        "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each part (RFC 1123 subdomain)",
    )
}

/// A DNS subdomain in which underscores are allowed as well.
pub(crate) fn dns_subdomain_with_underscore(text: &str) -> Rule {
    rule(text.len() <= 253, "must have at most 253 characters")?;
    let part = |part: &str| is_label_shaped(&part.replace('_', "a"));
    rule(
        text.split('.').all(part),
        "must be lower-case letters, digits, '-', '_' and '.', with a letter, digit or '_' at both ends of each part",
    )
}

/// A DNS subdomain whose first part is `*`.
pub(crate) fn wildcard_dns_subdomain(text: &str) -> Rule {
    rule(text.len() <= 253, "must have at most 253 characters")?;
    rule(
        text.strip_prefix("*.").is_some_and(|rest| dns_subdomain(rest).is_ok()),
        "must be \"*.\" and a DNS name, such as \"*.example.com\"",
    )
}

/// A host name, with or without a wildcard in front.
pub(crate) fn host(text: &str) -> Rule {
    if text.contains('*') { wildcard_dns_subdomain(text) } else { dns_subdomain(text) }
}

/// A fully qualified DNS name: at least one dot, one may be at the end.
pub(crate) fn fully_qualified(text: &str) -> Rule {
    let text = text.strip_suffix('.').unwrap_or(text);
    dns_subdomain(text)?;
    rule(text.contains('.'), "must be a domain with at least one dot")?;
    rule(text.split('.').all(|label| label.len() <= 63), "must have at most 63 characters between dots")
}

/// `name` or `example.com/name`: keys of labels and annotations.
pub(crate) fn qualified_name(text: &str) -> Rule {
    let name = match text.split_once('/') {
        Some((prefix, name)) => {
            rule(!name.contains('/'), "must have at most one '/'")?;
            rule(!prefix.is_empty(), "must have a DNS name before the '/'")?;
            rule(dns_subdomain(prefix).is_ok(), "must have a lower-case DNS name before the '/'")?;
            name
        }
        None => text,
    };
    rule(!name.is_empty(), "must not have an empty name")?;
    rule(name.len() <= 63, "must have at most 63 characters (after the '/')")?;
    rule(is_qualified_shaped(name), "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends")
}

/// The value of a label.
pub(crate) fn label_value(text: &str) -> Rule {
    rule(text.len() <= 63, "must have at most 63 characters")?;
    rule(
        text.is_empty() || is_qualified_shaped(text),
        "must be empty or letters, digits, '-', '_' and '.', with a letter or digit at both ends",
    )
}

/// A name that can stand in a URL path; RBAC objects and a few others take any.
pub(crate) fn path_segment(text: &str) -> Rule {
    rule(text != "." && text != "..", "must not be '.' or '..'")?;
    rule(!text.contains(['/', '%']), "must not contain '/' or '%'")
}

/// The name of a port (RFC 6335).
pub(crate) fn port_name(text: &str) -> Rule {
    rule(text.len() <= 15, "must have at most 15 characters")?;
    let shaped = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    rule(shaped, "must be lower-case letters, digits and '-'")?;
    rule(text.bytes().any(|byte| byte.is_ascii_lowercase()), "must have at least one letter (a port number is written without quotes)")?;
    rule(!text.contains("--"), "must not have two '-' together")?;
    rule(!text.starts_with('-') && !text.ends_with('-'), "must not start or end with '-'")
}

/// The name of an environment variable.
pub(crate) fn variable(text: &str) -> Rule {
    rule(text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'='), "must be printable ASCII without '='")
}

/// The name of an environment variable on servers that know only those of shells.
pub(crate) fn strict_variable(text: &str) -> Rule {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let shaped = text.bytes().all(is_part) && !text.starts_with(|first: char| first.is_ascii_digit());
    rule(shaped, "must be letters, digits, '-', '_' and '.', and not start with a digit")?;
    rule(text != "." && !text.starts_with(".."), "must not be '.' and must not start with '..'")
}

/// A key of a ConfigMap or Secret.
pub(crate) fn config_key(text: &str) -> Rule {
    rule(text.len() <= 253, "must have at most 253 characters")?;
    let shaped = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    rule(shaped, "must be letters, digits, '-', '_' and '.'")?;
    rule(text != "." && !text.starts_with(".."), "must not be '.' and must not start with '..'")
}

/// The name of an HTTP header.
pub(crate) fn http_header(text: &str) -> Rule {
    let shaped = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    rule(shaped, "must be letters, digits and '-'")
}

/// An identifier in CEL.
pub(crate) fn cel_identifier(text: &str) -> Rule {
    let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let shaped = text.bytes().next().is_some_and(first) && text.bytes().all(|byte| first(byte) || byte.is_ascii_digit());
    rule(
        shaped && !matches!(text, "true" | "false" | "null" | "in"),
        "must be a CEL identifier: letters, digits and '_', not a digit first",
    )
}

/// `50%`
pub(crate) fn percent(text: &str) -> Rule {
    let digits = text.strip_suffix('%').unwrap_or_default();
    rule(!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()), "must be an integer or a percentage such as \"50%\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(check: fn(&str) -> Rule, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|text| assert_eq!(check(text), Ok(()), "{text:?}"));
        bad.iter().for_each(|text| assert!(check(text).is_err(), "{text:?}"));
    }

    #[test]
    fn names() {
        let long = "a".repeat(64);
        table(dns_label, &["a", "1a", "a-b", &long[1..]], &["", "A", "a.b", "-a", "a-", "a_b", &long]);
        table(dns_1035_label, &["a", "a1"], &["1a", ""]);
        table(dns_subdomain, &["a.b", "1.2", &long], &["a..b", ".a", "a.", "A.b", ""]);
        table(wildcard_dns_subdomain, &["*.a"], &["*", "*.*.a", "a.*", "*a"]);
        table(qualified_name, &["a", "example.com/A_b", "A.b"], &["", "/a", "a/", "a/b/c", "A.com/a", "a b", "-a", &long]);
        table(label_value, &["", "A.b_c-1"], &["a b", "-a", "a.", "v:1", &long]);
        table(port_name, &["http", "8080-web", "a1"], &["8080", "HTTP", "a--b", "-a", "a-", "a-very-long-name"]);
        table(variable, &["A", "a.b-c d", "1"], &["A=B", "é", "a\tb"]);
        table(config_key, &["a", ".hidden", "A_b.c-d"], &["", ".", "..", "..a", "a/b", "a b"]);
        table(path_segment, &["a:b", "A", "system:node"], &[".", "..", "a/b", "a%b"]);
        table(percent, &["0%", "150%"], &["%", "5", "-5%", "5.5%", "50 %"]);
    }
}
