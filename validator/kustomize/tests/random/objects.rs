//! Objects with whatever makes YAML, references and merges hard.

use super::Random;

/// Kinds of which objects are made.
pub(super) const KINDS: [&str; 14] = [
    "Deployment",
    "StatefulSet",
    "CronJob",
    "Service",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Ingress",
    "RoleBinding",
    "ClusterRole",
    "HorizontalPodAutoscaler",
    "PersistentVolumeClaim",
    "Rollout",
    "Namespace",
];

/// Names, of which few are different so that they refer to each other.
pub(super) const NAMES: [&str; 4] = ["web", "db", "api", "web-db"];

/// A scalar as somebody may write it.
pub(super) fn scalar(random: &mut Random) -> &'static str {
    random.one(&[
        "plain",
        "\"quoted\"",
        "'single'",
        "\"1\"",
        "'true'",
        "yes-no",
        "1",
        "0",
        "-7",
        "1.5",
        "1e3",
        "0x1F",
        "\"0777\"",
        "true",
        "false",
        "\"yes\"",
        "'on'",
        "\"null\"",
        "\"\"",
        "''",
        "a b",
        "\"a: b\"",
        "'it''s'",
        "\"tab\\tand\\nline\"",
        "10Mi",
        "100m",
        "\"1.10\"",
        "2001-01-01",
        "\"2001-01-01\"",
        "http://web:80/x",
        "$(VAR)",
        "ä",
        "\"\\u00e4\"",
        "~x",
    ])
}

/// A string as the value of a label, in quotes where YAML needs them.
pub(super) fn label(random: &mut Random) -> &'static str {
    random.one(&["a", "b", "web", "\"1\"", "'true'", "v1.2", "\"1.10\"", "x-y", "\"\""])
}

fn labels(random: &mut Random) -> String {
    let mut text = String::new();
    for key in ["app", "app.kubernetes.io/name", "tier"] {
        if random.chance(40) {
            text.push_str(&format!("{}{key}: {}", if text.is_empty() { "" } else { ", " }, label(random)));
        }
    }
    format!("{{{text}}}")
}

fn metadata(random: &mut Random, name: &str) -> String {
    let mut text = format!("  name: {name}\n");
    if random.chance(8) {
        text.push_str(&format!("  namespace: {}\n", random.one(&["one", "two", "default"])));
    }
    if random.chance(50) {
        text.push_str(&format!("  labels: {}\n", labels(random)));
    }
    if random.chance(30) {
        text.push_str(&format!(
            "  annotations:\n    note: {}\n    other/key: {}\n",
            random.one(&["a", "\"1\"", "'x: y'", "\"\""]),
            label(random)
        ));
    }
    text
}

fn container(random: &mut Random, name: &str, seed: u64) -> String {
    let image =
        random.one(&["nginx", "nginx:1.2", "registry.example:5000/team/web:v1", "web@sha256:0123", "other/nginx:1", "\"web:1.10\""]);
    let mut text = format!("- name: {name}\n  image: {image}\n");
    if random.chance(50) {
        text.push_str("  env:\n");
        for key in ["A", "B", "VAR"] {
            match random.below(4) {
                0 => text
                    .push_str(&format!("  - name: {key}\n    value: {}\n", random.one(&["a", "\"1\"", "$(A)", "''", "\"x\\ny\"", "'no'"]))),
                1 => text.push_str(&format!(
                    "  - name: {key}\n    valueFrom: {{{}: {{name: {}-{seed}, key: k}}}}\n",
                    random.one(&["configMapKeyRef", "secretKeyRef"]),
                    random.one(&NAMES)
                )),
                _ => {}
            }
        }
        if text.ends_with("env:\n") {
            text.push_str("  - {name: LAST, value: x}\n");
        }
    }
    if random.chance(40) {
        text.push_str("  ports:\n  - containerPort: 80\n");
        if random.chance(50) {
            text.push_str("    name: http\n    protocol: TCP\n");
        }
        if random.chance(40) {
            text.push_str("  - {containerPort: 80, protocol: UDP}\n");
        }
    }
    if random.chance(25) {
        text.push_str(&format!("  command: [run, {}, --x]\n", random.one(&["\"1\"", "'true'", "$(A)", "a"])));
    }
    if random.chance(25) {
        text.push_str(&format!("  envFrom:\n  - configMapRef: {{name: {}-{seed}}}\n", random.one(&NAMES)));
    }
    if random.chance(30) {
        text.push_str("  resources:\n    limits: {cpu: 100m, memory: 1Gi}\n");
    }
    if random.chance(20) {
        text.push_str("  livenessProbe: {httpGet: {path: /x, port: http}}\n");
    }
    if random.chance(30) {
        text.push_str("  volumeMounts:\n  - {name: v, mountPath: /v}\n  - {name: w, mountPath: /w}\n");
    }
    text
}

