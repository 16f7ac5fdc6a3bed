//! What people read.

use kubevet_facts::schema::Version;

use super::facts;

#[test]
fn a_very_broken_deployment() {
    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: My_App
  lables: {app: api}
  annotations: {replicas: 3}
spec:
  replicas: '3'
  selector: {matchLabels: {app: api}}
  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}
  template:
    metadata:
      labels: {app: web, version: 1.10}
    spec:
      restartPolicy: OnFailure
      serviceAccountName: api_account
      containers:
        - name: api
          image: registry.example.com/api:1
          imagePullPolcy: Always
          command: /bin/api
          ports:
            - {name: HTTP, containerPort: 80800}
          env:
            - {name: PASSWORD, value: 12345}
            - {name: HOST, value: db, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
          resources:
            requests: {cpu: 2, memory: 64MB}
            limits: {cpu: 500m}
          livenessProbe: {periodSeconds: 5}
          readinessProbe:
            httpGet: {path: /, port: 80, scheme: https}
          volumeMounts:
            - {name: confg, mountPath: /etc/api}
        - name: api
      volumes:
        - {name: config, configMap: {name: api, defaultMode: 644}}
";
    let shown: Vec<_> = facts(Version::V1_33, deployment).iter().map(|fact| format!("{} {}", fact.field, fact.message)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_fact_as_rules_see_it() {
    let found = facts(Version::V1_33, "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {prots: [{port: 80}], clusterIP: None}}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
}
