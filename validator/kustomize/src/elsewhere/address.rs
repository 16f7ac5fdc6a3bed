//! What Kustomize fetches from elsewhere: directories of git repositories and files over HTTP, by what their addresses look like.

/// A directory of a git repository (`api/internal/git/repospec.go`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// As it is written; by this Kustomize tells whether repositories refer to each other in a circle.
    pub address: String,
    /// What git is asked for, such as `https://github.com/org/repo` or `git@example.com:org/repo.git`.
    pub url: String,
    /// The directory in it, without `.` and `..`; empty for the top.
    pub directory: String,
    /// The branch, tag or commit; the repository's own choice where there is none.
    pub reference: Option<String>,
}

/// Schemes that git is asked with.
const SCHEMES: [&str; 4] = ["ssh://", "https://", "http://", "file://"];

/// What ends the path of the repository itself on Azure: the next part is its name.
const AZURE: &str = "_git/";

/// What the name of a repository may end with, wherever that is.
const SUFFIX: &str = ".git";

impl Repository {
    /// The repository that Kustomize takes an address for; `None` for what it takes for a local path.
    pub fn parse(address: &str) -> Option<Self> {
        if address.starts_with('/') {
            return None;
        }
        let (location, query) = address.split_once('?').unwrap_or((address, ""));
        let (host, path) = split_host(location)?;
        let (repository, directory) = split_path(path, host.starts_with("file://"))?;
        // Of a path that begins with two slashes Kustomize takes away one here and one below.
        let directory = directory.strip_prefix('/').unwrap_or(directory);
        let directory = inside(directory)?;
        (!repository.is_empty()).then(|| Self {
            address: address.to_owned(),
            url: host + repository,
            directory,
            reference: reference(query).filter(|reference| !reference.is_empty()),
        })
    }

    /// A file of it, in the same form.
    pub fn address_of(&self, path: &str) -> String {
        let reference = self.reference.as_ref().map(|reference| format!("?ref={reference}")).unwrap_or_default();
        format!("{}//{path}{reference}", self.url)
    }
}

/// Whether Kustomize fetches a file over HTTP where it reads one.
pub(crate) fn is_remote_file(path: &str) -> bool {
    let lower = path.get(..8).unwrap_or(path).to_ascii_lowercase();
    lower.starts_with("http:") || lower.starts_with("https:")
}

fn strip_prefix_in_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The scheme, user and host as git wants them, and the path behind them.
fn split_host(location: &str) -> Option<(String, &str)> {
    let location = strip_prefix_in_any_case(location, "git::").unwrap_or(location);
    let found = SCHEMES.iter().find_map(|scheme| Some((*scheme, strip_prefix_in_any_case(location, scheme)?)));
    let (scheme, rest) = found.unwrap_or(("", location));
    if scheme == "file://" {
        return Some((scheme.to_owned(), rest));
    }
    let (user, rest) = match rest.split_once('@').filter(|(user, _)| is_user(user)) {
        Some((user, _)) => rest.split_at(user.len() + 1),
        None => ("", rest),
    };
    let is_github = ["github.com/", "github.com:"].iter().any(|host| strip_prefix_in_any_case(rest, host).is_some());
    let is_short = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !is_short {
        return None;
    }
    let slash = rest.find('/');
    // The colon of `user@host:path`; one at the beginning or behind a slash is none.
    let colon = rest.find(':').filter(|_| is_short);
    let end = match (slash, colon) {
        (None, colon) => colon,
        (Some(slash), Some(colon)) if colon > 0 && colon < slash => Some(colon),
        (slash, _) => slash,
    };
    let (host, path) = end.map_or((rest, ""), |end| rest.split_at(end + 1));
    let host = match is_github {
        true if scheme == "ssh://" || !user.is_empty() => format!("{user}github.com:"),
        true => "https://github.com/".to_owned(),
        false if host.is_empty() => return None,
        false => format!("{scheme}{user}{host}"),
    };
    Some((host, path))
}

