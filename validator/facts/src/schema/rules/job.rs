//! Jobs and CronJobs.

use super::{pod, selector};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::format::{cron, name};

/// Limits of `batch` validation.
const MOST_PARALLEL_INDEXED: i64 = 100_000;
const MOST_RULES: usize = 20;
const MOST_EXIT_CODES: usize = 255;

/// Labels that the server puts on a Job's Pods, with the Job's name.
const NAME_LABELS: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];
/// The same with a uid that nobody can know in advance.
const UID_LABELS: [&str; 2] = ["controller-uid", "batch.kubernetes.io/controller-uid"];

pub(super) fn job(at: At<'_>) {
    let (spec, job_name) = (at.get("spec"), at.at(&["metadata", "name"]));
    job_spec(spec, "Job");
    names(spec, job_name);
    let (manual, own) = (spec.get("manualSelector").is_true(), spec.get("selector"));
    selector::label_selector(own);
    if manual {
        if own.exists() {
            selector::must_match(own, spec.get("template"));
        } else {
            own.required("with manualSelector: true");
        }
    } else {
        if !selector::is_empty(own) {
            own.invalid("must not be set without manualSelector: true; the server makes one");
        }
        own_labels(spec.at(&["template", "metadata", "labels"]), job_name.str());
    }
}

fn own_labels(labels: At<'_>, job_name: &str) {
    for (key, label) in labels.entries() {
        if NAME_LABELS.contains(&key) && label.str() != job_name {
            label.breaks(format!("must be the Job's name ({job_name:?})"));
        } else if UID_LABELS.contains(&key) {
            label.invalid("must not be set, since the server sets it");
        }
    }
}

/// The Job's name becomes a label's value, and with an index the name of a host.
fn names(spec: At<'_>, job_name: At<'_>) {
    let text = job_name.str();
    let completions = spec.get("completions").int().unwrap_or(0);
    let is_indexed = spec.get("completionMode").str() == "Indexed" && completions > 0;
    if is_indexed && name::dns_subdomain(text).is_ok() && name::dns_label(&format!("{text}-{}", completions - 1)).is_err() {
        job_name.breaks("must be a DNS label of at most 63 characters together with the highest index, since it names hosts");
    } else if text.len() > 63 && text.len() <= 253 && !spec.get("manualSelector").is_true() {
        job_name.breaks("must have at most 63 characters, since it becomes the value of a label");
    }
}

pub(super) fn cron_job(at: At<'_>) {
    let spec = at.get("spec");
    let (schedule, zone) = (spec.get("schedule"), spec.get("timeZone"));
    if schedule.not_empty() {
        if schedule.str().contains("TZ") {
            schedule.breaks("must not have TZ or CRON_TZ; use timeZone");
        } else if let Err(why) = cron::schedule(schedule.str()) {
            schedule.invalid(format!("is no schedule: {why}"));
        }
    }
    if zone.exists() && !cron::is_time_zone(zone.str()) {
        zone.breaks("must be a time zone of the IANA database, such as \"Europe/Oslo\" or \"Etc/UTC\"");
    }
    for field in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        spec.get(field).not_negative();
    }
    let job = spec.at(&["jobTemplate", "spec"]);
    if job.get("manualSelector").is_true() {
        job.get("manualSelector").report(Reason::Enum, "must not be true in a CronJob");
    }
    if job.get("selector").exists() {
        job.get("selector").invalid("must not be set in a CronJob; the server makes one for each Job");
    }
    job_spec(job, "CronJob");
}

