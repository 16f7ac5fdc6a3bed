package kubevet.secrets.configmap_literal_test

import data.kubevet.secrets.configmap_literal
import rego.v1

config(key, value) := {"apiVersion": "v1", "kind": "ConfigMap", "data": {key: value}}

test_fail_by_key if {
	configmap_literal.deny == {{
		"msg": `ConfigMap key "DB_PASSWORD" is a credential written in plain text`,
		"path": ["data", "DB_PASSWORD"],
	}} with input as config("DB_PASSWORD", "hunter2")
}

test_fail_in_file if {
	configmap_literal.deny == {{
		"msg": `ConfigMap key "app.yaml" sets the credential password in plain text`,
		"path": ["data", "app.yaml"],
		"text": "password",
	}} with input as config("app.yaml", "db:\n  user: soma\n  password: hunter2\n")
}

test_fail_in_json if {
	count(configmap_literal.deny) == 1 with input as config("app.json", `{"user": "soma", "apiKey": "hunter2"}`)
}

test_fail_in_redis_conf if {
	count(configmap_literal.deny) == 1 with input as config("redis.conf", "port 6379\nrequirepass hunter2\n")
}

test_pass_redis_conf_without_password if {
	count(configmap_literal.deny) == 0 with input as config("redis.conf", "appendonly yes\n# requirepass hunter2\nrequirepass ${REDIS_PASSWORD}\n")
}

test_pass_plain_settings if {
	count(configmap_literal.deny) == 0 with input as config("app.yaml", "host: db\nport: 5432\npassword_file: /run/secrets/pw\ntoken_ttl: 3600\n")
}

test_pass_program if {
	count(configmap_literal.deny) == 0 with input as config("authz.rego", "token := input.token\npassword = data.password\n")
}

test_pass_other_kind if {
	count(configmap_literal.deny) == 0 with input as {"apiVersion": "v1", "kind": "Secret", "data": {"DB_PASSWORD": "aHVudGVyMg=="}}
}

property(name, value) := sprintf("<property>\n  <name>%s</name>\n  <value>%s</value>\n</property>", [name, value])

test_fail_in_xml if {
	configmap_literal.deny == {{
		"msg": `ConfigMap key "core-site.xml" sets the credential fs.s3a.secret.key in plain text`,
		"path": ["data", "core-site.xml"],
		"text": "fs.s3a.secret.key",
	}} with input as config("core-site.xml", property("fs.s3a.secret.key", "hunter2"))
	count(configmap_literal.deny) == 0 with input as config("core-site.xml", property("fs.s3a.secret.key", "${env.KEY}"))
	count(configmap_literal.deny) == 0 with input as config("core-site.xml", property("fs.defaultFS", "hdfs://name"))
	described := "<property><value>hunter2</value><description>of S3</description><name>fs.s3a.secret.key</name></property>"
	count(configmap_literal.deny) == 1 with input as config("core-site.xml", described)
}

test_fail_in_a_password_file if {
	count(configmap_literal.deny) == 1 with input as config(".pgpass", "db.shop.svc:5432:cart:cart:hunter2")
	count(configmap_literal.deny) == 1 with input as config("passwords", "# all\n*:*:cart:cart:hunter2\n")
	count(configmap_literal.deny) == 0 with input as config(".pgpass", "db.shop.svc:5432:cart:cart:${PASSWORD}")
	count(configmap_literal.deny) == 0 with input as config("hosts", "db.shop.svc:5432")
}

test_fail_in_a_password_file_of_another_port if {
	count(configmap_literal.deny) == 1 with input as config(".pgpass", "db.shop.svc:15432:cart:cart:hunter2")
	count(configmap_literal.deny) == 0 with input as config("ports", "a:15432:b:c:d")
}

test_fail_in_forms_of_their_own if {
	files := {
		".netrc": "machine git.example login bot password hunter2\n",
		"config.json": sprintf(`{"auths": {"registry.example": {"auth": "%s"}}}`, [base64.encode("bot:hunter2")]),
		"users.acl": "user default on >hunter2 ~* +@all\n",
		"userlist.txt": `"cart" "hunter2"`,
		"settings.xml": "<server>\n<id>a</id>\n<password>hunter2</password>\n</server>\n",
		"beans.xml": `<property name="password" value="hunter2"/>`,
		"hibernate.xml": `<property name="hibernate.connection.password">hunter2</property>`,
		".npmrc": "//registry.example/:_authToken=Xk7pQ2mZtR9vB4nL\n",
	}
	every name, text in files {
		count(configmap_literal.deny) > 0 with input as config(name, text)
	}
}

test_pass_in_forms_without_a_value if {
	files := {
		".netrc": "machine git.example login bot password ${GIT_PASSWORD}\n",
		"config.json": `{"auths": {"registry.example": {}}, "credsStore": "ecr-login"}`,
		"users.acl": "user default on nopass ~* +@all\n",
		"settings.xml": "<password>${env.PASSWORD}</password>\n<token>build</token>\n",
		"beans.xml": `<property name="passwordFile" value="/run/secrets/a"/>`,
	}
	every name, text in files {
		count(configmap_literal.deny) == 0 with input as config(name, text)
	}
}

test_fail_in_binary_data if {
	object := {"apiVersion": "v1", "kind": "ConfigMap", "binaryData": {"app.ini": base64.encode("[db]\npassword = hunter2\n")}}
	configmap_literal.deny == {{
		"msg": `ConfigMap key "app.ini" sets the credential password in plain text`,
		"path": ["binaryData", "app.ini"],
		"text": "password",
	}} with input as object
	count(configmap_literal.deny) == 0 with input as {"apiVersion": "v1", "kind": "ConfigMap", "binaryData": {"a": "/9j/4AAQ"}}
}

test_pass_in_comments if {
	files := [
		"# password = hunter2\nport = 80\n", "; password = hunter2\nport = 80\n", "// password: hunter2\nport = 80\n", "port: 80 # password: hunter2\n",
		"-- password = hunter2\nselect 1;\n", "<a>\n<!-- password=hunter2\nsecretKey=hunter2 -->\n</a>\n",
	]
	every file in files {
		count(configmap_literal.deny) == 0 with input as config("app.conf", file)
	}
}

test_fail_beside_comments if {
	count(configmap_literal.deny) == 1 with input as config("app.conf", "# the password\npassword = hunter2#3\n")
	count(configmap_literal.deny) == 1 with input as config("args", "--password=hunter2\n--port=80\n")
}

test_pass_texts_of_an_interface if {
	text := "doForgotPassword=Forgot Password?\nloginPassword=Password\n"
	every name in ["messages_en.properties", "labels.json"] {
		count(configmap_literal.deny) == 0 with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {name: text}}
	}
	count(configmap_literal.deny) == 1 with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {"app.properties": text}}
}

values(text) := {"apiVersion": "v1", "kind": "ConfigMap", "data": {"values.yaml": text}}

test_pass_key_of_a_secret if {
	count(configmap_literal.deny) == 0 with input as values("existingSecret: rcon\nsecretKey: rcon-password\n")
	count(configmap_literal.deny) == 1 with input as values("secretKey: forgejo4ever\n")
}