pub(super) fn indent(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

fn pod(random: &mut Random, seed: u64) -> String {
    let mut text = format!("metadata:\n  labels: {}\nspec:\n  containers:\n", labels(random));
    for name in ["main", "side"] {
        if name == "main" || random.chance(35) {
            text.push_str(&indent(&container(random, name, seed), 2));
        }
    }
    if random.chance(20) {
        text.push_str(&format!("  initContainers:\n{}", indent(&container(random, "init", seed), 2)));
    }
    if random.chance(30) {
        text.push_str(&format!("  serviceAccountName: {}-{seed}\n", random.one(&NAMES)));
    }
    if random.chance(40) {
        let name = random.one(&NAMES);
        text.push_str(&format!(
            "  volumes:\n  - name: v\n    configMap: {{name: {name}-{seed}}}\n  - name: w\n    secret: {{secretName: {name}-{seed}}}\n"
        ));
    }
    if random.chance(15) {
        text.push_str("  tolerations:\n  - {key: a, operator: Exists}\n");
    }
    text
}

fn data(random: &mut Random) -> String {
    let mut text = String::new();
    for key in ["k", "file.txt", "n", "url"] {
        match random.below(5) {
            0 => text.push_str(&format!("  {key}: |\n    line one\n    line: two\n")),
            1 => text.push_str(&format!("  {key}: \"{}\"\n", random.one(&["1", "true", "a", "", "x\\ty", "line\\n"]))),
            2 => text
                .push_str(&format!("  {key}: {}\n", random.one(&["plain", "a-b.c", "'q'", ">-\n    folded\n    text", "http://web:80"]))),
            _ => {}
        }
    }
    if text.is_empty() { "  k: v\n".to_owned() } else { text }
}

/// The `apiVersion` that most objects of a kind have.
pub(super) fn api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" => "apps/v1",
        "CronJob" => "batch/v1",
        "Ingress" => "networking.k8s.io/v1",
        "RoleBinding" | "ClusterRole" => "rbac.authorization.k8s.io/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "Rollout" => "example.com/v1",
        _ => "v1",
    }
}

/// An object of a kind.
pub(super) fn object(random: &mut Random, kind: &str, name: &str, seed: u64) -> String {
    let api_version = if kind == "HorizontalPodAutoscaler" && random.chance(30) { "autoscaling/v1" } else { api_version(kind) };
    let other = format!("{}-{seed}", random.one(&NAMES));
    let metadata = metadata(random, &format!("{name}-{seed}"));
    let body = match kind {
        "Deployment" | "StatefulSet" | "Rollout" => {
            let replicas =
                if random.chance(50) { format!("  replicas: {}\n", random.one(&["1", "3", "\"2\"", "0"])) } else { String::new() };
            let claims = if kind == "StatefulSet" && random.chance(50) {
                "  volumeClaimTemplates:\n  - metadata: {name: data}\n    spec: {accessModes: [ReadWriteOnce]}\n"
            } else {
                ""
            };
            let service = if kind == "StatefulSet" { format!("  serviceName: {other}\n") } else { String::new() };
            let selector = labels(random);
            format!(
                "spec:\n{replicas}{service}  selector:\n    matchLabels: {selector}\n  template:\n{}{claims}",
                indent(&pod(random, seed), 4)
            )
        }
        "CronJob" => format!(
            "spec:\n  schedule: {}\n  jobTemplate:\n    spec:\n      template:\n{}",
            random.one(&["\"0 * * * *\"", "'@daily'"]),
            indent(&pod(random, seed), 8)
        ),
        "Service" => format!(
            "spec:\n  selector: {}\n  ports:\n  - port: 80\n    {}\n  - {{port: 80, protocol: UDP, name: u}}\n",
            labels(random),
            random.one(&["name: http", "protocol: TCP", "targetPort: http", "targetPort: 8080"])
        ),
        "ConfigMap" => format!("data:\n{}", data(random)),
        "Secret" => random.one(&["type: Opaque\nstringData:\n  p: x\n", "data:\n  p: eA==\n", "stringData: {a: \"1\"}\n"]).to_owned(),
        "Ingress" => format!(
            "spec:\n  tls:\n  - secretName: {other}\n  rules:\n  - host: x.example\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend: {{service: {{name: {other}, port: {{number: 80}}}}}}\n"
        ),
        "RoleBinding" => format!(
            "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {other}}}\nsubjects:\n- {{kind: ServiceAccount, name: {}-{seed}, namespace: {}}}\n",
            random.one(&NAMES),
            random.one(&["one", "default", "two"])
        ),
        "ClusterRole" => format!("rules:\n- apiGroups: ['']\n  resources: [pods]\n  resourceNames: [{other}]\n  verbs: [get, \"*\"]\n"),
        "HorizontalPodAutoscaler" => format!(
            "spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: {}, name: {other}}}\n  maxReplicas: 3\n",
            random.one(&["Deployment", "StatefulSet"])
        ),
        "PersistentVolumeClaim" => "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n".to_owned(),
        _ => String::new(),
    };
    let extra = if random.chance(10) && matches!(kind, "ConfigMap" | "Rollout") {
        format!("extra:\n  x: {}\n  y: {}\n", scalar(random), scalar(random))
    } else {
        String::new()
    };
    let comment = if random.chance(15) { "# a comment\n" } else { "" };
    format!("{comment}apiVersion: {api_version}\nkind: {kind}\nmetadata:\n{metadata}{body}{extra}")
}
