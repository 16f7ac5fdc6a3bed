"""precheck.py as the Job runs it: a process with variables, whose exit code names the first thing that fails."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import fakes
import stand_in_qdrant

SCRIPT = os.path.join(HERE, "..", "..", "jobs", "scripts", "precheck.py")


@unittest.skipUnless(fakes.RealRedis.available and fakes.RealPostgres.available, "SKIPPED: redis-server or PostgreSQL is not installed")
class PrecheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.redis, cls.postgres = fakes.RealRedis(), fakes.RealPostgres()
        cls.addClassCleanup(cls.redis.stop)
        cls.addClassCleanup(cls.postgres.stop)
        cls.postgres.psql("somabrain", "CREATE TABLE kv_store (key text PRIMARY KEY, value jsonb NOT NULL)")

    def setUp(self):
        # One server plays OPA, both applications and Qdrant's readiness; what the applications keep goes into the stores.
        self.http = fakes.FakeHttp({
            ("GET", "/health"): (200, {"ok": True, "memory_ok": True}),
            ("POST", "/v1/data/soma/allow"): (200, {"result": {"allow": True}}),
            ("POST", "/remember"): self.remember,
            ("POST", "/recall"): lambda body: (200, {"memory": self.told, "wm": []}),
        })
        self.qdrant = stand_in_qdrant.Qdrant(0)
        self.qdrant.answer("PUT", "/collections/somabrain", {})
        self.addCleanup(self.qdrant.stop)
        self.addCleanup(self.postgres.psql, "somabrain", "TRUNCATE kv_store")
        self.told, self.writes_rows, self.writes_points = [], True, True
        self.kafka = fakes.FakeKafka()
        self.addCleanup(self.http.stop)
        self.addCleanup(self.kafka.stop)
        self.variables = {
            "SOMABRAIN_REDIS_URL": self.redis.url, "SOMABRAIN_OPA_URL": self.http.url, "SOMABRAIN_MEMORY_HTTP_ENDPOINT": self.http.url,
            "SOMABRAIN_KAFKA_URL": f"kafka://{self.kafka.bootstrap}", "SOMABRAIN_POSTGRES_DSN": self.postgres.dsn(), "QDRANT_URL": f"http://127.0.0.1:{self.qdrant.port}",
            "SOMAMEMORY_POSTGRES_DSN": self.postgres.dsn(), "SOMABRAIN_URL": self.http.url, "PRECHECK_PATIENCE": "0", "PRECHECK_TIMEOUT": "2",
        }

    def remember(self, body):
        payload = json.loads(body)["payload"]
        self.told.append(payload)
        if self.writes_rows:
            for key, value in (("data", payload), ("meta", {"creation_timestamp": "1"})):
                self.postgres.psql("somabrain", f"INSERT INTO kv_store VALUES ('somabrain:(0.1, -0.2, 0.3):{key}', '{json.dumps(value)}')")
        if self.writes_points:
            point = {"id": "00000000-0000-4000-8000-000000000001", "vector": [1.0], "payload": payload}
            self.qdrant.answer("PUT", "/collections/somabrain/points", {"points": [point]})
        return 200, {"ok": True, "success": True, "queued": None, "breaker_open": None}

    def run_it(self, **changes):
        environment = {**self.variables, **changes}
        done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, timeout=120,
                              env={key: value for key, value in environment.items() if value is not None})
        for secret in (self.redis.password, self.postgres.password):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def test_all_is_well(self):
        done = self.run_it()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("ok  "), 8)

    def left(self):
        return self.postgres.psql("somabrain", "SELECT count(*) FROM kv_store"), len(self.qdrant.collections["somabrain"]["points"])

    def test_it_leaves_nothing_behind(self):
        self.assertEqual(self.run_it().returncode, 0)
        self.assertIn(("DELETE", "/memories/0.1,-0.2,0.3"), [request[:2] for request in self.http.requests])
        self.assertEqual(self.left(), ("0", 0))

    def test_a_stack_that_keeps_nothing_has_a_code_of_its_own(self):
        def queued(body):
            self.remember(body)
            return 200, {"ok": True, "success": True, "queued": True, "breaker_open": True}

        ways = [
            ("PostgreSQL has no such memory", lambda: setattr(self, "writes_rows", False)),
            ("no collection of Qdrant has such a memory", lambda: setattr(self, "writes_points", False)),
            ("only queued", lambda: self.http.answers.update({("POST", "/remember"): queued})),
            ("/remember answered 503", lambda: self.http.answers.update({("POST", "/remember"): (503, {"detail": "memory backend unavailable"})})),
            ("/remember answered 404", lambda: self.http.answers.pop(("POST", "/remember"))),
            ("/recall answered 500", lambda: self.http.answers.update({("POST", "/recall"): (500, b"Internal Server Error")})),
            ("/recall does not find it", lambda: self.http.answers.update({("POST", "/recall"): (200, {"memory": [], "wm": []})})),
            ("working memory only", lambda: self.http.answers.update({("POST", "/recall"): lambda _: (200, {"memory": [], "wm": self.told})})),
        ]
        answers = dict(self.http.answers)
        for text, break_it in ways:
            with self.subTest(text):
                self.told, self.writes_rows, self.writes_points = [], True, True
                self.http.answers = dict(answers)
                break_it()
                done = self.run_it()
                self.assertEqual(done.returncode, 10, done.stdout)
                self.assertIn(text, done.stdout)
                self.assertEqual(self.left(), ("0", 0))

    def test_a_memory_that_stays_is_told(self):
        answer = self.qdrant.answer
        self.qdrant.answer = lambda method, path, body: (200, {"result": {}}) if path.endswith("/points/delete") else answer(method, path, body)
        done = self.run_it()
        self.assertEqual(done.returncode, 10, done.stdout)
        self.assertIn("could not be removed again: somabrain", done.stdout)

    def test_the_database_password_may_come_from_the_environment(self):
        dsn = self.postgres.dsn().replace(f":{self.postgres.password}@", "@")
        done = self.run_it(SOMABRAIN_POSTGRES_DSN=dsn, PGPASSWORD=self.postgres.password)
        self.assertEqual(done.returncode, 0, done.stdout)

    @unittest.skipUnless(shutil.which("openssl"), "SKIPPED: openssl is not installed")
    def test_qdrant_by_tls_is_trusted_through_ssl_cert_file_only(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate = fakes.self_signed(folder)
            qdrant = stand_in_qdrant.Qdrant(0, certificate)
            qdrant.collections, url = self.qdrant.collections, f"https://127.0.0.1:{qdrant.port}"
            self.addCleanup(qdrant.stop)
            done = self.run_it(QDRANT_URL=url, SSL_CERT_FILE=certificate[0])
            self.assertEqual(done.returncode, 0, done.stdout)
            done = self.run_it(QDRANT_URL=url)
            self.assertEqual(done.returncode, 8, done.stdout)
            self.assertIn("certificate", done.stdout)

    def test_each_failure_has_its_own_code(self):
        nobody = f"127.0.0.1:{fakes.free_port()}"
        for code, variable, value in [
            (2, "QDRANT_URL", None),
            (2, "SOMAMEMORY_POSTGRES_DSN", None),
            (3, "SOMABRAIN_REDIS_URL", f"redis://{nobody}/0"),
            (4, "SOMABRAIN_OPA_URL", f"http://{nobody}"),
            (5, "SOMABRAIN_MEMORY_HTTP_ENDPOINT", f"http://{nobody}"),
            (6, "SOMABRAIN_KAFKA_URL", nobody),
            (7, "SOMABRAIN_POSTGRES_DSN", f"postgresql://soma@{nobody}/somabrain"),
            (8, "QDRANT_URL", f"http://{nobody}"),
            (9, "SOMABRAIN_URL", f"http://{nobody}"),
        ]:
            with self.subTest(variable, code=code):
                done = self.run_it(**{variable: value})
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)

    def test_a_healthy_status_with_a_broken_part_is_not_enough(self):
        for code, part in [(5, "kv_store"), (5, "vector_store"), (9, "memory_ok"), (9, "ready"), (9, "postgres_ok"), (9, "kafka_ok")]:
            with self.subTest(part):
                self.http.answers["GET", "/health"] = (200, {"ok": True, part: False})
                done = self.run_it()
                self.assertEqual(done.returncode, code, done.stdout)
                self.assertIn(f"{part}: false", done.stdout)

    def test_a_part_of_a_part_counts(self):
        self.http.answers["GET", "/health"] = (200, {"ok": True, "components": {"memory": {"http": False}}})
        done = self.run_it()
        self.assertEqual(done.returncode, 9)
        self.assertIn("components.memory.http: false", done.stdout)

    def test_an_undefined_decision_is_not_a_yes(self):
        for answer in ({}, {"result": True}, {"result": {"allow": False}}):
            with self.subTest(answer):
                self.http.answers["POST", "/v1/data/soma/allow"] = (200, answer)
                self.assertEqual(self.run_it().returncode, 4)

    def test_it_waits_for_what_is_not_there_yet(self):
        answers = iter([503, 503])
        self.http.answers["GET", "/health"] = lambda _: (next(answers, 200), {"ok": True})
        self.assertEqual(self.run_it(PRECHECK_PATIENCE="20").returncode, 0)


if __name__ == "__main__":
    unittest.main()
