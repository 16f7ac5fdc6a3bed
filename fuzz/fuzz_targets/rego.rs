//! A policy file of a project loads or is refused with a place within it; loading never panics, whatever it holds.

#![no_main]

use kubevet::policy::{Catalog, PolicyFiles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let directory = tempfile::tempdir().expect("a directory for the input");
    let group = directory.path().join("group");
    std::fs::create_dir(&group).expect("a directory for the group");
    std::fs::write(group.join("rule.rego"), text).expect("the input is written");
    let files = PolicyFiles::rules(&[directory.path().to_owned()]);
    let Err(problems) = files.map_err(|problem| vec![problem]).and_then(|files| Catalog::load(&files)) else { return };
    for place in problems.iter().filter_map(|problem| problem.error.place.as_ref()) {
        assert!(place.start <= place.end && place.end as usize <= place.source.text().len(), "{place:?}");
    }
});
