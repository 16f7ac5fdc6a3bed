//! What rules learn about NetworkPolicies.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

mod common;

use common::{deployment, facts, facts_with, policy, service};
use serde_json::{Value, json};

const DENY: &str = "{podSelector: {}, policyTypes: [Ingress, Egress]}";
const DNS: &str = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]}";

/// The facts of the object at `at` that a pointer leads to.
fn of(manifests: &str, at: usize, pointer: &str) -> Value {
    let facts = serde_json::to_value(&facts(manifests).objects[at].network).unwrap();
    facts.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in {facts}")).clone()
}

fn default_deny(manifests: &str) -> Value {
    let facts = serde_json::to_value(facts(manifests).overlay.network).unwrap();
    facts.pointer("/namespaces/0/defaultDeny").cloned().unwrap_or_default()
}

#[test]
fn a_namespace_denies_by_default() {
    let web = deployment("web", "") + &deployment("db", "");
    let cases = [
        ("nothing", vec![], [false, false]),
        ("an empty selector", vec![DENY], [true, true]),
        ("one direction", vec!["{podSelector: {}}"], [true, false]),
        ("two policies", vec!["{podSelector: {}}", "{policyTypes: [Egress]}"], [true, true]),
        ("with a rule", vec![DNS], [false, true]),
        ("open to all", vec!["{podSelector: {}, ingress: [{}]}"], [false, false]),
        ("expressions that nothing escapes", vec!["{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}"], [true, false]),
        (
            "expressions that miss one",
            vec!["{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}}"],
            [false, false],
        ),
        (
            "one policy for each",
            vec!["{podSelector: {matchLabels: {app: web}}}", "{podSelector: {matchLabels: {app: db}}}"],
            [false, false],
        ),
    ];
    for (name, policies, [ingress, egress]) in cases {
        let policies: String = policies.iter().enumerate().map(|(at, spec)| policy(&format!("p{at}"), spec)).collect();
        assert_eq!(default_deny(&(web.clone() + &policies)), json!({"ingress": ingress, "egress": egress}), "{name}");
    }
}

#[test]
fn policies_of_other_namespaces_do_not_count() {
    let elsewhere = policy("p", DENY).replace("namespace: shop", "namespace: other");
    let web = deployment("web", "");
    assert_eq!(default_deny(&(web.clone() + &elsewhere)), json!({"ingress": false, "egress": false}));
    assert_eq!(of(&(web + &elsewhere), 0, "/workload/isolatedBy"), json!({"ingress": [], "egress": []}));
}

#[test]
fn a_job_that_is_applied_by_itself_says_nothing_about_its_namespace() {
    let job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j, namespace: shop}\nspec: {template: {metadata: {labels: {app: j}}, spec: {containers: [{name: c, image: i, envFrom: [{secretRef: {name: there}}]}]}}}\n";
    let alone = facts(job);
    assert!(alone.overlay.network.namespaces.is_empty());
    assert!(alone.objects[0].dangling.is_empty());
    let with_namespace = facts(&("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n".to_owned() + job));
    assert_eq!(with_namespace.overlay.network.namespaces.len(), 1);
    assert_eq!(with_namespace.objects[1].dangling.len(), 1);
}

#[test]
fn dns_must_be_open_in_both_protocols() {
    let web = deployment("web", "");
    let blocked = |policies: &[&str]| {
        let policies: String = policies.iter().enumerate().map(|(at, spec)| policy(&format!("p{at}"), spec)).collect();
        of(&(web.clone() + &policies), 0, "/workload/dnsBlocked")
    };
    assert_eq!(blocked(&[]), json!([]), "not isolated");
    assert_eq!(blocked(&["{podSelector: {}}"]), json!([]), "isolated for ingress only");
    assert_eq!(blocked(&[DENY]), json!(["UDP", "TCP"]));
    assert_eq!(blocked(&[DENY, DNS]), json!([]));
    assert_eq!(blocked(&["{podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}]}]}"]), json!(["TCP"]));
    assert_eq!(
        blocked(&["{podSelector: {}, egress: [{ports: [{port: dns, protocol: UDP}, {port: dns-tcp}]}]}"]),
        json!([]),
        "by the server's names"
    );
    assert_eq!(blocked(&["{podSelector: {}, egress: [{to: [{namespaceSelector: {}}]}]}"]), json!([]), "every namespace");
    assert_eq!(blocked(&["{podSelector: {}, egress: [{to: [{podSelector: {}}]}]}"]), json!(["UDP", "TCP"]), "only its own namespace");
    let cache = "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]}";
    assert_eq!(blocked(&[cache]), json!([]), "NodeLocal DNSCache");
}

