"""precheck.py as the Job runs it: a process with variables, whose exit code names the first thing that fails."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import fakes

SCRIPT = os.path.join(HERE, "..", "..", "jobs", "scripts", "precheck.py")


@unittest.skipUnless(fakes.RealRedis.available and fakes.RealPostgres.available, "SKIPPED: redis-server or PostgreSQL is not installed")
class PrecheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.redis, cls.postgres = fakes.RealRedis(), fakes.RealPostgres()
        cls.addClassCleanup(cls.redis.stop)
        cls.addClassCleanup(cls.postgres.stop)

    def setUp(self):
        self.http = fakes.FakeHttp({
            ("GET", "/health"): (200, {"ok": True, "memory_ok": True}),
            ("GET", "/readyz"): (200, b"all shards are ready"),
            ("POST", "/v1/data/soma/allow"): (200, {"result": {"allow": True}}),
        })
        self.kafka = fakes.FakeKafka()
        self.addCleanup(self.http.stop)
        self.addCleanup(self.kafka.stop)
        self.variables = {
            "SOMABRAIN_REDIS_URL": self.redis.url, "SOMABRAIN_OPA_URL": self.http.url, "SOMABRAIN_MEMORY_HTTP_ENDPOINT": self.http.url,
            "SOMABRAIN_KAFKA_URL": f"kafka://{self.kafka.bootstrap}", "SOMABRAIN_POSTGRES_DSN": self.postgres.dsn(), "QDRANT_URL": self.http.url,
            "SOMABRAIN_URL": self.http.url, "PRECHECK_PATIENCE": "0", "PRECHECK_TIMEOUT": "2",
        }

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
        self.assertEqual(done.stdout.count("ok  "), 7)

    def test_the_database_password_may_come_from_the_environment(self):
        dsn = self.postgres.dsn().replace(f":{self.postgres.password}@", "@")
        done = self.run_it(SOMABRAIN_POSTGRES_DSN=dsn, PGPASSWORD=self.postgres.password)
        self.assertEqual(done.returncode, 0, done.stdout)

    @unittest.skipUnless(shutil.which("openssl"), "SKIPPED: openssl is not installed")
    def test_qdrant_by_tls_is_trusted_through_ssl_cert_file_only(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate = fakes.self_signed(folder)
            qdrant = fakes.FakeHttp({("GET", "/readyz"): (200, b"all shards are ready")}, certificate)
            self.addCleanup(qdrant.stop)
            done = self.run_it(QDRANT_URL=qdrant.url, SSL_CERT_FILE=certificate[0])
            self.assertEqual(done.returncode, 0, done.stdout)
            done = self.run_it(QDRANT_URL=qdrant.url)
            self.assertEqual(done.returncode, 8, done.stdout)
            self.assertIn("certificate", done.stdout)

    def test_each_failure_has_its_own_code(self):
        nobody = f"127.0.0.1:{fakes.free_port()}"
        for code, variable, value in [
            (2, "QDRANT_URL", None),
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
        self.http.answers["GET", "/health"] = (200, {"ok": True, "memory_ok": False})
        done = self.run_it()
        self.assertEqual(done.returncode, 9)
        self.assertIn("memory_ok: false", done.stdout)

    def test_an_undefined_decision_is_not_a_yes(self):
        for answer in ({}, {"result": True}, {"result": {"allow": False}}):
            with self.subTest(answer):
                self.http.answers["POST", "/v1/data/soma/allow"] = (200, answer)
                self.assertEqual(self.run_it().returncode, 4)

    def test_it_waits_for_what_is_not_there_yet(self):
        answers = iter([503, 503])
        self.http.answers["GET", "/readyz"] = lambda _: (next(answers, 200), b"")
        self.assertEqual(self.run_it(PRECHECK_PATIENCE="20").returncode, 0)


if __name__ == "__main__":
    unittest.main()
