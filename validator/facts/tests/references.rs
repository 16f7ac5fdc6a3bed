//! Names that nothing answers to.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

mod common;

use common::{deployment, facts, service};
use kubevet_facts::mentions::endpoints::endpoints;

/// What dangles in the first object, as `Kind name key:port`.
fn dangling(manifests: &str) -> Vec<String> {
    let text = |dangling: &kubevet_facts::references::Dangling| {
        let part = |sign: &str, part: &Option<String>| part.as_ref().map(|part| format!("{sign}{part}")).unwrap_or_default();
        format!(
            "{} {}{}{}{}",
            dangling.kind,
            dangling.name,
            part("/", &dangling.key),
            part(":", &dangling.port),
            part(" ~", &dangling.similar)
        )
    };
    facts(manifests).objects[0].dangling.iter().map(text).collect()
}

fn with_env(container: &str, more: &str) -> Vec<String> {
    dangling(&(deployment("web", container) + more))
}

const SETTINGS: &str = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {a: b, 'file.conf': c}\n";
const SECRET: &str = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: shop}\nstringData: {password: x}\n";

#[test]
fn variables() {
    let key = |kind: &str, name: &str, key: &str| {
        with_env(&format!("env: [{{name: X, valueFrom: {{{kind}: {{name: {name}, key: {key}}}}}}}]"), &(SETTINGS.to_owned() + SECRET))
    };
    assert!(key("configMapKeyRef", "settings", "a").is_empty());
    assert!(key("secretKeyRef", "login", "password").is_empty());
    assert_eq!(key("configMapKeyRef", "setings", "a"), ["ConfigMap setings ~settings"]);
    assert_eq!(key("secretKeyRef", "login", "pasword"), ["Secret login/pasword ~password"]);
    assert_eq!(key("secretKeyRef", "settings", "a"), ["Secret settings"], "of the other kind");
    assert!(with_env("env: [{name: X, valueFrom: {secretKeyRef: {name: nope, key: k, optional: true}}}]", "").is_empty());
    assert!(with_env("envFrom: [{secretRef: {name: nope, optional: true}}]", "").is_empty());
    assert_eq!(with_env("envFrom: [{secretRef: {name: nope}}]", ""), ["Secret nope"]);
}

#[test]
fn another_namespace_does_not_help() {
    let elsewhere = SECRET.replace("shop", "other");
    assert_eq!(with_env("envFrom: [{secretRef: {name: login}}]", &elsewhere), ["Secret login"]);
}

#[test]
fn volumes_and_the_rest_of_the_pod() {
    let pod = |spec: &str| {
        dangling(&format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop}}\nspec: {{{spec}}}\n{SETTINGS}{SECRET}"))
    };
    assert!(pod("volumes: [{name: v, configMap: {name: settings, items: [{key: a, path: a}]}}]").is_empty());
    assert_eq!(pod("volumes: [{name: v, configMap: {name: settings, items: [{key: z, path: a}]}}]"), ["ConfigMap settings/z"]);
    assert_eq!(pod("volumes: [{name: v, secret: {secretName: nope}}]"), ["Secret nope"]);
    assert!(pod("volumes: [{name: v, secret: {secretName: nope, optional: true}}]").is_empty());
    assert_eq!(
        pod("volumes: [{name: v, projected: {sources: [{secret: {name: login, items: [{key: z, path: a}]}}, {configMap: {name: nope}}]}}]"),
        ["Secret login/z", "ConfigMap nope"]
    );
    assert_eq!(pod("volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]"), ["PersistentVolumeClaim data"]);
    assert_eq!(pod("imagePullSecrets: [{name: registry}]"), ["Secret registry"]);
    assert_eq!(pod("serviceAccountName: robot"), ["ServiceAccount robot"]);
    assert_eq!(pod("serviceAccount: robot"), ["ServiceAccount robot"]);
    assert!(pod("serviceAccountName: default, volumes: [{name: v, configMap: {name: kube-root-ca.crt}}]").is_empty());
    let mount = |path: &str| {
        pod(&format!(
            "volumes: [{{name: v, configMap: {{name: settings}}}}], containers: [{{name: c, volumeMounts: [{{name: v, mountPath: /x, subPath: {path}}}]}}]"
        ))
    };
    assert!(mount("file.conf").is_empty());
    assert_eq!(mount("file.cnf"), ["ConfigMap settings/file.cnf ~file.conf"]);
}

