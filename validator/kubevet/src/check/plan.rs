//! What is judged, and by which rules.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use kustomize::Error;

use super::Settings;
use super::siblings::Siblings;
use crate::discover::kustomization_file;
use crate::environments::Level;
use crate::input::Input;
use crate::paths::shown;
use crate::policy::{Rule, Ruleset};
use crate::problem::{Problem, invalid, whole};
use crate::project::Project;

/// One input with the rules of its environment.
pub(super) struct Task<'a> {
    pub(super) input: &'a Input,
    /// The environment's place in the table.
    pub(super) environment: usize,
    pub(super) rules: Ruleset<'a>,
    /// The overlays that are there already when the input is applied.
    pub(super) context: Vec<PathBuf>,
    /// What may be applied on top of the input, or beside it.
    pub(super) additions: Vec<PathBuf>,
    /// All overlays of its environment, which are applied beside it.
    pub(super) siblings: Arc<Siblings>,
    /// The same overlay in the environments below, if rules compare the two: each with its environment.
    pub(super) below: Vec<(&'a str, PathBuf)>,
}

/// The tasks, and what is wrong with inputs that make none.
pub(super) fn plan<'a>(
    project: &'a Project,
    inputs: &'a [Input],
    settings: &Settings,
    is_asked: impl Fn(&Rule) -> bool,
) -> (Vec<Task<'a>>, Vec<Problem>) {
    let mut problems = unmatched(project, inputs, settings);
    let mut tasks = Vec::new();
    let mut rulesets: BTreeMap<usize, Option<Ruleset<'a>>> = BTreeMap::new();
    let mut contexts: BTreeMap<usize, Roots> = BTreeMap::new();
    let mut assumed = Vec::new();
    for input in inputs {
        let relative = project.relative(input.path());
        let found = match &settings.environment {
            Some(name) => project.table.named(name),
            None => project.table.of_overlay(&relative),
        };
        let (environment, description) = match found {
            Ok(found) => found,
            Err(error) => {
                problems.push(Problem::configuration("no-environment", error.at(whole(input.path()))));
                continue;
            }
        };
        if settings.environment.is_none() && project.table.assumes(&relative) {
            assumed.push(input);
        }
        let rules = rulesets.entry(environment).or_insert_with(|| {
            let level = |rule: &Rule| if is_asked(rule) { project.table.level(&rule.id, environment) } else { Level::Off };
            let rules = Ruleset::new(&project.catalog, description, level);
            let rules = rules.with_parameter("kubernetesVersion", settings.kubernetes_version.as_str()).combined(settings.combine);
            if rules.rules() == 0 {
                let error = invalid(format!("no rule applies in {}: every one is off or left out", description.name));
                problems.push(Problem::nothing("no-rules", error.help("`kubevet rules` shows the table")));
                return None;
            }
            Some(rules)
        });
        let Some(rules) = rules.clone().map(|rules| rules.about(&told(input))) else { continue };
        let (mut context, mut additions, mut below) = (Vec::new(), Vec::new(), Vec::new());
        let mut siblings = Arc::default();
        let adds = description.adds(&relative);
        if adds || matches!(input, Input::Overlay(_)) {
            match roots(project, environment, &mut contexts) {
                Ok(roots) => {
                    additions.clone_from(&roots.additions);
                    siblings = Arc::clone(&roots.siblings);
                    if adds {
                        context.clone_from(&roots.overlays);
                    }
                }
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            }
            if !adds && rules.compares_environments() {
                for (at, name) in project.table.below(environment) {
                    // What can't be read is reported where its environment is judged.
                    let Ok(roots) = roots(project, at, &mut contexts) else { continue };
                    below.extend(counterparts(input.path(), &roots.overlays).map(|dir| (name, dir.clone())));
                }
            }
        }
        tasks.push(Task { input, environment, rules, context, additions, siblings, below });
    }
    problems.extend(assumption(&assumed));
    tasks.sort_by_key(|task| task.environment);
    (tasks, problems)
}

/// The file that an input is, as rules of conftest's know it.
fn told(input: &Input) -> PathBuf {
    match input {
        Input::Overlay(dir) => kustomization_file(dir).unwrap_or_else(|| dir.clone()),
        Input::Manifests { path, .. } => path.clone(),
    }
}

/// What the table names and nobody can judge, unless a person says what to judge it as.
fn unmatched(project: &Project, inputs: &[Input], settings: &Settings) -> Vec<Problem> {
    let is_project = inputs.iter().any(|input| matches!(input, Input::Overlay(_)));
    if project.table.is_default || settings.environment.is_some() || !is_project {
        return Vec::new();
    }
    match project.overlays() {
        Ok(overlays) => project.table.unmatched(overlays),
        Err(error) => vec![Problem::unjudged("unreadable", error)],
    }
}