fn job_spec(spec: At<'_>, kind: &str) {
    let counts = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"];
    counts.iter().chain(&["backoffLimitPerIndex", "maxFailedIndexes"]).for_each(|field| spec.get(field).not_negative());
    let indexed = spec.get("completionMode").str() == "Indexed";
    let (per_index, failed) = (spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes"));
    if indexed {
        if !spec.get("completions").exists() {
            spec.get("completions").required("with completionMode: Indexed");
        }
        if spec.get("parallelism").int().is_some_and(|parallel| parallel > MOST_PARALLEL_INDEXED) {
            spec.get("parallelism").breaks(format!("must be at most {MOST_PARALLEL_INDEXED} with completionMode: Indexed"));
        }
    }
    if per_index.exists() && !indexed {
        per_index.invalid("must not be set without completionMode: Indexed");
    }
    if failed.exists() && !per_index.exists() {
        per_index.required("with maxFailedIndexes");
    }
    if failed.int().zip(spec.get("completions").int()).is_some_and(|(failed, completions)| failed > completions) {
        failed.breaks("must not be more than completions");
    }
    if spec.get("managedBy").exists() {
        let manager = spec.get("managedBy");
        if manager.str().len() > 63 || super::ingress::domain_prefixed_path(manager.str()).is_err() {
            manager.breaks("must be a domain and a path of at most 63 characters, such as \"example.com/controller\"");
        }
    }
    template(spec, kind);
    failure_policy(spec);
    success_policy(spec, indexed);
    let replacement = spec.get("podReplacementPolicy");
    if spec.get("podFailurePolicy").exists() && replacement.str() == "TerminatingOrFailed" {
        replacement.report(Reason::Enum, "must be \"Failed\" with podFailurePolicy, but is the string \"TerminatingOrFailed\"");
    }
}

fn template(spec: At<'_>, kind: &str) {
    let template = spec.get("template");
    pod::template(template, kind);
    let policy = template.at(&["spec", "restartPolicy"]);
    match policy.str() {
        "OnFailure" if spec.get("podFailurePolicy").exists() => policy.breaks("must be Never with podFailurePolicy"),
        "OnFailure" if spec.get("backoffLimitPerIndex").exists() => policy.breaks("must be Never with backoffLimitPerIndex"),
        "OnFailure" | "Never" => {}
        "Always" => policy.report(Reason::Required, format!("must be OnFailure or Never in a {kind}, but is Always")),
        "" => policy.required(format!("OnFailure or Never in a {kind}")),
        _ => {}
    }
}

fn failure_policy(spec: At<'_>) {
    let rules = spec.at(&["podFailurePolicy", "rules"]);
    too_many(rules, MOST_RULES);
    for rule in rules.items() {
        let (action, codes, conditions) = (rule.get("action"), rule.get("onExitCodes"), rule.get("onPodConditions"));
        if action.one_of(&["Count", "FailIndex", "FailJob", "Ignore"])
            && action.str() == "FailIndex"
            && !spec.get("backoffLimitPerIndex").exists()
        {
            action.breaks("must not be FailIndex without backoffLimitPerIndex");
        }
        match (codes.exists(), conditions.is_empty()) {
            (true, false) => rule.invalid("must have onExitCodes or onPodConditions, not both"),
            (false, true) => rule.invalid("must have onExitCodes or onPodConditions"),
            (true, true) => exit_codes(spec, codes),
            (false, false) => {}
        }
        for condition in conditions.items() {
            super::check_required(condition.get("type"), name::qualified_name);
            condition.get("status").one_of_if_set(&["False", "True", "Unknown"]);
        }
    }
}

fn exit_codes(spec: At<'_>, at: At<'_>) {
    let (container, operator, values) = (at.get("containerName"), at.get("operator"), at.get("values"));
    let names = |list: &'static str| spec.at(&["template", "spec"]).get(list).items().map(|container| container.get("name").str());
    if container.exists() && !names("containers").chain(names("initContainers")).any(|name| name == container.str()) {
        container.breaks("must be the name of a container in the template");
    }
    operator.one_of(&["In", "NotIn"]);
    if values.is_empty() && !values.is_broken() {
        values.invalid("must have at least one exit code");
    }
    too_many(values, MOST_EXIT_CODES);
    let numbers: Vec<_> = values.items().filter_map(At::int).collect();
    if !numbers.is_sorted() {
        values.invalid("must be in rising order");
    }
    for (at, value) in values.items().enumerate() {
        if operator.str() == "In" && value.int() == Some(0) {
            value.breaks("must not be 0 with operator In");
        }
        if at > 0 && numbers.get(at) == numbers.get(at - 1) {
            value.duplicate("is there already");
        }
    }
}

fn success_policy(spec: At<'_>, indexed: bool) {
    let policy = spec.get("successPolicy");
    if !policy.exists() {
        return;
    }
    if !indexed {
        policy.invalid("must not be set without completionMode: Indexed");
        return;
    }
    let rules = policy.get("rules");
    if rules.is_empty() {
        rules.required("at least one rule");
    }
    too_many(rules, MOST_RULES);
    for rule in rules.items() {
        if !rule.get("succeededIndexes").exists() && !rule.get("succeededCount").exists() {
            rule.required("succeededIndexes or succeededCount");
        }
        let count = rule.get("succeededCount");
        count.at_least(1);
        if let (Some(wanted), Some(all)) = (count.int(), spec.get("completions").int().filter(|all| *all >= 0))
            && wanted > all
        {
            count.invalid(format!("must be at most the number of completions ({all}), but is {wanted}"));
        }
    }
}

fn too_many(list: At<'_>, most: usize) {
    if list.len() > most {
        list.report(Reason::Invalid, format!("must have at most {most} elements, but has {}", list.len()));
    }
}