#[test]
fn operators_make_secrets_with_keys() {
    let needs = |key: &str, name: &str| format!("env: [{{name: X, valueFrom: {{secretKeyRef: {{name: {name}, key: {key}}}}}}}]");
    let external = |spec: &str| {
        format!(
            "---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: es, namespace: shop}}\nspec: {{{spec}}}\n"
        )
    };
    assert!(with_env(&needs("k", "es"), &external("data: [{secretKey: k}]")).is_empty());
    assert_eq!(with_env(&needs("z", "es"), &external("data: [{secretKey: k}]")), ["Secret es/z"]);
    assert!(with_env(&needs("k", "login"), &external("target: {name: login}, data: [{secretKey: k}]")).is_empty());
    assert_eq!(with_env(&needs("k", "es"), &external("target: {name: login}, data: [{secretKey: k}]")), ["Secret es"]);
    assert!(with_env(&needs("z", "es"), &external("dataFrom: [{extract: {key: x}}]")).is_empty(), "keys that nobody can know");
    let template = "target: {template: {data: {dsn: x}}}, data: [{secretKey: k}]";
    assert!(with_env(&needs("dsn", "es"), &external(template)).is_empty());
    assert_eq!(with_env(&needs("k", "es"), &external(template)), ["Secret es/k"], "a template replaces what was fetched");
    assert_eq!(with_env(&needs("k", "es"), &external("target: {creationPolicy: None}, data: [{secretKey: k}]")), ["Secret es"]);
    let cluster = "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: shop}\nspec: {instances: 1}\n";
    assert!(with_env(&needs("uri", "pg-app"), cluster).is_empty());
    let user = "---\napiVersion: kafka.strimzi.io/v1\nkind: KafkaUser\nmetadata: {name: writer, namespace: shop}\nspec: {authentication: {type: scram-sha-512}}\n";
    assert!(with_env(&needs("password", "writer"), user).is_empty());
    assert_eq!(with_env(&needs("user.crt", "writer"), user), ["Secret writer/user.crt"]);
    let unknown = "---\napiVersion: example.com/v1\nkind: Cache\nmetadata: {name: c, namespace: shop}\n";
    assert!(with_env(&needs("k", "c-auth"), unknown).is_empty(), "an unknown operator's resource of that name");
    assert_eq!(with_env(&needs("k", "cache"), unknown), ["Secret cache"]);
}

#[test]
fn certificates_of_ingresses() {
    let ingress = |annotations: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i, namespace: shop, annotations: {{{annotations}}}}}\nspec: {{tls: [{{secretName: crt}}]}}\n{}",
            deployment("web", "")
        )
    };
    assert_eq!(dangling(&ingress("")), ["Secret crt"]);
    assert!(dangling(&ingress("cert-manager.io/cluster-issuer: ca")).is_empty());
}

