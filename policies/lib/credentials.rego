# METADATA
# title: What a credential looks like
# description: >-
#   Tells names of credentials (DB_PASSWORD, apiKey, --requirepass) from names about them (DB_PASSWORD_FILE, MAX_TOKENS),
#   and literal values from references to a value that is kept elsewhere. Nothing here puts a value into a message.
package kubevet.lib.credentials

import rego.v1

# Patterns are plain ASCII: no \s, \b or (?i), which need Unicode tables that regorus leaves out, and which mean other
# things in OPA's engine.

# "spring.datasource.clientSecret2" -> ["spring", "datasource", "client", "secret"]
words(name) := [word |
	spaced := regex.replace(name, `([a-z0-9])([A-Z])`, "${1}_${2}")
	some part in split(regex.replace(lower(spaced), `[^a-z0-9]+`, "_"), "_")
	word := trim_right(part, "0123456789")
	word != ""
]

# kubevet does not evaluate rules about credentials where validator/facts/src/suspect/texts.rs sees none of the endings and
# stand-ins below, so it must know all of them; a test takes them from here.

# Endings that mean a credential wherever they stand: "PGPASSWORD", "requirepass", "secretAccessKey".
strong_ending := concat("", [
	`(password|passwd|passphrase|passcode|requirepass|masterauth|(client|cookie|hmac|jwt|session)_?secret|rediscli_auth|`,
	`(api|access|private|secret|encryption|signing|master|account|shared|auth|session|jwt|hmac)_?key|`,
	`(access|auth|api|bearer|refresh|bot|root)_?tokens?)$`,
])

# Last words that mean a credential by themselves. "pass" and "pwd" are whole words here: BYPASS is none.
weak_endings := {"credential", "credentials", "pass", "pwd", "secret", "secrets", "token"}

# Names whose value is the name of a Kubernetes object or a switch, though they end like a credential.
harmless := concat("", [
	`(^|_)((pull|tls|ssl|ca|cert|certificate)_?secrets?|`,
	`(enable|disable|require|use|allow|skip|no|is|has|with)_(auth|token|password|secret|pass|credentials))$`,
])

# A name that says that its value is a credential.
named(name) if strongly_named(name)

named(name) if weakly_named(name)

# Every name of a credential has one of these in it; most names have none, and need no closer look.
suspicious(text) if regex.match(`auth|cred|key|pass|pwd|secret|token`, lower(text))

# Names that leave no doubt. In free text (arguments, configuration files) only these count for any value.
strongly_named(name) if {
	suspicious(name)
	joined := concat("_", words(name))
	regex.match(strong_ending, joined)
	not regex.match(harmless, joined)
}

weakly_named(name) if {
	suspicious(name)
	list := words(name)
	weak_endings[list[count(list) - 1]]
	not lower(name) in {"pwd", "oldpwd"}
	not regex.match(harmless, concat("_", list))
}

# A value that is the credential itself, and not empty, a stand-in, a switch or a pointer to where the credential is.
literal(value) if {
	is_string(value)
	trim_space(value) != ""
	not placeholder(value)
	not reference(value)
	not regex.match(`^(true|false|yes|no|on|off|none|null|nil|(not[-_ ]?)?(required|needed|set|used)|optional|disabled|enabled)$`, lower(value))

	# How long a token is valid.
	not regex.match(`^([0-9]+(ms|s|m|h|d|w|y))+$`, value)
}

# A value that is the credential that its name promises.
given(name, value) if {
	named(name)
	literal(value)
	not names_secret(name, value)
}

# FOO_SECRET: foo-credentials names a Secret.
names_secret(name, value) if {
	not strongly_named(name)
	list := words(name)
	list[count(list) - 1] in {"credential", "credentials", "secret", "secrets"}
	regex.match(`^[a-z]+[0-9]*(-[a-z]+[0-9]*)+$`, value)
}

# Pointers to a value: variables of the kubelet, the shell or a template, paths, URLs without user information, names in a
# vault, and values that are encrypted.
reference(value) if contains(value, "$(")

# `$$NAME` is what the kubelet makes `$NAME` of.
reference(value) if regex.match(`^"?\$\$?[A-Za-z_{]`, value)

# What a program fills in by itself: Frigate's `{FRIGATE_PASSWORD}`, Caddy's `{env.TOKEN}`.
reference(value) if regex.match(`^\{[A-Za-z_][A-Za-z0-9_.]*\}?$`, value)

# What a script puts in: `@DB_PASSWORD@`.
reference(value) if regex.match(`^@[A-Za-z_][A-Za-z0-9_]*@$`, value)

# A call in a program: `os.getenv("TOKEN")`.
reference(value) if regex.match(`^[A-Za-z_][A-Za-z0-9_.]*\(`, value)

reference(value) if contains(value, "{{")

reference(value) if regex.match(`^(\.{0,2}/)?[A-Za-z0-9._@-]+(/[A-Za-z0-9._@-]+)+(#[A-Za-z0-9._-]+)?$`, value)

