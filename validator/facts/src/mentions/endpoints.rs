//! Hosts and ports in texts: URLs, `host:port` words.

use crate::later::points_elsewhere;

/// A host, and the port on it if that is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// The host's name; never an address or `localhost`.
    pub host: String,
    /// The port that the text names, or that its scheme implies.
    pub port: Option<u16>,
    /// Whether it stands in a URL, so that it is certainly meant as a host.
    pub url: bool,
}

/// The ports that are meant where a URL names none (IANA's, and those that the servers document).
fn default_port(scheme: &str) -> Option<u16> {
    // `postgresql+psycopg` and the like name a driver after the protocol.
    match scheme.split_once('+').map_or(scheme, |(protocol, _)| protocol) {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "redis" | "rediss" => Some(6379),
        "postgres" | "postgresql" => Some(5432),
        "mysql" | "mariadb" => Some(3306),
        "mongodb" => Some(27017),
        "amqp" => Some(5672),
        "amqps" => Some(5671),
        "kafka" => Some(9092),
        "nats" => Some(4222),
        _ => None,
    }
}

/// All endpoints that a text names, in its order.
pub fn endpoints(text: &str) -> Vec<Endpoint> {
    let boundary =
        |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | '|' | '\\' | ';');
    let mut found = Vec::new();
    if points_elsewhere(text) {
        return found;
    }
    let mut rest = text;
    // Every endpoint has a colon, and most words of a file have none.
    while let Some(colon) = rest.find(':') {
        let (before, after) = rest.split_at(colon);
        let start = before.rfind(boundary).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let end = after.find(boundary).map_or(rest.len(), |length| colon + length);
        found.extend(of_word(&rest[start..end]));
        rest = &rest[end..];
    }
    found
}

fn of_word(word: &str) -> Vec<Endpoint> {
    let mut found = Vec::new();
    for (at, separator) in word.match_indices("://") {
        let (before, after) = (word.get(..at).unwrap_or(""), word.get(at + separator.len()..).unwrap_or(""));
        let of_scheme = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
        let scheme = before.rsplit(|letter| !of_scheme(letter)).next().unwrap_or("").to_ascii_lowercase();
        let authority = after.split(['/', '?', '#']).next().unwrap_or("");
        let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        // Connection strings of databases and brokers name several hosts after one scheme.
        found.extend(hosts.split(',').filter_map(|host| endpoint(host, default_port(&scheme), true)));
    }
    if !word.contains("://") {
        let words = word.split([',', '=', '[', ']', '@', '/']);
        found.extend(words.filter_map(|word| endpoint(word, None, false)).filter(|endpoint| endpoint.port.is_some()));
    }
    found
}

fn endpoint(text: &str, default: Option<u16>, url: bool) -> Option<Endpoint> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (text, None),
    };
    is_name(host).then(|| Endpoint { host: host.trim_end_matches('.').to_owned(), port: port.or(default), url })
}

/// Whether a text may be the name of a host in the cluster or elsewhere; addresses and names of the machine itself are not.
pub fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let named = host.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    named && host != "localhost" && host.split('.').all(label)
}
