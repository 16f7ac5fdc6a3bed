//! A whole project from any files: discovery, table, waivers, baseline, policies, schemas, a run over all of it and a report in each format end without a panic.

#![no_main]

use kubevet_fuzz::{check, files, reports};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let directory = files(text);
    let report = check(directory.path());
    reports(&report).for_each(drop);
    assert!(report.exit_code() != 0 || !report.judged.is_empty(), "nothing was judged, and the run is clean");
});
