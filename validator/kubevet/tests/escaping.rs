//! What a change can put into a report: names, kinds, files and lines that a terminal, GitHub or a parser would obey.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use common::Scratch;
use kubevet::check::{Judged, Report, RuleSummary};
use kubevet::environments::Level;
use kubevet::findings::{Finding, Location, Object, Role, Step};
use kubevet::problem::Problem;
use kubevet::report::{Format, Style, write};
use kustomize::{Error, ErrorKind, Place, Source};
use proptest::prelude::*;
use serde_json::Value;

/// A report in which every text that can come from others is `text`, at some place of a file that is called and contains it.
fn report(text: &str) -> Report {
    let source = Arc::new(Source::new(format!("a/{text}"), format!("kind: X\nname: {text}\nend: {text}\n")));
    let length = source.text().len() as u32;
    let location = |start, end, role| Location { source: Arc::clone(&source), start, end, role, note: Some(text.to_owned()) };
    let object = Object { api_version: text.to_owned(), kind: text.to_owned(), namespace: Some(text.to_owned()), name: text.to_owned() };
    let path = PathBuf::from(text);
    // Who writes help lays it out.
    let laid_out = text.replace('\t', " ");
    let finding = Finding {
        rule: format!("demo/{text}"),
        level: Level::Deny,
        message: format!("{text} is {text}"),
        help: Some(laid_out.clone()),
        environments: vec![text.to_owned()],
        overlays: vec![path.clone()],
        object: object.clone(),
        also: vec![object],
        path: vec![Step::Key(text.to_owned())],
        identity: kubevet::identity::Identity { path: text.to_owned(), what: text.to_owned() },
        locations: vec![location(14, 14 + text.len() as u32, Role::Cause), location(0, length, Role::Related)],
        waived: None,
        baselined: false,
        remedies: Vec::new(),
        fix: None,
    };
    let place = Place { source: Arc::clone(&source), start: 8, end: length };
    let error = Error::new(ErrorKind::Invalid, text).at(place).help(laid_out);
    Report {
        findings: vec![finding],
        problems: vec![Problem::unjudged("render-failed", error.clone()), Problem::warning("note", error)],
        judged: vec![Judged { path: path.clone(), environment: text.to_owned(), objects: 1, evaluations: 1, time: Duration::ZERO }],
        catalog: vec![RuleSummary {
            id: format!("demo/{text}"),
            title: text.to_owned(),
            description: text.to_owned(),
            help: Some(text.to_owned()),
            page: None,
            level: Level::Deny,
            levels: vec![(text.to_owned(), Level::Deny)],
        }],
        skipped: vec![path],
        ..Report::default()
    }
}

fn written(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    write(report, format, Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Any text, and often what somebody would try.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\n",
            "\r",
            "\t",
            "\u{1b}[2J",
            "\u{7}",
            "\u{9b}",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{feff}",
            "\u{2028}",
            "::error::x",
            " ::",
            ":",
            "##[",
            "#",
            "##",
            "[",
            "`",
            "``",
            "|",
            "<img>",
            "](https://x)",
            "@user",
            "#1",
            "\\",
            "\"",
            "&#10;",
            "]]>",
            "-->",
            "%0A",
            "\u{fffe}",
            "é",
            "日本",
            "a",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_report_obeys_what_it_quotes(text in hostile()) {
        let report = report(&text);
        for format in [Format::Human, Format::Concise, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Markdown] {
            let out = written(&report, format);
            for character in out.chars().filter(|character| *character != '\n') {
                prop_assert!(!character.is_control() && !"\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}".contains(character), "{format:?}: {out}");
            }
            prop_assert!(!out.contains("##["), "{format:?}: {out}");
            let ours = |line: &str| format == Format::Github && (line.starts_with("::error ") || line.starts_with("::warning "));
            prop_assert!(out.lines().all(|line| !line.trim_start().starts_with("::") || ours(line)), "{format:?}: {out}");
        }
        // A text makes no line of its own.
        let lines = |format, text: &str| written(&super_report(text), format).lines().count();
        for format in [Format::Concise, Format::Github, Format::Markdown] {
            prop_assert_eq!(lines(format, &text), lines(format, "a"), "{:?}", format);
        }
    }

    #[test]
    fn what_programs_read_is_whole(text in hostile()) {
        let report = report(&text);
        let json: Value = serde_json::from_str(&written(&report, Format::Json)).unwrap();
        prop_assert_eq!(&json["findings"][0]["object"]["name"], &Value::from(text.clone()));
        let sarif: Value = serde_json::from_str(&written(&report, Format::Sarif)).unwrap();
        let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        prop_assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte) || uri.starts_with("file:///")), "{}", uri);
        let junit = written(&report, Format::Junit);
        let tree = roxmltree::Document::parse(&junit);
        prop_assert!(tree.is_ok(), "{:?}: {}", tree.err(), junit);
    }
}

