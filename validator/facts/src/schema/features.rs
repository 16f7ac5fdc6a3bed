//! What API servers do from a version on, `features.txt`.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Version;
use super::table::Definition;

macro_rules! features {
    ($($(#[$doc:meta])? $name:ident,)*) => {
        /// What the code asks for, by the names in the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Feature {
            $($(#[$doc])? $name,)*
        }

        impl Feature {
            const ALL: &[(Feature, &str)] = &[$((Feature::$name, stringify!($name)),)*];
        }
    };
}

features! {
    /// An autoscaler's target must name an API group.
    AutoscalerTargetGroup,
    ContainerRestartRules,
    EnvFiles,
    ImageVolume,
    MatchLabelKeysInPodTopologySpreadSelectorMerge,
    MutablePodResourcesForSuspendedJobs,
    PodLevelResources,
    PodLifecycleSleepAction,
    PodLifecycleSleepActionAllowZero,
    PreferSameTrafficDistribution,
    RelaxedDNSSearchValidation,
    RelaxedEnvironmentVariableValidation,
    RelaxedServiceNameValidation,
    /// The claim templates of a StatefulSet are looked at.
    StatefulSetClaimTemplates,
    /// The name of a StatefulSet's Service is looked at.
    StatefulSetServiceName,
    /// The template of a StatefulSet is looked at as every other one.
    StatefulSetTemplate,
    StrictIPCIDRValidation,
    UserNamespacesSupport,
}

impl Version {
    /// Whether a server of this version does it unless it is told otherwise.
    pub(crate) fn has(self, feature: Feature) -> bool {
        table().features.get(feature as usize).copied().flatten().is_some_and(|since| since <= self)
    }

    /// Whether a server of this version drops a field of a definition in its table without a word. A field that it doesn't know it does not drop.
    pub(crate) fn drops(self, definition: &Definition, field: &str) -> bool {
        let since = table().fields.get(definition.name()).and_then(|fields| fields.get(field));
        since.is_some_and(|since| since.is_none_or(|since| self < since)) && definition.field(field).is_some()
    }
}

struct Features {
    /// Since when there is each feature, in their order.
    features: Vec<Option<Version>>,
    /// By definition and field, since when a field is kept; nothing where no version keeps it.
    fields: HashMap<&'static str, HashMap<&'static str, Option<Version>>>,
}

fn table() -> &'static Features {
    static TABLE: OnceLock<Features> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Features { features: vec![None; Feature::ALL.len()], fields: HashMap::new() };
        for line in include_str!("features.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (since, name) = (words.next().and_then(|since| since.parse().ok()), words.next().unwrap_or_default());
            for ((_, known), slot) in Feature::ALL.iter().zip(&mut table.features) {
                if *known == name {
                    *slot = since;
                }
            }
            for (definition, field) in words.filter_map(|field| field.rsplit_once('.')) {
                table.fields.entry(definition).or_default().insert(field, since);
            }
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::table::Table;

    #[test]
    fn the_table_names_what_is_there() {
        let text = include_str!("features.txt");
        let rows: Vec<Vec<_>> =
            text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split(' ').collect()).collect();
        for row in &rows {
            assert!(row[0] == "-" || row[0].parse::<Version>().is_ok(), "{row:?}");
            for (definition, field) in row[2..].iter().map(|field| field.rsplit_once('.').unwrap()) {
                let has_it = |version| Table::of(version).all().any(|known| known.name() == definition && known.field(field).is_some());
                assert!(Version::ALL.into_iter().any(has_it), "{definition} {field}");
            }
        }
        for (feature, name) in Feature::ALL {
            assert!(Version::V1_36.has(*feature), "{name} is not in the table");
            assert!(!Version::V1_29.has(*feature), "{name} is in every version");
        }
    }
}