/// How many paths a message lists.
const LISTED: usize = 4;

/// What to know where no table and no name says which environment overlays are.
fn assumption(inputs: &[&Input]) -> Option<Problem> {
    let overlays: Vec<String> = inputs.iter().map(|input| shown(input.path()).display().to_string()).collect();
    let more = overlays.len().saturating_sub(LISTED);
    let listed = overlays.get(..LISTED.min(overlays.len())).unwrap_or_default().join(", ");
    let listed = if more > 0 { format!("{listed} and {more} more") } else { listed };
    let message = match overlays.len() {
        0 => return None,
        1 => format!("{listed} names no environment, so it is judged as prod, the strictest"),
        _ => format!("{listed} name no environment, so they are judged as prod, the strictest"),
    };
    // A table is of overlays.
    let help = match inputs.iter().any(|input| matches!(input, Input::Overlay(_))) {
        true => "run `kubevet init` to write policies/environments.yaml, or pass --environment dev, staging or prod",
        false => "pass --environment dev, staging or prod",
    };
    Some(Problem::warning("environment-assumed", invalid(message).help(help)))
}

/// The overlays of an environment, and what is applied on top of them.
#[derive(Default)]
struct Roots {
    overlays: Vec<PathBuf>,
    additions: Vec<PathBuf>,
    siblings: Arc<Siblings>,
}

fn roots<'k>(project: &Project, environment: usize, known: &'k mut BTreeMap<usize, Roots>) -> Result<&'k Roots, Problem> {
    // All at once: to find the environment of an overlay is to look at all environments.
    if known.is_empty() {
        let overlays = project.overlays().map_err(|error| Problem::unjudged("unreadable", error))?;
        known.extend((0..project.table.environments.len()).map(|at| (at, Roots::default())));
        for dir in overlays {
            if let Ok((at, description)) = project.table.of_overlay(dir) {
                let roots = known.entry(at).or_default();
                let list = if description.adds(dir) { &mut roots.additions } else { &mut roots.overlays };
                list.push(shown(&project.root.join(dir)));
            }
        }
        let overlays: Vec<Vec<PathBuf>> = known.values().map(|roots| roots.overlays.clone()).collect();
        let names = project.table.environments.iter().map(|environment| environment.name.as_str());
        let environments: Vec<(&str, &[PathBuf])> = names.zip(overlays.iter().map(Vec::as_slice)).collect();
        let root = shown(&project.root);
        for (at, roots) in known.iter_mut() {
            roots.siblings = Arc::new(Siblings::new(&environments, *at, &root));
        }
    }
    Ok(known.entry(environment).or_default())
}

/// Which rules `--rule` lets through.
pub(crate) fn selection(patterns: &[String], ids: &[&str]) -> Result<impl Fn(&str) -> bool + use<>, Error> {
    let mut globs = globset::GlobSetBuilder::new();
    for pattern in patterns {
        let glob = globset::Glob::new(pattern).map_err(|error| invalid(format!("--rule {pattern}: {}", error.kind())))?;
        let matcher = glob.compile_matcher();
        if !ids.iter().any(|id| matcher.is_match(id)) {
            let hint = crate::problem::suggest(pattern, ids.iter().copied());
            return Err(invalid(format!("--rule {pattern} matches no rule")).help(format!("{hint}; `kubevet rules` lists all")));
        }
        globs.add(glob);
    }
    let set = globs.build().map_err(|error| invalid(error.to_string()))?;
    Ok(move |id: &str| set.is_empty() || set.is_match(id))
}

/// The overlays of an environment below that are the same overlay as `own`: those whose paths have most in common with its path.
fn counterparts<'a>(own: &Path, overlays: &'a [PathBuf]) -> impl Iterator<Item = &'a PathBuf> {
    let own = shown(own);
    let in_common = move |dir: &Path| {
        let (own, dir): (Vec<Component<'_>>, Vec<_>) = (own.components().collect(), dir.components().collect());
        let before = std::iter::zip(&own, &dir).take_while(|(one, other)| one == other).count();
        let behind = std::iter::zip(own.iter().rev(), dir.iter().rev()).take_while(|(one, other)| one == other).count();
        before + behind
    };
    let most = overlays.iter().map(|dir| in_common(dir)).max();
    overlays.iter().filter(move |dir| Some(in_common(dir)) == most)
}