#[test]
fn pods_that_ask_another_dns_server_need_not_reach_the_clusters() {
    let pod = |fields: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop}}\nspec: {{{fields}, containers: [{{name: c, image: i}}]}}\n"
        )
    };
    let blocked = |fields: &str| of(&(pod(fields) + &policy("p", DENY)), 0, "/workload/dnsBlocked");
    assert_eq!(blocked("dnsPolicy: ClusterFirst"), json!(["UDP", "TCP"]));
    assert_eq!(blocked("dnsPolicy: Default"), json!([]));
    assert_eq!(blocked("dnsPolicy: None"), json!([]));
    assert_eq!(blocked("hostNetwork: true"), json!([]));
}

#[test]
fn dns_may_be_that_of_openshift() {
    let blocked = |ports: &str| {
        let to = "to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}]";
        let spec = format!("{{podSelector: {{}}, policyTypes: [Egress], egress: [{{{to}, ports: {ports}}}]}}");
        of(&(deployment("web", "") + &policy("p", &spec)), 0, "/workload/dnsBlocked")
    };
    assert_eq!(blocked("[{port: 5353, protocol: UDP}, {port: 5353, protocol: TCP}]"), json!([]));
    assert_eq!(blocked("[{port: 5353, protocol: UDP}]"), json!(["TCP"]));
    assert_eq!(blocked("[{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]"), json!(["UDP", "TCP"]), "it listens elsewhere");
}

#[test]
fn pods_in_the_network_of_their_node() {
    let node = deployment("node", "").replace("    spec:\n", "    spec:\n      hostNetwork: true\n");
    let stack = deployment("web", "") + &node;
    let paths = |spec: &str| of(&(stack.clone() + &policy("p", spec)), 2, "/policy/hostNetwork");
    assert_eq!(paths("{podSelector: {matchLabels: {app: node}}}"), json!([["spec", "podSelector"]]));
    let to =
        |selector: &str| format!("{{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: [{{to: [{selector}]}}]}}");
    assert_eq!(paths(&to("{podSelector: {matchLabels: {app: node}}}")), json!([["spec", "egress", 0, "to", 0]]));
    assert_eq!(paths(&to("{podSelector: {}}")), json!([]), "others too");
    assert_eq!(paths(&to("{podSelector: {matchLabels: {app: web}}}")), json!([]));
    assert_eq!(paths(&to("{podSelector: {matchLabels: {app: nobody}}}")), json!([]), "nobody is another matter");
}

#[test]
fn dangling_selectors() {
    let web = deployment("web", "");
    let nothing = |spec: &str| of(&(web.clone() + &policy("p", spec)), 1, "/policy/selectsNothing");
    assert_eq!(nothing("{podSelector: {matchLabels: {app: wbe}}}"), json!(true));
    assert_eq!(nothing("{podSelector: {matchLabels: {app: web}}}"), json!(false));
    assert_eq!(nothing("{podSelector: {matchExpressions: [{key: gone, operator: Exists}]}}"), json!(false), "meant for what comes");
    let peers = |from: &str| {
        of(&(web.clone() + &policy("p", &format!("{{podSelector: {{}}, ingress: [{{from: [{from}]}}]}}"))), 1, "/policy/emptyPeers")
    };
    let first = json!([["spec", "ingress", 0, "from", 0]]);
    assert_eq!(peers("{podSelector: {matchLabels: {app: wbe}}}"), first);
    assert_eq!(peers("{podSelector: {matchLabels: {app: web}}}"), json!([]));
    assert_eq!(
        peers("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: x}}}"),
        first
    );
    assert_eq!(peers("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}"), json!([]), "unknown namespace");
    assert_eq!(peers("{ipBlock: {cidr: 10.0.0.0/8}}"), json!([]));
}

