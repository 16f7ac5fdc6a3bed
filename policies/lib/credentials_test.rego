package kubevet.lib.credentials_test

import data.kubevet.lib.credentials
import rego.v1

test_names_of_credentials if {
	names := {
		"POSTGRES_PASSWORD", "db.password", "PGPASSWORD", "apiKey", "SOMABRAIN_API_TOKEN", "SOMABRAIN_JWT_SECRET", "SUPERVISOR_HTTP_PASS",
		"AWS_SECRET_ACCESS_KEY", "REDISCLI_AUTH", "requirepass", "clientSecret", "DB_PASSWORD_2", "PRIVATE_KEY", "GITHUB_TOKEN", "db-passwd",
	}
	every name in names {
		credentials.named(name)
	}
}

test_names_that_are_none if {
	names := {
		"POSTGRES_PASSWORD_FILE", "MAX_TOKENS", "TOKENIZER", "TOKEN_TTL", "COMPASS", "BYPASS", "PWD", "PUBLIC_KEY", "IMAGE_PULL_SECRET",
		"TLS_SECRET", "SECRET_NAME", "SOMABRAIN_CONSTITUTION_PUBKEYS", "JWT_ISSUER", "DISABLE_AUTH", "AUTHOR", "ACCESS_KEY_ID", "KEY", "",
	}
	every name in names {
		not credentials.named(name)
	}
}

test_names_of_secrets if {
	every name, value in {"SWITCH_CONFIGS_SECRET": "metal3-switch-configs", "dbSecret": "db1-credentials"} {
		credentials.named(name)
		not credentials.given(name, value)
	}
	every name, value in {"DB_SECRET": "hunter2", "DB_PASSWORD": "correct-horse", "SIGNING_SECRET": "a1b2-c3d4-e5f6x9", "clientSecret": "a-b"} {
		credentials.given(name, value)
	}
}

test_literals if {
	every value in {"hunter2", "s3cr3t-value", "p@ss/word!", "12345"} {
		credentials.literal(value)
	}
}

test_not_literals if {
	values := {
		"", " ", "$(REDIS_PASSWORD)", "${REDIS_PASSWORD}", "$PASSWORD", "{{ .Values.password }}", "/var/run/secrets/token", "./secrets/token",
		"https://auth.example.com/token", "vault:secret/data/app#key", "ENC[AES256_GCM,data:abc]", "true", "changeme", "<password>",
		"$$PASSWORD", "{FRIGATE_MQTT_PASSWORD}", "{env.API_TOKEN}",
		"{RTSP_PASSWORD", "@MQTT_PASSWORD@", "os.getenv(", "!env_var", "!secret token", "90d", "1h30m", "replace-default-auth", "not-needed",
	}
	every value in values {
		not credentials.literal(value)
	}
	not credentials.literal(12)
	not credentials.literal(null)
}

test_placeholders if {
	every value in {"changeme", "CHANGE_ME", "change-me-in-prod", "TODO", "<your-token>", "xxxx", "REPLACE_WITH_REAL", "your-api-key", "***", "password"} {
		credentials.placeholder(value)
	}
	not credentials.placeholder("hunter2")
	not credentials.placeholder("")
}

test_url_passwords if {
	count(credentials.url_passwords("postgresql://soma:pw1@db:5432/x")) == 1
	count(credentials.url_passwords("redis://:pw1@redis:6379/0")) == 1
	count(credentials.url_passwords("a: amqp://a:pw1@x\nb: amqp://a:pw2@y")) == 2
}

test_urls_without_password if {
	texts := {
		"http://sb-opa:8181", "postgresql://soma:$(PASSWORD)@db/x", "postgresql://soma:${PASSWORD}@db/x", "http://host:80/a@b",
		"postgresql://soma@db/x", "redis://:<password>@redis", "kafka://kafka:9092", "postgres://u:{{ .password }}@db", "git@example.com:a/b.git",
	}
	every text in texts {
		count(credentials.url_passwords(text)) == 0
	}
}

test_known_tokens if {
	credentials.known_tokens(concat("", ["-----BEGIN RSA ", "PRIVATE KEY-----\nabc"])) == {"a private key"}
	credentials.known_tokens(concat("", ["x AKIA", "ABCDEFGHIJKLMNOP y"])) == {"an AWS access key"}
	credentials.known_tokens("-----BEGIN CERTIFICATE-----") == set()
	credentials.known_tokens("sk-learn") == set()
	credentials.known_tokens(null) == set()
}

test_credentials_set_in_text if {
	credentials.set_in_text("user: soma\npassword: hunter2\n") == {"password"}
	credentials.set_in_text(`org.apache.kafka…ScramLoginModule required username="a" password="hunter2";`) == {"password"}
	credentials.set_in_text("redis-server --requirepass=hunter2") == {"requirepass"}
	credentials.set_in_text("PGPASSWORD=hunter2 psql") == {"PGPASSWORD"}
	credentials.set_in_text("token: Zx81aBc9QwErTy12") == {"token"}
}

test_text_that_sets_none if {
	texts := {
		"password_file: /etc/pw", "token: my-token-name", "password := input.password", "password: ${DB_PASSWORD}", "password:\n  secretKeyRef",
		"max_tokens: 4096", "password: ''", `password=$(cat /run/pw)`, "",
	}
	every text in texts {
		credentials.set_in_text(text) == set()
	}
}

test_suspicious if {
	credentials.suspicious("DB_PASSWORD")
	not credentials.suspicious("MODE")
}
