//! The real OPA, asked through its Python binding.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

/// A query, such as `data.main.deny`, with its input.
pub(crate) fn question(query: impl Into<String>, input: &Value) -> Value {
    json!({"query": query.into(), "input": input})
}

/// What OPA 1.20.2 answers with these modules: `{"value": …}`, `{}` where a query is undefined, or `{"error": …}`.
///
/// `None`, with a note, where OPA can't be had; `test` is what is skipped then.
pub(crate) fn ask(test: &str, modules: &BTreeMap<String, String>, questions: &[Value]) -> Option<Vec<Value>> {
    let answers = run(test, &json!({"modules": modules, "questions": questions}))?.unwrap_or_else(|crash| panic!("{crash}"));
    assert_eq!(answers.len(), questions.len(), "{answers:?}");
    Some(answers)
}

/// The same for programs that have nothing to do with each other, each a map of `modules` and `questions`. A program that OPA crashes on (there are some, of
/// values that lead to themselves) has no answers.
pub(crate) fn ask_programs(test: &str, programs: &[Value]) -> Option<Vec<Vec<Value>>> {
    let answers = match run(test, &json!({"programs": programs}))? {
        Ok(answers) => answers.into_iter().map(|answers| answers.as_array().cloned().unwrap_or_default()).collect(),
        Err(crash) if crash.contains("fatal error: stack overflow") => match programs.split_at(programs.len() / 2) {
            ([], _) => vec![Vec::new()],
            (one, other) => [ask_programs(test, one)?, ask_programs(test, other)?].concat(),
        },
        Err(crash) => panic!("{crash}"),
    };
    assert_eq!(answers.len(), programs.len(), "{answers:?}");
    Some(answers)
}

/// Whether two values differ in nothing but how a number is written.
pub(crate) fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => one.as_f64() == two.as_f64(),
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            // The engine has sets before objects, OPA behind them.
            let is_mixed = has(one, Value::is_object) && has(one, Value::is_array);
            std::iter::zip(one, two).all(|(one, two)| same(one, two))
                || (is_mixed && one.iter().all(|one| two.iter().any(|two| same(one, two))))
        }
        (Value::Object(one), Value::Object(two)) => {
            let two: std::collections::BTreeMap<String, &Value> = two.iter().map(|(key, two)| (plain(key), two)).collect();
            one.len() == two.len() && one.iter().all(|(key, one)| two.get(&plain(key)).is_some_and(|two| same(one, two)))
        }
        _ => one == two,
    }
}

/// Whether a list has a value of some kind, at any depth.
fn has(list: &[Value], is: fn(&Value) -> bool) -> bool {
    list.iter().any(|value| is(value) || value.as_array().is_some_and(|list| has(list, is)))
}

/// A key. One that is no text is written as JSON, in one of two ways, and so may be keys within it, whose order says nothing.
fn plain(key: &str) -> String {
    match serde_json::from_str::<Value>(key) {
        Ok(written @ (Value::Array(_) | Value::Object(_))) => plain_within(written).to_string(),
        _ => key.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&"),
    }
}

fn plain_within(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain_within).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (plain(&key), plain_within(value))).collect(),
        other => other,
    }
}

/// The answers, or how OPA ended without any.
fn run(test: &str, asked: &Value) -> Option<Result<Vec<Value>, String>> {
    let file = tempfile::NamedTempFile::new().expect("a scratch file");
    serde_json::to_writer(&file, asked).expect("questions are JSON");
    let script = super::repository().join("tests/stack/ask_opa.py");
    let output = match Command::new("python3").arg("-B").arg(&script).arg(file.path()).output() {
        Ok(output) => output,
        Err(error) => {
            skipped::note(&format!("python3 does not start ({error}), so {test} did not run"));
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) {
        skipped::note(&format!("OPA can't be had ({}), so {test} did not run", errors.trim()));
        return None;
    }
    if !output.status.success() {
        return Some(Err(format!("{} failed: {errors}", script.display())));
    }
    Some(Ok(serde_json::from_slice(&output.stdout).expect("answers are JSON")))
}