reference(value) if regex.match(`^/[A-Za-z0-9._-]+$`, value)

reference(value) if regex.match(`^[a-z][a-z0-9+.-]*://[^ \t\r\n@]*$`, value)

reference(value) if regex.match(`^(vault:|(secret)?ref\+|op://|awssm|gcpsm|azkv|arn:aws:|secretref:|file:|env:|ENC\[|<path:|!(env_var|secret|Env|KeyOf)( |$))`, value)

reference(value) if regex.match(`^<<[^>]+>>$`, value)

# A stand-in that somebody meant to replace.
placeholder(value) if {
	is_string(value)
	regex.match(placeholder_pattern, lower(trim_space(value)))
	not startswith(trim_space(value), "<path:")
}

placeholder_pattern := concat("", [
	`^(change[-_ ]?(me|it|this).*|replace[-_ ].*|replace(me|with|this).*|insert[-_ ].*|enter[-_ ].*|fill[-_ ]?(me|in).*|put[-_ ].*[-_ ]here|`,
	`to[-_ ]?do|tbd|fixme|placeholder|dummy|example|sample|your[-_ ].*|my[-_ ]?(password|secret|token|key)|`,
	`password|passw0rd|secret|token|x{3,}|\*{3,}|\.{3,}|-{3,}|<[^>]*>|\[[^\]]*\]|\?+)$`,
])

# The literal passwords inside URLs (scheme://user:password@host) of a text; variables and stand-ins in angle brackets
# are none.
url_passwords(text) := {parts[1] |
	is_string(text)
	some parts in regex.find_all_string_submatch_n(`[A-Za-z][A-Za-z0-9+.-]*://[^ \t\r\n/:@"'<>]*:([^ \t\r\n/@"']+)@[^ \t\r\n"']`, text, -1)
	not url_stand_in(parts[1])
}

url_stand_in(password) if regex.match(`^(\$|%[(s]|<|\{|\*+$|\.\.\.|x{3,}$)`, password)

url_stand_in(password) if contains(password, "$(")

url_stand_in(password) if contains(password, "${")

url_stand_in(password) if contains(password, "{{")

