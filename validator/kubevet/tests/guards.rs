//! Where a rule can find something: elsewhere it isn't evaluated, and nowhere else is it left out.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::Scratch;
use kubevet::environments::{Level, Table};
use kubevet::policy::{Catalog, Evaluator, PolicyFiles, Rule, Ruleset};
use kustomize::Node;

const TABLE: &str = "version: 1\nenvironments:\n  prod: {overlays: [overlays/prod], parameters: {most: 3, none: null}}\n";

/// Checks an object with a rule of these conditions, which finds something everywhere.
fn run(conditions: &str, object: &str) -> common::Run {
    let rule = format!(
        "# METADATA\n# title: Everything\n# custom:\n#   help: Remove it.\n#   parameters:\n#     most: &number {{type: integer, description: A number.}}\n#     none: *number\n#     other: *number\n{conditions}package kubevet.demo.all\n\nimport rego.v1\n\n\
         deny contains {{\"msg\": \"found\", \"path\": []}} if true\n"
    );
    let scratch = Scratch::empty()
        .file("policies/demo/all.rego", &rule)
        .file("policies/environments.yaml", TABLE)
        .file("overlays/prod/kustomization.yaml", "resources: [object.yaml]\n")
        .file("overlays/prod/object.yaml", object);
    scratch.run(&["check", "--rule", "demo/all", "--format", "json"])
}

fn is_evaluated(conditions: &str, object: &str) -> bool {
    let run = run(conditions, object);
    assert!([0, 1, 4].contains(&run.code), "{conditions}: {}{}", run.stdout, run.stderr);
    run.json()["findings"].as_array().unwrap().len() == 1
}

#[test]
fn a_rule_is_evaluated_where_one_entry_of_each_list_is_met() {
    const MAP: &str =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {tier: Front}}\ndata: {API_TOKEN: \"x://y\", hostPath: z}\n";
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i, token: t}]}\n";
    let cases = [
        ("#   kinds: [Pod]\n", MAP, false),
        ("#   kinds: [Pod, ConfigMap]\n", MAP, true),
        // A key anywhere; its case matters.
        ("#   keys: [hostPath]\n", MAP, true),
        ("#   keys: [hostpath, hostPid]\n", MAP, false),
        ("#   keys: [image]\n", POD, true),
        // A text in a value, in any case, or in a key that people choose; not in the name of a field.
        ("#   texts: [\"://\"]\n", MAP, true),
        ("#   texts: [front]\n", MAP, true),
        ("#   texts: [token]\n", MAP, true),
        ("#   texts: [tier]\n", MAP, true),
        ("#   texts: [token]\n", POD, false),
        // One entry of each list.
        ("#   keys: [nothing, hostPath]\n#   texts: [nowhere, \"://\"]\n", MAP, true),
        ("#   keys: [hostPath]\n#   texts: [nowhere]\n", MAP, false),
        // A path that holds something.
        ("#   needs: [environment.parameters.most]\n", MAP, true),
        ("#   needs: [environment.parameters.none]\n", MAP, false),
        ("#   needs: [environment.parameters.other]\n", MAP, false),
        ("#   needs: [facts.schema]\n", MAP, false),
        ("#   needs: [facts.schema]\n", POD, true),
        ("", POD, true),
    ];
    for (conditions, object, expected) in cases {
        assert_eq!(is_evaluated(conditions, object), expected, "{conditions} on\n{object}");
    }
}

/// It would switch the rule off without a word.
#[test]
fn a_path_that_no_input_has_is_refused() {
    let cases = [
        ("spec.replicas", "one of environment.parameters, facts.admission, "),
        ("facts.suspect.nothing", "one of facts.suspect.argumentCredential, facts.suspect.capabilities, "),
        ("notes.list-lost", "one of notes.affix-repeated, "),
    ];
    for (path, help) in cases {
        run(&format!("#   needs: [{path}]\n"), "{}")
            .ends_with(2)
            .says(&format!("`needs` of this rule names {path}, which no input has"))
            .says(help);
    }
    for (path, scope) in [("facts.suspect", ""), ("facts.suspect.credential", ""), ("notes", "overlay"), ("notes.list-replaced", "overlay")]
    {
        let scope = if scope.is_empty() { String::new() } else { format!("#   scope: {scope}\n") };
        let run = run(&format!("{scope}#   needs: [{path}]\n"), "{apiVersion: v1, kind: Pod, metadata: {name: a}}");
        assert!(run.code < 2, "{path}: {}", run.stdout);
    }
}