#[test]
fn services() {
    let web = deployment("web", "ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]");
    let found = |ports: &str| dangling(&(service("web", ports) + &web));
    assert!(found("[{port: 80, targetPort: http}]").is_empty());
    assert!(found("[{port: 80, targetPort: 9}]").is_empty(), "undeclared numbers are open too");
    assert_eq!(found("[{port: 80, targetPort: htttp}]"), ["Pod :htttp ~http"]);
    assert_eq!(found("[{port: 53, targetPort: dns}]"), ["Pod :dns"], "of another protocol");
    assert_eq!(dangling(&(service("wbe", "[{port: 80}]") + &web)), ["Pod "]);
    let elsewhere = deployment("wbe", "").replace("namespace: shop", "namespace: other");
    assert_eq!(dangling(&(service("wbe", "[{port: 80}]") + &web + &elsewhere)), ["Pod  ~Deployment other/wbe"]);
    let selectorless = service("wbe", "[{port: 80}]").replace("selector: {app: wbe}, ", "");
    assert!(dangling(&(selectorless + &web)).is_empty());
    let database = service("web", "[{port: 80}]").replace("app: web", "cnpg.io/cluster: pg");
    let cluster = "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: shop}\nspec: {instances: 1}\n";
    assert!(dangling(&(database + cluster)).is_empty());
}

#[test]
fn routes() {
    let found = |rule: &str| {
        let route = format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r, namespace: shop}}\nspec: {{rules: [{rule}]}}\n"
        );
        dangling(&(route + &service("web", "[{port: 80}]") + &deployment("web", "")))
    };
    assert!(found("{backendRefs: [{name: web, port: 80}]}").is_empty());
    assert_eq!(found("{backendRefs: [{name: web, port: 80}, {name: wbe, port: 80}]}"), ["Service wbe ~web"]);
    assert_eq!(found("{backendRefs: [{name: web, port: 8080}]}"), ["Service web:8080 ~80"]);
    assert_eq!(found("{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 80}}}]}"), ["Service copy"]);
    assert!(found("{backendRefs: [{group: example.com, kind: Bucket, name: files}]}").is_empty(), "no Service");
    assert!(found("{backendRefs: [{name: web, namespace: elsewhere, port: 80}]}").is_empty(), "not all of that is here");
}

#[test]
fn targets_of_one_name_in_two_protocols() {
    let web = deployment("web", "ports: [{name: http, containerPort: 8080}]");
    let ports = |ports: &str| {
        let dangling = facts(&(service("web", ports) + &web)).objects[0].dangling.clone();
        dangling.iter().map(|dangling| dangling.path.to_string()).collect::<Vec<_>>()
    };
    let (tcp, udp) = ("{name: a, port: 443, targetPort: http}", "{name: b, port: 443, protocol: UDP, targetPort: http}");
    assert_eq!(ports(&format!("[{tcp}, {udp}]")), ["spec.ports[1].targetPort"]);
    assert_eq!(ports(&format!("[{udp}, {tcp}]")), ["spec.ports[0].targetPort"]);
    assert!(ports(&format!("[{tcp}]")).is_empty());
}

#[test]
fn a_service_may_be_for_one_pod_of_a_set() {
    let set = |more: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: store, namespace: shop}}\nspec:\n  replicas: 3\n  {more}\n  \
             template: {{metadata: {{labels: {{app: store}}}}, spec: {{containers: [{{name: main, image: example/app}}]}}}}\n"
        )
    };
    let selects = |selector: &str, more: &str| {
        let service = service("one", "[{port: 80}]").replace("{app: one}", selector);
        dangling(&(service + &set(more) + &deployment("web", ""))).is_empty()
    };
    assert!(selects("{statefulset.kubernetes.io/pod-name: store-0}", ""));
    assert!(selects("{app: store, apps.kubernetes.io/pod-index: '2'}", ""));
    assert!(!selects("{statefulset.kubernetes.io/pod-name: store-3}", ""), "there are three");
    assert!(selects("{statefulset.kubernetes.io/pod-name: store-3}", "ordinals: {start: 1}"));
    assert!(!selects("{statefulset.kubernetes.io/pod-name: web-0}", ""), "a Deployment numbers nothing");
    assert!(!selects("{app: web, apps.kubernetes.io/pod-index: '0'}", ""));
}

