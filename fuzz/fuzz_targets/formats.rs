//! Any text where the API server wants a quantity, a schedule, a time zone, a network, a selector, an image or a port is judged. Each line of the input is one text; they
//! are put into objects in turn.

#![no_main]

use kubevet_facts::{Options, compute};
use kustomize::read_manifests;
use libfuzzer_sys::fuzz_target;

/// Objects in which `@` is a text of the input.
const OBJECTS: &str = r#"
apiVersion: batch/v1
kind: CronJob
metadata: {name: @, labels: {a: @}}
spec:
  schedule: @
  timeZone: @
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: @
          containers:
            - {name: a, image: @, env: [{name: @, value: @}], ports: [{name: @, containerPort: 1}], resources: {limits: {cpu: @, memory: @}, requests: {cpu: @}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector: {matchExpressions: [{key: @, operator: In, values: [@]}]}
  ingress: [{from: [{ipBlock: {cidr: @, except: [@]}}], ports: [{port: @}]}]
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: a}
spec: {hard: {limits.cpu: @, pods: @}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: a}
spec: {minAvailable: @, selector: {matchLabels: {a: @}}}
"#;

fuzz_target!(|text: &str| {
    let mut texts = text.lines().cycle();
    let mut manifests = String::new();
    for part in OBJECTS.split_inclusive('@') {
        manifests.push_str(part.trim_end_matches('@'));
        if part.ends_with('@') {
            // JSON's quotes and escapes are YAML's too, so any text arrives as it is.
            manifests.push_str(&serde_json::to_string(texts.next().unwrap_or_default()).expect("a text is JSON"));
        }
    }
    let Ok(render) = read_manifests("input.yaml".as_ref(), manifests) else { return };
    let objects: Vec<_> = render.objects.iter().collect();
    compute(&objects, &Options::default());
});