# Formats that can only be credentials, whatever the variable is called, by what they are. Each is a published, fixed
# format, so that no entropy has to be guessed.
token_formats := {
	"a private key": `-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----`,
	"an AWS access key": `(AKIA|ASIA)[A-Z0-9]{16}`,
	"a GitHub token": `(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})`,
	"a GitLab token": `glpat-[A-Za-z0-9_-]{20,}`,
	"a Slack token": `xox[abeoprs]-[A-Za-z0-9-]{20,}`,
	"a Slack webhook": `hooks\.slack\.com/services/T[A-Za-z0-9_]+/B[A-Za-z0-9_]+/[A-Za-z0-9_]+`,
	"a Google API key": `AIza[A-Za-z0-9_-]{35}`,
	"a Stripe key": `[rs]k_live_[A-Za-z0-9]{16,}`,
	"an OpenAI key": `sk-(proj-|svcacct-)[A-Za-z0-9_-]{20,}`,
	"an Anthropic key": `sk-ant-[A-Za-z0-9_-]{20,}`,
	"a Hugging Face token": `hf_[A-Za-z0-9]{30,}`,
	"an npm token": `npm_[A-Za-z0-9]{36}`,
	"a PyPI token": `pypi-[A-Za-z0-9_-]{50,}`,
	"a Vault token": `hvs\.[A-Za-z0-9_-]{20,}`,
	"a SendGrid key": `SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}`,
	"a Docker Hub token": `dckr_pat_[A-Za-z0-9_-]{20,}`,
	"a DigitalOcean token": `do[opr]_v1_[0-9a-f]{64}`,
	"a Grafana token": `gl(sa|c)_[A-Za-z0-9+/=_]{32,}`,
	"a Shopify token": `shp(at|ca|pa|ss)_[0-9a-fA-F]{32}`,
	"a Google client secret": `GOCSPX-[A-Za-z0-9_-]{20,}`,
	"a key of age": `AGE-SECRET-KEY-1[A-Z0-9]{50,}`,
	"the credential of an Authorization header": `[Aa]uthorization["']?[ \t]*[:=, ][ \t]*["']?(Basic|Bearer|Token)[ \t]+[A-Za-z0-9+/._~=-]{12,}`,
	"a JSON Web Token": `eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
}

known_tokens(text) := {name |
	is_string(text)
	regex.match(any_token, text)
	some name, pattern in token_formats
	regex.match(pattern, text)
} | {"a private key in Base64" |
	is_string(text)
	some words in key_in_base64
	contains(text, words)
}

# "PRIVATE KEY" in Base64, at each of the three places that it can have in a group of three bytes. Nothing else says it.
key_in_base64 := ["UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtFW"]

# Whether a text has lines of a password file of PostgreSQL: host, port, database, user and password.
has_password_line(_, text) if password_lines(`5432|5433|6432|\*`, text)

has_password_line(name, text) if {
	contains(lower(name), "pgpass")
	password_lines(`[0-9]+`, text)
}

password_lines(ports, text) if {
	line := sprintf(`(?m)^[^:# \t\r\n]+:(?:%s):[^: \t\r\n]+:[^: \t\r\n]+:([^ \t\r\n]+)$`, [ports])
	some parts in regex.find_all_string_submatch_n(line, text, -1)
	literal(parts[1])
}

# Names of the credentials that a file in XML sets: as name and value, in elements or attributes, or as an element of that name.
set_in_xml(text) := {parts[1] |
	regex.match(`</|/>`, text)
	some pattern in xml_pairs
	some parts in regex.find_all_string_submatch_n(pattern, text, -1)
	named(parts[1])
	literal(parts[2])
} | {names[0][1] |
	contains(text, "<property>")
	some property in regex.find_all_string_submatch_n(`(?s)<property>(.*?)</property>`, text, -1)
	names := regex.find_all_string_submatch_n(`<name>[ \t\r\n]*([^< \t\r\n]+)[ \t\r\n]*</name>`, property[1], 1)
	values := regex.find_all_string_submatch_n(`<value>([^<]*)</value>`, property[1], 1)
	named(names[0][1])
	literal(values[0][1])
} | {parts[1] |
	contains(text, "</")
	some parts in regex.find_all_string_submatch_n(`<([A-Za-z][A-Za-z0-9_.:-]*)>([^<>]+)</`, text, -1)
	sets_credential(parts[1], trim_space(parts[2]))
}

xml_pairs := [
	`(?:name|key)="([^"\n]+)"[ \t\r\n]+value="([^"\n]*)"`,
	`(?:name|key)="([^"\n]+)"[ \t]*>([^<>]+)</`,
]

# What else a file of a program sets, in a form of its own.
set_in_form(name, text) := "a password of netrc" if {
	some parts in regex.find_all_string_submatch_n(`(?m)(?:^|[ \t])login[ \t]+[^ \t\r\n]+[ \t\r\n]+password[ \t]+([^ \t\r\n]+)`, text, -1)
	literal(parts[1])
} else := "a login to a registry" if {
	contains(text, `"auths"`)
	regex.match(`"auth"[ \t\r\n]*:[ \t\r\n]*"[A-Za-z0-9+/]{8,}=*"`, text)
} else := "a password of an access list of Redis" if {
	some parts in regex.find_all_string_submatch_n(`(?m)^user [^ \t\r\n]+ [^\r\n]*>([^ \t\r\n]+)`, text, -1)
	literal(parts[1])
} else := "a password of PgBouncer" if {
	contains(lower(name), "userlist")
	some parts in regex.find_all_string_submatch_n(`(?m)^"[^"\n]+"[ \t]+"([^"\n]+)"`, text, -1)
	literal(parts[1])
}

any_token := concat("|", [pattern | some pattern in token_formats])

# Names of the credentials that a free text sets: `password: x`, `password = "x"`, `--password=x`, `PGPASSWORD=x cmd`.
# Names like "token" are everywhere in text, so there their value must look like one as well.
set_in_text(text) := {parts[1] |
	is_string(text)
	suspicious(text)
	some parts in regex.find_all_string_submatch_n(assignment, text, -1)
	sets_credential(parts[1], trim(parts[2], `"'`))
}

assignment := `(?m)(?:^|[ \t\r\n;&|({,?:"'])-{0,2}([A-Za-z_][A-Za-z0-9_.-]*)["']?(?:[ \t]*[=:][ \t]*)("[^"\n]*"|'[^'\n]*'|[^ \t\r\n"';&|,)}=][^ \t\r\n"';&|,)}]*)`

sets_credential(name, value) if {
	strongly_named(name)
	literal(value)
	not names_key(name, value)
}

# In the values of charts, `secretKey: rcon-password` is the key of a Secret that is there.
names_key(name, value) if {
	list := words(name)
	array.slice(list, count(list) - 2, count(list)) == ["secret", "key"]
	regex.match(`^[a-z]+([-_.][a-z]+)*[-_.](key|pass|password|secret|token)$`, value)
}

sets_credential(name, value) if {
	weakly_named(name)
	literal(value)
	looks_random(value)
}

# Long, without spaces, and mixed as words and names of objects are not.
looks_random(value) if {
	count(value) >= 12
	regex.match(`^[A-Za-z0-9+/=_.!@#%^*~-]+$`, value)
	regex.match(`[0-9]`, value)
	regex.match(`[A-Z]`, value)
	regex.match(`[a-z]`, value)
}

looks_random(value) if regex.match(`^[0-9a-f]{32,}$`, value)

# Letters of one case and digits, without anything that would part words.
looks_random(value) if {
	regex.match(`^([a-z0-9]{20,}|[A-Z0-9]{20,})$`, value)
	regex.match(`[0-9].*[0-9].*[0-9].*[0-9]`, value)
}
