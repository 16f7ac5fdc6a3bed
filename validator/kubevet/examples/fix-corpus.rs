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
    let offers = rules["rules"].as_array().into_iter().flatten().filter(|rule| rule["fix"] == true);
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
        let diff = self.run(&["fix", "--suggestions"]);
        let renders = self.renders(&before);
        self.fix(&mut tally);
        let after = self.check();
        let files = self.files();
        let again = self.run(&["fix", "--suggestions", "--write"]);
        if self.files() != files {
            tally.wrong.push(format!("a second run changes more: {}", again.lines().last().unwrap_or_default()));
        }
        self.compare_findings(&before, &after, &mut tally);
        self.compare_problems(&before, &after, &mut tally);
        for (overlay, was) in &renders {
            let now = self.render(overlay);
            let said = |object: &str| diff.contains(object);
            let changed = changed(was, &now);
            tally
                .wrong
                .extend(changed.into_iter().filter(|object| !said(object)).map(|object| format!("{overlay}: {object} changed unsaid")));
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

    /// Writes fixes, and takes the summary apart.
    fn fix(&self, tally: &mut Tally) {
        let summary = self.run(&["fix", "--suggestions", "--write"]);
        let (mut rule, mut reason) = (String::new(), String::new());
        for line in summary.lines() {
            let number = |text: &str| text.trim_start().split(' ').next().and_then(|word| word.parse::<usize>().ok());
            if let Some(why) = line.strip_prefix("    not offered: ") {
                reason = kind(why);
            } else if let Some(finding) = line.strip_prefix("      ") {
                let more = finding.strip_prefix("and ").filter(|rest| rest.ends_with(" more")).and_then(number).unwrap_or(1);
                *tally.refused.entry((rule.clone(), reason.clone())).or_default() += more;
            } else if let Some((name, counts)) = line.split_once("  ").filter(|(name, _)| name.contains('/')) {
                rule = name.to_owned();
                tally.said += counts.split(", ").find(|count| count.ends_with(" fixed")).and_then(number).unwrap_or_default();
            }
        }
    }

    /// What is gone, and what is new.
    fn compare_findings(&self, before: &Value, after: &Value, tally: &mut Tally) {
        let (was, mut is) = (keys(before), keys(after));
        for finding in before["findings"].as_array().into_iter().flatten() {
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
        let judged = report["summary"]["judged"].as_array().into_iter().flatten();
        let overlays = judged.filter_map(|judged| judged["overlay"].as_str().map(str::to_owned));
        overlays.map(|overlay| (overlay.clone(), self.render(&overlay))).collect()
    }

    fn render(&self, overlay: &str) -> BTreeMap<String, String> {
        let output = Command::new(self.kubevet).args(["render", overlay]).current_dir(self.at).output().expect("kubevet runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let object = |text: &str| {
            let object: Value = serde_yaml::from_str(text).ok()?;
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (kind, name, namespace) =
                (word(&object["kind"]), word(&object["metadata"]["name"]), word(&object["metadata"]["namespace"]));
            let slash = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
            Some((format!("{kind} {slash}{}", without_hash(&name)), text.replace(&name, without_hash(&name))))
        };
        text.split("\n---\n").filter_map(object).collect()
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = WalkDir::new(self.at).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
        files.map(|entry| (entry.path().display().to_string(), fs::read(entry.path()).expect("a file"))).collect()
    }
}

/// The objects that are not what they were, or are gone.
fn changed(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<String> {
    was.iter().filter(|(object, text)| is.get(*object) != Some(text)).map(|(object, _)| object.clone()).collect()
}

/// How often each finding is in each overlay.
fn keys(report: &Value) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    let findings = report["findings"].as_array().into_iter().flatten();
    findings.flat_map(of_finding).for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn of_finding(finding: &Value) -> Vec<Key> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let overlays = finding["overlays"].as_array().into_iter().flatten();
    let message =
        format!("{} {}: {}", text(&finding["object"]["kind"]), without_hash(&text(&finding["object"]["name"])), text(&finding["message"]));
    overlays.map(|overlay| (text(&finding["rule"]), text(overlay), message.clone())).collect()
}

/// A name without the hash that Kustomize gives to what it generates.
fn without_hash(name: &str) -> &str {
    let is_hash = |end: &str| end.len() == 10 && end.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
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
