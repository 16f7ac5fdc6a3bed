//! What a change means for rights, flows, exposure, capacity and rollouts.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

use std::path::Path;

use kubevet_facts::change::{self, Change, Effects, State};
use kubevet_facts::products::Products;
use kubevet_facts::schema::{SchemaSet, Version};
use kubevet_facts::workloads::Reading;
use kustomize::Node;
use serde_json::Value as Json;

fn objects(text: &str) -> Vec<Node> {
    kustomize::read_manifests(Path::new("test.yaml"), text).unwrap().objects
}

fn changes(old: &str, new: &str) -> (Vec<Change>, Effects) {
    let (old, new) = (objects(old), objects(new));
    let (old, new): (Vec<&Node>, Vec<&Node>) = (old.iter().collect(), new.iter().collect());
    let changes = change::compare(&old, &new, &SchemaSet::new(Version::V1_36, new.iter().copied()));
    let none = Reading::default();
    let state = |objects| State { objects, reading: &none };
    let effects = change::effects(state(&old), state(&new), &changes, &Products::default());
    (changes, effects)
}

fn effects(old: &str, new: &str) -> Effects {
    changes(old, new).1
}

fn role(kind: &str, name: &str, rest: &str) -> String {
    format!("---\n{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: {name}, namespace: shop{rest}}}\n")
}

fn binding(kind: &str, role: &str, subjects: &str) -> String {
    let of = if kind == "RoleBinding" && !role.starts_with("ClusterRole") { "Role" } else { "ClusterRole" };
    let name = role.strip_prefix("ClusterRole ").unwrap_or(role);
    format!(
        "---\n{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: b, namespace: shop}}, \
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {of}, name: {name}}}, subjects: [{subjects}]}}\n"
    )
}

const WEB: &str = "{kind: ServiceAccount, name: web, namespace: shop}";

/// `subjects @ scope: rights [danger]  at object path`
fn granted(old: &str, new: &str) -> Vec<String> {
    let grants = effects(old, new).rights.granted;
    let text = |grant: &change::Grant| {
        let rights = grant.rights.iter().map(|right| match right.danger {
            Some(danger) => format!("{} [{danger}]", right.text),
            None => right.text.clone(),
        });
        let scope = grant.namespace.as_deref().unwrap_or("*");
        let rights: Vec<String> = rights.collect();
        format!("{} @ {scope}: {} at {} {}", grant.subjects.join(", "), rights.join("; "), grant.object, grant.path)
    };
    grants.iter().map(text).collect()
}

/// The line that grants is the verb, the rule, the subject or the label that is new.
#[test]
fn rights_are_expanded_and_point_at_the_line() {
    let rules = |verbs: &str| role("Role", "r", &format!("}}, rules: [{{apiGroups: [''], resources: [secrets], verbs: [{verbs}]}}]"));
    let bound = |verbs: &str, subjects: &str| format!("{}{}", rules(verbs), binding("RoleBinding", "r", subjects));
    let user = format!("{WEB}, {{kind: User, name: eve}}");
    for (old, new, expected) in [
        (
            bound("get", WEB),
            bound("get, list", WEB),
            &["ServiceAccount shop/web @ shop: list secrets [reads Secrets] at Role shop/r rules[0].verbs[1]"][..],
        ),
        (bound("get", WEB), bound("get", &user), &["User eve @ shop: get secrets [reads Secrets] at RoleBinding shop/b subjects[1]"]),
        // All of the new is news, of one object, to both.
        (
            String::new(),
            bound("get", &user),
            &["ServiceAccount shop/web, User eve @ shop: get secrets [reads Secrets] at Role shop/r rules[0]"],
        ),
        // What its group could do, it could.
        (
            bound("get", "{kind: Group, name: 'system:serviceaccounts:shop'}"),
            bound("get", &format!("{{kind: Group, name: 'system:serviceaccounts:shop'}}, {WEB}")),
            &[],
        ),
        // A right in the cluster covers the namespace.
        (
            binding("ClusterRoleBinding", "cluster-admin", WEB),
            format!("{}{}", binding("ClusterRoleBinding", "cluster-admin", WEB), bound("get", WEB)),
            &[],
        ),
        (
            String::new(),
            binding("ClusterRoleBinding", "cluster-admin", WEB),
            &["ServiceAccount shop/web @ *: do anything with everything [everything] at ClusterRoleBinding shop/b subjects[0]"],
        ),
        (
            String::new(),
            binding("RoleBinding", "ClusterRole edit", WEB),
            &["ServiceAccount shop/web @ shop: all that ClusterRole edit allows [reads Secrets, and runs commands and Pods as any \
               ServiceAccount there] at RoleBinding shop/b subjects[0]"],
        ),
        // The same rules in another order, or split, are no news.
        (bound("get, list", WEB), bound("list, get", WEB), &[]),
        (bound("'*'", WEB), bound("get", WEB), &[]),
        (bound("get", WEB), String::new(), &[]),
    ] {
        assert_eq!(granted(&old, &new), expected, "{old}\n{new}");
    }
}

