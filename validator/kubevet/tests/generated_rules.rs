//! Rules that nobody thought of have the same values in kubevet's engine and in the real OPA.
//!
//! `KUBEVET_PAIRS` says how many pairs of a package and an input are asked for, `KUBEVET_SEED` where to begin.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::opa;
use common::rules::{Chance, Program, input, program};
use kubevet::policy::{Inquiry, Refusal};
use serde_json::{Value, json};

/// Inputs that each package is asked with.
const INPUTS: usize = 4;

/// Packages that OPA is asked about at once.
const BATCH: usize = 250;

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |value| value.parse().unwrap())
}

#[test]
fn generated_rules_have_the_same_values() {
    let pairs = number("KUBEVET_PAIRS", 800);
    let seed = number("KUBEVET_SEED", 1);
    let (mut asked, mut compared, mut settled, mut failed, mut refused, mut invalid) = (0, 0, 0, 0, 0, 0);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    let seeds: Vec<usize> = (seed..seed + pairs.div_ceil(INPUTS)).collect();
    for seeds in seeds.chunks(BATCH) {
        let programs: Vec<(Program, Vec<Value>)> = seeds.iter().map(|seed| made(*seed as u64)).collect();
        let questions: Vec<Value> = programs.iter().map(|(program, inputs)| together(program, inputs)).collect();
        let Some(answers) = opa::ask_programs("generated rules", &questions) else { return };
        for ((seed, (program, inputs)), answers) in std::iter::zip(std::iter::zip(seeds, &programs), answers) {
            let theirs = values(program, inputs, &answers);
            let Some(theirs) = theirs else {
                invalid += INPUTS;
                let reason = answers.first().map_or("it crashes".to_owned(), |answer| shortened(&answer["error"].to_string()));
                *reasons.entry(format!("OPA: {reason}")).or_default() += 1;
                continue;
            };
            asked += INPUTS;
            let ours = match Inquiry::new(&program.modules, false) {
                Ok(ours) => ours,
                Err(refusal) => {
                    refused += INPUTS;
                    *reasons.entry(format!("kubevet: {}", shortened(&refusal.to_string()))).or_default() += 1;
                    continue;
                }
            };
            // Which of two conflicts is met first, if any, depends on the order of evaluation.
            let conflicts = |at: usize| {
                let count = program.rules.len();
                let start = at / count * count;
                let in_opa =
                    theirs[start..start + count].iter().any(|answer| matches!(answer, Answer::Error(error) if error.contains("conflict")));
                let asked = program.rules.iter().map(|rule| ours.ask(rule, Some(&inputs[at / count]), Duration::from_secs(10)));
                in_opa
                    || asked
                        .filter_map(Result::err)
                        .any(|refusal| ["multiple", "value for key"].iter().any(|words| refusal.to_string().contains(words)))
            };
            for (at, ((rule, input), theirs)) in
                std::iter::zip(inputs.iter().flat_map(|input| program.rules.iter().map(move |rule| (rule, input))), &theirs).enumerate()
            {
                let answer = ours.ask(rule, Some(input), Duration::from_secs(10));
                compared += 1;
                // What is known without the engine is what OPA says.
                let glance = ours.glance(rule, input);
                settled += usize::from(glance.is_some());
                let is_nothing = |value: &Value| [json!(null), json!([]), json!({})].contains(value);
                let is_right = match (&glance, theirs) {
                    (None, _) | (Some(Value::Null), Answer::Undefined) => true,
                    (Some(Value::Null), Answer::Value(theirs)) => is_nothing(theirs),
                    (Some(ours), Answer::Value(theirs)) => common::opa::same(ours, theirs),
                    // A conflict that the engine reports is none to be silent about; whether it meets one depends on the order of evaluation.
                    (Some(ours), Answer::Error(error)) => {
                        !error.contains("conflict")
                            || answer.as_ref().is_ok_and(|answer| match answer {
                                Some(answer) => common::opa::same(ours, answer) || (ours.is_null() && is_nothing(answer)),
                                None => ours.is_null(),
                            })
                    }
                    (Some(_), Answer::Undefined) => false,
                };
                if !is_right {
                    let shown = glance.unwrap_or_default();
                    differences.push(format!("seed {seed}, {rule} on {input}:\n{shown} at a glance, {theirs:?} in OPA\n{program}"));
                }
                let same = match (&answer, theirs) {
                    // The binding ends the evaluation where a builtin fails; kubevet goes on, as the command opa does.
                    (_, Answer::Error(error))
                        if error.contains("eval_internal_error")
                            || error.contains("eval_type_error")
                            || error.contains("eval_builtin_error") =>
                    {
                        failed += 1;
                        true
                    }
                    (Ok(Some(ours)), Answer::Value(theirs)) => ours == theirs || common::opa::same(ours, theirs),
                    (Ok(None), Answer::Undefined) | (Err(Refusal::Evaluation(_)), Answer::Error(_)) => true,
                    (Err(Refusal::Evaluation(_)), _) | (_, Answer::Error(_)) => conflicts(at),
                    _ => false,
                };
                if !same {
                    let shown = match answer {
                        Ok(value) => json!(value).to_string(),
                        Err(refusal) => refusal.to_string(),
                    };
                    let compiled: String = program.modules.keys().filter_map(|name| ours.compiled(name)).collect();
                    differences
                        .push(format!("seed {seed}, {rule} on {input}:\n{shown} here, {theirs:?} in OPA\n{program}\ncompiled: {compiled}"));
                }
            }
        }
    }
    println!(
        "{asked} pairs, {compared} values of rules, {failed} of which fail in OPA and {settled} need no engine; {refused} pairs refused by kubevet, {invalid} by OPA"
    );
    reasons.iter().for_each(|(reason, count)| println!("{count:5} {reason}"));
    // One of each seed is enough.
    differences.dedup_by_key(|difference: &mut String| difference.split(',').next().unwrap_or_default().to_owned());
    let shown: Vec<_> = differences.iter().take(number("KUBEVET_SHOWN", 3)).cloned().collect();
    assert!(differences.is_empty(), "differences in {} packages\n{}", differences.len(), shown.join("\n\n"));
    assert!(refused * 50 < asked, "{refused} of {asked} pairs are refused");
}

