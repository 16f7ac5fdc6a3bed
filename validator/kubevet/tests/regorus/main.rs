//! What the engine gets wrong by itself, each with what kubevet does about it.
//!
//! Each of these asks the engine without kubevet's compiler in front of it, and expects the wrong answer. Where one fails, a newer engine is right and what
//! is named as the workaround is no longer needed. What OPA answers is behind the arrow in the comment.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers outside the test functions that clippy exempts")]

mod builtins;
mod evaluation;
mod order;
mod parser;

use kubevet::policy::Inquiry;
use regorus::{Engine, Value};

/// The rule `data.test.p` in the engine itself, as JSON: `null` where it is undefined, a text that begins with `error: ` where it fails.
fn plain(rules: &str, input: &str) -> serde_json::Value {
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(false);
    let value = engine.add_policy("test.rego".to_owned(), format!("package test\n\n{rules}\n")).and_then(|_| {
        engine.set_input(Value::from_json_str(input)?);
        engine.eval_rule("data.test.p".to_owned())
    });
    match value {
        Ok(Value::Undefined) => serde_json::Value::Null,
        Ok(value) => serde_json::to_value(&value).unwrap(),
        Err(error) => format!("error: {}", error.to_string().lines().last().unwrap_or_default()).into(),
    }
}

/// The same in kubevet.
fn compiled(rules: &str, input: &str) -> serde_json::Value {
    let modules = std::collections::BTreeMap::from([("test.rego".to_owned(), format!("package test\n\n{rules}\n"))]);
    let answer = Inquiry::new(&modules, false)
        .and_then(|inquiry| inquiry.ask("data.test.p", Some(&serde_json::from_str(input).unwrap()), std::time::Duration::from_secs(10)));
    match answer {
        Ok(value) => value.unwrap_or_default(),
        Err(refusal) => format!("error: {refusal}").into(),
    }
}

/// Holds the engine to its wrong answer, and kubevet to OPA's.
#[track_caller]
fn differs(rules: &str, input: &str, wrong: impl Into<serde_json::Value>, right: impl Into<serde_json::Value>) {
    let (wrong, right) = (wrong.into(), right.into());
    assert_ne!(wrong, right);
    let found = plain(rules, input);
    match wrong.as_str().and_then(|wrong| wrong.strip_prefix("error: ")) {
        Some(words) => {
            assert!(found.as_str().is_some_and(|found| found.starts_with("error: ") && found.contains(words)), "the engine: {found}")
        }
        None => assert_eq!(found, wrong, "the engine"),
    }
    assert_eq!(compiled(rules, input), right, "kubevet");
}
