//! Files that hold a kustomization and what it refers to build or fail; they never panic. An error's place is within its source.

#![no_main]

use kubevet_fuzz::files;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let directory = files(text);
    match kustomize::build(directory.path()) {
        Ok(render) => drop(render.to_yaml()),
        Err(error) => {
            if let Some(place) = error.place {
                assert!(place.start <= place.end && place.end as usize <= place.source.text().len(), "{}: {place:?}", error.message);
            }
        }
    }
});