/// What chance has found, made small.
#[test]
fn rules_that_once_had_other_values() {
    let rules = [
        // A pattern of an object with a variable that a line before it has given a value, or may have.
        "p contains x if { [x, input.n] = [input.n, x]; {\"a\": x} = input.one }",
        "p contains x if { [x, input.n] = [input.n, x]; {\"a\": x} = input.two }",
        "p contains [x, y] if { x = input.n; input.n = x; {\"a\": x, \"b\": y} = input.both }",
        "p contains x if { {\"a\": x} = input.one }",
        // A key that is an object is written as JSON.
        "p[{{\"b\": x, \"a\": 1}: [x]}] := x if some x in [\"x\", 7]",
        // A rule that is called as a builtin which a pattern of an object needs.
        "count(_) := 9\n\np contains x if { {\"a\": x} = input.one; count([]) == 9 }",
        // In a set, each value stands at itself.
        "p contains x if { some x in [1, 2, \"x\"]; x, x in {1, \"x\"} }",
        "p contains x if { some x in [1, 2]; not x, x in {1, 3} }",
        "p contains [x, y] if { some x, y in [3, 4]; x, y in [3, 5] }",
        "p contains [x, 1, 1 in x] if some x in [{1}, [0, 1], {\"a\": 1}, 1, \"1\"]",
        // A variable of another line behind `with`, as tests of rules have it.
        "r contains input.n\n\np contains x if { v := 7; some x in r with input as {\"n\": v} }",
        "r contains input.n\n\np contains x if { o := {\"k\": 7}; some k, _ in o; some x in r with input as {\"n\": o[k]} }",
        // A value that a template takes for granted, or doesn't as it has a query in it.
        "r := [input.missing]\n\np contains \"x\"\n\np contains $\"{r}\"",
        "r := [input.missing] if true\n\np contains \"x\"\n\np contains $\"{r}\"",
        "r := [input.missing, $\"{input.n}\"]\n\np contains $\"{r}\"",
        "r := {\"a\": [input.missing, [1 | input.n]]}\n\np contains $\"{r}\"",
        "r := {\"a\": [input.missing, [x | x := input.n]]}\n\np contains $\"{r}\"",
        "r := [input.missing] if input.n\n\np contains $\"{r}\"",
        // What is called within `not` has arguments that must be there.
        "r := input.missing\n\ng(x) if x == 1\n\np contains 1 if not g(r)",
        "r := input.missing\n\np contains 1 if not upper(r)",
        "r := input.missing\n\ng(x, y) if x == y\n\np contains x if { some x in [1, 2]; not g(x, [r]) }",
    ];
    let input = json!({"n": 1, "one": {"a": 1}, "two": {"a": 2}, "both": {"a": 1, "b": 3}});
    for rule in rules {
        let modules = BTreeMap::from([("generated.rego".to_owned(), format!("package generated\n\n{rule}\n"))]);
        let ours = Inquiry::new(&modules, false).unwrap().ask("data.generated.p", Some(&input), Duration::from_secs(10)).unwrap().unwrap();
        let Some(theirs) = opa::ask("rules", &modules, &[opa::question("data.generated.p", &input)]) else { return };
        assert!(opa::same(&ours, &theirs[0]["value"]), "{rule}\n{ours} here, {} in OPA", theirs[0]);
    }
    let refused = "package generated\n\np contains x if { some i in input.rows; some x in input.one with input.one as input.both[i] }\n";
    let modules = BTreeMap::from([("generated.rego".to_owned(), refused.to_owned())]);
    let refusal = Inquiry::new(&modules, false).unwrap_err();
    assert!(refusal.to_string().contains("`with` behind `some … in` refers to something by a variable"), "{refusal}");
}

