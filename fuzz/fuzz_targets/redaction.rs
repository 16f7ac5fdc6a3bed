//! A secret that kubevet knows of is in no report, wherever else a text has it.

#![no_main]

use kubevet_fuzz::{check, files, reports};
use libfuzzer_sys::fuzz_target;

/// Stands for the secret in the input.
const PLACEHOLDER: &str = "@SECRET@";

/// Nothing that any input says by itself.
const SECRET: &str = concat!("Zq4Wx7", "Nt9Rk2", "Bv5M");

fuzz_target!(|text: &str| {
    let text = text.replace(PLACEHOLDER, SECRET);
    let directory = files(&text);
    let report = check(directory.path());
    for printed in reports(&report) {
        assert!(!printed.contains(SECRET), "{printed}");
    }
});