/// A ClusterRole that is aggregated into another one, or into one of every cluster, counts for whoever is bound to that.
#[test]
fn rights_are_aggregated() {
    let part = |labels: &str| {
        role(
            "ClusterRole",
            "part",
            &format!(", labels: {{{labels}}}}}, rules: [{{apiGroups: [''], resources: [pods/exec], verbs: [create]}}]"),
        )
    };
    let whole = format!(
        "{}{}",
        role("ClusterRole", "whole", "}, aggregationRule: {clusterRoleSelectors: [{matchLabels: {into: whole}}]}"),
        binding("RoleBinding", "ClusterRole whole", WEB)
    );
    assert_eq!(
        granted(&format!("{whole}{}", part("into: nothing")), &format!("{whole}{}", part("into: whole"))),
        ["ServiceAccount shop/web @ shop: create pods/exec [runs commands in Pods] at ClusterRole shop/part metadata.labels"]
    );
    let to_edit = granted("", &part("rbac.authorization.k8s.io/aggregate-to-edit: 'true'"));
    assert_eq!(
        to_edit,
        ["whoever is bound to ClusterRole admin, whoever is bound to ClusterRole edit @ *: create pods/exec [runs commands in Pods] at \
          ClusterRole shop/part rules[0]"]
    );
}

/// A workload that acts as another ServiceAccount gets what that could do before.
#[test]
fn another_service_account_is_another_identity() {
    let web = |spec: &str| workload("web", "").replace("spec: {containers", &format!("spec: {{{spec}containers"));
    let rights = |subjects: &str| {
        format!(
            "{}{}",
            role("Role", "r", "}, rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]"),
            binding("RoleBinding", "r", subjects)
        )
    };
    let admin = rights("{kind: ServiceAccount, name: admin, namespace: shop}");
    let told = "the Pods of Deployment web, as ServiceAccount shop/admin, @ shop: get secrets [reads Secrets] at Deployment shop/web \
                spec.template.spec.";
    let usual = "serviceAccountName: default, ";
    let name = "serviceAccountName: admin, ";
    let without = "serviceAccountName: admin, automountServiceAccountToken: false, ";
    let account = |mounts: bool| {
        format!(
            "---\n{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: admin, namespace: shop}}, automountServiceAccountToken: {mounts}}}\n"
        )
    };
    let projected = "automountServiceAccountToken: false, serviceAccountName: admin, volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}], ";
    let (changed, _) = changes(&web(usual), &web(name));
    let paths: Vec<String> = changed.iter().flat_map(|change| &change.fields).map(|field| field.path.to_string()).collect();
    assert_eq!(paths, ["spec.template.spec.serviceAccountName"]);
    for (old, new, expected) in [
        (format!("{admin}{}", web(usual)), format!("{admin}{}", web(name)), Some("serviceAccountName")),
        (format!("{admin}{}", web("serviceAccountName: web, ")), format!("{admin}{}", web(name)), Some("serviceAccountName")),
        (
            format!("{admin}{}", web(without)),
            format!("{admin}{}", web(&without.replace("false", "true"))),
            Some("automountServiceAccountToken"),
        ),
        (format!("{admin}{}", web(without)), format!("{admin}{}", web(projected)), Some("volumes")),
        // No token, no rights.
        (format!("{admin}{}", web(usual)), format!("{admin}{}", web(without)), None),
        (format!("{admin}{}{}", account(false), web(usual)), format!("{admin}{}{}", account(false), web(name)), None),
        (format!("{admin}{}{}", account(true), web(usual)), format!("{admin}{}{}", account(true), web(name)), Some("serviceAccountName")),
        // Its own account can do as much.
        (
            format!("{}{}", rights("{kind: Group, name: 'system:serviceaccounts:shop'}"), web(usual)),
            format!("{}{}", rights("{kind: Group, name: 'system:serviceaccounts:shop'}"), web(name)),
            None,
        ),
        (format!("{admin}{}", web(name)), format!("{admin}{}", web(usual)), None),
    ] {
        let expected: Vec<String> = expected.iter().map(|key| format!("{told}{key}")).collect();
        assert_eq!(granted(&old, &new), expected, "{old}\n{new}");
        let revoked = effects(&new, &old).rights.revoked;
        assert_eq!(revoked.len(), expected.len(), "{old}\n{new}");
    }
    // One that is named by nobody before; the reverse is none, as the API server keeps the name.
    assert_eq!(granted(&format!("{admin}{}", web("")), &format!("{admin}{}", web(name))), [format!("{told}serviceAccountName")]);
    // What the account itself gets is told of at its binding.
    let both = granted(&web(usual), &format!("{admin}{}", web(name)));
    assert_eq!(both, ["ServiceAccount shop/admin @ shop: get secrets [reads Secrets] at Role shop/r rules[0]"]);
}

