//! The Kubernetes versions that objects can be judged by.

use std::fmt;
use std::str::FromStr;

/// A Kubernetes version with a schema table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.33
    V1_33,
    /// 1.36
    #[default]
    V1_36,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Version; 2] = [Version::V1_33, Version::V1_36];

    /// As people write it, `1.33`.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V1_33 => "1.33",
            Version::V1_36 => "1.36",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads `1.33`, `v1.33` and `1.33.4`. The error is a sentence that names the known versions.
impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let wanted = (parts.next(), parts.next());
        let known = Version::ALL.into_iter().find(|version| {
            let mut parts = version.as_str().split('.');
            (parts.next(), parts.next()) == wanted
        });
        known.ok_or_else(|| {
            let all: Vec<_> = Version::ALL.iter().map(|version| version.as_str()).collect();
            format!("Kubernetes {text} is not known here; the versions with a schema table are {}", all.join(" and "))
        })
    }
}
