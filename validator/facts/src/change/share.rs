//! Numbers of Pods that may be written as a share of all.

/// `maxUnavailable` as the controller of Deployments resolves it.
pub(super) fn unavailable(unavailable: Option<&str>, surge: Option<&str>, replicas: i64) -> i64 {
    const USUAL: &str = "25%";
    let most = resolve(unavailable.unwrap_or(USUAL), replicas, false).unwrap_or(0);
    let surge = resolve(surge.unwrap_or(USUAL), replicas, true).unwrap_or(0);
    // Where both come to nothing, one Pod goes after all.
    if most == 0 && surge == 0 { 1 } else { most }
}

/// A number or a share of all replicas.
pub(super) fn resolve(text: &str, replicas: i64, up: bool) -> Option<i64> {
    match text.strip_suffix('%') {
        Some(percent) => {
            let product = percent.parse::<i64>().ok()?.checked_mul(replicas)?;
            Some(if up { product.checked_add(99)? / 100 } else { product / 100 })
        }
        None => text.parse().ok(),
    }
}