/// What is beyond the most that is looked at is said, and not left out.
#[test]
fn a_rule_of_very_many_things_is_told_of_with_the_rest() {
    let many: Vec<String> = (0..3_000).map(|number| format!("r{number}")).collect();
    let rules = |verbs: &str| {
        let rest = format!("}}, rules: [{{apiGroups: [''], resources: [{}], verbs: [{verbs}]}}]", many.join(", "));
        format!("{}{}", role("Role", "r", &rest), binding("RoleBinding", "r", WEB))
    };
    let found = granted(&rules("get"), &rules("get, list"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("what else its rule names, beyond 4096 things [too much to look at each]"), "{found:?}");
    assert!(granted(&rules("get, list"), &rules("list, get")).is_empty());
}

fn workload(name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  \
         template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{containers: [{{name: {name}, image: 'registry.example/{name}:1'{rest}}}]}}\n"
    )
}

fn policy(name: &str, spec: &str) -> String {
    format!(
        "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: shop}}, spec: {{{spec}}}}}\n"
    )
}

/// `opened|cut at object path: flows`, and what is needed of it.
fn flows(old: &str, new: &str) -> Vec<String> {
    let flows = effects(old, new).flows;
    let text = |word: &str, change: &change::FlowChange| {
        let needed = if change.needed.is_empty() { String::new() } else { format!(" needed: {}", change.needed.join("; ")) };
        let world = if change.world { " world" } else { "" };
        format!("{word} at {} {}: {}{needed}{world}", change.object, change.path, change.flows.join("; "))
    };
    let opened = flows.opened.iter().map(|change| text("opened", change));
    opened.chain(flows.cut.iter().map(|change| text("cut", change))).collect()
}

fn db(from: &str) -> String {
    policy(
        "db",
        &format!(
            "podSelector: {{matchLabels: {{app: db}}}}, policyTypes: [Ingress], ingress: [{{from: [{from}], ports: [{{port: 5432}}]}}]"
        ),
    )
}

