"""The data migration: from a source to an archive to a target, cut off, repeated, and against a target that has data."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "..", "..", "jobs", "scripts")
sys.path[:0] = [HERE, SCRIPTS]

import fakes
import wire


class FakeQdrant(fakes.FakeHttp):
    """Collections as numbers of points; a snapshot's bytes are its number of points."""

    def __init__(self, collections):
        super().__init__({})
        self.collections = dict(collections)
        self.answers = self

    def get(self, key, default):
        method, path = key
        words = [urllib.parse.unquote(word) for word in path.strip("/").split("/")]
        if method == "GET" and words == ["collections"]:
            return 200, {"result": {"collections": [{"name": name} for name in self.collections]}}
        name, rest = words[1], words[2:]
        if rest == ["snapshots", "upload"]:
            return lambda body: self.upload(name, body)
        if name not in self.collections:
            return default
        if method == "GET" and not rest:
            return 200, {"result": {"points_count": self.collections[name]}}
        if method == "POST" and rest == ["snapshots"]:
            return 200, {"result": {"name": "one.snapshot"}}
        if method == "GET" and rest == ["snapshots", "one.snapshot"]:
            return 200, b"POINTS=%d;" % self.collections[name]
        if method == "DELETE" and rest == ["snapshots", "one.snapshot"]:
            return 200, {"result": True}
        return default

    def upload(self, name, body):
        self.collections[name] = int(body.split(b"POINTS=")[1].split(b";")[0])
        return 200, {"result": True}


def script(*words, **variables):
    return subprocess.run([sys.executable, os.path.join(SCRIPTS, "migrate_stores.py"), *words], capture_output=True, text=True, timeout=120,
                          env={"PATH": os.environ["PATH"], **variables})


