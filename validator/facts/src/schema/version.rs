//! The Kubernetes versions that objects can be judged by.

use std::fmt;
use std::str::FromStr;

/// A Kubernetes version with a schema table: the newest release of that minor version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.29
    V1_29,
    /// 1.30
    V1_30,
    /// 1.31
    V1_31,
    /// 1.32
    V1_32,
    /// 1.33
    V1_33,
    /// 1.34
    V1_34,
    /// 1.35
    V1_35,
    /// 1.36
    #[default]
    V1_36,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Version; 8] =
        [Version::V1_29, Version::V1_30, Version::V1_31, Version::V1_32, Version::V1_33, Version::V1_34, Version::V1_35, Version::V1_36];

    /// As people write it, `1.33`.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V1_29 => "1.29",
            Version::V1_30 => "1.30",
            Version::V1_31 => "1.31",
            Version::V1_32 => "1.32",
            Version::V1_33 => "1.33",
            Version::V1_34 => "1.34",
            Version::V1_35 => "1.35",
            Version::V1_36 => "1.36",
        }
    }

    /// The minor version, 33 for 1.33.
    pub fn minor(self) -> u32 {
        OLDEST_MINOR + self as u32
    }
}

/// The minor version of the first of them; each of the others follows the one before it.
const OLDEST_MINOR: u32 = 29;

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
        let [oldest, .., newest] = Version::ALL;
        known.ok_or_else(|| format!("Kubernetes {text} is not known here; the versions with a schema table are {oldest} to {newest}"))
    }
}
