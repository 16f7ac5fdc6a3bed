//! Security contexts and namespaces of the host.

use super::super::{check, duplicates};
use super::Context;
use super::volume::has_dots;
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::name;

/// Largest id of a user or group.
const LARGEST_ID: i64 = i32::MAX as i64;

/// What a Pod as a whole has.
pub(super) fn pod(context: Context<'_>) {
    let (spec, security) = (context.spec, context.spec.get("securityContext"));
    let relabels = security.get("seLinuxChangePolicy");
    if relabels.exists() {
        // MountOption needs the feature gate SELinuxMount, which servers up to 1.36 have off.
        relabels.one_of(&["Recursive"]);
    }
    for id in ["runAsUser", "runAsGroup", "fsGroup"] {
        security.get(id).within(0, LARGEST_ID);
    }
    security.get("supplementalGroups").items().for_each(|group| group.within(0, LARGEST_ID));
    if spec.get("shareProcessNamespace").is_true() && spec.get("hostPID").is_true() {
        spec.get("shareProcessNamespace").invalid("must not be true with hostPID");
    }
    profile(security.get("seccompProfile"), "seccomp");
    profile(security.get("appArmorProfile"), "AppArmor");
    sysctls(context, security.get("sysctls"));
    host_users(context);
    windows(context);
    windows_options(context, security.get("windowsOptions"));
}

/// What a container has.
pub(super) fn container(context: Context<'_>, security: At<'_>) {
    for id in ["runAsUser", "runAsGroup"] {
        security.get(id).within(0, LARGEST_ID);
    }
    if security.get("allowPrivilegeEscalation").bool() == Some(false) {
        let added = security.at(&["capabilities", "add"]);
        if security.get("privileged").is_true() {
            security.invalid("must not have allowPrivilegeEscalation: false with privileged: true");
        } else if added.items().any(|capability| capability.str() == "CAP_SYS_ADMIN") {
            security.invalid("must not have allowPrivilegeEscalation: false with capability CAP_SYS_ADMIN");
        }
    }
    profile(security.get("seccompProfile"), "seccomp");
    profile(security.get("appArmorProfile"), "AppArmor");
    let mount = security.get("procMount");
    if mount.str() == "Unmasked" && context.spec.get("hostUsers").bool() != Some(false) {
        mount.invalid("must not be Unmasked without hostUsers: false in the Pod");
    }
    windows_options(context, security.get("windowsOptions"));
}

/// An annotation that names the AppArmor profile of a container, as before 1.30.
pub(super) fn profile_annotation(spec: At<'_>, key: &str, profile: At<'_>) {
    let Some(container) = key.strip_prefix("container.apparmor.security.beta.kubernetes.io/") else { return };
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    if !lists.iter().any(|list| spec.get(list).items().any(|item| item.get("name").str() == container)) {
        profile.invalid(format!("must name a container of the Pod, but there is no {container:?}"));
    }
    let text = profile.str();
    if !["", "runtime/default", "unconfined"].contains(&text) && !text.starts_with("localhost/") {
        profile.breaks("must be runtime/default, unconfined, or localhost/ and the name of a profile");
    }
}

/// Where an annotation of before there were fields says something of a profile, the field of a Pod must say the same.
pub(super) fn annotations_match(at: At<'_>) {
    let annotations = at.at(&["metadata", "annotations"]);
    if annotations.is_empty() {
        return;
    }
    let spec = at.get("spec");
    let own = spec.at(&["securityContext", "seccompProfile"]);
    says_the_same(own, annotations.key("seccomp.security.alpha.kubernetes.io/pod"));
    let keys = [
        ("seccompProfile", "container.seccomp.security.alpha.kubernetes.io/"),
        ("appArmorProfile", "container.apparmor.security.beta.kubernetes.io/"),
    ];
    for container in ["initContainers", "containers"].into_iter().flat_map(|list| spec.get(list).items()) {
        for (field, prefix) in keys {
            let profile = container.at(&["securityContext", field]);
            let of = |key: &str| key.strip_prefix(prefix) == Some(container.get("name").str());
            if let Some((_, annotation)) = annotations.entries().find(|(key, _)| profile.exists() && of(key)) {
                says_the_same(profile, annotation);
            }
        }
    }
}

fn says_the_same(profile: At<'_>, annotation: At<'_>) {
    if !profile.exists() || !annotation.exists() {
        return;
    }
    let (kind, local, text) = (profile.get("type"), profile.get("localhostProfile"), annotation.str());
    let same = match kind.str() {
        "Unconfined" => text == "unconfined",
        "RuntimeDefault" => matches!(text, "runtime/default" | "docker/default"),
        "Localhost" => text.strip_prefix("localhost/") == Some(local.str()),
        _ => return,
    };
    if !same {
        kind.clashes(annotation, format!("must say the same as the annotation, which is {}", annotation.shown()));
    }
}

