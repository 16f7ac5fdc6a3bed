//! What environments are for, as far as names of directories say.

use std::path::Path;

/// What an environment is for, as far as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Where people try things.
    Development,
    /// Where a release is tried.
    Staging,
    /// What customers use.
    Production,
}

const PRODUCTION: [&str; 4] = ["prod", "production", "live", "prd"];
const STAGING: [&str; 7] = ["staging", "stage", "stg", "preprod", "uat", "acceptance", "canary"];
const DEVELOPMENT: [&str; 12] =
    ["dev", "develop", "development", "local", "test", "testing", "qa", "ci", "kind", "minikube", "sandbox", "nonprod"];

/// What turns `prod` into something else, as in `pre-prod`.
const BEFORE: [&str; 2] = ["pre", "non"];

/// Words of regions and zones, which do not make another name of `prod-eu-west-1`.
const REGIONS: [&str; 22] = [
    "eu",
    "us",
    "uk",
    "de",
    "fr",
    "ap",
    "sa",
    "ca",
    "af",
    "me",
    "cn",
    "apac",
    "emea",
    "east",
    "west",
    "north",
    "south",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// Directories of clusters: what lies there runs in the cluster that the directory below is called by.
const CLUSTERS: [&str; 2] = ["clusters", "cluster"];

/// Directories whose directories are called by environments.
const ENVIRONMENTS: [&str; 8] = ["overlays", "overlay", "environments", "environment", "envs", "env", "stages", "variants"];

impl Role {
    /// What a directory or environment of that name is for: `dev`, `development-eu`, `prod`, `live`…
    pub fn of_name(name: &str) -> Option<Self> {
        Some(named(name)?.0)
    }

    /// What an overlay is for, and the word for it. The name of a cluster says it; else the last directory that is called by an environment and nothing
    /// else but regions and numbers; else a longer name in a place of environments, as `overlays/dev-persistent`. Elsewhere a longer name may be that of
    /// an application, and says it only where that is the strictest: `dev-portal` is no `dev`.
    pub fn of_path(path: &Path) -> Option<(Self, &'static str)> {
        let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let below = |parents: &[&str]| {
            let pairs = std::iter::zip(&parts, parts.iter().skip(1)).collect::<Vec<_>>();
            pairs
                .into_iter()
                .rev()
                .find_map(|(parent, name)| parents.contains(&parent.to_ascii_lowercase().as_str()).then(|| named(name)).flatten())
        };
        let whole = || parts.iter().rev().filter(|part| is_whole(part)).find_map(|part| named(part));
        let strictest = || parts.iter().rev().find_map(|part| named(part)).filter(|(role, _)| *role == Self::Production);
        below(&CLUSTERS).or_else(whole).or_else(|| below(&ENVIRONMENTS)).or_else(strictest)
    }
}

/// The words of a name, without numbers: `prod`, `eu` of `prod01-eu`.
fn words(name: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let words = name.split(['-', '_', '.']).map(|word| word.trim_end_matches(|last: char| last.is_ascii_digit()).to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// What a name says, by one of its words.
fn named(name: &str) -> Option<(Role, &'static str)> {
    let words = words(name);
    let has = |known: &'static [&'static str]| known.iter().find(|known| words.iter().any(|word| word == *known)).copied();
    let production = has(&PRODUCTION);
    match (production, words.iter().find_map(|word| BEFORE.iter().find(|before| word == *before))) {
        (Some(_), Some(&"pre")) => return Some((Role::Staging, "preprod")),
        (Some(_), Some(_)) => return Some((Role::Development, "nonprod")),
        (Some(word), None) if has(&["preprod", "nonprod"]).is_none() => return Some((Role::Production, word)),
        _ => {}
    }
    has(&STAGING).map(|word| (Role::Staging, word)).or_else(|| has(&DEVELOPMENT).map(|word| (Role::Development, word)))
}

/// Whether a name says nothing but an environment and where it is.
fn is_whole(name: &str) -> bool {
    let known = |word: &String| [&PRODUCTION[..], &STAGING, &DEVELOPMENT, &BEFORE, &REGIONS].iter().any(|all| all.contains(&word.as_str()));
    let is_zone = |word: &String| word.len() == 1 || word.starts_with(|first: char| first.is_ascii_digit());
    words(name).iter().all(|word| known(word) || is_zone(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_an_overlay_is_for() {
        let (development, staging, production) = (Role::Development, Role::Staging, Role::Production);
        for (path, expected) in [
            ("overlays/dev", Some((development, "dev"))),
            ("apps/web/production", Some((production, "production"))),
            ("prod01/web", Some((production, "prod"))),
            ("deploy/stage-eu-west-1b/web", Some((staging, "stage"))),
            ("overlays/dev-persistent", Some((development, "dev"))),
            ("envs/pre-prod", Some((staging, "preprod"))),
            ("non-prod/web", Some((development, "nonprod"))),
            ("overlays/nonprod-live", Some((development, "nonprod"))),
            // An application is no environment, and a cluster says where it runs.
            ("apps/dev-portal", None),
            ("apps/local-path-provisioner", None),
            ("apps/canary-operator", None),
            ("apps/prod-portal", Some((production, "prod"))),
            ("clusters/eu-prod-1/apps/test", Some((production, "prod"))),
            ("clusters/main/apps/test", Some((development, "test"))),
            ("clusters/main/web", None),
            ("device/contest", None),
            ("", None),
        ] {
            assert_eq!(Role::of_path(Path::new(path)), expected, "{path}");
        }
    }
}