#[test]
fn what_comes_on_top_and_what_operators_make_is_selected_too() {
    let manifests = deployment("web", "")
        + &policy(
            "p",
            "{podSelector: {matchLabels: {app: job}}, ingress: [{from: [{podSelector: {matchLabels: {cnpg.io/cluster: pg}}}]}]}",
        );
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j, namespace: shop}\nspec: {template: {metadata: {labels: {app: job}}, spec: {}}}\n";
    let cluster = "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg, namespace: shop}\nspec: {instances: 1}\n";
    let unknown = "---\napiVersion: example.com/v1\nkind: Cache\nmetadata: {name: c, namespace: shop}\n";
    let policy = |manifests: &str, additions: &str| {
        let facts = facts_with(manifests, additions).objects[1].network.policy.clone().unwrap();
        (facts.selects_nothing, facts.empty_peers.len())
    };
    assert_eq!(policy(&manifests, ""), (true, 1));
    assert_eq!(policy(&manifests, job), (false, 1));
    assert_eq!(policy(&(manifests.clone() + cluster), job), (false, 0));
    assert_eq!(policy(&(manifests + unknown), ""), (false, 0), "an unknown operator may make anything");
}

#[test]
fn a_needed_flow_is_blocked_by_either_side() {
    let stack = deployment("web", "env: [{name: URL, value: 'postgresql://u:p@db:5432/x'}]")
        + &deployment("db", "")
        + &service("db", "[{port: 5432}]");
    let by = |policies: &str| {
        of(&(stack.clone() + policies), 0, "/workload/blocked")
            .as_array()
            .unwrap()
            .iter()
            .map(|flow| flow["by"].clone())
            .collect::<Vec<_>>()
    };
    assert!(by("").is_empty());
    assert_eq!(by(&policy("p", "{podSelector: {matchLabels: {app: db}}}")), [json!(["ingress"])]);
    assert_eq!(by(&policy("p", DNS)), [json!(["egress"])]);
    assert_eq!(by(&policy("p", DENY)), [json!(["egress", "ingress"])]);
    assert!(by(&policy("p", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5432}]}]}")).is_empty());
    let flow = of(&(stack.clone() + &policy("p", "{podSelector: {matchLabels: {app: db}}}")), 0, "/workload/blocked/0");
    assert_eq!(flow["path"], json!(["spec", "template", "spec", "containers", 0, "env", 0, "value"]));
    assert_eq!(flow["to"]["name"], "db");
    assert_eq!(flow["policies"][0]["name"], "p");
}

/// What would open it: a rule in the policy of these pods alone, else a policy of their own.
#[test]
fn a_side_that_forbids_a_flow_says_what_would_allow_it() {
    let db = deployment("db", "")
        .replace("matchLabels: {app: db}", "matchLabels: {tier: data}")
        .replace("{labels: {app: db}}", "{labels: {app: db, tier: data}}");
    let service = service("db", "[{port: 5432}]");
    let stack = deployment("web", "env: [{name: URL, value: 'postgresql://u:p@db:5432/x'}]") + &db + &service;
    let closed = |policies: &str| of(&(stack.clone() + policies), 0, "/workload/blocked/0/closed");
    let web = json!({"podSelector": {"matchLabels": {"app": "web"}}});
    let ingress = |policy: Value| {
        let side = json!({"direction": "ingress", "namespace": "shop", "name": "db", "pods": {"matchLabels": {"tier": "data"}}, "peer": web.clone()});
        match policy {
            Value::Null => side,
            policy => {
                let mut side = side;
                side["policy"] = policy;
                side
            }
        }
    };
    let own = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "shop", "name": "p"});
    assert_eq!(closed(&policy("p", "{podSelector: {matchLabels: {app: db}}}")), json!([ingress(own)]));
    let both = closed(&policy("p", DENY));
    assert_eq!(both[0]["direction"], "egress");
    assert_eq!(both[0]["peer"], json!({"podSelector": {"matchLabels": {"tier": "data"}}}));
    assert_eq!(both[1], ingress(Value::Null), "the policy selects others too");
}

