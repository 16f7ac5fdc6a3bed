//! `fix --interactive` asks for what only a person knows, and proves what it is told.

#![allow(clippy::unwrap_used, reason = "a test helper outside the functions that clippy exempts")]

mod common;

use std::fs;

use common::{FIXING_RULE, Run, Scratch};

/// The port is for a person to choose.
fn project() -> Scratch {
    let rule = FIXING_RULE.replace("\"safe\": true, ", "").replace("\"port\": 80", "\"port\": \"<kubevet: WHICH PORT>\"");
    assert!(rule.contains("WHICH PORT"), "{rule}");
    Scratch::project().file("policies/demo/probe.rego", &rule)
}

fn asked(scratch: &Scratch, answers: &str) -> Run {
    scratch.run_with(&["fix", "--rule", "demo/*", "--interactive"], answers).ends_with(0)
}

fn port(scratch: &Scratch) -> Option<String> {
    let text = fs::read_to_string(scratch.path().join("base/deployment.yaml")).unwrap();
    text.lines().find_map(|line| line.trim().strip_prefix("port: ").map(str::to_owned))
}

#[test]
fn a_value_takes_the_place_of_a_placeholder() {
    for (answers, expected) in [
        // A number is a number: the proof says that one is meant.
        ("y\n8080\n", Some("8080")),
        ("y\n  8080 \n", Some("8080")),
        // Nothing keeps it, and so does the end of the answers.
        ("y\n\n", Some("<kubevet: WHICH PORT>")),
        ("y\n", Some("<kubevet: WHICH PORT>")),
        ("n\n", None),
        // Who wants all that follows is asked no more.
        ("a\n", Some("<kubevet: WHICH PORT>")),
    ] {
        let scratch = project();
        let run = asked(&scratch, answers);
        let found = port(&scratch).map(|port| port.trim_matches(['"', '\'']).to_owned());
        assert_eq!(found.as_deref(), expected, "{answers:?}\n{}", run.stdout);
    }
}

#[test]
fn a_value_that_breaks_the_proof_is_refused() {
    let scratch = project();
    let run = asked(&scratch, "y\nno port at all\n70000\n81\n");
    run.says("<kubevet: WHICH PORT> = (nothing keeps the placeholder) ")
        .says("that does not do: with it there is a new finding of schema/");
    assert_eq!(port(&scratch).as_deref(), Some("81"));
    let asked_twice = asked(&project(), "y\nno port at all\n\n").stdout;
    assert_eq!(asked_twice.matches("that does not do").count(), 1, "{asked_twice}");
}
