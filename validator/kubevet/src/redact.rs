//! Keeps secret values out of everything that kubevet prints.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kustomize::{Node, Render, Source, Sources, yaml};

/// What stands in the place of a secret value.
pub const MASK: &str = "<redacted>";

/// Shorter values (`true`, `5432`) occur everywhere; taking them out would hide more than it protects.
const SHORTEST: usize = 6;

/// The secret values of rendered objects, and where the sources hold them.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// Names of objects: a secret value that is part of one (a user called as the application is) gives nothing away.
    names: BTreeSet<String>,
    ranges: HashMap<PathBuf, Vec<Range<usize>>>,
    /// The sources that objects are in, so that they certainly are YAML.
    manifests: HashSet<PathBuf>,
}

impl Secrets {
    /// Takes note of the values of every Secret object.
    pub fn add(&mut self, render: &Render) {
        for keys in [["metadata", "name"], ["metadata", "namespace"]] {
            self.names.extend(render.objects.iter().filter_map(|object| object.str_at(&keys)).map(str::to_owned));
        }
        let sources: HashSet<_> = render.objects.iter().map(|object| object.origin.source).collect();
        self.manifests.extend(sources.into_iter().map(|source| render.sources.get(source).path().to_owned()));
        for object in render.objects.iter().filter(|object| object.str_at(&["kind"]) == Some("Secret")) {
            for field in ["data", "stringData"] {
                for entry in object.get(field).map(Node::entries).unwrap_or_default() {
                    self.add_value(&entry.value, &render.sources, field == "data");
                }
            }
        }
    }

    fn add_value(&mut self, node: &Node, sources: &Sources, encoded: bool) {
        let text = node.text().unwrap_or_default();
        self.values.insert(text.to_owned());
        if encoded && let Some(decoded) = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            self.values.extend(decoded.lines().map(|line| line.trim().to_owned()));
        }
        for origin in node.origin.history() {
            let source = sources.get(origin.source);
            // With kubectl as the renderer, the origin is a whole kustomization, which is no secret.
            if !crate::discover::FILE_NAMES.iter().any(|name| source.path().ends_with(name)) || origin.start > 0 {
                self.ranges.entry(source.path().to_owned()).or_default().push(origin.start as usize..origin.end as usize);
            }
        }
    }

    /// Takes note of what another overlay holds.
    pub fn merge(&mut self, other: Self) {
        self.values.extend(other.values);
        self.names.extend(other.names);
        self.manifests.extend(other.manifests);
        for (path, ranges) in other.ranges {
            self.ranges.entry(path).or_default().extend(ranges);
        }
    }

    /// A message without secret values.
    pub fn scrub(&self, text: &str) -> String {
        // Longer values first: one may contain another.
        let is_secret = |value: &&String| {
            value.len() >= SHORTEST && text.contains(value.as_str()) && !self.names.iter().any(|name| name.contains(value.as_str()))
        };
        let mut values: Vec<&String> = self.values.iter().filter(is_secret).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.into_iter().fold(text.to_owned(), |text, value| text.replace(value.as_str(), MASK))
    }

    /// The byte ranges of a source that must not be shown, in order and apart.
    pub fn masked(&self, source: &Source) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        url_passwords(source.text(), &mut ranges);
        if !(self.manifests.contains(source.path()) && is_yaml(source.path()) && names_nothing_secret(source.text())) {
            in_text(source, &mut ranges);
        }
        ranges.extend(self.ranges.get(source.path()).into_iter().flatten().cloned());
        ranges.sort_by_key(|range| range.start);
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in ranges.into_iter().filter(|range| !range.is_empty() && range.end <= source.text().len()) {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }
}

