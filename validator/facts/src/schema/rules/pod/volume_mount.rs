//! Where a container mounts volumes.

use super::super::duplicates;
use super::Context;
use super::volume::has_dots;
use crate::schema::Reason;
use crate::schema::cursor::At;

pub(super) fn all(context: Context<'_>, container: At<'_>) {
    let (mounts, devices) = (container.get("volumeMounts"), container.get("volumeDevices"));
    for mount in mounts.items() {
        named_volume(context, mount.get("name"));
        mount.get("mountPath").not_empty();
        sub_paths(mount);
        propagation(container, mount);
    }
    for device in devices.items() {
        device_of(context, device);
    }
    let path = |field: &'static str| move |at: At<'_>| Some(at.get(field).str().to_owned()).filter(|path| !path.is_empty());
    duplicates(mounts.items(), path("mountPath"), |mount| mount.get("mountPath").breaks("must be unique among the mounts"));
    duplicates(devices.items(), path("devicePath"), |device| device.get("devicePath").breaks("must be unique among the devices"));
    for mount in mounts.items() {
        let same = |device: At<'_>| device.get("devicePath").str() == mount.get("mountPath").str();
        if !mount.get("mountPath").str().is_empty() && devices.items().any(same) {
            mount.get("mountPath").breaks("must not be the path of a device in volumeDevices as well");
        }
    }
}

fn named_volume<'a>(context: Context<'a>, name: At<'_>) -> Option<At<'a>> {
    if !name.not_empty() || context.spec.get("volumes").is_broken_itself() {
        return None;
    }
    let found = context.volume(name.str());
    if found.is_none() {
        let volumes: Vec<_> = context.spec.get("volumes").items().map(|volume| volume.get("name").str()).collect();
        let meant = kustomize::closest(name.str(), volumes);
        let question = meant.map_or(String::new(), |meant| format!("; did you mean {meant:?}?"));
        name.report_with(
            Reason::NotFound,
            format!("must name a volume of the Pod, but there is no {:?}{question}", name.str()),
            meant.map(Into::into),
        );
    }
    found.flatten()
}

fn sub_paths(mount: At<'_>) {
    let (path, expression) = (mount.get("subPath"), mount.get("subPathExpr"));
    if !path.str().is_empty() && !expression.str().is_empty() {
        expression.invalid("must not be set beside subPath");
    }
    for at in [path, expression] {
        if at.str().starts_with('/') {
            at.breaks("must be a relative path");
        } else if has_dots(at.str()) {
            at.breaks("must not contain '..'");
        }
    }
}

fn propagation(container: At<'_>, mount: At<'_>) {
    let mode = mount.get("mountPropagation");
    if mode.str() == "Bidirectional" && !container.at(&["securityContext", "privileged"]).is_true() {
        mode.forbidden("must not be Bidirectional in a container that is not privileged");
    }
    let recursive = mount.get("recursiveReadOnly");
    match recursive.str() {
        _ if !recursive.exists() => {}
        "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.get("readOnly").is_true() {
                recursive.forbidden("must not be set without readOnly: true");
            }
            if !matches!(mode.str(), "" | "None") {
                recursive.forbidden("must not be set beside a mountPropagation other than None");
            }
        }
        _ => recursive.not_one_of(&["Disabled", "Enabled", "IfPossible"]),
    }
}

fn device_of(context: Context<'_>, device: At<'_>) {
    let (name, path) = (device.get("name"), device.get("devicePath"));
    let volume = named_volume(context, name);
    if volume.is_some_and(|volume| !volume.get("persistentVolumeClaim").exists() && !volume.get("ephemeral").exists()) {
        name.breaks("must name a volume with persistentVolumeClaim or ephemeral, the only ones that can be a block device");
    }
    if path.not_empty() && has_dots(path.str()) {
        path.breaks("must not contain '..'");
    }
}
