//! What keeps kubevet from judging something. A problem is never a finding, and never silence.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kustomize::{Error, ErrorKind, Place, Source};
use serde::Serialize;

/// How a run ends when something stood in its way; the higher one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// Something that people must act on, as they must on a finding at `deny`: exit code 1.
    Denied,
    /// Nothing was evaluated: exit code 4.
    NothingEvaluated,
    /// Something could not be rendered, read or evaluated: exit code 3.
    Unjudged,
    /// The arguments or the configuration are wrong: exit code 2.
    Configuration,
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Denied => 1,
            Self::Configuration => 2,
            Self::Unjudged => 3,
            Self::NothingEvaluated => 4,
        }
    }
}

/// That someone accepted something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// In `waivers.yaml`.
    Waived(Waived),
    /// It was there when the project adopted kubevet.
    Baselined,
}

/// An error (or, without a [`Failure`], a warning) of a run.
#[derive(Clone, Debug)]
pub struct Problem {
    /// How the run ends because of it; a warning leaves the exit code alone.
    pub failure: Option<Failure>,
    /// A short stable name, such as `render-failed`.
    pub code: &'static str,
    /// What, where, and what to do.
    pub error: Box<Error>,
    /// Whether someone accepted it, so that it does not count.
    pub accepted: Option<Acceptance>,
}

/// That someone accepted a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waived {
    /// Why.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`; none of what is waived in place without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
    /// Whether a comment or an annotation in the manifests says so.
    #[serde(rename = "inPlace", skip_serializing_if = "std::ops::Not::not")]
    pub in_place: bool,
}

impl fmt::Display for Waived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(expiry) = &self.expiry {
            write!(f, "until {expiry}: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl Problem {
    fn new(failure: Option<Failure>, code: &'static str, mut error: Error) -> Self {
        error.help = error.help.or_else(|| what_to_do(code).map(str::to_owned));
        Self { failure, code, error: Box::new(error), accepted: None }
    }

    /// Whether it is about something that is judged, so that a project can live with it for a while: what is wrong with policies, with arguments or with kubevet can't be.
    pub fn can_be_accepted(&self) -> bool {
        ACCEPTABLE.contains(&self.code)
    }

    /// The arguments or the configuration are wrong.
    pub fn configuration(code: &'static str, error: Error) -> Self {
        Self::new(Some(Failure::Configuration), code, error)
    }

    /// Something could not be rendered, read or evaluated.
    pub fn unjudged(code: &'static str, error: Error) -> Self {
        Self::new(Some(Failure::Unjudged), code, error)
    }

    /// There was nothing to evaluate.
    pub fn nothing(code: &'static str, error: Error) -> Self {
        Self::new(Some(Failure::NothingEvaluated), code, error)
    }

    /// Something that people must act on, as they must on a finding at `deny`.
    pub fn denied(code: &'static str, error: Error) -> Self {
        Self::new(Some(Failure::Denied), code, error)
    }

    /// Something worth knowing.
    pub fn warning(code: &'static str, error: Error) -> Self {
        Self::new(None, code, error)
    }
}

/// Codes of problems that waivers and baselines can accept.
pub(crate) const ACCEPTABLE: [&str; 4] = ["render-failed", "empty-render", "unreadable", "no-environment"];

/// What to do about a problem, where the error itself knows nothing better.
fn what_to_do(code: &str) -> Option<&'static str> {
    Some(match code {
        "baseline" => "write the baseline again: kubevet check --write-baseline FILE",
        "empty-render" => "list resources in its kustomization, or name another overlay",
        "environments" => "correct the table; in an empty directory, `kubevet init` shows what one looks like",
        "internal" | "facts" | "input" | "coverage" => "this is a mistake in kubevet: please report it with the object that it is about",
        "lock-changed" => "`kubevet vendor --check` fetches it again, and says whether this is what is there",
        "no-manifests" => "name a directory with .yaml, .yml or .json files",
        "policy-limit" => "write it so that it does less; --policy-timeout gives each rule more time",
        "timeout" => "--timeout gives it more time; judge fewer overlays at once",
        "policy-load" | "rule-evaluation" | "rule-result" => "correct the rule; `kubevet test` loads and tests the policies alone",
        "policy-directory" | "policy-unreadable" => {
            "name a directory with Rego files or an environments.yaml, and check that it may be read"
        }
        "parameters" => "correct the table; `kubevet rules --parameters` lists what rules read",
        "policies-changed" => "this decides what is found from now on: whoever owns the policies should agree to it",
        "products" => "correct policies/products.yaml, or remove it: kubevet has a table of its own",
        "render-failed" => "correct it there; `kubevet render PATH` renders the overlay alone",
        "schemas" => "keep only CustomResourceDefinitions, as YAML or JSON, in policies/schemas",
        "unreadable" => "make it a readable file of valid YAML or JSON in UTF-8, or leave it out",
        "unknown-rule" => "`kubevet rules` lists all",
        "vendor-proof" => "please report it with the repository that it builds on",
        "verify-render" => "kubevet and kubectl must print the same: please report it with the overlay",
        "waivers" => {
            "a waiver has a rule, an object with kind and name, a reason and an expiry, and may have environments and a path; one in place is `allow RULE because REASON`"
        }
        _ => return None,
    })
}

/// An error about a wrong argument or configuration.
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, message)
}

/// An error about a file that could not be read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot read {}: {error}", path.display()))
}

/// A place that names a file or directory as a whole.
pub(crate) fn whole(path: &Path) -> Place {
    Place { source: Arc::new(Source::new(path, "")), start: 0, end: 0 }
}

/// `did you mean "x"?` where one of the known words is close to `word`, else the list of them.
pub(crate) fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let closest = known.iter().map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate)).min();
    match closest {
        Some((distance, candidate)) if distance <= 2.max(word.chars().count() / 3) => format!("did you mean \"{candidate}\"?"),
        _ if known.is_empty() => "there are none".to_owned(),
        _ if known.len() <= 12 => format!("known: {}", known.join(", ")),
        _ => "no known name is close to it".to_owned(),
    }
}