/// A seccomp or AppArmor profile.
fn profile(profile: At<'_>, what: &str) {
    if !profile.exists() || profile.is_broken() {
        return;
    }
    let (kind, local) = (profile.get("type"), profile.get("localhostProfile"));
    match kind.str() {
        "" => kind.required(format!("in a {what} profile")),
        "Localhost" if local.str().trim().is_empty() => local.required(format!("with type Localhost in a {what} profile")),
        "Localhost" if what == "seccomp" && (local.str().starts_with('/') || has_dots(local.str())) => {
            local.breaks("must be a path below the kubelet's profiles, without '..'");
        }
        "Localhost" if what == "AppArmor" && local.str().trim() != local.str() => local.breaks("must not have spaces at its ends"),
        "Localhost" => {}
        _ if local.exists() => local.invalid(format!("must not be set with type {} in a {what} profile", kind.str())),
        _ => {}
    }
}

fn sysctls(context: Context<'_>, sysctls: At<'_>) {
    for sysctl in sysctls.items() {
        let name = sysctl.get("name");
        if !name.not_empty() {
            continue;
        }
        if name.str().len() > 253 || !is_sysctl(name.str()) {
            name.breaks("must be lower-case letters, digits, '-' and '_', in parts with '.' or '/' between");
        }
        let plain = name.str().replace('/', ".");
        let spaces: &[(&str, &[&str])] =
            &[("hostNetwork", &["net."]), ("hostIPC", &["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."])];
        for (field, prefixes) in spaces {
            if context.spec.get(field).is_true() && prefixes.iter().any(|prefix| plain.starts_with(prefix)) {
                name.breaks(format!("must not be set with {field}: true, since it would be the node's"));
            }
        }
    }
    let key = |sysctl: At<'_>| Some(sysctl.get("name").str().to_owned()).filter(|name| !name.is_empty());
    duplicates(sysctls.items(), key, |sysctl| sysctl.get("name").duplicate(format!("{:?} is there already", sysctl.get("name").str())));
}

fn is_sysctl(name: &str) -> bool {
    name.split(['.', '/']).all(|part| {
        let ends = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = part.as_bytes();
        let shaped = bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
        ends(bytes.first()) && ends(bytes.last()) && shaped
    })
}

fn host_users(context: Context<'_>) {
    if context.spec.get("hostUsers").bool() != Some(false) || !context.version().has(Feature::UserNamespacesSupport) {
        return;
    }
    for field in ["hostPID", "hostIPC", "hostNetwork"] {
        if context.spec.get(field).is_true() {
            context.spec.get(field).forbidden("must not be true with hostUsers: false");
        }
    }
}

/// What a Windows Pod cannot have.
fn windows(context: Context<'_>) {
    if !context.is_windows() {
        return;
    }
    let forbid = |at: At<'_>| {
        if at.exists() {
            at.forbidden("must not be set for a Windows Pod");
        }
    };
    for field in ["hostPID", "hostIPC", "shareProcessNamespace"] {
        if context.spec.get(field).is_true() || (field == "shareProcessNamespace" && context.spec.get(field).exists()) {
            forbid(context.spec.get(field));
        }
    }
    if context.spec.get("hostUsers").exists() {
        forbid(context.spec.get("hostUsers"));
    }
    let of_pod = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "supplementalGroupsPolicy",
    ];
    of_pod.iter().for_each(|field| forbid(context.spec.get("securityContext").get(field)));
    let of_container = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "capabilities",
        "readOnlyRootFilesystem",
        "privileged",
        "allowPrivilegeEscalation",
        "procMount",
        "runAsUser",
        "runAsGroup",
    ];
    for container in context.containers() {
        of_container.iter().for_each(|field| forbid(container.get("securityContext").get(field)));
    }
}

fn windows_options(context: Context<'_>, options: At<'_>) {
    if !options.exists() {
        return;
    }
    if context.is_linux() {
        options.forbidden("must not be set for a Linux Pod");
    }
    let network = context.spec.get("hostNetwork");
    if options.get("hostProcess").is_true() && !context.host_network() {
        network.report(Reason::Invalid, "must be true in a Pod with hostProcess containers");
    }
    if options.get("gmsaCredentialSpecName").exists() {
        check(options.get("gmsaCredentialSpecName"), name::dns_subdomain);
    }
    let user = options.get("runAsUserName");
    if user.exists() {
        user_name(user);
    }
}

/// `DOMAIN\User`, of which the domain may be missing.
fn user_name(at: At<'_>) {
    let text = at.str();
    let (domain, user) = text.split_once('\\').map_or((None, text), |(domain, user)| (Some(domain), user));
    if text.is_empty() || user.is_empty() {
        at.invalid("must not be empty");
    } else if user.len() > 104 || domain.is_some_and(|domain| domain.len() > 256) {
        at.invalid("must have at most 256 characters of domain and 104 of user");
    } else if user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']']) {
        at.breaks("must not have any of \"/\\:;|=,+*?<>@[] in the user's name");
    } else if user.chars().all(|letter| matches!(letter, ' ' | '.')) || text.chars().any(char::is_control) {
        at.invalid("must have letters or digits and no control characters");
    }
}