#[test]
fn backends() {
    let backend = |port: &str| {
        let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec: {rules: [{http: {paths: [{backend: {service: {name: web, port: PORT}}}]}}]}\n";
        dangling(&(ingress.replace("PORT", port) + &service("web", "[{port: 80, name: http}]") + &deployment("web", "")))
    };
    assert!(backend("{number: 80}").is_empty());
    assert!(backend("{name: http}").is_empty());
    assert_eq!(backend("{number: 8080}"), ["Service web:8080 ~80"]);
    assert_eq!(backend("{name: web}"), ["Service web:web ~http"], "the only one there is");
    let alone = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n";
    assert_eq!(dangling(&(alone.to_owned() + &deployment("web", ""))), ["Service web"]);
}

#[test]
fn bindings_sets_claims_and_accounts() {
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, namespace: shop}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: reader, namespace: shop}\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\n";
    let object = |head: &str, body: &str| dangling(&format!("{head}\nmetadata: {{name: x, namespace: shop}}\n{body}\n{namespace}"));
    let binding = |role: &str, account: &str| {
        object(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding",
            &format!("roleRef: {{kind: {role}}}\nsubjects: [{{kind: ServiceAccount, name: {account}}}]"),
        )
    };
    assert!(binding("Role, name: reader", "robot").is_empty());
    assert_eq!(binding("Role, name: raeder", "robt"), ["Role raeder ~reader", "ServiceAccount robt ~robot"]);
    assert!(binding("ClusterRole, name: view", "default").is_empty(), "comes with the cluster");
    assert_eq!(object("apiVersion: apps/v1\nkind: StatefulSet", "spec: {serviceName: db}"), ["Service db"]);
    assert_eq!(object("apiVersion: v1\nkind: PersistentVolumeClaim", "spec: {storageClassName: fats}"), ["StorageClass fats ~fast"]);
    assert!(object("apiVersion: v1\nkind: PersistentVolumeClaim", "spec: {storageClassName: standard}").is_empty());
    assert_eq!(object("apiVersion: v1\nkind: ServiceAccount", "imagePullSecrets: [{name: registry}]"), ["Secret registry"]);
}

#[test]
fn hosts() {
    let more = deployment("db", "") + &service("db", "[{port: 5432}]");
    let value = |value: &str| with_env(&format!("env: [{{name: URL, value: '{value}'}}]"), &more);
    assert!(value("postgresql://u:p@db:5432/x").is_empty());
    assert!(value("postgresql://db.shop.svc.cluster.local/x").is_empty());
    assert!(value("http://db.shop:5432").is_empty());
    assert_eq!(value("postgresql+psycopg://u:p@dbs:5432/x"), ["Service dbs ~db"]);
    assert_eq!(value("http://db:5433"), ["Service db:5433"]);
    assert_eq!(value("http://gone.shop.svc/"), ["Service gone"]);
    assert!(value("https://example.com/db:1").is_empty(), "elsewhere");
    assert!(value("http://a.other.svc").is_empty(), "a namespace that is not here");
    assert!(value("http://localhost:1 http://127.0.0.1:2 0.0.0.0:3 http://[::1]:4").is_empty());
    assert!(value("see gone:80").is_empty(), "not certainly a host");
    let pair = with_env("env: [{name: DB_HOST, value: gone}, {name: DB_PORT, value: '1'}]", &more);
    assert_eq!(pair, ["Service gone"]);
    let expanded = with_env("env: [{name: H, value: db}, {name: URL, value: 'http://$(H):1'}]", &more);
    assert_eq!(expanded, ["Service db:1"]);
}