/// OPA and the engine meet a conflict on the right of what is undefined; a look that did not would find something where they fail.
#[test]
fn a_conflict_behind_something_undefined_is_for_the_engine() {
    let rule = "p contains x if { some x in [1]; not input.missing == {{1: y | some y in input.rows}} }";
    let modules = BTreeMap::from([("generated.rego".to_owned(), format!("package generated\n\n{rule}\n"))]);
    let ours = Inquiry::new(&modules, false).unwrap();
    let input = json!({"rows": [1, 2]});
    assert_eq!(ours.glance("data.generated.p", &input), None);
    assert!(ours.ask("data.generated.p", Some(&input), Duration::from_secs(10)).is_err());
}

/// What nothing here evaluates may ask a rule that is in conflict, which is an error in OPA even where something behind it is undefined.
#[test]
fn a_conflict_in_what_is_passed_over_is_for_the_engine() {
    let functions = "f(x) := y if { some y in x }\n\ng(x) := f(x) if input.on\n";
    let input = json!({"rows": [1, 2], "one": [1], "on": true});
    for line in [
        "f(input.rows) with input.name as 1",
        "f(input.name) == 1 with input.name as [1, 2]",
        "g(input.one) with input.one as input.rows",
        "sum(input.one) == json.unmarshal(json.marshal(f(input.rows)))",
        "upper(json.marshal(1)) == lower(sprintf(\"%v\", [f(input.rows)]))",
        "[json.marshal(1), 2][f(input.rows)]",
        "every x in [json.marshal(1)] { f(input.rows) == x }",
        "every x in json.unmarshal(\"[1]\") { f(input.rows) == x }",
        "y := json.unmarshal(\"[1]\"); count([1 | y[_] == f(input.rows)]) == 0",
        "{1: y | some y in input.rows} == json.unmarshal(\"{}\")",
        "some v in input.one; input.n[v].on == f(input.rows)",
    ] {
        let text =
            format!("package generated\n\n{functions}\np contains 1 if {{\n\t{line}\n\tsome missing in input.missing\n\tmissing\n}}\n");
        let modules = BTreeMap::from([("generated.rego".to_owned(), text)]);
        let ours = Inquiry::new(&modules, false).unwrap();
        assert_eq!(ours.glance("data.generated.p", &input), None, "{line}");
        let answers = opa::ask("conflicts in what is passed over", &modules, &[opa::question("data.generated.p", &input)]);
        let is_conflict = |answer: &Value| answer["error"].as_str().is_some_and(|error| error.contains("conflict"));
        assert!(answers.is_none_or(|answers| is_conflict(&answers[0])), "{line} is no conflict in OPA");
        assert!(ours.ask("data.generated.p", Some(&input), Duration::from_secs(10)).is_err(), "{line}");
    }
}

