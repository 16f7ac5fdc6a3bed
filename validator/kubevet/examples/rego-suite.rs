//! Puts cases of OPA's conformance suite to the rule engine as `kubevet check` uses it, and prints a line for each that is not right.
//!
//! ```sh
//! cargo run --release -p kubevet --example rego-suite -- opa-cases.jsonl.gz [part of a name]
//! ```

#![allow(clippy::print_stdout, reason = "what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use flate2::read::GzDecoder;
use kubevet::policy::{Inquiry, Refusal};
use serde_json::{Value, json};

/// How long a case may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a case.
enum Outcome {
    Right,
    Refused(String),
    Wrong(String),
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file of cases?")?;
    let wanted = arguments.next().unwrap_or_default();
    let (mut right, mut refused, mut wrong) = (0, 0, 0);
    for line in BufReader::new(GzDecoder::new(File::open(path)?)).lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let name = case["note"].as_str().unwrap_or_default();
        if !name.contains(&wanted) {
            continue;
        }
        match judge(&case) {
            Outcome::Right => right += 1,
            Outcome::Refused(why) => {
                refused += 1;
                println!("refused: {name}: {why}");
            }
            Outcome::Wrong(what) => {
                wrong += 1;
                println!("wrong: {name}: {what}");
            }
        }
    }
    println!("{right} right, {refused} refused, {wrong} wrong");
    if wrong > 0 { Err("the engine answers otherwise than OPA".into()) } else { Ok(()) }
}

/// Whether the engine gives the answer that the case wants.
fn judge(case: &Value) -> Outcome {
    let wants_error = !case["want_error"].is_null() || !case["want_error_code"].is_null();
    match answer(case) {
        Err(refusal @ (Refusal::Panic(_) | Refusal::Time(_))) => Outcome::Wrong(refusal.to_string()),
        Err(_) if wants_error => Outcome::Right,
        Err(refusal) => Outcome::Refused(refusal.to_string()),
        Ok(found) if wants_error => Outcome::Wrong(format!("{found} instead of the error {}", case["want_error"])),
        Ok(found) => {
            let sorts = case["sort_bindings"].as_bool().unwrap_or_default();
            let sorted = |value: &Value| if sorts { sorted(value) } else { value.clone() };
            let wanted = case["want_result"].as_array().cloned().unwrap_or_default();
            let mut wanted: Vec<Value> = wanted.iter().map(sorted).collect();
            let mut found: Vec<Value> = found.as_array().into_iter().flatten().map(sorted).collect();
            [&mut wanted, &mut found].into_iter().for_each(|list| list.sort_by_key(ToString::to_string));
            match wanted == found || same_numbers(&json!(wanted), &json!(found)) {
                true => Outcome::Right,
                false => Outcome::Wrong(format!("{} instead of {}", json!(found), json!(wanted))),
            }
        }
    }
}

/// The bindings of the case's query.
fn answer(case: &Value) -> Result<Value, Refusal> {
    let query = case["query"].as_str().unwrap_or_default();
    let texts = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let mut modules: BTreeMap<String, String> =
        texts(&case["modules"]).into_iter().enumerate().map(|(at, text)| (format!("{at}.rego"), text)).collect();
    let bindings: Vec<String> = variables(query).into_iter().map(|name| format!("\"{name}\": {name}")).collect();
    let with = case["input_term"].as_str().map(|input| format!(" with input as {input}")).unwrap_or_default();
    let result = format!("result contains {{{}}} if {{\n{query}\n}}", bindings.join(", "));
    modules.insert("query.rego".to_owned(), format!("package suite_query\n\n{result}\n\nanswer := answers if answers := result{with}\n"));
    let strict = case["strict_error"].as_bool().unwrap_or_default();
    let mut inquiry = Inquiry::new(&modules, strict)?;
    if case["data"].is_object() {
        inquiry = inquiry.with_data(&case["data"])?;
    }
    let input = Some(&case["input"]).filter(|input| !input.is_null());
    Ok(inquiry.ask("data.suite_query.answer", input, PATIENCE)?.unwrap_or_else(|| json!([])))
}

/// The variables of a query: names that are neither documents, functions nor behind a dot.
fn variables(query: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut before = ' ';
    let mut letters = query.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if letter == '"' {
            while letters.next_if(|(_, letter)| *letter != '"').is_some() {}
            letters.next();
        } else if letter.is_alphabetic() || letter == '_' {
            while letters.next_if(|(_, letter)| letter.is_alphanumeric() || *letter == '_').is_some() {}
            let end = letters.peek().map_or(query.len(), |(at, _)| *at);
            let name = &query[start..end];
            let is_called = query[end..].starts_with(['(', '.', '[']);
            let is_word = ["data", "input", "true", "false", "null", "with", "as", "some", "in", "not"].contains(&name);
            if before != '.' && !is_called && !is_word && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        before = letter;
    }
    names
}

/// With the elements of all lists in one order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), sorted(value))).collect(),
        other => other.clone(),
    }
}

/// Whether two values differ in nothing but how a number is written.
fn same_numbers(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => one.as_f64() == two.as_f64(),
        (Value::Array(one), Value::Array(two)) => {
            one.len() == two.len() && std::iter::zip(one, two).all(|(one, two)| same_numbers(one, two))
        }
        (Value::Object(one), Value::Object(two)) => {
            one.len() == two.len() && one.iter().all(|(key, one)| two.get(key).is_some_and(|two| same_numbers(one, two)))
        }
        _ => one == two,
    }
}