/// The same, without what a person lays out: help may have lines.
fn super_report(text: &str) -> Report {
    let mut report = report(text);
    report.findings[0].help = None;
    report.problems.iter_mut().for_each(|problem| problem.error.help = None);
    report
}

#[test]
fn a_report_of_a_hostile_change() {
    let file = "x\n::error::y\u{202e}.yaml";
    let name = "web\u{1b}[2J\r::stop-commands::x ##[add-mask]y `<img>` [a](https://evil.test) @team |";
    let manifest = format!(
        "kind: Deployment\napiVersion: apps/v1\nmetadata:\n  name: {}\nspec: {{template: {{spec: {{containers: [{{name: \"##[group]\"}}, \
         {{name: \"::error::\"}}]}}}}}}\n",
        serde_json::to_string(name).unwrap()
    );
    let scratch = Scratch::project()
        .file(&format!("base/{file}"), &manifest)
        .file("base/kustomization.yaml", &format!("resources: [{}]\n", serde_json::to_string(file).unwrap()));
    let mut text = String::new();
    for format in ["human", "github", "markdown"] {
        let run = scratch.check(&["overlays/prod", "--format", format]).ends_with(1);
        text.push_str(&format!("--- {format}\n{}", run.stdout));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_long_line_is_cut_near_its_label() {
    let long = "x".repeat(70_000);
    let pod = |name: &str| format!("{{\"name\": \"{name}\", \"args\": [\"é{long}\"], \"image\": \"nginx\"}}");
    let manifest = format!(
        "{{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {{\"name\": \"web\"}}, \"spec\": {{\"template\": {{\"spec\": \
         {{\"containers\": [{}, {}]}}}}}}}}",
        pod("one"),
        pod("two")
    );
    let scratch =
        Scratch::project().file("base/kustomization.yaml", "resources: [deployment.json]\n").file("base/deployment.json", &manifest);
    let run = scratch.check(&["overlays/prod"]).ends_with(1);
    assert!(run.stdout.len() < 4_000, "{}", run.stdout.len());
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn long_lines_cost_no_more_than_many() {
    let container = |at: usize| format!("{{\"name\": \"c{at}\", \"image\": \"é\"}}");
    let containers: Vec<String> = (0..4_000).map(container).collect();
    let manifest = |separator: &str| {
        format!(
            "{{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {{\"name\": \"web\"}}, \"spec\": {{\"template\": {{\"spec\": \
             {{\"containers\": [{}]}}}}}}}}",
            containers.join(separator)
        )
    };
    let time = |separator: &str| {
        let scratch = Scratch::project()
            .file("base/kustomization.yaml", "resources: [deployment.json]\n")
            .file("base/deployment.json", &manifest(separator));
        let formats = ["--format", "sarif", "--output", "a.sarif", "--format", "github", "--output", "a.txt", "--format", "human"];
        let start = std::time::Instant::now();
        let run = scratch.check(&[&["overlays/prod"][..], &formats].concat()).ends_with(1);
        assert!(run.stdout.contains("container \"c3999\" has no livenessProbe"));
        start.elapsed()
    };
    let (many, one) = (time(",\n"), time(","));
    assert!(one < 3 * many + Duration::from_secs(1), "{one:?} for one line, {many:?} for many");
}
