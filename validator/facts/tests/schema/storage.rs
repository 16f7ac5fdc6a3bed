//! Claims, volumes, classes.

use super::table;

#[test]
fn claims() {
    let claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {%}}";
    let size = "resources: {requests: {storage: 1Gi}}";
    table(
        claim,
        &[
            (&format!("accessModes: [ReadWriteOnce], {size}"), &[]),
            (size, &["required spec.accessModes"]),
            (&format!("accessModes: [ReadWriteTwice], {size}"), &["enum spec.accessModes[0]"]),
            (&format!("accessModes: [ReadWriteOncePod, ReadOnlyMany], {size}"), &["forbidden spec.accessModes"]),
            ("accessModes: [ReadWriteOnce]", &["required spec.resources"]),
            ("accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}", &["invalid spec.resources.requests[storage]"]),
            (&format!("accessModes: [ReadWriteOnce], {size}, storageClassName: A"), &["invalid spec.storageClassName"]),
        ],
    );
}

#[test]
fn volumes() {
    let volume = "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], %}}";
    table(
        volume,
        &[
            ("capacity: {storage: 1Gi}, csi: {driver: d, volumeHandle: h}", &[]),
            ("csi: {driver: d, volumeHandle: h}", &["required spec.capacity"]),
            ("capacity: {storage: 1Gi}", &["required spec"]),
            ("capacity: {storage: 1Gi}, nfs: {server: s, path: p}", &["invalid spec.nfs.path"]),
            ("capacity: {storage: 1Gi}, nfs: {server: s, path: /p}, hostPath: {path: /}", &["forbidden spec.nfs"]),
            (
                "capacity: {storage: 1Gi}, local: {path: /p/../q}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}",
                &["invalid spec.local.path"],
            ),
            ("capacity: {storage: 1Gi}, local: {path: /p}", &["required spec.nodeAffinity"]),
        ],
    );
}

#[test]
fn classes() {
    let class = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, %}";
    table(
        class,
        &[
            ("provisioner: Example.com/a", &[]),
            ("parameters: {a: b}", &["required provisioner"]),
            ("provisioner: a, parameters: {a: 5}", &["type parameters[a]"]),
            ("provisioner: a, reclaimPolicy: Keep", &["enum reclaimPolicy"]),
        ],
    );
}