#[test]
fn endpoints_of_texts() {
    let found = |text: &str| {
        endpoints(text)
            .iter()
            .map(|end| format!("{}:{}", end.host, end.port.map_or("-".into(), |port| port.to_string())))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let table = [
        ("http://a", "a:80"),
        ("https://a.b.svc/p:9?q=http", "a.b.svc:443"),
        ("redis://:secret@cache:6380/0", "cache:6380"),
        ("postgresql://u@a:1,b:2/x", "a:1 b:2"),
        ("http://a:1,http://b:2", "a:1 b:2"),
        ("kafka-0:9092,kafka-1:9092", "kafka-0:9092 kafka-1:9092"),
        ("--targets=['a:1', \"b:2\"]", "a:1 b:2"),
        ("PLAINTEXT://:9092,CONTROLLER://localhost:9093", ""),
        ("user:password@host:5432/x", "host:5432"),
        ("10.0.0.1:80 Upper:1 -x:2 a_b:3 a:99999", ""),
        ("unknown://a", "a:-"),
        ("", ""),
    ];
    for (text, expected) in table {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn a_table_of_products_that_is_wrong_says_what() {
    let error = |text: &str| serde_yaml::from_str::<kubevet_facts::products::Products>(text).unwrap_err().to_string();
    let product = |made: &str| format!("{{version: 1, products: [{{group: g, kind: K, makes: [{made}]}}]}}");
    for (text, expected) in [
        ("{version: 2, products: []}".to_owned(), "version 2 is not known"),
        ("{version: 1}".to_owned(), "missing field `products`"),
        (product("{kind: Pot, name: [a]}"), "unknown variant `Pot`"),
        (product("{kind: Pod, name: ['{a']}"), "a { without its }"),
        (product("{kind: Pod, name: ['{a..b}']}"), "an empty key"),
        (product("{kind: Pod, name: ['{a[b}']}"), "a [ without its ]"),
        (product("{kind: Pod, name: ['{a.*.b}']}"), "a * that is not last"),
        (product("{kind: Pod, name: ['{}']}"), "a field is empty"),
        (product("{kind: Pod, nmae: [a]}"), "unknown field `nmae`"),
    ] {
        assert!(error(&text).contains(expected), "{text}: {}", error(&text));
    }
}

#[test]
fn what_is_filled_in_later_dangles_nowhere() {
    assert!(with_env("envFrom: [{secretRef: {name: '${APP}-login'}}, {configMapRef: {name: '{{ name }}'}}]", "").is_empty());
    for value in ["vault:secret/data/x#y", "op://vault/item/field", "ref+vault://kv/data#x"] {
        assert!(with_env(&format!("env: [{{name: PASSWORD, value: '{value}'}}]"), "").is_empty(), "{value}");
    }
}

/// A Job that is told the name of a Secret makes it, as those for the certificates of webhooks do.
#[test]
fn a_job_makes_what_its_arguments_name() {
    let job = |argument: &str| {
        let container = format!("{{name: j, image: i, args: [create, '{argument}']}}");
        let job = format!(
            "---\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, namespace: shop}}\nspec: {{template: {{spec: {{containers: [{container}]}}}}}}\n"
        );
        with_env("envFrom: [{secretRef: {name: web-cert}}]", &job)
    };
    assert!(job("--secret-name=web-cert").is_empty());
    assert_eq!(job("--secret-name=web-certs"), ["Secret web-cert"]);
}

/// Argo CD's Redis makes its password itself.
#[test]
fn an_init_container_makes_the_password_of_argo_cds_redis() {
    let redis = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: redis, namespace: shop}\nspec: {template: {spec: {initContainers: [{name: i, image: i, command: [argocd, admin, redis-initial-password]}]}}}\n";
    assert!(with_env("envFrom: [{secretRef: {name: argocd-redis}}]", redis).is_empty());
    assert_eq!(with_env("envFrom: [{secretRef: {name: argocd-redis}}]", &redis.replace("initial", "other")), ["Secret argocd-redis"]);
}

#[test]
fn what_a_selector_nearly_selects() {
    let near = |selector: &str| {
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}\n---\n"
        );
        let found = facts(&(service + &deployment("web", ""))).objects[0].dangling.clone();
        let near = found.into_iter().next().and_then(|dangling| dangling.nearest);
        near.map(|near| format!("{} {} {:?}", near.object, near.path, near.value))
    };
    let label = "Deployment shop/web spec.template.metadata.labels";
    assert_eq!(near("app: wbe"), Some(format!("{label}.app Some(\"web\")")));
    assert_eq!(near("app: web, tier: a"), Some(format!("{label}.tier None")));
    assert_eq!(near("tier: a"), None);
    assert_eq!(near("app: wbe, tier: a"), None);
}