fn is_user(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_alphabetic()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The path of the repository, and that of the directory in it: by what marks the end of the former, else by its length.
fn split_path(path: &str, is_local: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find(AZURE) {
        let name = at + AZURE.len();
        let end = path[name..].find('/').map_or(path.len(), |end| name + end);
        return Some((&path[..end], path.get(end + 1..).unwrap_or_default()));
    }
    if let Some(at) = path.find("//") {
        return Some((&path[..at], &path[at + 2..]));
    }
    if let Some(at) = path.find(SUFFIX) {
        return Some(path.split_at(at + SUFFIX.len()));
    }
    if is_local {
        return Some((path, ""));
    }
    // An owner and a name, as on GitHub.
    let owner = path.find('/')?;
    let end = path[owner + 1..].find('/').map_or(path.len(), |end| owner + 1 + end);
    Some((&path[..end], path.get(end + 1..).unwrap_or_default()))
}

/// A path without `.` and `..`, if it does not lead out.
fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What `ref`, else `version`, says in a query; nothing where Go can't read the query.
fn reference(query: &str) -> Option<String> {
    let mut values: [Option<String>; 2] = [None, None];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return None;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (unescape(key)?, unescape(value)?);
        if let Some(at) = ["ref", "version"].iter().position(|known| key == *known) {
            values[at].get_or_insert(value);
        }
    }
    let [reference, version] = values;
    reference.filter(|reference| !reference.is_empty()).or(version)
}

/// A part of a query without `%` and `+`.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::Repository;

    #[test]
    fn addresses_are_read_as_kustomize_reads_them() {
        for (address, url, directory, reference) in [
            ("https://example.com/a/b", "https://example.com/a/b", "", ""),
            ("https://example.com/a/b/c/d?ref=v1", "https://example.com/a/b", "c/d", "v1"),
            ("https://example.com/g/sub/b//c/d?ref=v1", "https://example.com/g/sub/b", "c/d", "v1"),
            ("https://example.com/g/sub/b.git/c?version=v1", "https://example.com/g/sub/b.git", "c", "v1"),
            ("https://example.com/a/b?version=v1&ref=v2&timeout=90s&submodules=false", "https://example.com/a/b", "", "v2"),
            ("https://example.com/a/b?ref=&version=v1", "https://example.com/a/b", "", "v1"),
            ("https://example.com/a/b?ref=a%2Fb+c", "https://example.com/a/b", "", "a/b c"),
            ("https://example.com/a/b?ref=v1;x", "https://example.com/a/b", "", ""),
            ("https://example.com/a/b?ref=%zz", "https://example.com/a/b", "", ""),
            ("https://me@dev.azure.com/o/p/_git/r/c/d", "https://me@dev.azure.com/o/p/_git/r", "c/d", ""),
            ("github.com/a/b?ref=v1", "https://github.com/a/b", "", "v1"),
            ("GitHub.com/a/b//c", "https://github.com/a/b", "c", ""),
            ("http://github.com/a/b/c", "https://github.com/a/b", "c", ""),
            ("git@github.com:a/b.git", "git@github.com:a/b.git", "", ""),
            ("ssh://git@github.com/a/b", "git@github.com:a/b", "", ""),
            ("github.com:a/b", "https://github.com/a/b", "", ""),
            ("org-1@example.com:a/b/c", "org-1@example.com:a/b", "c", ""),
            ("ssh://git@example.com:2222/a/b//c", "ssh://git@example.com:2222/a/b", "c", ""),
            ("git::https://example.com/a/b", "https://example.com/a/b", "", ""),
            ("GIT::HTTPS://example.com/a/b", "https://example.com/a/b", "", ""),
            ("file:///srv/repo", "file:///srv/repo", "", ""),
            ("file:///srv/repo//c/../d/?ref=x", "file:///srv/repo", "d", "x"),
            ("file:///srv/repo.git/c", "file:///srv/repo.git", "c", ""),
            ("https://example.com/a/b///c", "https://example.com/a/b", "c", ""),
        ] {
            let Some(read) = Repository::parse(address) else { panic!("{address} is read as a path") };
            let read = (read.url.as_str(), read.directory.as_str(), read.reference.as_deref().unwrap_or_default());
            assert_eq!(read, (url, directory, reference), "{address}");
        }
        for local in [
            "../base",
            "base",
            "/srv/github.com/a/b",
            "github.com-sa.yaml",
            "a/github.com/b",
            "example.com/a/b",
            "./a@b/c",
            "a_b@example.com:c/d",
            "https://example.com",
            "https://example.com/a",
            "git@example.com",
            "https://example.com/a/b//../c",
            "ext::sh -c x/y/z",
            "git::ext::sh -c x",
            "git://example.com/a/b",
        ] {
            assert_eq!(Repository::parse(local), None, "{local}");
        }
    }
}