/// Whoever asks for a package asks for all of its rules.
#[test]
fn a_conflict_in_a_package_is_for_the_engine() {
    let library = "package team.a\n\nr := x if some x in input.rows\n\nf(x) := x\n";
    for body in ["not a", "not data.team", "some team in [\"a\"]; not data.team[team].r", "count(a) > 7"] {
        let text = format!("package generated\n\nimport data.team.a\n\np contains 1 if {{\n\t{body}\n\tinput.missing\n}}\n");
        let modules = BTreeMap::from([("generated.rego".to_owned(), text), ("a.rego".to_owned(), library.to_owned())]);
        let ours = Inquiry::new(&modules, false).unwrap();
        let glance = |rows: Value| ours.glance("data.generated.p", &json!({"rows": rows}));
        assert_eq!(glance(json!([1, 2])), None, "{body}");
        assert_eq!(glance(json!([1])), Some(Value::Null), "{body}");
    }
}

/// Of such variables the engine would only say on standard error that it can't do anything.
#[test]
fn a_variable_without_a_value_is_refused_as_by_opa() {
    let refused = [
        "x := upper(y)",
        "some y; x := upper(y)",
        "x := upper(y); y := lower(x)",
        "some y; x := [y, 1]",
        "x := 1; y > 3",
        "some x in y",
        "every z in y { z }; x := 1",
        "x := [z | z := upper(y)]",
        "x := input.n with input.n as y",
        "not y; x := 1",
        "x := y[z]",
    ];
    let taken = [
        "x := upper(y); y = \"a\"",
        "x := input.rows[y]",
        "some y; x := input.rows[y]; y > 0",
        "x := [input.rows[y], y]",
        "y > 0; x := input.rows[y]",
        "[x, y] = [y, 1]",
        "{\"a\": x} = {\"a\": y}; y = 1",
        "x = y; y = 2",
        "walk(input, [y, x])",
        "count(input.rows, x)",
        "x := [z | z := y]; y = 1",
        "x := count(input.rows[y]) with input.rows as [[1]]",
    ];
    for (body, is_refused) in refused.into_iter().map(|body| (body, true)).chain(taken.into_iter().map(|body| (body, false))) {
        let text = format!("package generated\n\np contains x if {{ {body} }}\n");
        let modules = BTreeMap::from([("generated.rego".to_owned(), text)]);
        let ours = Inquiry::new(&modules, false);
        assert_eq!(ours.is_err(), is_refused, "{body}: {:?}", ours.err().map(|refusal| refusal.to_string()));
        let input = json!({"n": 1, "rows": ["a", "b"]});
        let Some(answers) = opa::ask("variables without values", &modules, &[opa::question("data.generated.p", &input)]) else { continue };
        let in_opa =
            answers[0]["error"].as_str().is_some_and(|error| error.contains("rego_unsafe_var_error") || error.contains("referenced above"));
        assert_eq!(in_opa, is_refused, "{body} in OPA: {}", answers[0]);
    }
}

