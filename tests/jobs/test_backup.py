"""backup_stores.py: from a real Redis and a Qdrant stand-in to an object store and back into an empty Redis, and what must not pass."""

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE.parents[1] / "jobs/scripts"
sys.path[:0] = [str(HERE), str(SCRIPTS)]

import fakes
import s3
import served
import wire
from test_migrate import FakeQdrant, script

SECRET = "object-store-secret"


class FakeS3:
    """Objects in memory, uploads in parts included. Refuses a body that is not the one that was signed, and a wrong key."""

    def __init__(self):
        self.objects, self.uploads, self.refuse = {}, {}, None
        self.server = served.serve(self.answer)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def signed(self, method, url, headers, body):
        names = headers["Authorization"].split("SignedHeaders=")[1].split(",")[0]
        lines = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
        digest = hashlib.sha256(body).hexdigest()
        canonical = f"{method}\n{url.path}\n{url.query}\n{lines}\n{names}\n{digest}"
        return headers["Authorization"].endswith(s3.signature(SECRET, "us-east-1", headers["x-amz-date"], canonical)[1])

    def answer(self, method, path, headers, body):
        url = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        key = urllib.parse.unquote(url.path.removeprefix("/backups").lstrip("/"))
        if not self.signed(method, url, headers, body):
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", {}
        if self.refuse and self.refuse(method, key, query):
            return 503, b"<Error><Code>SlowDown</Code></Error>", {}
        if "uploads" in query:
            self.uploads["one"] = []
            return 200, b'<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><UploadId>one</UploadId></R>', {}
        if "partNumber" in query:
            self.uploads["one"].append(body)
            return 200, b"", {"ETag": f'"{query["partNumber"]}"'}
        if "uploadId" in query:
            parts = self.uploads.pop("one")
            if method == "POST":
                self.objects[key] = b"".join(parts)
            return 200, b"<R/>", {}
        if "prefix" in query:
            # Two a page, as S3 has a thousand.
            names = [name for name in sorted(self.objects) if name.startswith(query["prefix"]) and name > query.get("start-after", "")][:2]
            found = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in names)
            return 200, f'<L xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{found}</L>'.encode(), {}
        if method == "PUT":
            self.objects[key] = body
            return 200, b"", {}
        return (200, self.objects[key], {}) if key in self.objects else (404, b"<Error/>", {})

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Signature(unittest.TestCase):
    def test_the_example_of_the_documentation(self):
        """GET test.txt of examplebucket, from "Signature Calculations for the Authorization Header"."""
        empty = hashlib.sha256(b"").hexdigest()
        headers = f"host:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\nx-amz-content-sha256:{empty}\nx-amz-date:20130524T000000Z\n"
        canonical = f"GET\n/test.txt\n\n{headers}\nhost;range;x-amz-content-sha256;x-amz-date\n{empty}"
        secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        self.assertEqual(s3.signature(secret, "us-east-1", "20130524T000000Z", canonical),
                         ("20130524/us-east-1/s3/aws4_request", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"))


@unittest.skipUnless(fakes.RealRedis.available, "SKIPPED: redis-server is not installed")
class BackupTest(unittest.TestCase):
    def setUp(self):
        self.source, self.target = fakes.RealRedis(), fakes.RealRedis()
        self.old, self.new, self.store = FakeQdrant({"memories": 42, "a/b c": 7}), FakeQdrant({}), FakeS3()
        for server in (self.source, self.target, self.old, self.new, self.store):
            self.addCleanup(server.stop)
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        with wire.Redis(self.source.url) as client:
            client.call("SET", "text", b"\0\xffbytes")
            client.call("SET", "large", os.urandom(3 << 20) * 9)  # more than one part

    def run_it(self, *words, **changes):
        environment = {"PATH": os.environ["PATH"], "S3_ENDPOINT": self.store.url, "S3_BUCKET": "backups", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": SECRET,
                       "SOMABRAIN_REDIS_URL": self.source.url, "QDRANT_URL": self.old.url, **changes}
        done = subprocess.run([sys.executable, SCRIPTS / "backup_stores.py", *words], capture_output=True, text=True, timeout=120, env=environment)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        return done

    def back_up(self):
        for store in ("redis", "qdrant"):
            done = self.run_it(store)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_was_backed_up_comes_back(self):
        self.back_up()
        self.assertEqual(self.run_it("fetch", self.folder).returncode, 0)
        done = script("import", self.folder, SOMABRAIN_REDIS_URL=self.target.url, QDRANT_URL=self.new.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.new.collections, {"memories": 42, "a/b c": 7})
        with wire.Redis(self.source.url) as old, wire.Redis(self.target.url) as new:
            for key in ("text", "large"):
                self.assertEqual(new.call("GET", key), old.call("GET", key))

    def test_a_damaged_object_is_not_restored(self):
        self.back_up()
        key = next(key for key in self.store.objects if key.endswith("memories.snapshot"))
        self.store.objects[key] += b"x"
        done = self.run_it("fetch", self.folder)
        self.assertEqual(done.returncode, 5)
        self.assertIn("is damaged", done.stderr)

    def test_a_backup_that_was_cut_off_is_none(self):
        self.store.refuse = lambda method, key, query: query.get("partNumber") == "2"
        done = self.run_it("redis")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertEqual((self.store.objects, self.store.uploads), ({}, {}))
        self.store.refuse = lambda method, key, query: key.endswith("manifest.json")
        self.assertEqual(self.run_it("redis").returncode, 5)
        self.store.refuse = None
        done = self.run_it("fetch", self.folder)
        self.assertIn("no complete archive", done.stderr)

    def test_each_failure_has_its_own_code(self):
        nobody = f"127.0.0.1:{fakes.free_port()}"
        for code, words, changes in [
            (2, ["nothing"], {}),
            (2, ["redis"], {"S3_BUCKET": ""}),
            (3, ["redis"], {"SOMABRAIN_REDIS_URL": f"redis://{nobody}/0"}),
            (4, ["qdrant"], {"QDRANT_URL": f"http://{nobody}"}),
            (5, ["redis"], {"S3_ENDPOINT": f"http://{nobody}"}),
            (5, ["redis"], {"AWS_SECRET_ACCESS_KEY": "another"}),
        ]:
            with self.subTest(words, **changes):
                self.assertEqual(self.run_it(*words, **changes).returncode, code)


if __name__ == "__main__":
    unittest.main()