/// What a program writes into the labels of its own Pods when they have elected a leader is in no manifest.
#[test]
fn a_selector_may_name_a_role_that_pods_get_while_they_run() {
    let service = |selector: &str| {
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}\n---\n"
        );
        facts(&(service + &deployment("web", ""))).objects[0].dangling.len()
    };
    assert_eq!(service("app: web, operator: leader"), 0);
    assert_eq!(service("app: web, vault-active: 'true'"), 0);
    assert_eq!(service("app: web, tier: a"), 1);
    assert_eq!(service("app: api, operator: leader"), 1);
}

#[test]
fn services_whose_pods_are_in_another_namespace() {
    let service = |namespace: &str, app: &str| {
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: {namespace}}}\nspec: {{selector: {{app: {app}}}, ports: [{{port: 80}}]}}\n---\n"
        );
        dangling(&(service + &deployment("web", "")))
    };
    assert_eq!(service("other", "web"), ["Pod  ~Deployment shop/web"]);
    assert_eq!(service("other", "api"), [""; 0], "what else is in that namespace is not known");
    assert!(service("shop", "web").is_empty());
}

/// A Pod's number has no zeros before it.
#[test]
fn single_pods_of_a_stateful_set() {
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n  replicas: 3\n  selector: {matchLabels: {app: db}}\n  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: a, image: a}]}}\n";
    let selects = |label: &str| {
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{selector: {{app: db, {label}}}, ports: [{{port: 80}}]}}\n---\n"
        );
        dangling(&(service + set)).is_empty()
    };
    for label in
        ["statefulset.kubernetes.io/pod-name: db-0", "statefulset.kubernetes.io/pod-name: db-2", "apps.kubernetes.io/pod-index: '0'"]
    {
        assert!(selects(label), "{label}");
    }
    for label in [
        "statefulset.kubernetes.io/pod-name: db-3",
        "statefulset.kubernetes.io/pod-name: db-01",
        "statefulset.kubernetes.io/pod-name: bd-0",
        "apps.kubernetes.io/pod-index: '3'",
    ] {
        assert!(!selects(label), "{label}");
    }
}

/// Which instance is the primary, and what each is called, is not the resource's to say.
#[test]
fn single_pods_of_what_operators_make() {
    let selects = |resource: &str, labels: &str| {
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{selector: {{{labels}}}, ports: [{{port: 5432}}]}}\n---\n"
        );
        dangling(&(service + resource)).is_empty()
    };
    let cnpg = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: shop}\nspec: {instances: 3, storage: {size: 1Gi}}\n";
    let zalando = "apiVersion: acid.zalan.do/v1\nkind: postgresql\nmetadata: {name: a-pg, namespace: shop}\nspec: {teamId: a, numberOfInstances: 2}\n";
    let pool = "apiVersion: kafka.strimzi.io/v1\nkind: KafkaNodePool\nmetadata: {name: both, namespace: shop, labels: {strimzi.io/cluster: k}}\nspec: {replicas: 3, roles: [broker, controller]}\n";
    let prometheus =
        "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: main, namespace: shop}\nspec: {replicas: 2}\n";
    for (resource, labels) in [
        (cnpg, "cnpg.io/cluster: pg, cnpg.io/instanceRole: primary"),
        (cnpg, "cnpg.io/cluster: pg, cnpg.io/instanceRole: replica"),
        (cnpg, "cnpg.io/cluster: pg, role: replica"),
        (cnpg, "cnpg.io/instanceName: pg-2"),
        (zalando, "cluster-name: a-pg, spilo-role: master"),
        (zalando, "application: spilo, team: a, spilo-role: replica"),
        (zalando, "statefulset.kubernetes.io/pod-name: a-pg-0"),
        (pool, "strimzi.io/cluster: k, strimzi.io/pod-name: k-both-0"),
        (prometheus, "prometheus: main, statefulset.kubernetes.io/pod-name: prometheus-main-1"),
    ] {
        assert!(selects(resource, labels), "{labels}");
    }
    for (resource, labels) in [
        (cnpg, "cnpg.io/cluster: other, cnpg.io/instanceRole: replica"),
        (cnpg, "cnpg.io/cluster: pg, cnpg.io/instanceRole: leader"),
        (cnpg, "cnpg.io/instanceName: other-1"),
        (zalando, "cluster-name: a-pg, spilo-role: primary"),
        (pool, "strimzi.io/pod-name: k-other-0"),
        (prometheus, "statefulset.kubernetes.io/pod-name: main-0"),
    ] {
        assert!(!selects(resource, labels), "{labels}");
    }
}

