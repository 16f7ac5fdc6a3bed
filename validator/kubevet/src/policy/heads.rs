//! What a module defines.

use regorus::unstable::{Module, Rule, RuleHead};

/// The package's path, without `data`.
pub(super) fn package(module: &Module) -> String {
    module.package.refr.span().text().to_owned()
}

/// The names of a module's rules, each once.
pub(super) fn heads(module: &Module) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for rule in &module.policy {
        let refr = match rule.as_ref() {
            Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. }, .. }
            | Rule::Default { refr, .. } => refr,
        };
        let name = refr.span().text();
        // `deny[msg]` is a head too; its name is what stands before the bracket.
        let name = name.split(['[', '.']).next().unwrap_or(name);
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
