//! A page for each rule, from what it says of itself, and one for each group.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

use serde_json::{Value, json};

/// Puts the pages below the chapter of rules.
pub(super) fn add(chapter: &mut Value, rules: &Value) -> Result<(), Box<dyn Error>> {
    let mut groups: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for rule in rules["rules"].as_array().ok_or("kubevet lists no rules")? {
        groups.entry(text(&rule["rule"]).split('/').next().unwrap_or_default()).or_default().push(rule);
    }
    let above = [text(&chapter["name"]).to_owned()];
    let pages = groups.iter().map(|(group, rules)| {
        let above_rule = [above[0].clone(), (*group).to_owned()];
        let rules = rules.iter().map(|rule| page(name(rule), &path(rule), rule_page(rule), &above_rule, Vec::new()));
        page(group, &format!("rules/{group}.md"), group_page(group, &groups[group]), &above, rules.collect())
    });
    chapter["sub_items"] = pages.collect();
    let content = format!("{}\n\n{}", text(&chapter["content"]).trim_end(), overview(&groups));
    chapter["content"] = content.into();
    Ok(())
}

/// A chapter as mdBook has them.
fn page(name: &str, path: &str, content: String, above: &[String], below: Vec<Value>) -> Value {
    json!({"Chapter": {"name": name, "content": content, "number": null, "sub_items": below, "path": path, "source_path": null, "parent_names": above}})
}

fn overview(groups: &BTreeMap<&str, Vec<&Value>>) -> String {
    groups.iter().fold(String::new(), |mut text, (group, rules)| {
        let _ = write!(text, "## [{group}]({group}.md)\n\n{}\n", table(rules));
        text
    })
}

fn group_page(group: &str, rules: &[&Value]) -> String {
    format!("# {group}\n\n{}", table(rules))
}

/// The rules with their levels. Overview and groups lie in one directory, so that links begin alike.
fn table(rules: &[&Value]) -> String {
    let environments = environments(rules.first());
    let mut out = format!("| rule | {} | |\n|---|{}---|\n", environments.join(" | "), "---|".repeat(environments.len()));
    for rule in rules {
        let levels: Vec<&str> = environments.iter().map(|environment| text(&rule["levels"][environment])).collect();
        let _ = writeln!(out, "| [{}]({}.md) | {} | {} |", name(rule), text(&rule["rule"]), levels.join(" | "), cell(text(&rule["title"])));
    }
    out
}

/// From the laxest to the strictest, as far as names say it; the rest by name.
fn environments(rule: Option<&&Value>) -> Vec<String> {
    let known = ["dev", "staging", "prod"];
    let mut names: Vec<String> =
        rule.and_then(|rule| rule["levels"].as_object()).map(|levels| levels.keys().cloned().collect()).unwrap_or_default();
    names.sort_by_key(|name| (known.iter().position(|known| known == name).unwrap_or(known.len()), name.clone()));
    names
}

fn rule_page(rule: &Value) -> String {
    let mut out = format!("# {}\n\n**{}**\n\n{}\n", text(&rule["rule"]), text(&rule["title"]), text(&rule["description"]));
    let levels =
        environments(Some(&rule)).into_iter().map(|name| format!("{name} {}", text(&rule["levels"][&name]))).collect::<Vec<_>>().join(", ");
    let kinds: Vec<&str> = rule["kinds"].as_array().into_iter().flatten().map(text).collect();
    let judges = match (text(&rule["scope"]), kinds.as_slice()) {
        ("environments", _) => "workloads, beside their copies in the environments below".to_owned(),
        ("change", _) => "what a change does, asked by `kubevet diff`".to_owned(),
        ("overlay", _) => "all objects of an overlay together".to_owned(),
        (_, []) => "every object".to_owned(),
        (_, kinds) => kinds.join(", "),
    };
    let _ = write!(out, "\n| | |\n|---|---|\n| judges | {judges} |\n| levels in kubevet's own table | {levels} |\n");
    if rule["fix"] == true {
        let _ = writeln!(out, "| fixes | [`kubevet fix`](../../fix.md) mends what it finds, where that can be proved |");
    }
    if let Some(why) = rule["why"].as_str() {
        let _ = writeln!(out, "| why | {} |", cell(why));
    }
    for (name, parameter) in rule["parameters"].as_object().into_iter().flatten() {
        let default = if parameter["default"].is_null() { String::new() } else { format!(", `{}` by default", parameter["default"]) };
        let _ = writeln!(out, "| reads `{name}` | {}{default}: {} |", text(&parameter["type"]), cell(text(&parameter["description"])));
    }
    section(&mut out, "What to do", text(&rule["help"]));
    let examples = &rule["examples"];
    if examples["parameters"].as_object().is_some_and(|parameters| !parameters.is_empty()) {
        section(&mut out, "Parameters that the examples assume", &format!("```json\n{}\n```", examples["parameters"]));
    }
    for (title, key) in [("Bad", "bad"), ("Good", "good")] {
        if let Some(example) = examples[key].as_str() {
            section(&mut out, title, &format!("```yaml\n{}\n```", example.trim_end()));
        }
    }
    out
}

fn section(out: &mut String, title: &str, content: &str) {
    if !content.is_empty() {
        let _ = write!(out, "\n## {title}\n\n{content}\n");
    }
}

fn path(rule: &Value) -> String {
    format!("rules/{}.md", text(&rule["rule"]))
}

/// The part of the id behind the group.
fn name(rule: &Value) -> &str {
    text(&rule["rule"]).split_once('/').map_or(text(&rule["rule"]), |(_, name)| name)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Text for a cell of a table, which is one line and ends at a bar.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