/// What is imported means the same wherever it stands, whatever was evaluated before, and where `with` replaces it.
#[test]
fn imports_mean_what_they_mean_in_opa() {
    let library = "package team.b\n\nvalue := input.n\n\nset contains x if some x in input.rows\n\ndeep := {\"a\": {\"b\": input.n}}\n\ng(x) := x + value\n";
    let helper = "package team.a\n\nimport data.team.b\nimport data.team.b as other\nimport data.settings\nimport input.one as one\n\n\
                  on if b.missing\n\noff if not b.missing\n\nf(x) := [x, b.value]\n\nh(key) := other.deep[key].b\n\nk(x) := b.g(x) if x in other.set\n\nl(x) := [x, one]\n\n\
                  m(b) := b.value\n\nn := [b | some b in other.set]\n\no := x if {\n\tother := {\"value\": 3}\n\tx := other.value\n}\n\ns(x) := settings[x]\n";
    let bodies = [
        "not a.on; x := a.f(1)",
        "a.off; x := a.f(1)",
        "x := a.f(1); not a.on",
        "not a.on; x := a.h(\"a\")",
        "not a.on; x := a.k(2)",
        "a.off; x := a.l(1)",
        "a.off; x := a.m({\"value\": 5})",
        "x := [a.n, a.o, a.off, b.set]",
        "x := a with b.value as 9 with input.n as 8",
        "not a.on; x := a.f(1) with b.value as 9",
        "not a.on; x := a.f(1) with input.n as 9",
        "x := b.deep[key].b",
        "x := a.s(\"x\") with data.settings as {\"x\": 4}",
        "every y in b.set { a.f(y)[1] == b.value }; x := 1",
        "x := [a.f(y) | some y in b.set]",
    ];
    let input = json!({"n": 1, "rows": [2, 3], "one": {"a": 1}});
    for body in bodies {
        let text = format!("package generated\n\nimport data.team.a\nimport data.team.b\n\np contains x if {{ {body} }}\n");
        let modules = [("generated.rego", text.as_str()), ("a.rego", helper), ("b.rego", library)];
        let modules: BTreeMap<String, String> = modules.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let Some(answers) = opa::ask("imports", &modules, &[opa::question("data.generated.p", &input)]) else { return };
        let answer = Inquiry::new(&modules, false).unwrap().ask("data.generated.p", Some(&input), Duration::from_secs(10));
        let theirs = &answers[0];
        match &answer {
            Ok(ours) => assert!(common::opa::same(&json!({"value": ours}), theirs), "{body}: {ours:?} here, {theirs} in OPA"),
            Err(refusal) => assert!(theirs.get("error").is_some(), "{body}: {refusal} here, {theirs} in OPA"),
        }
    }
}

fn made(seed: u64) -> (Program, Vec<Value>) {
    let mut chance = Chance::new(seed);
    let program = program(&mut chance);
    let inputs = (0..INPUTS).map(|_| input(&mut chance)).collect();
    (program, inputs)
}

/// What OPA is asked: all rules at once, and each by itself where that fails.
fn together(program: &Program, inputs: &[Value]) -> Value {
    let all: Vec<String> = program.rules.iter().map(|rule| format!("\"{rule}\": [value | value := {rule}]")).collect();
    let all = format!("{{{}}}", all.join(", "));
    let mut questions: Vec<Value> = inputs.iter().map(|input| opa::question(all.clone(), input)).collect();
    for input in inputs {
        questions.extend(program.rules.iter().map(|rule| opa::question(rule.as_str(), input)));
    }
    json!({"modules": program.modules, "questions": questions, "fallback": inputs.len()})
}

