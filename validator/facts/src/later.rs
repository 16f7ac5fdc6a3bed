//! Values that something fills in after the build: Flux, Argo CD and its plugins, secret managers, templates. Of such a value only the form is known, so nothing can be
//! said of what it will be.

/// How a value begins that names where the real one is kept: 1Password, vals (<https://github.com/helmfile/vals>), bank-vaults, Argo CD Vault Plugin, ko.
const REFERENCES: [&str; 6] = ["op://", "ref+", "secretref+", "vault:", "<path:", "ko://"];

/// Tags of YAML that are texts by the time that Kubernetes sees them: Home Assistant, blueprints of Authentik and their like.
const TAGS: [&str; 4] = ["!env_var ", "!secret ", "!Env ", "!KeyOf "];

/// What stands around a part that is filled in: Flux's and envsubst's variables, Go templates and Jinja, and the marks of simpler tools.
const BRACES: [(&str, &str); 3] = [("${", "}"), ("{{", "}}"), ("<<", ">>")];

/// Whether a value, or a part of it, is filled in later.
pub fn is_filled_in(text: &str) -> bool {
    // Most texts have none of these signs.
    if !text.contains(['$', '{', '<', '!', ':', '+']) {
        return false;
    }
    points_elsewhere(text) || BRACES.iter().any(|(open, close)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close)))
}

/// Whether a value only says where the real one is kept.
pub fn points_elsewhere(text: &str) -> bool {
    let text = text.trim();
    REFERENCES.iter().chain(&TAGS).any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_known_by_its_form() {
        for text in [
            "${PORT}",
            "web:${TAG:=1.2}",
            "<path:kv/data/web#key>",
            "op://vault/item/field",
            "ref+vault://kv#x",
            "vault:secret/data/x#y",
            "!env_var PASSWORD",
            "{{ .Values.x }}",
            "<<password>>",
            "ko://example.com/cmd",
        ] {
            assert!(is_filled_in(text), "{text}");
        }
        for text in ["", "$(PORT)", "$PORT", "a{b}", "${", "}}{{", "a: b", "<<", "https://example.com", "<name>", "vault", "x op://"] {
            assert!(!is_filled_in(text), "{text}");
        }
    }
}
