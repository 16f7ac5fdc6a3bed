//! What `kubevet fix` does for the repositories of others: `fix-corpus target/release/kubevet DIRECTORY [PART OF A NAME]` takes each folder of the directory for
//! a repository, and in a copy of it checks, fixes with suggestions, checks again and fixes again.
//!
//! Prints for each repository, and for all, how many findings of rules that offer fixes there were, how many are gone, why the others are not fixed, and what was
//! not proved: a finding that is said to be fixed and is there, a new one, a new problem, an object that changed unsaid, a second run that changes more.

// What fails here fails the measurement.
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use serde_json::Value;
use walkdir::WalkDir;

/// The environment that all roots are judged for: the repositories have no table.
const ENVIRONMENT: [&str; 2] = ["--environment", "prod"];

/// What came of one repository, or of all.
#[derive(Default)]
struct Tally {
    findings: usize,
    gone: usize,
    said: usize,
    /// How many findings are not fixed, by rule and reason.
    refused: BTreeMap<(String, String), usize>,
    /// What was not proved.
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.findings += other.findings;
        self.gone += other.gone;
        self.said += other.said;
        other.refused.into_iter().for_each(|(why, count)| *self.refused.entry(why).or_default() += count);
        self.wrong.extend(other.wrong);
    }

    /// What is said of fixes.
    fn take(&mut self, fixes: &Value) {
        self.said = list(&fixes["fixed"]).len();
        for refused in list(&fixes["refused"]) {
            let text = |key: &str| refused[key].as_str().unwrap_or_default().to_owned();
            *self.refused.entry((text("rule"), kind(&text("reason")))).or_default() += 1;
        }
    }

    fn print(&self, name: &str) {
        let percent = 100.0 * self.gone as f64 / self.findings.max(1) as f64;
        println!(
            "{name}: {} of {} findings gone ({percent:.0} %), {} said, {} not proved",
            self.gone,
            self.findings,
            self.said,
            self.wrong.len()
        );
        self.wrong.iter().for_each(|wrong| println!("  not proved: {wrong}"));
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kubevet, directory, more @ ..] = arguments.as_slice() else {
        println!("usage: fix-corpus KUBEVET DIRECTORY [PART OF A NAME]");
        return ExitCode::from(2);
    };
    let kubevet = Path::new(kubevet).canonicalize().expect("a kubevet");
    let wanted = more.first().map_or("", String::as_str);
    let mut repositories: Vec<_> = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    repositories.sort();
    let offering = offering(&kubevet);
    let mut all = Tally::default();
    for repository in repositories {
        let name = repository.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if repository.is_dir() && name.contains(wanted) {
            let copy = tempfile::tempdir().expect("a temporary directory");
            copy_of(&repository, copy.path());
            let tally = Repository { kubevet: &kubevet, at: copy.path(), offering: &offering }.tally();
            tally.print(&name);
            all.add(tally);
        }
    }
    let mut refused: Vec<_> = all.refused.iter().collect();
    refused.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    refused.iter().for_each(|((rule, reason), count)| println!("{count:6} {rule}: {reason}"));
    all.print("all");
    ExitCode::from(u8::from(!all.wrong.is_empty()))
}

/// The rules that offer fixes.
fn offering(kubevet: &Path) -> BTreeSet<String> {
    let output = Command::new(kubevet).args(["rules", "--format", "json"]).output().expect("the rules");
    let rules: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let offers = list(&rules["rules"]).iter().filter(|rule| rule["fix"] == true);
    offers.filter_map(|rule| rule["rule"].as_str().map(str::to_owned)).collect()
}

fn copy_of(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.expect("a readable repository");
        let to = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).expect("a directory");
        } else if entry.file_type().is_file() {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

/// A copy of a repository.
struct Repository<'a> {
    kubevet: &'a Path,
    at: &'a Path,
    offering: &'a BTreeSet<String>,
}

/// A finding in one overlay.
type Key = (String, String, String);

