//! Kustomizations of those objects, with as many features as there are.

use super::Random;
use super::objects::{self, KINDS, NAMES, label};

pub(super) struct Writer<'r> {
    random: &'r mut Random,
    seed: u64,
    pub(super) files: Vec<(String, String)>,
    /// Kind and name of each object so far.
    made: Vec<(&'static str, &'static str)>,
    /// What generators have made so far.
    generated: Vec<(&'static str, &'static str)>,
}

/// Paths that a replacement or a JSON patch may mean.
const PATHS: [&str; 12] = [
    "metadata.name",
    "metadata.labels.app",
    "metadata.annotations.note",
    "metadata.annotations",
    "data.k",
    "spec.replicas",
    "spec.template.metadata.labels",
    "spec.template.spec.containers.0.image",
    "spec.template.spec.containers.[name=main].env.[name=A].value",
    "spec.template.spec.containers.*.image",
    "spec.selector.matchLabels.app",
    "metadata.namespace",
];

impl<'r> Writer<'r> {
    pub(super) fn new(random: &'r mut Random, seed: u64) -> Self {
        Self { random, seed, files: Vec::new(), made: Vec::new(), generated: Vec::new() }
    }

    /// Writes a base, what builds on it, and gives the directory to build.
    pub(super) fn root(&mut self) -> &'static str {
        let count = 2 + self.random.below(5);
        let base = self.resources("base", count);
        self.kustomization("base", &base, false);
        if self.random.chance(25) {
            self.kustomization("component", "", true);
        }
        let mut resources = String::from("resources:\n- ../base\n");
        if self.random.chance(40) {
            resources = self.resources("overlay", 1).replacen("resources:\n", "resources:\n- ../base\n", 1);
        }
        if self.files.iter().any(|(path, _)| path.starts_with("component")) {
            resources.push_str("components:\n- ../component\n");
        }
        self.kustomization("overlay", &resources, false);
        if self.random.chance(20) {
            self.kustomization("top", "resources:\n- ../overlay\n", false);
            return "top";
        }
        "overlay"
    }

    fn write(&mut self, path: String, text: String) {
        // Vars count for all that is built together.
        self.files.push((path, text.replace("VAR", &format!("VAR_{}", self.seed))));
    }

    /// Files with objects, and the field that names them.
    fn resources(&mut self, directory: &str, count: usize) -> String {
        let mut field = String::from("resources:\n");
        let mut text = String::new();
        for at in 0..count {
            let (kind, name) = loop {
                let (kind, name) = (self.random.one(&KINDS), self.random.one(&NAMES));
                if !self.made.contains(&(kind, name)) {
                    break (kind, name);
                }
            };
            self.made.push((kind, name));
            text.push_str(&objects::object(self.random, kind, name, self.seed));
            if at + 1 < count && self.random.chance(50) {
                text.push_str("---\n");
                continue;
            }
            field.push_str(&format!("- r{at}.yaml\n"));
            self.write(format!("{directory}/r{at}.yaml"), std::mem::take(&mut text));
        }
        field
    }

    fn kustomization(&mut self, directory: &str, resources: &str, is_component: bool) {
        let mut text = String::new();
        if is_component {
            text.push_str("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n");
        }
        text.push_str(resources);
        let seed = self.seed;
        if self.random.chance(20) {
            text.push_str(&format!("namePrefix: {}\n", self.random.one(&["p-", "\"1-\"", "x."])));
        }
        if self.random.chance(20) {
            text.push_str(&format!("nameSuffix: {}\n", self.random.one(&["-s", "-z", "\"-1\""])));
        }
        if self.random.chance(25) {
            text.push_str(&format!("namespace: {}\n", self.random.one(&["one", "three"])));
        }
        if self.random.chance(20) {
            text.push_str(&format!("commonLabels: {{app: {}, env: {}}}\n", label(self.random), label(self.random)));
        }
        if self.random.chance(25) {
            self.labels(&mut text);
        }
        if self.random.chance(20) {
            let key = if self.random.chance(3) { "\"1\"" } else { "a/b" };
            text.push_str(&format!("commonAnnotations: {{note: {}, {key}: {}}}\n", label(self.random), label(self.random)));
        }
        if self.random.chance(20) {
            let (name, edit) = (
                self.random.one(&["nginx", "web", "registry.example:5000/team/web", "other/nginx", "ngin.", "none"]),
                self.random.one(&[
                    "newTag: \"2\"",
                    "newName: new/web",
                    "digest: sha256:abcd",
                    "newName: n:5000/x\n  newTag: v2",
                    "tagSuffix: -x",
                ]),
            );
            text.push_str(&format!("images:\n- name: {name}\n  {edit}\n"));
        }
        let scaled = self.made.iter().find(|(kind, _)| matches!(*kind, "Deployment" | "StatefulSet")).map(|(_, name)| *name);
        if self.random.chance(15)
            && let Some(name) = scaled.or(Some("web").filter(|_| seed.is_multiple_of(50)))
        {
            text.push_str(&format!("replicas:\n- {{name: {name}-{seed}, count: {}}}\n", self.random.below(9)));
        }
        if self.random.chance(35) {
            self.generators(directory, &mut text);
        }
        if self.random.chance(45) {
            self.patches(directory, &mut text);
        }
        if self.random.chance(10) {
            self.older_patches(directory, &mut text);
        }
        if self.random.chance(25) {
            self.replacements(&mut text);
        }
        if self.random.chance(20)
            && !self.files.iter().any(|(_, text)| text.contains("vars:"))
            && let Some((kind, name)) = self.made.iter().find(|(kind, _)| matches!(*kind, "ConfigMap" | "Service"))
        {
            text.push_str(&format!("vars:\n- name: VAR\n  objref: {{kind: {kind}, name: {name}-{seed}, apiVersion: v1}}\n"));
        }
        if self.random.chance(8) {
            self.write(format!("{directory}/config.yaml"), "nameReference:\n- kind: ConfigMap\n  fieldSpecs:\n  - {kind: Rollout, path: spec/template/spec/serviceAccountName}\ncommonLabels:\n- {kind: Rollout, path: spec/extra/labels, create: true}\n".to_owned());
            text.push_str("configurations: [config.yaml]\n");
        }
        if self.random.chance(8) {
            self.definitions(directory, &mut text);
        }
        if self.random.chance(10) {
            text.push_str(&format!(
                "buildMetadata: [{}]\n",
                self.random.one(&["originAnnotations", "transformerAnnotations", "managedByLabel", "originAnnotations, managedByLabel"])
            ));
        }
        if self.random.chance(8) {
            text.push_str(&format!("sortOptions: {{order: {}}}\n", self.random.one(&["fifo", "legacy"])));
        }
        if self.random.chance(10) {
            let (kind, rest) = match self.random.below(4) {
                0 => (
                    "LabelTransformer",
                    "labels: {t: x}\n  fieldSpecs: [{path: metadata/labels, create: true}, {path: spec/selector, kind: Service}]",
                ),
                1 => ("PrefixTransformer", "prefix: t-\n  fieldSpecs: [{path: metadata/name}, {path: spec/serviceName}]"),
                2 => (
                    "NamespaceTransformer",
                    "metadata: {name: t, namespace: four}\n  unsetOnly: true\n  setRoleBindingSubjects: allServiceAccounts",
                ),
                _ => ("AnnotationsTransformer", "annotations: {t: \"1\"}\n  fieldSpecs: [{path: metadata/annotations, create: true}]"),
            };
            let name = if rest.starts_with("metadata") { "" } else { "  metadata: {name: t}\n" };
            text.push_str(&format!("transformers:\n- |-\n  apiVersion: builtin\n  kind: {kind}\n{name}  {rest}\n"));
        }
        self.write(format!("{directory}/kustomization.yaml"), text);
    }

    fn labels(&mut self, text: &mut String) {
        text.push_str(&format!("labels:\n- pairs: {{app: {}, l: {}}}\n", label(self.random), label(self.random)));
        match self.random.below(4) {
            0 => text.push_str("  includeSelectors: true\n"),
            1 => text.push_str("  includeTemplates: true\n"),
            2 => text.push_str("  fields: [{path: spec/extra/labels, create: true, kind: Rollout}, {path: spec/template/metadata/labels, create: true, kind: Rollout}]\n"),
            _ => {}
        }
        if self.random.chance(30) {
            text.push_str(&format!("- pairs: {{app: {}}}\n", label(self.random)));
        }
    }

    fn generators(&mut self, directory: &str, text: &mut String) {
        let kind = self.random.one(&["configMapGenerator", "secretGenerator"]);
        let name = self.random.one(&["made", "web"]);
        text.push_str(&format!("{kind}:\n- name: {name}-{}\n", self.seed));
        let product = if kind == "configMapGenerator" { "ConfigMap" } else { "Secret" };
        let is_there = self.generated.contains(&(kind, name)) || self.made.contains(&(product, name));
        self.generated.push((kind, name));
        if is_there || self.random.chance(2) {
            text.push_str(&format!("  behavior: {}\n", self.random.one(&["merge", "merge", "replace"])));
        }
        if self.random.chance(70) {
            text.push_str(&format!(
                "  literals: [k={}, \"n={}\"]\n",
                self.random.one(&["v", "1", "true", "a=b", ""]),
                self.random.one(&["x", "\\\"q\\\"", "'q'", " y "])
            ));
        }
        if self.random.chance(40) {
            let content = self.random.one(&["text\n", "no end", "", "a: b\nc:\n  - d\n", "tab\there\n", "ä\n", "trailing  \nspace\n"]);
            self.write(format!("{directory}/file.txt"), content.to_owned());
            text.push_str(&format!(
                "  files: [{}file.txt]\n",
                self.random.one(&["", "key.x=", "file=", if self.seed.is_multiple_of(20) { "k=" } else { "z=" }])
            ));
        }
        if self.random.chance(20) {
            self.write(format!("{directory}/values.env"), "A=1\n# no\nB= x y\n\nC=\"q\"\n".to_owned());
            text.push_str("  envs: [values.env]\n");
        }
        if self.random.chance(25) {
            text.push_str(&format!(
                "  options: {{{}}}\n",
                self.random.one(&["disableNameSuffixHash: true", "labels: {g: \"1\"}", "annotations: {g: x}", "immutable: true"])
            ));
        }
        if self.random.chance(10) {
            text.push_str("generatorOptions: {labels: {all: x}}\n");
        }
    }

    fn target(&mut self) -> (&'static str, String) {
        let (kind, name) = self.made[self.random.below(self.made.len())];
        (kind, format!("{name}-{}", self.seed))
    }

    /// Definitions of the kind that Kubernetes does not have.
    fn definitions(&mut self, directory: &str, text: &mut String) {
        let extension = self.random.one(&[
            "\"x-kubernetes-identity\": \"\"",
            "\"x-kubernetes-annotation\": \"\"",
            "\"x-kubernetes-label-selector\": \"\"",
            "\"x-kubernetes-object-ref-api-version\": \"v1\", \"x-kubernetes-object-ref-kind\": \"ConfigMap\"",
            "\"x-kubernetes-object-ref-api-version\": \"v1\", \"x-kubernetes-object-ref-kind\": \"Secret\", \"x-kubernetes-object-ref-name-key\": \"kind\"",
        ]);
        let field = self.random.one(&["extra", "serviceName", "template"]);
        let definitions = format!(
            "{{\"com.example.v1.Rollout\": {{\"Schema\": {{\"properties\": {{\"apiVersion\": {{}}, \"kind\": {{}}, \"metadata\": {{}}, \"spec\": {{\"$ref\": \"com.example.v1.Spec\"}}, \"extra\": {{{extension}}}}}}}}}, \
             \"com.example.v1.Spec\": {{\"Schema\": {{\"properties\": {{\"{field}\": {{{extension}}}}}}}}}}}\n"
        );
        self.write(format!("{directory}/crds.json"), definitions);
        text.push_str("crds: [crds.json]\n");
    }

    /// A file of a patch in the directory, by its name there.
    fn patch_file(&mut self, directory: &str, body: &str) -> String {
        let name = format!("patch{}.yaml", self.files.len());
        let comment = if self.random.chance(20) { "# why\n" } else { "" };
        self.write(format!("{directory}/{name}"), format!("{comment}{body}"));
        name
    }

    /// One of `patches`, in the kustomization or in a file.
    fn patch(&mut self, directory: &str, text: &mut String, target: Option<&str>, body: &str) {
        let target = target.map_or(String::new(), |target| format!("  target: {target}\n"));
        if self.random.chance(30) {
            let name = self.patch_file(directory, body);
            text.push_str(&format!("- path: {name}\n{target}"));
        } else {
            text.push_str(&format!("- patch: |-\n{}{target}", objects::indent(body, 4)));
        }
    }

    /// `patchesStrategicMerge` and `patchesJson6902`.
    fn older_patches(&mut self, directory: &str, text: &mut String) {
        let (kind, name) = self.target();
        let api_version = objects::api_version(kind);
        if self.random.chance(60) {
            let body = self.random.one(&[
                "metadata: {name: NAME, labels: {o: null, p: \"1\"}}\n",
                "metadata: {name: NAME, annotations: {note: null, p: 1.5}}\n",
                "metadata: {name: NAME}\nspec:\n  template:\n    spec:\n      containers:\n      - name: main\n        env: [{name: B, value: \"on\"}, {name: A, $patch: delete}]\n",
                "metadata: {name: NAME}\n$patch: delete\n",
            ]);
            let patch = format!("apiVersion: {api_version}\nkind: {kind}\n{}", body.replace("NAME", &name));
            let more =
                if self.random.chance(30) { patch.replace("o: null", "q: x").replace("$patch: delete\n", "") } else { String::new() };
            let more = if more.is_empty() { more } else { format!("---\n{more}") };
            let file = self.patch_file(directory, &format!("{patch}{more}"));
            text.push_str(&format!("patchesStrategicMerge: [{file}]\n"));
        } else {
            let operations = self.random.one(&[
                "- op: add\n  path: /metadata/labels\n  value: {o: \"1\"}\n- {op: test, path: /metadata/labels/o, value: \"1\"}\n",
                "[{\"op\": \"add\", \"path\": \"/metadata/annotations/o\", \"value\": \"1\"}, {\"op\": \"add\", \"path\": \"/x\", \"value\": [1.0, -0.0, 1e3]}]\n",
                "- {op: add, path: /metadata/annotations, value: {o: x, v: -0.0}}\n",
                "- {op: copy, from: /metadata, path: /copied}\n",
                "- {op: remove, path: /metadata/labels}\n",
            ]);
            let file = self.patch_file(directory, operations);
            let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
            text.push_str(&format!(
                "patchesJson6902:\n- target: {{group: \"{group}\", version: {version}, kind: {kind}, name: {name}}}\n  path: {file}\n"
            ));
        }
    }

    fn patches(&mut self, directory: &str, text: &mut String) {
        text.push_str("patches:\n");
        for _ in 0..1 + self.random.below(2) {
            let (kind, name) = self.target();
            let select = match self.random.below(4) {
                0 => format!("{{kind: {kind}}}"),
                1 => format!("{{name: {}}}", name.replacen('-', ".", 1)),
                2 => format!("{{kind: \"{}|Secret\", name: \"{}.*\"}}", kind, &name[..1]),
                _ => format!("{{kind: {kind}, name: {name}}}"),
            };
            if self.random.chance(35) {
                let operation = self.random.one(&[
                    "{op: add, path: /metadata/labels, value: {j: x}}",
                    "{op: add, path: /metadata/annotations/j, value: \"1\"}",
                    "{op: replace, path: /metadata/name, value: renamed}",
                    "{op: add, path: /spec/replicas, value: 4}",
                    "{op: add, path: /data, value: {j: yes, n: \"1\"}}",
                    "{op: add, path: /metadata/finalizers, value: [x]}",
                    "{op: add, path: /metadata/generation, value: 1.0}",
                    "{op: copy, from: /metadata/name, path: /metadata/copied}",
                ]);
                self.patch(directory, text, Some(&select), &format!("- {operation}\n"));
                continue;
            }
            let api_version = objects::api_version(kind);
            let body = match self.random.below(9) {
                0 => "metadata: {labels: {app: null, s: x}}",
                1 => "metadata: {annotations: {note: null, s: \"2\"}}",
                2 => {
                    "spec: {template: {spec: {containers: [{name: main, image: patched:1, env: [{name: A, value: p}, {name: NEW, value: \"1\"}]}]}}}"
                }
                3 => "spec: {template: {spec: {containers: [{name: side, $patch: delete}]}}}",
                4 => {
                    "spec: {template: {spec: {containers: [{name: extra, image: extra:1, ports: [{containerPort: 80, protocol: TCP}]}, {name: main, ports: [{containerPort: 80, name: p}]}]}}}"
                }
                5 => "spec: {replicas: null, template: {spec: {volumes: [{name: v, emptyDir: {}}], tolerations: [{key: b}]}}}",
                6 => "data: {k: null, s: \"yes\", file.txt: over}",
                7 => "spec: {$patch: replace, replicas: 9}",
                _ => {
                    "spec: {template: {metadata: {labels: {s: x}}, spec: {initContainers: [{name: init, command: [a]}], $retainKeys: [x]}}}"
                }
            };
            let id = |metadata: &str| format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}{metadata}\n");
            let any = |metadata: &str| format!("apiVersion: any\nkind: Any\nmetadata: {{name: any{metadata}\n");
            match body.strip_prefix("metadata: {") {
                rest if self.random.chance(90) => {
                    let body = rest.map_or_else(|| format!("{}{body}\n", any("}")), |rest| any(&format!(", {rest}")));
                    self.patch(directory, text, Some(&select), &body);
                }
                Some(rest) => self.patch(directory, text, None, &id(&format!(", {rest}"))),
                None => self.patch(directory, text, None, &format!("{}{body}\n", id("}"))),
            }
        }
    }

    fn replacements(&mut self, text: &mut String) {
        let (kind, name) = self.target();
        let (other, _) = self.target();
        let from = if self.random.chance(10) { self.random.one(&PATHS).replace('*', "0") } else { "metadata.name".to_owned() };
        let to = if self.random.chance(80) {
            self.random.one(&["metadata.labels.app", "metadata.annotations.note"])
        } else {
            self.random.one(&PATHS)
        };
        let options = self.random.one(&[
            "create: true",
            "create: true",
            "create: true",
            "create: true, delimiter: \"-\", index: 0",
            if self.seed.is_multiple_of(9) { "delimiter: \":\", index: 1" } else { "create: true" },
        ]);
        text.push_str(&format!(
            "replacements:\n- source: {{kind: {kind}, name: {name}, fieldPath: {from}}}\n  targets:\n  - select: {{kind: {other}}}\n    fieldPaths: [{to}]\n    options: {{{options}}}\n"
        ));
        if self.random.chance(15) {
            text.push_str(&format!("  - select: {{name: {name}}}\n    reject: [{{kind: Secret}}]\n    fieldPaths: [metadata.annotations.r]\n    options: {{create: true}}\n"));
        }
    }
}