#[test]
fn flows_are_told_by_the_line_that_opens_or_cuts_them() {
    let pods = |name: &str| format!("{{podSelector: {{matchLabels: {{app: {name}}}}}}}");
    let service =
        "---\n{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {selector: {app: db}, ports: [{port: 5432}]}}\n";
    let all = |web: &str, rest: &str| {
        format!("{}{}{}{service}{rest}", workload("web", web), workload("api", ""), workload("db", ", ports: [{containerPort: 5432}]"))
    };
    let url = ", env: [{name: DB, value: 'postgres://db:5432/shop'}]";
    for (old, new, expected) in [
        (
            all("", &db(&pods("web"))),
            all("", &db(&format!("{}, {}", pods("web"), pods("api")))),
            &["opened at NetworkPolicy shop/db spec.ingress[0].from[1]: Deployment api → Deployment db TCP 5432"][..],
        ),
        (
            all(url, &db(&pods("web"))),
            all(url, &db(&pods("api"))),
            &[
                "opened at NetworkPolicy shop/db spec.ingress[0].from[0].podSelector.matchLabels.app: Deployment api → Deployment db TCP 5432",
                "cut at NetworkPolicy shop/db spec.ingress[0].from[0].podSelector.matchLabels.app: Deployment web → Deployment db TCP 5432 \
                 needed: Deployment web → Deployment db TCP 5432",
            ],
        ),
        // Many pairs are one finding where one line opens them.
        (
            all("", &db(&pods("none"))),
            all("", &db("{podSelector: {}}")),
            &[
                "opened at NetworkPolicy shop/db spec.ingress[0].from[0].podSelector.matchLabels: Deployment api, Deployment db, Deployment web → \
                 Deployment db TCP 5432",
            ],
        ),
        (
            all("", &db(&pods("web"))),
            all("", &db("{ipBlock: {cidr: 0.0.0.0/0}}")),
            &[
                "opened at NetworkPolicy shop/db spec.ingress[0].from[0].ipBlock: any address → Deployment db TCP 5432 world",
                "cut at NetworkPolicy shop/db spec.ingress[0].from[0].podSelector: Deployment web → Deployment db TCP 5432",
            ],
        ),
        // The policy goes: everybody may.
        (
            all("", &db(&pods("web"))),
            all("", ""),
            &[
                "opened at NetworkPolicy shop/db : Deployment web → Deployment db TCP 1-5431, 5433-65535, all UDP ports, all SCTP ports; Deployment \
               api, Deployment db, any address → Deployment db all ports world",
            ],
        ),
        // A new workload that a policy lets in is news, and that none isolates it; what is only written differently is none.
        (
            format!("{}{}", workload("db", ""), db(&pods("web"))),
            format!("{}{}{}", workload("web", ""), workload("db", ""), db(&pods("web"))),
            &[
                "opened at Deployment shop/web spec.template.metadata.labels: Deployment web → Deployment db TCP 5432; any address → Deployment \
                 web all ports world",
            ],
        ),
        // Who is not here is named as the policy does.
        (
            all("", &db(&pods("web"))),
            all("", &db(&format!("{}, {{namespaceSelector: {{}}}}", pods("web")))),
            &[
                "opened at NetworkPolicy shop/db spec.ingress[0].from[1]: Deployment api, Deployment db, all Pods of the cluster → Deployment \
               db TCP 5432",
            ],
        ),
        (
            all("", &db("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}")),
            all("", &db("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}, podSelector: {matchLabels: {app: a}}}")),
            &["cut at NetworkPolicy shop/db spec.ingress[0].from[0].podSelector: all Pods of namespace ops → Deployment db TCP 5432"],
        ),
        (all("", &db(&pods("web"))), all(", command: [run]", &db(&pods("web"))), &[]),
        (all("", &db(&pods("web"))), all("", &db(&format!("{}, {}", pods("web"), pods("web")))), &[]),
    ] {
        assert_eq!(flows(&old, &new), expected, "{new}");
    }
}

/// Where the policies of a namespace isolate others, a new workload that none isolates is open to anybody.
#[test]
fn a_new_workload_that_nothing_isolates_is_told_of_once() {
    let ingress = db("{podSelector: {matchLabels: {app: web}}}");
    let both = policy("db", "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress]");
    let world = policy(
        "new",
        "podSelector: {matchLabels: {app: new}}, policyTypes: [Ingress, Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]",
    );
    let namespace = policy("all", "podSelector: {}, policyTypes: [Ingress, Egress]");
    let at = "opened at Deployment shop/new spec.template.metadata.labels: ";
    for (policies, added, expected) in [
        (&ingress, "", vec![format!("{at}any address → Deployment new all ports world")]),
        (&both, "", vec![format!("{at}Deployment new → any address all ports; any address → Deployment new all ports world")]),
        (&both, &*world, vec!["opened at NetworkPolicy shop/new spec.egress[0]: Deployment new → any address all ports world".to_owned()]),
        (&namespace, "", vec![]),
        (&String::new(), "", vec![]),
        (&policy("db", "podSelector: {}").replace("namespace: shop", "namespace: other"), "", vec![]),
    ] {
        let old = format!("{}{policies}", workload("db", ""));
        let new = format!("{old}{added}{}", workload("new", ""));
        assert_eq!(flows(&old, &new), expected, "{policies}{added}");
    }
    // What a policy that was there lets everybody is no news, and who goes is cut off from nothing.
    let dns = policy("dns", "podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {team: dns}}}]}]");
    let old = format!("{}{namespace}{dns}", workload("db", ""));
    assert_eq!(flows(&old, &format!("{old}{}", workload("new", ""))), [""; 0]);
    let (old, new) = (format!("{}{both}", workload("db", "")), format!("{}{both}{}", workload("db", ""), workload("new", "")));
    assert!(effects(&new, &old).flows.cut.iter().all(|change| change.newcomers));
    // One that has another name now is none.
    let job = |name: &str| {
        format!(
            "---\n{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}, namespace: shop}}, spec: {{template: {{metadata: {{labels: \
             {{app: job}}}}, spec: {{restartPolicy: Never, containers: [{{name: job, image: 'registry.example/job:1'}}]}}}}}}}}\n"
        )
    };
    let (old, new) = (
        format!("{}{both}{}", workload("db", ""), job("job-5b9f8c6d7k")),
        format!("{}{both}{}", workload("db", ""), job("job-7c6d5b9f8k")),
    );
    assert!(changes(&old, &new).0.iter().any(|change| change.change == change::Kind::Renamed));
    assert_eq!(flows(&old, &new), [""; 0]);
}