#[derive(Debug)]
enum Answer {
    Value(Value),
    Undefined,
    Error(String),
}

/// The values of all rules for all inputs, unless OPA refuses the package or crashes on it.
fn values(program: &Program, inputs: &[Value], answers: &[Value]) -> Option<Vec<Answer>> {
    if answers.is_empty() {
        return None;
    }
    let mut found = Vec::new();
    for at in 0..inputs.len() {
        for (number, rule) in program.rules.iter().enumerate() {
            let together = &answers[at]["value"][rule];
            found.push(match together.as_array().map(Vec::as_slice) {
                Some([]) => Answer::Undefined,
                Some([value]) => Answer::Value(value.clone()),
                _ => {
                    let alone = &answers[inputs.len() + at * program.rules.len() + number];
                    match (&alone["value"], &alone["error"]) {
                        (Value::Null, Value::String(error)) if error.contains("rego_") => return None,
                        (Value::Null, Value::String(error)) => Answer::Error(error.clone()),
                        (Value::Null, _) if alone.get("value").is_none() => Answer::Undefined,
                        (value, _) => Answer::Value(value.clone()),
                    }
                }
            });
        }
    }
    Some(found)
}

fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).take(260).collect()
}

#[test]
fn formats_mean_what_they_mean_in_opa() {
    let values = [
        "3",
        "-7",
        "2.5",
        "-0.1",
        "1234567.5",
        "0.00001",
        "\"a b\"",
        "\"ä\\n\"",
        "true",
        "[1, \"x\"]",
        "{\"k\": set()}",
        "12345678901234567890",
    ];
    let verbs = "d v s q x X o b c U e E f F g G t T p z".split(' ');
    let flags = ["", "5", "-8", "08", "+", "#", " ", ".2", "8.3", "-8.1", "+.0", "03"];
    let formats = verbs.flat_map(|verb| flags.map(|flag| format!("%{flag}{verb}|")));
    let odd = [
        "%",
        "%%",
        "%[2]v %[1]v",
        "%[3]v",
        "%*d",
        "%-*d|",
        "%.*f",
        "%!",
        "%v %v %v",
        "none",
        "%[x]v",
        "%1000001d",
        "%100000000d",
        "%.100000000f",
    ]
    .map(str::to_owned);
    let calls: Vec<String> = formats
        .flat_map(|format| values.map(|value| format!("sprintf({}, [{value}])", json!(format))))
        .chain(odd.into_iter().flat_map(|format| ["1, 2", "\"a\", 2.5", ""].map(|list| format!("sprintf({}, [{list}])", json!(format)))))
        .collect();
    // What is beyond 64 bits has an address in OPA.
    let calls: Vec<String> = calls.into_iter().filter(|call| !(call.contains("p|") && call.contains("12345678901234567890"))).collect();
    let entries: Vec<String> = calls.iter().enumerate().map(|(at, call)| format!("\t\"{at}\": {call},")).collect();
    let text = format!("package generated\n\np := {{\n{}\n}}\n", entries.join("\n"));
    let modules = BTreeMap::from([("generated.rego".to_owned(), text)]);
    let ours = Inquiry::new(&modules, false).unwrap().ask("data.generated.p", Some(&json!({})), Duration::from_secs(10)).unwrap().unwrap();
    let Some(theirs) = opa::ask("formats", &modules, &[opa::question("data.generated.p", &json!({}))]) else { return };
    let differs = |(at, call): (usize, &String)| {
        let (ours, theirs) = (&ours[at.to_string()], &theirs[0]["value"][at.to_string()]);
        (ours != theirs).then(|| format!("{call}: {ours} here, {theirs} in OPA"))
    };
    let differences: Vec<String> = calls.iter().enumerate().filter_map(differs).collect();
    assert!(differences.is_empty(), "{} of {}\n{}", differences.len(), calls.len(), differences.join("\n"));
}