/// Each list of rules is a query of its own; here there are more than one generated module may hold.
#[test]
fn the_answers_do_not_depend_on_which_other_rules_are_asked() {
    let catalog = Catalog::load(&PolicyFiles::embedded()).unwrap();
    let table = Table::parse(Path::new("table"), TABLE).unwrap();
    let render = kustomize::read_manifests(Path::new("object"), common::DEPLOYMENT).unwrap();
    let objects: Vec<&Node> = render.objects.iter().collect();
    let facts = kubevet_facts::compute(&objects, &kubevet_facts::Options::default());
    let question = |left_out: &[usize]| {
        let level = |rule: &Rule| {
            let is_left_out = left_out.iter().any(|at| catalog.rules[*at].id == rule.id);
            if is_left_out { Level::Off } else { Level::Deny }
        };
        let rules = Ruleset::new(&catalog, &table.environments[0], level);
        rules.on_object(&rules.subject(objects[0]), &facts.objects[0]).unwrap()
    };
    let all = Evaluator::new(&catalog, [&question(&[])]).unwrap().answer(&question(&[])).unwrap();
    let found: Vec<usize> = (0..catalog.rules.len()).filter(|at| all.iter().any(|verdict| verdict.rule == *at)).collect();
    assert!(found.len() > 10, "{found:?}");
    let pairs: Vec<[usize; 2]> =
        found.iter().flat_map(|one| found.iter().filter(move |two| one < *two).map(move |two| [*one, *two])).collect();
    let triples: Vec<Vec<usize>> =
        pairs.iter().flat_map(|pair| found.iter().map(move |three| [pair.as_slice(), &[*three]].concat())).collect();
    let questions: Vec<_> = triples.iter().map(|left_out| question(left_out)).collect();
    let mut evaluator = Evaluator::new(&catalog, &questions).unwrap();
    for (left_out, question) in std::iter::zip(&triples, &questions) {
        let rest: Vec<_> = all.iter().filter(|verdict| !left_out.contains(&verdict.rule)).map(|verdict| &verdict.message).collect();
        let answers = evaluator.answer(question).unwrap();
        assert_eq!(answers.iter().map(|verdict| &verdict.message).collect::<Vec<_>>(), rest);
    }
}

/// A Pod that no rule about Pods objects to, with all that `facts.suspect` looks at.
const POD: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  strategy: {rollingUpdate: {maxUnavailable: 0%}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: proxy
          image: proxy@sha256:0000000000000000000000000000000000000000000000000000000000000000
          restartPolicy: Always
          livenessProbe: {grpc: {port: 9000}}
          readinessProbe: {exec: {command: [ready]}, timeoutSeconds: 2}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 64Mi}}
      containers:
        - name: web
          image: web@sha256:0000000000000000000000000000000000000000000000000000000000000000
          ports: [{name: http, containerPort: 8080}, {name: ops, containerPort: 1}]
          livenessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5, timeoutSeconds: 2}
          readinessProbe: {httpGet: {path: /ready, port: http}}
          lifecycle: {preStop: {sleep: {seconds: 5}}}
          imagePullPolicy: Always
          env: [{name: LEVEL, value: xxx}, {name: MODE, value: hunter2}, {name: API_HOST, value: "http://api:80/"}]
          securityContext:
            {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}, runAsNonRoot: true, runAsUser: 1001,
            seccompProfile: {type: Localhost, localhostProfile: p}}
          resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}
      volumes: [{name: tmp, emptyDir: {}}, {name: certificates, secret: {secretName: web}}]
"#;

const SERVICE: &str = "{apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {ports: [{port: 80}]}}";