/// There may be more pairs than anybody compares; that is said.
#[test]
fn pairs_that_are_not_compared_are_counted() {
    let many = |from: &str| -> String {
        let each = |number: usize| {
            let name = format!("w{number}");
            let own = format!(
                "podSelector: {{matchLabels: {{app: {name}}}}}, ingress: [{{from: [{{podSelector: {{matchLabels: {{app: w{}}}}}}}]}}]",
                number + 1
            );
            format!("{}{}", workload(&name, ""), policy(&name, &own))
        };
        let all = policy("all", &format!("podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{from}]}}]"));
        (0..460).map(each).chain([all]).collect()
    };
    let found = effects(&many("{podSelector: {}}"), &many("{podSelector: {matchLabels: {app: w1}}}")).flows;
    let left = found.uncompared.unwrap();
    assert_eq!((left.object.to_string(), left.pairs), ("NetworkPolicy shop/all".to_owned(), 460 * 460 - 200_000));
    assert!(effects(&workload("w", ""), &workload("v", "")).flows.uncompared.is_none());
}

fn exposed(old: &str, new: &str) -> Vec<String> {
    let exposed = effects(old, new).exposure.opened;
    exposed.iter().map(|exposed| format!("{} {}: {}", exposed.object, exposed.path, exposed.what.join(", "))).collect()
}

#[test]
fn exposure_is_what_was_not_open_before() {
    let service = |spec: &str| {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: web, namespace: shop}}, spec: {{selector: {{app: web}}, ports: [{{port: 80}}]{spec}}}}}"
        )
    };
    let ingress = |name: &str, host: &str, path: &str| {
        format!(
            "---\n{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: {name}, namespace: shop}}, spec: {{rules: [{{host: {host}, http: \
             {{paths: [{{path: {path}, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}]}}}}\n"
        )
    };
    let namespace = |level: &str| {
        format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, labels: {{pod-security.kubernetes.io/enforce: {level}}}}}}}")
    };
    let context = |text: &str| workload("web", &format!(", securityContext: {{{text}}}"));
    for (old, new, expected) in [
        (
            service(""),
            service(", type: LoadBalancer"),
            &["Service shop/web spec.ports[0]: port 80 of a load balancer, from any address"][..],
        ),
        (
            service(", type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
            service(", type: LoadBalancer"),
            &["Service shop/web spec.loadBalancerSourceRanges: from any address"],
        ),
        (service(", type: LoadBalancer"), service(""), &[]),
        (
            ingress("a", "a.example", "/"),
            format!("{}{}", ingress("b", "a.example", "/"), ingress("c", "c.example", "/x")),
            &["Ingress shop/c spec.rules[0].host: the host c.example"],
        ),
        (
            ingress("a", "a.example", "/"),
            ingress("a", "a.example", "/metrics"),
            &["Ingress shop/a spec.rules[0].http.paths[0]: a.example/metrics"],
        ),
        (
            namespace("restricted"),
            namespace("privileged"),
            &["Namespace shop metadata.labels.pod-security.kubernetes.io/enforce: Pods up to the level privileged, was restricted"],
        ),
        (
            context("privileged: false, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false"),
            context("privileged: true, readOnlyRootFilesystem: false, allowPrivilegeEscalation: false"),
            &[
                "Deployment shop/web spec.template.spec.containers[0].securityContext.privileged: container \"web\" is privileged",
                "Deployment shop/web spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem: container \"web\" may write to its \
                 root filesystem",
            ],
        ),
        // A new workload has lost nothing.
        (String::new(), workload("web", ""), &[]),
        (
            workload("web", ""),
            workload("web", ", ports: [{containerPort: 80, hostPort: 80}]"),
            &["Deployment shop/web spec.template.spec.containers[0].ports[0].hostPort: port 80 of the node"],
        ),
    ] {
        assert_eq!(exposed(&old, &new), expected, "{new}");
    }
}

