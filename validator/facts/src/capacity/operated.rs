//! What custom resources leave open of the Pods that operators make of them.

use serde::Serialize;

use crate::objects::Path;
use crate::products::{Amounts, MadeContainer, MadeObject};
use crate::schema::format::quantity::Quantity;

/// A request or limit that a container will not have.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsized {
    /// The name of the Pods, without what the operator adds to it.
    pub pods: String,
    /// Where the amount belongs.
    pub path: Path,
    /// `requests` or `limits`.
    pub field: &'static str,
    /// `cpu` or `memory`.
    pub resource: &'static str,
}

/// The requests and limits of cpu and memory that neither the object nor the operator gives.
pub(super) fn unsized_containers(made: &MadeObject) -> Vec<Unsized> {
    const FIELDS: [&str; 2] = ["requests", "limits"];
    let mut found = Vec::new();
    for container in &made.containers {
        for (field, resource) in FIELDS.into_iter().flat_map(|field| ["cpu", "memory"].map(|resource| (field, resource))) {
            if !has(container, field, resource) && !made.fills.iter().any(|filled| filled.split_once('.') == Some((field, resource))) {
                let path = container.path.with(field).with(resource);
                found.push(Unsized { pods: made.name.clone(), path, field, resource });
            }
        }
    }
    found
}

/// Whether a container has an amount. The API server copies a limit into a request that is not there; 0 means none.
fn has(container: &MadeContainer, field: &str, resource: &str) -> bool {
    let amount = |amounts: &Amounts| amounts.iter().find(|(name, _)| name == resource).map(|(_, amount)| amount.clone());
    let given = match field {
        "limits" => amount(&container.limits),
        _ => amount(&container.requests).or_else(|| amount(&container.limits)),
    };
    given.is_some_and(|amount| Quantity::parse(&amount).map_or(true, |amount| !amount.is_zero()))
}
