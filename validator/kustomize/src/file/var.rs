//! One of `vars`, as it is written.

use ecow::EcoString;

use crate::context::decode::{Decode, Decoder, Text};
use crate::error::Error;
use crate::object::gvk::{Gvk, split_api_version};
use crate::source::Origin;
use crate::yaml::node::Node;

/// One of `vars`.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: EcoString,
    pub(crate) gvk: Gvk,
    pub(crate) object_name: EcoString,
    pub(crate) namespace: EcoString,
    pub(crate) field_path: EcoString,
    /// The whole entry.
    pub(crate) origin: Origin,
}

impl Decode for Var {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut var = Self {
            name: "".into(),
            gvk: Gvk::default(),
            object_name: "".into(),
            namespace: "".into(),
            field_path: "".into(),
            origin: node.origin.clone(),
        };
        let text = |node: &Node, field: &str| decoder.get::<Text>(node, field).map(|text| text.value);
        decoder.fields(node, field, |field, node| {
            match field {
                "name" => var.name = text(node, "vars.name")?,
                "objref" => decoder.fields(node, "vars.objref", |field, node| {
                    match field {
                        "apiversion" => {
                            let version = text(node, "vars.objref.apiVersion")?;
                            if !version.is_empty() {
                                let (group, version) = split_api_version(&version);
                                (var.gvk.group, var.gvk.version) = (group.into(), version.into());
                            }
                        }
                        "name" => var.object_name = text(node, "vars.objref.name")?,
                        "namespace" => var.namespace = text(node, "vars.objref.namespace")?,
                        _ => return var.gvk.decode_field(decoder, field, node),
                    }
                    Ok(true)
                })?,
                "fieldref" => decoder.fields(node, "vars.fieldref", |field, node| {
                    if field == "fieldpath" {
                        var.field_path = text(node, "vars.fieldref.fieldPath")?;
                    }
                    Ok(field == "fieldpath")
                })?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        if var.field_path.is_empty() {
            var.field_path = "metadata.name".into();
        }
        Ok(var)
    }
}
