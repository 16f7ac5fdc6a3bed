//! A kustomization, a resource and a patch from any text build or fail; they never panic. The three are separated by lines of `=====`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let directory = tempfile::tempdir().expect("a directory for the input");
    for (name, part) in ["kustomization.yaml", "resources.yaml", "patch.yaml"].iter().zip(text.split("\n=====\n")) {
        std::fs::write(directory.path().join(name), part).expect("the input is written");
    }
    if let Ok(render) = kustomize::build(directory.path()) {
        let _ = render.to_yaml();
    }
});
