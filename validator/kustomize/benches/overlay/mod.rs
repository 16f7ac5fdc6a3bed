//! Writes overlays of any size, for benchmarks and for timing whole processes against kubectl.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Objects of one component: a Deployment, a Service, a ConfigMap and a ServiceAccount.
const OBJECTS: usize = 4;

/// Writes a base of `objects` objects and an overlay on it with namespace, prefix, labels, images and patches below
/// `directory`, and returns the overlay's directory.
///
/// # Errors
/// Those of the file system.
pub(crate) fn write(directory: &Path, objects: usize) -> io::Result<PathBuf> {
    let (base, overlay) = (directory.join("base"), directory.join("overlay"));
    fs::create_dir_all(&base)?;
    fs::create_dir_all(&overlay)?;
    let mut resources = String::from("resources:\n");
    let mut patches = String::new();
    for at in 0..objects.div_ceil(OBJECTS) {
        let name = format!("app-{at}");
        fs::write(base.join(format!("{name}.yaml")), component(&name))?;
        let _ = writeln!(resources, "- {name}.yaml");
        if at % 10 == 0 {
            fs::write(overlay.join(format!("{name}.yaml")), patch(&name))?;
            let _ = writeln!(patches, "- path: {name}.yaml");
        }
    }
    fs::write(base.join("kustomization.yaml"), resources)?;
    fs::write(overlay.join("kustomization.yaml"), format!("{OVERLAY}{patches}"))?;
    Ok(overlay)
}

const OVERLAY: &str = "\
resources: [../base]
namespace: production
namePrefix: acme-
labels:
- pairs: {app.kubernetes.io/part-of: acme, team: platform}
  includeSelectors: true
images:
- name: registry.example.com/app
  newTag: v2.3.4
- name: registry.example.com/proxy
  newName: mirror.example.com/proxy
  digest: sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3
patches:
- target: {kind: Deployment, labelSelector: tier=web}
  patch: |-
    - op: replace
      path: /spec/replicas
      value: 5
";

fn patch(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n        \
         resources:\n          limits:\n            memory: 512Mi\n        env:\n        - name: LOG_LEVEL\n          value: debug\n"
    )
}

fn component(name: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
    tier: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
        tier: web
    spec:
      serviceAccountName: {name}
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: app
        image: registry.example.com/app:v1
        args: [--config, /etc/app/config.yaml]
        env:
        - name: LOG_LEVEL
          value: info
        - name: POD_IP
          valueFrom:
            fieldRef:
              fieldPath: status.podIP
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet:
            path: /ready
            port: http
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
        volumeMounts:
        - name: config
          mountPath: /etc/app
      - name: proxy
        image: registry.example.com/proxy:v1
        ports:
        - name: admin
          containerPort: 9901
      volumes:
      - name: config
        configMap:
          name: {name}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  selector:
    app: {name}
  ports:
  - name: http
    port: 80
    targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  config.yaml: |
    listen: 0.0.0.0:8080
    upstream: http://{name}:80
    timeout: 30s
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
automountServiceAccountToken: false
"
    )
}
