//! Any bytes are documents or an error with a place within the text; what is read can be canonicalised and printed, and print is read again.

#![no_main]

use kustomize::yaml::{self, Dialect};
use kustomize::{Source, Sources, read_manifests};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = yaml::decode("input.yaml".as_ref(), bytes.to_vec()) else { return };
    for dialect in [Dialect::YamlV3, Dialect::YamlV2] {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("input.yaml", text.as_str()));
        let nodes = match yaml::read(&sources, id, dialect) {
            Ok(nodes) => nodes,
            Err(error) => {
                let place = error.place.expect("every error of the reader has a place");
                assert!(place.start <= place.end && place.end as usize <= text.len(), "{place:?}");
                continue;
            }
        };
        for mut node in nodes {
            if yaml::canonical(&mut node, &sources).is_err() || node.as_map().is_none() {
                continue;
            }
            let mut printed = String::new();
            yaml::emit(&node, &mut printed);
            // Raw line separators are printed as go-yaml does, and refused by the reader.
            if !printed.contains(['\u{2028}', '\u{2029}']) {
                let mut again = Sources::default();
                let id = again.add(Source::new("printed.yaml", printed.as_str()));
                let read = yaml::read(&again, id, Dialect::YamlV2).expect("what is printed is YAML");
                assert_eq!(read, [node], "{printed}");
            }
        }
    }
    let _ = read_manifests("input.yaml".as_ref(), text);
});