/// Every value of the Pod in turn is left out, or becomes another: whatever a rule finds then, it is evaluated for.
#[test]
fn a_rule_that_is_not_evaluated_would_find_nothing() {
    let repository = common::repository().join("policies");
    let scratch = Scratch::empty();
    let conditional = Catalog::load(&PolicyFiles::rules(std::slice::from_ref(&repository)).unwrap()).unwrap();
    for rule in &conditional.rules {
        let name = format!("{}.rego", rule.id);
        let text = std::fs::read_to_string(repository.join(&name)).unwrap();
        // A condition may go on in the next lines, which are indented further.
        let mut inside = false;
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| {
                let starts = ["keys", "texts", "needs"].iter().any(|list| line.starts_with(&format!("#   {list}:")));
                inside = starts || (inside && line.starts_with("#     "));
                !inside
            })
            .collect();
        scratch.write(&format!("policies/{name}"), kept.join("\n") + "\n");
    }
    let unconditional = Catalog::load(&PolicyFiles::rules(&[scratch.path().join("policies")]).unwrap()).unwrap();
    assert_eq!(conditional.ids(), unconditional.ids());
    let leans = |rule: &&Rule| rule.guard.needs.iter().any(|path| path.starts_with("facts.suspect"));
    let leaning: BTreeSet<&str> = conditional.rules.iter().filter(leans).map(|rule| rule.id.as_str()).collect();
    let original: serde_json::Value = serde_yaml::from_str(POD).unwrap();
    let texts = variations(&original).into_iter().chain(settings());
    let renders: Vec<_> = texts.filter_map(|text| kustomize::read_manifests(Path::new("objects"), text).ok()).collect();
    assert!(renders.len() > 2500, "{}", renders.len());
    let answers = |catalog: &Catalog, renders: &[kustomize::Render]| {
        let table = Table::parse(Path::new("table"), TABLE).unwrap();
        let level = |rule: &Rule| if leaning.contains(rule.id.as_str()) { Level::Deny } else { Level::Off };
        let rules = Ruleset::new(catalog, &table.environments[0], level);
        let of_render = |render: &kustomize::Render| {
            let objects: Vec<&Node> = render.objects.iter().collect();
            let facts = kubevet_facts::compute(&objects, &kubevet_facts::Options::default());
            let subjects: Vec<_> = objects.iter().map(|object| rules.subject(object)).collect();
            let of_overlay = rules.on_overlay(&subjects, &[], &facts.overlay).unwrap();
            let of_objects = std::iter::zip(&subjects, &facts.objects).map(|(subject, facts)| rules.on_object(subject, facts).unwrap());
            of_objects.chain([of_overlay]).collect::<Vec<_>>()
        };
        let questions: Vec<Vec<_>> = renders.iter().map(of_render).collect();
        // Thousands of objects, each for rules that would not be asked about it.
        let mut evaluator = Evaluator::new(catalog, questions.iter().flatten()).unwrap().with_patience(std::time::Duration::from_secs(600));
        let shown = |verdict: kubevet::policy::Verdict| format!("{}: {}", catalog.rules[verdict.rule].id, verdict.message);
        let answer = |of_render: &Vec<_>| {
            let verdicts = of_render.iter().flat_map(|question| evaluator.answer(question).unwrap());
            verdicts.map(shown).collect::<BTreeSet<_>>()
        };
        questions.iter().map(answer).collect::<Vec<_>>()
    };
    // As many at a time as most machines have cores for.
    let part = renders.len().div_ceil(2);
    let found: Vec<BTreeSet<String>> = std::thread::scope(|scope| {
        let same = |renders: &[kustomize::Render]| {
            let found = answers(&unconditional, renders);
            for (render, (found, evaluated)) in std::iter::zip(renders, std::iter::zip(&found, answers(&conditional, renders))) {
                assert_eq!(*found, evaluated, "{}", render.to_yaml());
            }
            found
        };
        let threads: Vec<_> = renders.chunks(part).map(|renders| scope.spawn(move || same(renders))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let rules: BTreeSet<&str> = found.iter().flatten().filter_map(|line| line.split(':').next()).collect();
    let unseen: Vec<_> = leaning.difference(&rules).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

/// A tree with one value left out or replaced, in every way.
fn variations(tree: &serde_json::Value) -> Vec<String> {
    let any = serde_json::json!([null, "", "0", 0, 1, "x", true, false, [], {}, ["ALL"], [null]]);
    let texts = serde_json::json!(["0m", "API_TOKEN", "LEVEL", "x:latest", "http://a:b@c", "Never", "100%", "default", "/ready"]);
    let maps = serde_json::json!([{"exec": {}}, {"a": null}, {"sleep": {"seconds": 90}}, {"exec": {"command": ["sleep 40"]}}]);
    let list = |list: &serde_json::Value| list.as_array().unwrap().clone();
    let mut all = Vec::new();
    for path in paths(tree, String::new()).into_iter().filter(|path| path.starts_with("/spec") || path == "/metadata/namespace") {
        let (parent, key) = path.rsplit_once('/').unwrap();
        let others = match tree.pointer(&path).unwrap() {
            serde_json::Value::String(_) => [list(&any), list(&texts)].concat(),
            serde_json::Value::Object(_) => [list(&any), list(&maps)].concat(),
            _ => list(&any),
        };
        for other in others.iter().map(Some).chain([None]) {
            let mut varied = tree.clone();
            match other {
                Some(other) => *varied.pointer_mut(&path).unwrap() = other.clone(),
                None => match varied.pointer_mut(parent).unwrap() {
                    serde_json::Value::Object(map) => drop(map.remove(key)),
                    serde_json::Value::Array(list) => drop(list.remove(key.parse().unwrap())),
                    _ => {}
                },
            }
            all.push(format!("{varied}\n---\n{SERVICE}"));
        }
    }
    all
}

const NAMES: [&str; 20] = [
    "API_TOKEN",
    "tokens2",
    "PGPASSWORD",
    "clientSecret2",
    "api-key",
    "BYPASS",
    "auth",
    "masterauth",
    "LEVEL",
    "sslmode",
    "PGSSLMODE_",
    "security.protocol",
    "config.yaml",
    "redis.conf",
    "setup.py",
    "init.sh",
    "a.bash",
    "a.sql",
    "a.rego",
    "DATABASE_URL",
];

const VALUES: [&str; 52] = [
    "",
    " ",
    "hunter2",
    "changeme",
    "Your-Token",
    "***",
    "[x]",
    "xxx",
    "/run/secrets/key",
    "/a b",
    "/",
    "$(X)",
    "x$(Y)",
    "True",
    "none",
    "0",
    "disable",
    "SASL_PLAINTEXT",
    "Prefer",
    "postgresql://db/x",
    "postgres+asyncpg://db/x?sslmode=disable&y=ssl",
    "jdbc:postgresql://$(H)/x",
    "postgres://db/x?sslmode=require",
    "x: 1\nurl: postgres://db",
    "https://u:p@h/",
    "https://u:$(P)@h/",
    "https://u:{{p}}@h",
    "a://b c:d@e",
    "password: hunter2",
    "password\t: 'a b'",
    r#"{"api_key" : "x"}"#,
    "--api-token=abc",
    "--password",
    "--password hunter2 x",
    "-key x",
    "PGPASSWORD=x psql",
    "requirepass hunter2",
    "a: 1\nSecretAccessKey= abcdef",
    "token: Abcdefghij123",
    "token: abc",
    "passwords: x",
    "client_secret1:x",
    "token := abc",
    "key = ;",
    "redis-cli -a hunter2 ping",
    "curl -u admin:hunter2 http://a",
    "machine a login b password hunter2",
    r#"{"auths": {"a": {"auth": "aHVudGVyMg=="}}}"#,
    "user default on >hunter2 ~*",
    "<a>\n<password>hunter2</password>\n</a>",
    r#"<property name="password" value="hunter2"/>"#,
    "-Ddb.password=hunter2 -Xmx1g",
];

/// A variable, an argument, and a value of a ConfigMap, of a Secret and of a custom resource, with each name and each value; and with the words of which
/// `credentials.rego` makes its own.
fn settings() -> Vec<String> {
    let objects = |name: &str, value: &str| {
        let container = serde_json::json!({"name": "a", "env": [{"name": name, "value": value}], "args": [value]});
        let pair = serde_json::json!({"name": "b", "args": [format!("--{name}"), value]});
        let pod = |containers: &[&serde_json::Value]| {
            let spec = serde_json::json!({"containers": containers});
            serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})
        };
        let data = |kind: &str, field: &str| serde_json::json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}, field: {name: value}});
        let fields =
            serde_json::json!({name: value, "list": [{"name": name, "value": value}], "args": [value, format!("--{name}={value}")]});
        let resource = serde_json::json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": fields});
        let objects = [pod(&[&container]), pod(&[&pair]), data("ConfigMap", "data"), data("Secret", "stringData"), resource];
        objects.map(|object| object.to_string()).join("\n---\n")
    };
    let rego = std::fs::read_to_string(common::repository().join("policies/lib/credentials.rego")).unwrap();
    let word = regex::Regex::new("[a-z]{2,}").unwrap();
    let words = |from: &str, to: &str| -> Vec<&str> {
        let (start, end) = (rego.find(from).unwrap(), rego.find(to).unwrap());
        word.find_iter(&rego[start..end]).map(|word| word.as_str()).collect()
    };
    let endings = words("\nstrong_ending :=", "\n# Names whose value is");
    let stand_ins = words("\nplaceholder_pattern :=", "\n# The literal passwords");
    assert!(endings.len() > 30 && stand_ins.len() > 30, "{endings:?} {stand_ins:?}");
    let pairs = NAMES.iter().flat_map(|name| VALUES.iter().map(move |value| objects(name, value)));
    let of_endings = endings.iter().zip(endings.iter().skip(1)).flat_map(|(one, two)| [format!("my_{one}"), format!("{one}_{two}")]);
    let of_keys = endings.iter().flat_map(|one| ["key", "tokens"].map(|two| format!("{one}{two}")));
    let of_stand_ins = stand_ins.iter().zip(stand_ins.iter().skip(1)).flat_map(|(one, two)| [(*one).to_owned(), format!("{one}-{two}")]);
    let named = of_endings.chain(of_keys).map(|name| objects(&name, "hunter2"));
    let unset = of_stand_ins.map(|value| objects("API_TOKEN", &value));
    pairs.chain(named).chain(unset).collect()
}

/// JSON pointers of all values.
fn paths(tree: &serde_json::Value, path: String) -> Vec<String> {
    let below: Vec<(String, &serde_json::Value)> = match tree {
        serde_json::Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        serde_json::Value::Array(list) => list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let below = below.into_iter().flat_map(|(key, value)| paths(value, format!("{path}/{key}"))).collect::<Vec<_>>();
    if path.is_empty() { below } else { [vec![path], below].concat() }
}
