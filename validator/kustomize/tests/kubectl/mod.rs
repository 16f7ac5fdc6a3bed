//! `kubectl kustomize`, which this crate is held against.

// Not every test binary uses all of it; a skipped test must say so.
#![allow(dead_code)]

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// What kubectl makes of a directory, or why it does not.
pub(crate) fn kustomize(directory: &Path) -> Result<String, String> {
    let output = Command::new("kubectl").arg("kustomize").arg(directory).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Whether there is a kubectl that builds as the reference does (Kustomize v5.5.0 or later). Notes it where there is none, once for all tests of a file.
pub(crate) fn is_reference() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let version = Command::new("kubectl").args(["version", "--client"]).output();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let found = ["v5.5.", "v5.6."].iter().any(|wanted| version.contains(&format!("Kustomize Version: {wanted}")));
        if !found {
            skipped::note(&format!("kubectl 1.32 or 1.33 is not on PATH, so {} were not held against it", env!("CARGO_CRATE_NAME")));
        }
        found
    })
}