@unittest.skipUnless(fakes.RealRedis.available, "SKIPPED: redis-server is not installed")
class StoresTest(unittest.TestCase):
    def setUp(self):
        self.source, self.target = fakes.RealRedis(), fakes.RealRedis()
        self.old, self.new = FakeQdrant({"memories": 42, "a/b c": 7}), FakeQdrant({"memories": 0})
        for server in (self.source, self.target, self.old, self.new):
            self.addCleanup(server.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with wire.Redis(self.source.url) as client:
            client.call("SET", "text", b"\0\xffbytes")
            client.call("RPUSH", "list", "a", "b")
            client.call("HSET", "hash", "field", "value")
            client.call("SET", "short", "x", "PX", 1)
            client.call("SET", "long", "x", "EX", 3600)

    def export(self):
        done = script("export", self.folder, SOURCE_REDIS_URL=self.source.url, SOURCE_QDRANT_URL=self.old.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(script("seal", self.folder).returncode, 0)

    def load(self):
        return script("import", self.folder, SOMABRAIN_REDIS_URL=self.target.url, QDRANT_URL=self.new.url)

    def test_everything_arrives_and_a_second_run_changes_nothing(self):
        self.export()
        self.assertEqual(script("receive", self.folder, MIGRATE_PATIENCE="0").returncode, 0)
        first = self.load()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(self.new.collections, {"memories": 42, "a/b c": 7})
        with wire.Redis(self.target.url) as client:
            self.assertEqual(client.call("GET", "text"), b"\0\xffbytes")
            self.assertEqual(client.call("LRANGE", "list", 0, -1), [b"a", b"b"])
            self.assertEqual(client.call("HGET", "hash", "field"), b"value")
            self.assertTrue(3000 < client.call("TTL", "long") <= 3600)
            self.assertIsNone(client.call("GET", "short"))
            client.call("SET", "text", "newer")
        uploads = len(self.new.requests)
        second = self.load()
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertIn("0 keys restored", second.stdout)
        self.assertFalse([request for request in self.new.requests[uploads:] if request[0] == "POST"])
        with wire.Redis(self.target.url) as client:
            self.assertEqual(client.call("GET", "text"), b"newer")

    def test_a_target_with_other_points_is_left_alone(self):
        self.export()
        self.new.collections["memories"] = 3
        self.assertEqual(self.load().returncode, 6)
        self.assertEqual(self.new.collections["memories"], 3)

    def test_an_archive_that_is_not_sealed_or_damaged(self):
        script("export", self.folder, SOURCE_REDIS_URL=self.source.url)
        self.assertEqual(self.load().returncode, 5)
        self.assertEqual(script("receive", self.folder, MIGRATE_PATIENCE="0").returncode, 5)
        script("seal", self.folder)
        with open(os.path.join(self.folder, "redis.jsonl"), "a", encoding="utf-8") as rows:
            rows.write("{")
        self.assertEqual(self.load().returncode, 5)

    def test_receive_waits_for_the_copy(self):
        self.export()
        with tempfile.TemporaryDirectory() as empty:
            waiting = subprocess.Popen([sys.executable, os.path.join(SCRIPTS, "migrate_stores.py"), "receive", empty], stdout=subprocess.PIPE,
                                       env={"PATH": os.environ["PATH"], "MIGRATE_PATIENCE": "60"})
            time.sleep(0.5)
            for name in sorted(os.listdir(self.folder)):
                with open(os.path.join(self.folder, name), "rb") as data, open(os.path.join(empty, name), "wb") as out:
                    out.write(data.read())
            waiting.communicate(timeout=60)
            self.assertEqual(waiting.returncode, 0)

    def test_missing_variables_and_servers(self):
        self.export()
        self.assertEqual(script("import", self.folder).returncode, 2)
        self.assertEqual(script("import", self.folder, SOMABRAIN_REDIS_URL=f"redis://127.0.0.1:{fakes.free_port()}", QDRANT_URL="x").returncode, 3)
        self.assertEqual(script("import", self.folder, SOMABRAIN_REDIS_URL=self.target.url, QDRANT_URL=f"http://127.0.0.1:{fakes.free_port()}").returncode, 4)
        self.assertEqual(script("export").returncode, 2)


@unittest.skipUnless(fakes.RealPostgres.available, "SKIPPED: no PostgreSQL server is installed")
class PostgresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = fakes.RealPostgres(names=("source", "somabrain"))
        cls.addClassCleanup(cls.server.stop)
        cls.server.psql("source", "CREATE TABLE feedback_events (id serial PRIMARY KEY, note text)")
        cls.server.psql("source", "INSERT INTO feedback_events (note) SELECT 'note ' || n FROM generate_series(1, 1000) n")

    def setUp(self):
        self.server.psql("postgres", "DROP DATABASE somabrain")
        self.server.psql("postgres", "CREATE DATABASE somabrain")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        dump = os.path.join(self.folder, "postgres-somabrain.dump")
        subprocess.run([f"{self.server.bin}/pg_dump", "-Fc", "-f", dump], env=self.server.environment("source"), check=True)

    def load(self, **changes):
        environment = {"PATH": f"{self.server.bin}:{os.environ['PATH']}", "MIGRATE_ARCHIVE": self.folder, "SOMABRAIN_POSTGRES_DSN": self.server.dsn(), **changes}
        done = subprocess.run(["bash", os.path.join(SCRIPTS, "migrate_postgres.sh")], capture_output=True, text=True, timeout=120, env=environment)
        self.assertNotIn(self.server.password, done.stdout + done.stderr)
        return done

    def count(self):
        return self.server.psql("somabrain", "SELECT count(*) FROM feedback_events")

    def test_restored_once_and_then_left_alone(self):
        self.server.psql("somabrain", "CREATE TABLE feedback_events (id int)")
        done = self.load()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.count(), "1000")
        self.server.psql("somabrain", "INSERT INTO feedback_events (note) VALUES ('newer')")
        done = self.load()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("restored before", done.stdout)
        self.assertEqual(self.count(), "1001")

    def test_rows_of_its_own_are_never_touched(self):
        self.server.psql("somabrain", "CREATE TABLE feedback_events (id int); INSERT INTO feedback_events VALUES (1)")
        done = self.load()
        self.assertEqual(done.returncode, 5)
        self.assertIn("public.feedback_events", done.stderr)
        self.assertEqual(self.count(), "1")

    def test_a_restore_that_is_cut_off_changes_nothing_and_can_be_repeated(self):
        path = os.path.join(self.folder, "postgres-somabrain.dump")
        with open(path, "rb") as dump:
            whole = dump.read()
        with open(path, "wb") as dump:
            dump.write(whole[: len(whole) * 2 // 3])
        self.assertEqual(self.load().returncode, 6)
        self.assertEqual(self.server.psql("somabrain", "SELECT to_regclass('feedback_events') IS NULL"), "t")
        with open(path, "wb") as dump:
            dump.write(whole)
        self.assertEqual(self.load().returncode, 0)
        self.assertEqual(self.count(), "1000")

    def test_the_password_may_be_a_variable_of_its_own(self):
        dsn = self.server.dsn().replace(f":{self.server.password}@", "@")
        done = self.load(SOMABRAIN_POSTGRES_DSN=dsn, SOMABRAIN_POSTGRES_PASSWORD=self.server.password)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_dump_without_a_database(self):
        self.assertEqual(self.load(SOMABRAIN_POSTGRES_DSN="").returncode, 2)


if __name__ == "__main__":
    unittest.main()
