//! A generator, as it is written.

use crate::context::decode::{Decode, Decoder, Pairs, Text};
use crate::error::Error;
use crate::source::Origin;
use crate::yaml::node::Node;

/// One of `configMapGenerator` or `secretGenerator`.
#[derive(Clone, Debug)]
pub(crate) struct GeneratorArgs {
    pub(crate) name: Option<Text>,
    pub(crate) namespace: Option<Text>,
    pub(crate) behavior: Option<Text>,
    pub(crate) literals: Vec<Text>,
    pub(crate) files: Vec<Text>,
    /// `envs`, then `env`.
    pub(crate) envs: Vec<Text>,
    pub(crate) options: GeneratorOptions,
    /// `type` of a Secret.
    pub(crate) secret_type: Option<Text>,
    /// The whole entry.
    pub(crate) origin: Origin,
}

/// `generatorOptions`, or `options` of one generator.
#[derive(Clone, Debug, Default)]
pub(crate) struct GeneratorOptions {
    pub(crate) labels: Pairs,
    pub(crate) annotations: Pairs,
    /// The line that says `disableNameSuffixHash: true`.
    pub(crate) disable_name_suffix_hash: Option<Origin>,
    /// The line that says `immutable: true`.
    pub(crate) immutable: Option<Origin>,
}

impl Decode for GeneratorArgs {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut args = Self {
            name: None,
            namespace: None,
            behavior: None,
            literals: Vec::new(),
            files: Vec::new(),
            envs: Vec::new(),
            options: GeneratorOptions::default(),
            secret_type: None,
            origin: node.origin.clone(),
        };
        let mut env = None;
        let is_secret = field != "configMapGenerator";
        decoder.fields(node, field, |field, node| {
            match field {
                "name" => args.name = decoder.get(node, "name")?,
                "namespace" => args.namespace = decoder.get(node, "namespace")?,
                "behavior" => args.behavior = decoder.get(node, "behavior")?,
                "literals" => args.literals = decoder.get(node, "literals")?,
                "files" => args.files = decoder.get(node, "files")?,
                "envs" => args.envs = decoder.get(node, "envs")?,
                "env" => env = decoder.get(node, "env")?,
                "options" => args.options = decoder.get(node, "options")?,
                "type" if is_secret => args.secret_type = decoder.get(node, "type")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        args.envs.extend(env);
        Ok(args)
    }
}

impl Decode for GeneratorOptions {
    fn decode(node: &Node, decoder: Decoder<'_>, field: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        decoder.fields(node, field, |field, node| {
            match field {
                "labels" => options.labels = decoder.get(node, "labels")?,
                "annotations" => options.annotations = decoder.get(node, "annotations")?,
                "disablenamesuffixhash" => {
                    let disabled: bool = decoder.get(node, "disableNameSuffixHash")?;
                    options.disable_name_suffix_hash = disabled.then(|| node.origin.clone());
                }
                "immutable" => options.immutable = decoder.get::<bool>(node, "immutable")?.then(|| node.origin.clone()),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }
}
