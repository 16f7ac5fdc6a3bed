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
/// `None`, with a word on standard output, where OPA can't be had; `test` is what is skipped then.
pub(crate) fn ask(test: &str, modules: &BTreeMap<String, String>, questions: &[Value]) -> Option<Vec<Value>> {
    let file = tempfile::NamedTempFile::new().expect("a scratch file");
    serde_json::to_writer(&file, &json!({"modules": modules, "questions": questions})).expect("questions are JSON");
    let script = super::repository().join("tests/stack/ask_opa.py");
    let output = match Command::new("python3").arg("-B").arg(&script).arg(file.path()).output() {
        Ok(output) => output,
        Err(error) => {
            println!("SKIPPED: {test}: python3 does not start: {error}");
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) {
        println!("SKIPPED: {test}: {}", errors.trim());
        return None;
    }
    assert!(output.status.success(), "{} failed: {errors}", script.display());
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("answers are JSON");
    assert_eq!(answers.len(), questions.len(), "{errors}");
    Some(answers)
}
