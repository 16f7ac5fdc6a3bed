//! A CustomResourceDefinition from `policies/schemas/`, in YAML or JSON, judges objects of its kind or can't be read. The two parts are separated by a line of
//! `=====`.

#![no_main]

use kubevet_facts::schema::Definitions;
use kubevet_facts::{Options, compute};
use kustomize::read_manifests;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (definition, objects) = text.split_once("\n=====\n").unwrap_or((text, ""));
    let mut definitions = Definitions::default();
    if let Err(yaml) = definitions.add_json(definition.to_owned()) {
        let Ok(render) = read_manifests("definition.yaml".as_ref(), yaml) else { return };
        for object in render.objects {
            definitions.add(object);
        }
    }
    let Ok(render) = read_manifests("objects.yaml".as_ref(), objects) else { return };
    let objects: Vec<_> = render.objects.iter().collect();
    compute(&objects, &Options { crds: Some(&definitions), ..Options::default() });
});