#[test]
fn whom_a_policy_for_dns_must_select() {
    let stack = deployment("web", "") + &deployment("db", "");
    let askers = |policies: &str| of(&(stack.clone() + policies), 0, "/workload").get("dnsAskers").cloned();
    assert_eq!(askers(""), None);
    assert_eq!(askers(&policy("p", DENY)), Some(json!({})), "all are isolated already");
    let own = policy("p", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}");
    assert_eq!(askers(&own), Some(json!({"matchLabels": {"app": "web"}})));
}

#[test]
fn addresses_that_are_listed_by_hand_must_be_open() {
    let blocked = |env: &str, cidr: &str, listed: &str| {
        let stack = deployment("web", &format!("env: [{{name: URL, value: '{env}'}}]"))
            + &service("crm", "[{name: https, port: 443}]").replace("selector: {app: crm}, ", "")
            + listed;
        let spec = format!(
            "{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{ipBlock: {{cidr: {cidr}}}}}], ports: [{{port: 8443}}]}}]}}"
        );
        let found = of(&(stack + &policy("p", &spec)), 0, "/workload/blocked");
        found.as_array().unwrap().iter().map(|flow| (flow["to"]["kind"].clone(), flow["port"].clone())).collect::<Vec<_>>()
    };
    let slice = "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: crm-1, namespace: shop, labels: {kubernetes.io/service-name: crm}}\n\
                 addressType: IPv4\nendpoints: [{addresses: [192.0.2.11]}]\nports: [{name: https, port: 8443}, {name: other, port: 1}]\n";
    let endpoints = "---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: crm, namespace: shop}\nsubsets: [{addresses: [{ip: 192.0.2.11}], ports: [{name: https, port: 8443}]}]\n";
    assert_eq!(blocked("https://crm", "198.51.100.0/24", slice), [(json!("EndpointSlice"), json!(8443))]);
    assert_eq!(blocked("https://crm", "198.51.100.0/24", endpoints), [(json!("Endpoints"), json!(8443))]);
    assert!(blocked("https://crm", "192.0.2.0/24", slice).is_empty());
    assert!(blocked("https://elsewhere.example", "198.51.100.0/24", slice).is_empty(), "nobody needs it");
}

#[test]
fn probes_are_no_need() {
    let stack =
        deployment("web", "livenessProbe: {httpGet: {host: db, port: 5432}}") + &deployment("db", "") + &service("db", "[{port: 5432}]");
    assert_eq!(of(&(stack + &policy("p", DENY)), 0, "/workload/blocked"), json!([]));
}

#[test]
fn a_configmap_of_many_is_the_need_of_those_whom_a_policy_lets_through() {
    let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: all, namespace: shop}\ndata: {DB: 'http://db:5432'}\n";
    let from = "envFrom: [{configMapRef: {name: all}}]";
    let stack = deployment("web", from) + &deployment("db", "") + &service("db", "[{port: 5432}]") + config;
    let blocked = |manifests: &str| of(manifests, 0, "/workload/blocked").as_array().unwrap().len();
    assert_eq!(blocked(&(stack.clone() + &policy("p", DENY))), 1, "its own");
    let shared = stack + &deployment("other", from) + &policy("p", DENY);
    assert_eq!(blocked(&shared), 0, "shared, and nobody allows it");
    let one_side = policy("q", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: 5432}]}]}");
    assert_eq!(blocked(&(shared + &one_side)), 1, "shared, and one side allows it");
}

