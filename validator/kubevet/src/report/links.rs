//! Links to lines, where the run knows who shows the repository.

use std::env;
use std::sync::OnceLock;

use kustomize::Source;

use super::markdown_text::code;
use super::position::uri;
use crate::paths::shown;

/// Where files of the commit that is judged are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links(String);

impl Links {
    /// Where the CI system that this runs in says: GitHub Actions and what is like it, or GitLab.
    ///
    /// <https://docs.github.com/actions/reference/workflows-and-actions/variables>, <https://docs.gitlab.com/ci/variables/predefined_variables/>
    pub fn of_run() -> Option<&'static Self> {
        static LINKS: OnceLock<Option<Links>> = OnceLock::new();
        LINKS.get_or_init(|| Self::new(|name| env::var(name).ok())).as_ref()
    }

    fn new(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let github =
            || Some(format!("{}/{}/blob/{}", variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?, variable("GITHUB_SHA")?));
        let gitlab = || Some(format!("{}/-/blob/{}", variable("CI_PROJECT_URL")?, variable("CI_COMMIT_SHA")?));
        let address = github().or_else(gitlab)?;
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-._~:/".contains(character);
        (address.starts_with("https://") && address.chars().all(is_plain)).then_some(Self(address))
    }
}

/// A line of a file as code, with a link to it where one can be made.
pub(crate) fn line(source: &Source, line: u32, links: Option<&Links>) -> String {
    let text = code(&format!("{}:{line}", shown(source.path()).display()));
    let path = uri(source);
    match links {
        // What is outside of the checkout, or no file of its own, is shown nowhere.
        Some(Links(address)) if source.address().is_none() && !path.starts_with("file:") && !path.starts_with("%3C") => {
            format!("[{text}]({address}/{path}#L{line})")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<String> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Links::new(find).map(|links| links.0)
    }

    #[test]
    fn knows_who_shows_the_repository() {
        let github = [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "a/b"), ("GITHUB_SHA", "0f")];
        assert_eq!(of(&github).as_deref(), Some("https://github.com/a/b/blob/0f"));
        assert_eq!(of(&github[..2]), None);
        let gitlab = [("CI_PROJECT_URL", "https://gitlab.com/g/p"), ("CI_COMMIT_SHA", "0f")];
        assert_eq!(of(&gitlab).as_deref(), Some("https://gitlab.com/g/p/-/blob/0f"));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn makes_no_link_of_what_is_none() {
        for address in ["javascript:alert(1)", "https://x/)[a](https://y", "https://x y"] {
            assert_eq!(of(&[("CI_PROJECT_URL", address), ("CI_COMMIT_SHA", "0f")]), None, "{address}");
        }
    }
}