impl Repository<'_> {
    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        let before = self.check();
        let renders = self.renders(&before);
        let fixes = self.fix();
        tally.take(&fixes);
        let after = self.check();
        let files = self.files();
        let again = self.fix();
        if self.files() != files {
            let rules: BTreeSet<&str> = list(&again["fixed"]).iter().filter_map(|fix| fix["rule"].as_str()).collect();
            tally.wrong.push(format!("a second run changes more: {rules:?}"));
        }
        self.compare_findings(&before, &after, &mut tally);
        self.compare_problems(&before, &after, &mut tally);
        let said = said(&fixes);
        for (overlay, was) in &renders {
            // What is new gets its namespace from where it is put.
            let is_said = |object: &String| {
                let name = if was.contains_key(object) { object.clone() } else { without_namespace(object) };
                said.contains(&(overlay.clone(), name))
            };
            let changed = changed(was, &self.render(overlay)).into_iter().filter(|object| !is_said(object));
            tally.wrong.extend(changed.map(|object| format!("{overlay}: {object} changed unsaid")));
        }
        tally
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(self.kubevet).args(arguments).args(ENVIRONMENT).current_dir(self.at).output().expect("kubevet runs");
        assert!(output.status.code().is_some_and(|code| code <= 4), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn check(&self) -> Value {
        serde_json::from_str(&self.run(&["check", "--format", "json"])).expect("a report")
    }

    /// Writes fixes, and says which.
    fn fix(&self) -> Value {
        serde_json::from_str(&self.run(&["fix", "--suggestions", "--write", "--format", "json"])).expect("a document")
    }

    /// What is gone, and what is new.
    fn compare_findings(&self, before: &Value, after: &Value, tally: &mut Tally) {
        let (was, mut is) = (keys(before), keys(after));
        for finding in list(&before["findings"]) {
            let rule = finding["rule"].as_str().unwrap_or_default();
            if !self.offering.contains(rule) {
                continue;
            }
            tally.findings += 1;
            let all = of_finding(finding);
            let stays = all.iter().any(|key| is.get(key).copied().unwrap_or_default() > 0);
            tally.gone += usize::from(!stays);
            for key in all {
                is.entry(key).and_modify(|count| *count = count.saturating_sub(1));
            }
        }
        for (key, count) in keys(after) {
            let is_placeholder = key.0 == "objects/placeholder" || key.2.contains("<kubevet: ");
            if count > was.get(&key).copied().unwrap_or_default() && !is_placeholder {
                tally.wrong.push(format!("new in {}: {}: {}", key.1, key.0, key.2));
            }
        }
    }

    fn compare_problems(&self, before: &Value, after: &Value, tally: &mut Tally) {
        let texts = |report: &Value| {
            let problems = ["errors", "warnings"].into_iter().flat_map(|list| report[list].as_array().cloned().unwrap_or_default());
            problems.map(|problem| problem["message"].as_str().unwrap_or_default().to_owned()).collect::<BTreeSet<_>>()
        };
        let known = texts(before);
        tally.wrong.extend(texts(after).into_iter().filter(|text| !known.contains(text)).map(|text| format!("new problem: {text}")));
    }

    /// What each overlay renders to, by object.
    fn renders(&self, report: &Value) -> BTreeMap<String, BTreeMap<String, String>> {
        let judged = list(&report["summary"]["judged"]).iter();
        let overlays = judged.filter_map(|judged| judged["overlay"].as_str().map(str::to_owned));
        overlays.map(|overlay| (overlay.clone(), self.render(&overlay))).collect()
    }

    fn render(&self, overlay: &str) -> BTreeMap<String, String> {
        let output = Command::new(self.kubevet).args(["render", overlay]).current_dir(self.at).output().expect("kubevet runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let objects: Vec<(Value, &str)> = text.split("\n---\n").filter_map(|text| Some((serde_yaml::from_str(text).ok()?, text))).collect();
        let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let hashed: Vec<String> = objects.iter().map(|(object, _)| name(object)).filter(|name| without_hash(name) != name).collect();
        let bare = |text: &str| hashed.iter().fold(text.to_owned(), |text, name| text.replace(name, without_hash(name)));
        objects.iter().map(|(object, text)| (object_text(&object["kind"], &object["metadata"]), bare(text.trim_end()))).collect()
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = WalkDir::new(self.at).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
        files.map(|entry| (entry.path().display().to_string(), fs::read(entry.path()).expect("a file"))).collect()
    }
}

/// The objects that fixes say they change, in each overlay.
fn said(fixes: &Value) -> BTreeSet<(String, String)> {
    let mut said = BTreeSet::new();
    for fix in list(&fixes["fixed"]) {
        for object in list(&fix["changes"]) {
            let overlays = list(&fix["overlays"]).iter().filter_map(Value::as_str);
            let text = object_text(&object["kind"], object);
            said.extend(overlays.flat_map(|overlay| [text.clone(), without_namespace(&text)].map(|object| (overlay.to_owned(), object))));
        }
    }
    said
}

fn object_text(kind: &Value, named: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let namespace = named["namespace"].as_str().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{} {namespace}{}", word(kind), without_hash(&word(&named["name"])))
}

fn without_namespace(object: &str) -> String {
    let (kind, name) = object.split_once(' ').unwrap_or((object, ""));
    format!("{kind} {}", name.rsplit_once('/').map_or(name, |(_, name)| name))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The objects that are not what they were, gone, or new.
fn changed(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> BTreeSet<String> {
    let objects = was.keys().chain(is.keys());
    objects.filter(|object| was.get(*object) != is.get(*object)).cloned().collect()
}

/// How often each finding is in each overlay.
fn keys(report: &Value) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    let findings = list(&report["findings"]).iter();
    findings.flat_map(of_finding).for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn of_finding(finding: &Value) -> Vec<Key> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let overlays = list(&finding["overlays"]).iter();
    let message = text(&finding["message"]);
    let message: Vec<&str> = message.split(' ').map(without_hash).collect();
    let object = format!("{} {}", text(&finding["object"]["kind"]), without_hash(&text(&finding["object"]["name"])));
    let message = format!("{object}: {}", message.join(" "));
    overlays.map(|overlay| (text(&finding["rule"]), text(overlay), message.clone())).collect()
}

/// A name without the hash that Kustomize gives to what it generates.
fn without_hash(name: &str) -> &str {
    let is_hash = |end: &str| end.len() == 10 && end.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte));
    name.rsplit_once('-').filter(|(_, end)| is_hash(end)).map_or(name, |(name, _)| name)
}

/// A reason without what it names.
fn kind(reason: &str) -> String {
    let general = [
        ("with it the finding is still there", "the finding is still there"),
        ("with it there is a problem", "there is a problem"),
        ("it comes from", "it comes from elsewhere"),
    ];
    let known = general.iter().find(|(begin, _)| reason.starts_with(begin)).map(|(_, kind)| (*kind).to_owned());
    let new = |rest: &str| format!("a new finding of {}", rest.split(':').next().unwrap_or_default());
    let unlike = || reason.split_once(" is not as the fix says: ").map(|(_, what)| format!("not as the fix says: {what}"));
    known
        .or_else(|| reason.strip_prefix("with it there is a new finding of ").map(new))
        .or_else(unlike)
        .unwrap_or_else(|| reason.to_owned())
}
