//! `dnsConfig` and `hostAliases`.

use super::super::check;
use super::Context;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::{name, net};

/// Limits of the resolver that the API server knows.
const MOST_NAMESERVERS: usize = 3;
const MOST_SEARCHES: usize = 32;
const MOST_SEARCH_CHARACTERS: usize = 2048;

pub(super) fn all(context: Context<'_>) {
    let (spec, config) = (context.spec, context.spec.get("dnsConfig"));
    let nameservers = config.get("nameservers");
    let strict = context.version().has(Feature::StrictIPCIDRValidation);
    if spec.get("dnsPolicy").str() == "None" {
        if !config.exists() {
            config.required("with dnsPolicy None");
        } else if nameservers.is_empty() {
            nameservers.required("with dnsPolicy None, at least one");
        }
    }
    if nameservers.len() > MOST_NAMESERVERS {
        nameservers.invalid(format!("must have at most {MOST_NAMESERVERS} addresses, but has {}", nameservers.len()));
    }
    nameservers.items().for_each(|server| address(server, strict));
    searches(config.get("searches"), context.version().has(Feature::RelaxedDNSSearchValidation));
    for option in config.get("options").items() {
        option.get("name").not_empty();
    }
    for alias in spec.get("hostAliases").items() {
        address(alias.get("ip"), strict);
        alias.get("hostnames").items().for_each(|host| check(host, name::dns_subdomain));
    }
}

fn address(at: At<'_>, strict: bool) {
    if let Err(rule) = net::ip(at.str(), strict) {
        at.breaks(rule);
    }
}

fn searches(searches: At<'_>, relaxed: bool) {
    if searches.len() > MOST_SEARCHES {
        searches.invalid(format!("must have at most {MOST_SEARCHES} domains, but has {}", searches.len()));
    }
    let characters: usize = searches.items().map(|search| search.str().len() + 1).sum();
    if characters > MOST_SEARCH_CHARACTERS + 1 {
        searches.invalid(format!("must have at most {MOST_SEARCH_CHARACTERS} characters in all"));
    }
    for search in searches.items() {
        // A single dot stands for the root; one dot may end a domain.
        let text = search.str();
        let domain = if relaxed && text == "." { "a" } else { text.strip_suffix('.').unwrap_or(text) };
        let rule = if relaxed { name::dns_subdomain_with_underscore } else { name::dns_subdomain };
        if let Err(rule) = rule(domain) {
            search.breaks(rule);
        }
    }
}