#[test]
fn capacity_is_summed_up_for_each_namespace() {
    let asked = |cpu: &str| workload("web", &format!(", resources: {{requests: {{cpu: {cpu}}}}}"));
    let quota = "---\n{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: shop}, spec: {hard: {requests.cpu: 1}}}\n";
    let found = effects(&format!("{}{quota}", asked("500m")), &format!("{}{quota}", asked("1500m"))).capacity;
    let [change] = found.as_slice() else { panic!("{found:?}") };
    let [resource] = change.resources.as_slice() else { panic!("{change:?}") };
    assert_eq!((&*resource.old, &*resource.new, resource.rise, resource.fits, resource.fitted), ("500m", "1500m", Some(200), false, true));
    assert_eq!(change.path.to_string(), "spec.template.spec.containers[0].resources.requests.cpu");
    assert_eq!(change.by, ["Deployment web: requests.cpu 500m → 1500m"]);
    assert!(effects(&asked("500m"), &asked("0.5")).capacity.is_empty());
    // An autoscaler that asks for more is the reason, not the Deployment.
    let scaled = |most: u8| {
        format!(
            "{}---\n{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: h, namespace: shop}}, spec: {{scaleTargetRef: \
             {{apiVersion: apps/v1, kind: Deployment, name: web}}, maxReplicas: {most}}}}}\n",
            asked("1")
        )
    };
    let found = effects(&scaled(2), &scaled(8)).capacity;
    assert_eq!((found[0].object.kind.as_str(), found[0].path.to_string().as_str()), ("HorizontalPodAutoscaler", "spec.maxReplicas"));
}

#[test]
fn a_selector_needs_pods_that_have_its_labels() {
    let web = |tier: &str| workload("web", "").replace("{labels: {app: web}}", &format!("{{labels: {{app: web, tier: {tier}}}}}"));
    let service = |selector: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Service, metadata: {{name: web, namespace: shop}}, spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}}}\n"
        )
    };
    let state = |tier: &str, selector: &str| format!("{}{}", web(tier), service(selector));
    let found = |old: &str, new: &str| effects(old, new).handovers;
    let gap = found(&state("a", "app: web"), &state("b", "app: web, tier: b"));
    assert!(gap.len() == 1 && gap[0].none_during && !gap[0].refused && gap[0].gap == ["Deployment web"], "{gap:?}");
    let refused = found(
        &state("a", "app: web"),
        &state("b", "app: web, tier: b").replace("matchLabels: {app: web}", "matchLabels: {app: web, tier: b}"),
    );
    assert!(refused.len() == 1 && refused[0].refused, "{refused:?}");
    let none = found(&state("a", "app: web"), &state("a", "app: wbe"));
    assert!(none.len() == 1 && none[0].none_after && none[0].lost == ["Deployment web"], "{none:?}");
    let joined = found(
        &state("a", "app: web"),
        &format!("{}{}", state("a", "app: web"), workload("new", "").replace("{labels: {app: new}}", "{labels: {app: web}}")),
    );
    assert!(joined.len() == 1 && joined[0].gained == ["Deployment new"], "{joined:?}");
    assert!(found(&state("a", "app: web"), &state("b", "app: web")).is_empty());
    assert!(found(&state("a", "app: web, tier: a"), &state("a", "app: web")).is_empty());
}

