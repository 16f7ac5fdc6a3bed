//! What credentials are called, and what a value that is one can't be.

/// Last words of a name that mean a credential.
const ENDINGS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pass",
    "pwd",
    "pw",
    "pgpass",
    "requirepass",
    "masterauth",
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "auth",
];

/// Words before `key` that make it one.
const KEYS: [&str; 14] = [
    "api",
    "access",
    "private",
    "secret",
    "encryption",
    "signing",
    "master",
    "account",
    "shared",
    "auth",
    "session",
    "jwt",
    "hmac",
    "accesskey",
];

/// Ends of a name without separators that mean a credential: `PGPASSWORD`, `clientsecret`, `apikey`.
const JOINED: [&str; 10] =
    ["password", "passwd", "passphrase", "requirepass", "clientsecret", "authtoken", "accesstoken", "apikey", "secretkey", "privatekey"];

/// Fields of Kubernetes that are called like a credential, and hold a switch, the name of an object or a map.
const FIELDS: [&str; 4] = ["automountserviceaccounttoken", "imagepullsecrets", "imagepullsecret", "serviceaccounttoken"];

/// Fields that hold the name of an object or of a key as often as a credential.
const NAMING: [&str; 2] = ["secret", "secretKey"];

/// Words that switch something.
const SWITCHES: [&str; 14] =
    ["true", "false", "yes", "no", "on", "off", "none", "null", "nil", "required", "optional", "disabled", "enabled", "basic"];

/// Ends of the names of annotations that hold the name of a Secret.
const NAMING_ENDS: [&str; 3] = ["auth-secret", "auth-tls-secret", "tls-secret"];

/// Of each name of a credential, in lower case and without digits, one of these is a part…
pub(super) const PARTS: [&str; 7] = ["pass", "pwd", "pw", "secret", "token", "credential", "auth"];

/// …or, with nothing but its letters, one of these.
pub(super) fn joined_parts() -> impl Iterator<Item = String> {
    KEYS.iter().map(|word| format!("{word}key"))
}

/// Whether a value under such a name is the credential itself.
pub(super) fn holds(name: &str, value: &str) -> bool {
    let is_count = || name.ends_with(['s', 'S']) && value.bytes().all(|byte| byte.is_ascii_digit());
    let names_something = || name.eq_ignore_ascii_case(NAMING[0]) || name == NAMING[1] || NAMING_ENDS.iter().any(|end| name.ends_with(end));
    let may_name = || names_something() && is_key(value);
    is_literal(value) && is_credential(name) && !is_count() && !may_name()
}

/// Whether something could be a key of a Secret or a ConfigMap.
pub(super) fn is_key(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Whether a key, variable or flag of that name holds a credential, rather than the name of one, a switch or a number.
pub(super) fn is_credential(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if FIELDS.contains(&words.concat().as_str()) {
        return false;
    }
    let before = words.len().checked_sub(2).and_then(|at| words.get(at));
    ENDINGS.contains(&last.as_str())
        || (last == "key" && before.is_some_and(|word| KEYS.contains(&word.as_str())))
        || JOINED.iter().any(|end| last.ends_with(end))
}

/// `spring.datasource.clientSecret2` as `spring`, `datasource`, `client`, `secret`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for next in name.chars() {
        let begins = before.is_ascii_lowercase() && next.is_ascii_uppercase();
        if (begins || !next.is_ascii_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if next.is_ascii_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.push(next.to_ascii_lowercase());
        }
        before = next;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value under such a name is the credential itself: no switch, no variable, template or path, and nothing that YAML or a shell means otherwise.
pub(super) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let refers = value.starts_with(['$', '<', '{', '[', '|', '>', '/', '(']) || value.contains("$(") || value.contains("{{");
    !value.is_empty() && !refers && !SWITCHES.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a value that is known to be secret says so wherever it stands. A word, a short one or a plain number stands in many texts for something else; taking it
/// out of them would tell more than it hides.
pub(super) fn is_telling(value: &str) -> bool {
    let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_uppercase() && value.len() < 12);
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_name = value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':'));
    value.len() >= 6
        && !(is_word && value.len() < 20)
        && !(is_number && value.len() < 10)
        && !(is_name && value.len() < 16)
        && is_literal(value)
}

/// Whether a token looks as if a machine had made it: letters of both cases and digits that change places all the time.
pub(super) fn is_random(token: &str) -> bool {
    const SHORTEST: usize = 12;
    let class = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    };
    let count = |wanted: u8| token.bytes().filter(|byte| class(byte) == wanted).count();
    let changes = token.as_bytes().windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
    token.len() >= SHORTEST && count(0) >= 2 && count(1) >= 2 && count(2) >= 2 && changes * 20 >= token.len() * 9
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, JOINED, KEYS, PARTS, is_credential, is_random, is_telling, joined_parts};

    #[test]
    fn every_name_of_a_credential_has_a_known_part() {
        let names = ENDINGS.iter().chain(&JOINED).map(|name| (*name).to_owned()).chain(KEYS.iter().map(|word| format!("{word}key")));
        for name in names {
            let has_part = PARTS.iter().any(|part| name.contains(part)) || joined_parts().any(|part| name.contains(&part));
            assert!(has_part, "{name}");
        }
    }

    #[test]
    fn names_of_credentials_are_told_from_names_about_them() {
        for name in [
            "password",
            "DB_PASSWORD",
            "PGPASSWORD",
            "db-passwd",
            "apiKey",
            "--api-key",
            "aws_secret_access_key",
            "clientSecret2",
            "MYSQL_PWD",
            "pw",
            "AUTH",
            "PGPASS",
            "cookie-secret",
            "requirepass",
            "spring.datasource.password",
            "token",
            "fs.s3a.secret.key",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in [
            "secretName",
            "secretKeyRef",
            "imagePullSecrets",
            "automountServiceAccountToken",
            "tokenExpirationSeconds",
            "PASSWORD_FILE",
            "path",
            "limits",
            "key",
            "name",
            "author",
            "bypass2go",
            "MAX_TOKEN_COUNT",
            "keys",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn words_and_numbers_tell_nothing() {
        for value in ["hunter2", "correct-horse-battery", "aHVudGVyMg==", "Tr0ub4dor"] {
            assert!(is_telling(value), "{value}");
        }
        for value in ["service", "open", "5432", "127.0.0.1", "$(OTHER)", "true", "a/b/c", "postgres"] {
            assert!(!is_telling(value), "{value}");
        }
    }

    #[test]
    fn tokens_of_machines_are_told_from_names() {
        for token in ["f4Kq9ZtB2xLm7Wd", "R2d9aQ0vT5kLzX81"] {
            assert!(is_random(token), "{token}");
        }
        for token in
            ["s3ForcePathStyle", "IPv4DualStack", "9f86d081884c7d659a2feaa0c55ad015", "CustomResourceDefinition", "v1beta1", "UTF8ENCODED"]
        {
            assert!(!is_random(token), "{token}");
        }
    }
}
