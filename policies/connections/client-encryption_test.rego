package kubevet.connections.client_encryption_test

import data.kubevet.connections.client_encryption
import rego.v1

config(texts) := {"apiVersion": "v1", "kind": "ConfigMap", "data": texts}

test_fail if {
	client_encryption.deny == {{
		"msg": `ConfigMap key "DATABASE_URL" names a PostgreSQL server and does not insist on TLS`,
		"path": ["data", "DATABASE_URL"],
		"text": "app@db:5432/app",
	}} with input as config({"DATABASE_URL": "postgresql+psycopg://app@db:5432/app"})
}

test_fail_urls if {
	every url in [
		"postgres://app:$(PASSWORD)@db/app",
		"postgres://db",
		"postgresql://app@db:5432/app?sslmode=prefer",
		"jdbc:postgresql://db:5432/app",
		"dsn: postgresql://db.example.com/app?connect_timeout=3&sslmode=disable",
		"[database]\nurl = \"postgresql://db/app\"\n",
	] {
		count(client_encryption.deny) == 1 with input as config({"value": url})
	}
}

test_pass_urls if {
	every url in [
		"postgresql://app@db:5432/app?sslmode=require",
		"postgresql://app@db:5432/app?sslmode=verify-full&sslrootcert=/etc/db/ca.crt",
		"jdbc:postgresql://db:5432/app?ssl=true",
		"postgresql://app@localhost:5432/app",
		"postgresql://127.0.0.1/app",
		"postgres://app:@localhost:5432/?sslmode=disable",
		"postgresql:///app?host=/var/run/postgresql",
		"postgresql://${HOST}:5432/app",
		"postgresql://app@$(HOST)/app",
		"mysql://db/app",
		"raise Error(\"a DSN looks like postgresql://USER@HOST/DATABASE\")\n",
		"the service postgres: see http://example.com",
	] {
		count(client_encryption.deny) == 0 with input as config({"value": url})
	}
}

test_pass_mode_beside if {
	count(client_encryption.deny) == 0 with input as config({"URL": "postgresql://db/app", "PGSSLMODE": "verify-full"})
}

test_fail_variables if {
	every name, value in {
		"PGSSLMODE": "prefer",
		"POSTGRES_SSL_MODE": "disable",
		"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
		"security.protocol": "plaintext",
	} {
		count(client_encryption.deny) == 1 with input as config({name: value})
	}
}

test_pass_variables if {
	every name, value in {
		"PGSSLMODE": "require",
		"KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
		"NGINX_SSL_MODES": "prefer",
	} {
		count(client_encryption.deny) == 0 with input as config({name: value})
	}
}

test_fail_container if {
	client_encryption.deny == {{
		"msg": `args of container "app" names a PostgreSQL server and does not insist on TLS`,
		"path": ["spec", "containers", 0, "args", 0],
		"text": "db/app",
	}} with input as {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "args": ["--db=postgres://db/app"]}]}}
}