/// Whether a manifest certainly has none of the keys and values that [`in_node`] looks for, so that it need not be read for them.
fn names_nothing_secret(text: &str) -> bool {
    let mut text = normalized(text).replace('\n', " ");
    for field in NO_CREDENTIALS {
        if text.contains(field) {
            text = text.replace(field, " ");
        }
    }
    // With an escape a key can be written in other letters.
    !text.contains('\\') && !CREDENTIALS.iter().chain(&["/data", "stringdata", "patch"]).any(|word| text.contains(word))
}

/// What looks secret in a file by itself, whoever refers to it.
fn in_text(source: &Source, ranges: &mut Vec<Range<usize>>) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new(source.path(), source.text()));
    match yaml::read(&sources, id, yaml::Dialect::YamlV3) {
        Ok(documents) if is_yaml(source.path()) && documents.iter().any(|document| document.as_scalar().is_none()) => {
            documents.iter().for_each(|document| in_node(document, false, ranges));
        }
        _ if source.path().extension().is_some_and(|extension| extension == "rego") => {}
        _ => in_lines(source.text(), ranges),
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_none_or(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

fn range(node: &Node) -> Range<usize> {
    node.origin.start as usize..node.origin.end as usize
}

fn in_node(node: &Node, secret: bool, ranges: &mut Vec<Range<usize>>) {
    let is_secret = node.str_at(&["kind"]) == Some("Secret");
    let credential = node.str_at(&["name"]).is_some_and(names_credential);
    let patches_data = node.str_at(&["path"]).is_some_and(|path| path.starts_with("/data") || path.starts_with("/stringData"));
    for entry in node.entries() {
        let (key, value) = (&*entry.key.text, &entry.value);
        let hidden = secret
            || (is_secret && (key == "data" || key == "stringData"))
            || (key == "value" && (credential || patches_data))
            || (key == "patch" && value.text().is_some_and(|text| text.contains("Secret") || text.contains("stringData")))
            || (names_credential(key) && value.as_str().is_some());
        if hidden && value.as_scalar().is_some() {
            ranges.push(range(value));
        } else if key == "secretGenerator" {
            value.items().iter().filter_map(|item| item.get("literals")).flat_map(Node::items).for_each(|item| ranges.push(range(item)));
        } else {
            in_node(value, hidden, ranges);
        }
    }
    for item in node.items() {
        if secret && item.as_scalar().is_some() {
            ranges.push(range(item));
        }
        in_node(item, secret, ranges);
    }
}

const CREDENTIALS: [&str; 10] =
    ["password", "passwd", "passphrase", "secret", "token", "api_key", "apikey", "private_key", "access_key", "credential"];

/// Fields of Kubernetes that are called like a credential, and hold a switch, a name or a map.
const NO_CREDENTIALS: [&str; 6] =
    [" automountserviceaccounttoken:", " imagepullsecrets:", " secretkeyref:", " secretname:", " secretref:", " serviceaccounttoken:"];

fn normalized(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

/// Whether a variable or key of that name holds a credential, rather than the name of one.
fn names_credential(name: &str) -> bool {
    let name = normalized(name);
    let about = ["name", "names", "ref", "refs", "file", "path", "seconds", "key_ref", "generator", "store", "url"];
    CREDENTIALS.iter().any(|word| name.contains(word)) && !about.iter().any(|end| name.ends_with(end))
}

/// `scheme://user:password@host`
fn url_passwords(text: &str, ranges: &mut Vec<Range<usize>>) {
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let authority = rest.split(|next: char| next.is_whitespace() || matches!(next, '/' | '"' | '\'')).next().unwrap_or_default();
        if let Some((user, password)) = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')) {
            let start = start + user.len() + 1;
            ranges.push(start..start + password.len());
        }
    }
}

/// A file that isn't YAML may be what a generator reads: the values of `KEY=value` lines, and any line of another shape.
fn in_lines(text: &str, ranges: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let shown = content.find(['=', ':']).map_or(0, |at| at + 1);
        if !content.trim_start().starts_with('#') {
            ranges.push(start + shown..start + content.len());
        }
        start += line.len();
    }
}
