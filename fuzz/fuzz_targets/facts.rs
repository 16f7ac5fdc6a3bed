//! Facts about any objects are computed, whatever their kinds hold: schema, references, traffic, capacity. The definitions among the objects count too.

#![no_main]

use kubevet_facts::{Options, compute};
use kustomize::read_manifests;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(render) = read_manifests("input.yaml".as_ref(), text) else { return };
    let objects: Vec<_> = render.objects.iter().collect();
    let facts = compute(&objects, &Options::default());
    assert_eq!(facts.objects.len(), objects.len());
});
