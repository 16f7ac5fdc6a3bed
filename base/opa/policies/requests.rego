# METADATA
# title: What an HTTP request may do
# description: |
#   The one decision behind every question that the applications ask. Who the caller is has been settled before: the
#   application checks the bearer token. Here it is about what may be asked for at all. `input` is
#   {"method": "POST", "path": "/remember", "json": …}.
package stack.requests

import rego.v1

# Probes, scrapes and documentation. A denial here would take a pod out of its Service.
public_paths := {"/", "/health", "/healthz", "/metrics", "/docs", "/openapi.json", "/redoc", "/favicon.ico"}

# What changes the rules or the settings for everybody, or moves whole memories in and out. The application leaves these open to anyone
# when it has no API token, so they are closed here too unless data.settings.administration says otherwise.
administrative_prefixes := {
	"/opa/", "/constitution/load", "/migrate/", "/admin/",
	"/memory/admin/", "/memory/cutover/", "/config/", "/features/", "/context/adaptation/reset",
}

methods := {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

default allow := false

allow if count(reasons) == 0

# Why a request is refused; empty when it is allowed.
reasons contains "the request names no path" if not names_path

reasons contains "the request names no method" if not names_method

# Rules of their own: `not is_string(input.path)` is undefined, and not true, where there is no path at all.
names_path if is_string(input.path)

names_method if is_string(input.method)

reasons contains sprintf("method %s is not used here", [input.method]) if {
	names_method
	not upper(input.method) in methods
}

reasons contains "the path is not in its plain form" if {
	names_path
	not plain(input.path)
}

reasons contains sprintf("%s is read-only", [input.path]) if {
	input.path in public_paths
	names_method
	not upper(input.method) in {"GET", "HEAD", "OPTIONS"}
}

reasons contains sprintf("%s is administration, which is switched off here", [input.path]) if {
	names_path
	administrative(input.path)
	not data.settings.administration == true
}

# Two spellings of one path must not get two answers.
plain(path) if {
	startswith(path, "/")
	not contains(path, "//")
	not contains(path, "\\")
	not contains(path, "%")
	count([segment | some segment in split(path, "/"); segment in {".", ".."}]) == 0
}

administrative(path) if {
	some prefix in administrative_prefixes
	startswith(sprintf("%s/", [trim_right(lower(path), "/")]), sprintf("%s/", [trim_right(prefix, "/")]))
}