/// Of operators that the table does not know, anything may come.
#[test]
fn what_unknown_operators_make_is_not_missing() {
    for (kind, labels) in [
        ("rabbitmq.com/v1beta1, kind: RabbitmqCluster", "app.kubernetes.io/name: x"),
        ("k8s.mariadb.com/v1alpha1, kind: MariaDB", "app.kubernetes.io/instance: x"),
        ("mysql.oracle.com/v2, kind: InnoDBCluster", "mysql.oracle.com/cluster: x"),
        ("pxc.percona.com/v1, kind: PerconaXtraDBCluster", "app.kubernetes.io/component: haproxy"),
        ("elasticsearch.k8s.elastic.co/v1, kind: Elasticsearch", "elasticsearch.k8s.elastic.co/cluster-name: x"),
        ("databases.spotahome.com/v1, kind: RedisFailover", "redisfailovers-role: master"),
        ("kubevirt.io/v1, kind: VirtualMachine", "vm.kubevirt.io/name: x"),
    ] {
        let resource = format!("{{apiVersion: {kind}, metadata: {{name: x, namespace: shop}}, spec: {{}}}}\n---\n");
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: shop}}\nspec: {{selector: {{{labels}}}, ports: [{{port: 80}}]}}\n---\n"
        );
        let all = resource + &service + &deployment("web", "");
        assert!(dangling(&all).is_empty(), "{kind}: {:?}", dangling(&all));
    }
}

/// Secrets that controllers decrypt or fetch are there, under the names that their resources give them, with keys that nobody can know.
#[test]
fn secrets_that_controllers_make() {
    let env = "env: [{name: A, valueFrom: {secretKeyRef: {name: login, key: any}}}]";
    let sops = "spec: {secretTemplates: [{name: login, stringData: {a: b}}]}";
    for (kind, spec) in [
        ("isindir.github.com/v1alpha3, kind: SopsSecret", sops),
        ("secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret", "spec: {destination: {name: login, create: true}}"),
        ("secrets.hashicorp.com/v1beta1, kind: VaultDynamicSecret", "spec: {destination: {name: login}}"),
        (
            "secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass",
            "spec: {secretObjects: [{secretName: login, type: Opaque, data: []}]}",
        ),
        ("onepassword.com/v1, kind: OnePasswordItem", "spec: {itemPath: a}"),
    ] {
        let name = if kind.contains("OnePassword") { "login" } else { "source" };
        let resource = |spec: &str| format!("---\n{{apiVersion: {kind}, metadata: {{name: {name}, namespace: shop}}, {spec}}}\n");
        assert!(with_env(env, &resource(spec)).is_empty(), "{kind}");
        if name == "source" {
            assert_eq!(with_env(env, &resource(&spec.replace("login", "other"))), ["Secret login"], "{kind}");
        }
    }
}