#[test]
fn a_rollout_may_wait_for_what_old_pods_hold() {
    let web = |image: &str, spec: &str| {
        workload("web", "").replace("web:1", image).replace("spec: {containers", &format!("spec: {{{spec}containers"))
    };
    let claim = |mode: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: data, namespace: shop}}, spec: {{accessModes: [{mode}], resources: {{requests: {{storage: 1Gi}}}}}}}}\n"
        )
    };
    let volume = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], ";
    let waits = |spec: &str, rest: &str| {
        let found = effects(&format!("{}{rest}", web("web:1", spec)), &format!("{}{rest}", web("web:2", spec))).waits;
        found.into_iter().map(|wait| (wait.text.split(" claim").next().unwrap_or_default().to_owned(), wait.forever)).collect::<Vec<_>>()
    };
    assert_eq!(waits("", ""), []);
    assert_eq!(waits(volume, &claim("ReadWriteMany")), []);
    assert_eq!(waits(volume, &claim("ReadWriteOnce")), [("for the volume of".to_owned(), false)]);
    assert_eq!(waits(volume, &claim("ReadWriteOncePod")), [("for the volume of".to_owned(), true)]);
    let quota = |pods: u8| {
        format!("---\n{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: q, namespace: shop}}, spec: {{hard: {{pods: {pods}}}}}}}\n")
    };
    assert_eq!(waits("", &quota(2)), []);
    assert_eq!(waits("", &quota(1)).len(), 1);
}

/// States that differ in many ways at once.
fn states() -> Vec<String> {
    let role = |verbs: &str| role("Role", "r", &format!("}}, rules: [{{apiGroups: [''], resources: [secrets, pods], verbs: [{verbs}]}}]"));
    let all = |verbs: &str, subjects: &str, peers: &str, web: &str, kind: &str| {
        format!(
            "{}{}{}{}{}---\n{{apiVersion: v1, kind: Service, metadata: {{name: web, namespace: shop}}, spec: {{type: {kind}, selector: {{app: web}}, ports: [{{port: 80}}]}}}}\n",
            role(verbs),
            binding("RoleBinding", "r", subjects),
            db(peers),
            workload("web", web),
            workload("db", "")
        )
    };
    vec![
        all("get", WEB, "{podSelector: {matchLabels: {app: web}}}", "", "ClusterIP"),
        all("get, list", WEB, "{podSelector: {}}", ", securityContext: {privileged: true}", "LoadBalancer"),
        all("'*'", "{kind: User, name: eve}", "{ipBlock: {cidr: 10.0.0.0/8}}", ", resources: {requests: {cpu: 1}}", "NodePort"),
        all(
            "list",
            &format!("{WEB}, {{kind: Group, name: all}}"),
            "{ipBlock: {cidr: 10.1.0.0/16}}",
            ", resources: {requests: {cpu: 2}}",
            "ClusterIP",
        ),
        String::from("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}"),
    ]
}

fn json(value: impl serde::Serialize, drop: &[&str]) -> Vec<String> {
    let mut value = serde_json::to_value(value).unwrap();
    let list = value.as_array_mut().unwrap();
    for item in list.iter_mut().filter_map(Json::as_object_mut) {
        item.retain(|key, _| !drop.contains(&key.as_str()));
    }
    let mut texts: Vec<String> = list.iter().map(ToString::to_string).collect();
    texts.sort();
    texts
}

/// A state beside itself differs in nothing, and what one change gives its reverse takes.
#[test]
fn a_change_and_its_reverse_are_mirrored() {
    let states = states();
    for (a, old) in states.iter().enumerate() {
        for (b, new) in states.iter().enumerate() {
            let (there, back) = (effects(old, new), effects(new, old));
            if a == b {
                let nothing = serde_json::to_value(Effects::default()).unwrap();
                assert_eq!(serde_json::to_value(&there).unwrap(), nothing, "{old}");
            }
            assert_eq!(json(&there.rights.granted, &[]), json(&back.rights.revoked, &[]), "{a} -> {b}");
            // Needs are those of the new state, and paths are of the state in which the line is.
            let others = ["needed", "path"];
            assert_eq!(json(&there.flows.opened, &others), json(&back.flows.cut, &others), "{a} -> {b}");
            assert_eq!(json(&there.exposure.opened, &[]), json(&back.exposure.closed, &[]), "{a} -> {b}");
            let amounts = |effects: &Effects, is_back: bool| -> Vec<(String, String, String)> {
                let resources = effects.capacity.iter().flat_map(|change| &change.resources);
                let pair = |resource: &change::ResourceChange| {
                    let (old, new) = (resource.old.clone(), resource.new.clone());
                    let (old, new) = if is_back { (new, old) } else { (old, new) };
                    (resource.resource.clone(), old, new)
                };
                resources.map(pair).collect()
            };
            assert_eq!(amounts(&there, false), amounts(&back, true), "{a} -> {b}");
        }
    }
}
