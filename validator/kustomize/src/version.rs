//! Which Kustomize a build is to equal.

use std::fmt;
use std::str::FromStr;

/// A version of Kustomize, as far as builds differ. What a version changed is asked where it matters: `version >= Version::V5_8`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// v5.6.0, as in kubectl 1.33.
    #[default]
    V5_6,
    /// v5.8.1, as in kubectl 1.36, with what came with 5.7.
    V5_8,
}

impl Version {
    /// All versions, the oldest first.
    pub const ALL: [Self; 2] = [Self::V5_6, Self::V5_8];

    /// The version in full, and the kubectl that has it.
    pub fn description(self) -> &'static str {
        match self {
            Self::V5_6 => "Kustomize v5.6.0, as in kubectl 1.33",
            Self::V5_8 => "Kustomize v5.8.1, as in kubectl 1.36",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V5_6 => "5.6",
            Self::V5_8 => "5.8",
        })
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(|version| version.to_string()).join(" or ");
        Self::ALL.into_iter().find(|version| version.to_string() == text).ok_or_else(|| format!("the version of Kustomize is {}", known()))
    }
}