#[test]
fn rules_that_nobody_needs() {
    let unneeded = |env: &str, rule: &str| {
        let stack = deployment("web", env) + &deployment("db", "") + &service("db", "[{port: 5432}]");
        of(&(stack + &policy("p", &format!("{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}]}}"))), 3, "/policy/unneeded")
    };
    let web = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}";
    let rule = json!([["spec", "ingress", 0]]);
    assert_eq!(unneeded("", web), rule);
    assert_eq!(unneeded("args: ['--db=db:5432']", web), json!([]));
    assert_eq!(unneeded("args: ['--db=db:5432']", &web.replace("5432", "1")), rule, "another port");
    assert_eq!(unneeded("", "{from: [{namespaceSelector: {}}]}"), json!([]), "may be meant for others");
    assert_eq!(unneeded("", "{from: [{podSelector: {matchLabels: {app: db}}}]}"), json!([]), "among its own");
}

#[test]
fn backends_must_be_open_to_a_controller() {
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\nspec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}\n";
    let closed = |spec: &str| {
        let facts = facts(&(deployment("web", "") + &service("web", "[{port: 80, targetPort: 8080}]") + ingress + &policy("p", spec)));
        facts.objects[2].network.closed_backends.len()
    };
    assert_eq!(closed("{podSelector: {}}"), 1);
    assert_eq!(closed("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), 1);
    assert_eq!(
        closed("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}}]}]}"),
        0
    );
    assert_eq!(closed("{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}"), 0);
    assert_eq!(closed("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"), 1, "the port of the pods counts");
}

#[test]
fn open_rules() {
    let world = |spec: &str| of(&(deployment("web", "") + &policy("p", spec)), 1, "/policy/world");
    assert_eq!(
        world("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"),
        json!([{"direction": "ingress", "path": ["spec", "ingress", 0], "allPorts": false}])
    );
    assert_eq!(
        world("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: '::/0'}}]}]}"),
        json!([{"direction": "egress", "path": ["spec", "egress", 0, "to", 0], "allPorts": true}])
    );
    assert_eq!(world("{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}"), json!([]));
}

/// What another kind of policy allows is not known, so nobody says that its namespace is open or that a flow is blocked.
#[test]
fn policies_of_another_kind_leave_their_namespace_open_to_doubt() {
    let web =
        deployment("web", "env: [{name: DB, value: 'postgres://db:5432'}]") + &deployment("db", "") + &service("db", "[{port: 5432}]");
    let deny = policy("deny", DENY);
    let judged = |more: &str| {
        let facts = facts(&(web.clone() + &deny + more));
        let workload = facts.objects[0].network.workload.clone().unwrap();
        (workload.namespace_known, workload.dns_blocked.is_empty(), workload.blocked.is_empty(), facts.overlay.network.namespaces.len())
    };
    let foreign = |kind: &str, namespace: &str| {
        let (group, kind) = kind.split_once('/').unwrap();
        format!("---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: p{namespace}}}\nspec: {{}}\n")
    };
    assert_eq!(judged(""), (true, false, false, 1));
    for kind in ["cilium.io/CiliumNetworkPolicy", "projectcalico.org/NetworkPolicy"] {
        assert_eq!(judged(&foreign(kind, ", namespace: shop")), (false, true, true, 0), "{kind}");
        assert!(judged(&foreign(kind, ", namespace: other")).0, "{kind}");
    }
    for kind in
        ["cilium.io/CiliumClusterwideNetworkPolicy", "projectcalico.org/GlobalNetworkPolicy", "policy.networking.k8s.io/AdminNetworkPolicy"]
    {
        assert_eq!(judged(&foreign(kind, "")), (false, true, true, 0), "{kind}");
    }
    assert!(judged(&foreign("projectcalico.org/IPPool", "")).0);
    let facts = facts(&(web.clone() + &foreign("cilium.io/CiliumNetworkPolicy", ", namespace: shop")));
    assert!(facts.objects[3].coverage.foreign_policy && !facts.objects[0].coverage.foreign_policy);
}
