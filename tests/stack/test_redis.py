"""A real redis-server starts with each environment's configuration and has the settings that the environment is meant to have."""

import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASE = ROOT / "base/redis/redis.conf"
PERSISTENCE = ROOT / "overlays/components/persistence/extra-persistence.conf"
PROD = ROOT / "overlays/prod/extra-memory.conf"

SERVER = shutil.which("redis-server")
MISSING = "redis-server is not installed (Debian package redis-server)"
if not SERVER:
    print(f"SKIPPED: the Redis configuration was not tested: {MISSING}", file=sys.stderr)


class Redis:
    """redis-server with the given files as the container sees them, on a free port and in a directory of its own."""

    def __init__(self, *files):
        self.files = files

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="kubevet-redis-"))
        (self.directory / "data").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for file in self.files:
            text = file.read_text().replace("/etc/redis", str(self.directory)).replace("dir /data", f"dir {self.directory}/data")
            (self.directory / file.name).write_text(text.replace("port 6379", f"port {self.port}"))
        self.process = subprocess.Popen(
            [SERVER, str(self.directory / BASE.name)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._wait()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=30)
        shutil.rmtree(self.directory)

    def _wait(self):
        for _ in range(100):
            if self.process.poll() is not None:
                raise AssertionError(f"redis-server refused its configuration:\n{self.process.stdout.read()}")
            try:
                self.call("PING")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("redis-server did not listen within five seconds")

    def call(self, *words):
        """Sends one command; returns the lines of the answer without RESP's type and length marks."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            request = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
            connection.sendall(request.encode() + b"*1\r\n$4\r\nQUIT\r\n")
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return [line for line in answer.decode().split("\r\n") if line and line[0] not in "*$"][:-1]

    def setting(self, name):
        return self.call("CONFIG", "GET", name)[1:]


@unittest.skipUnless(SERVER, MISSING)
class Configuration(unittest.TestCase):
    def test_base_keeps_nothing(self):
        with Redis(BASE) as redis:
            self.assertEqual(redis.setting("appendonly"), ["no"])
            self.assertEqual(redis.setting("save"), [])
            self.assertEqual(redis.setting("maxmemory-policy"), ["noeviction"])
            self.assertEqual(redis.setting("protected-mode"), ["no"])

    def test_readiness_command_tells_a_server_that_answers(self):
        manifest = (ROOT / "base/redis/statefulset.yaml").read_text()
        probe = re.search(r"command: \[(redis-cli, .*)\]", manifest).group(1).split(", ")
        with Redis(BASE) as redis:
            command = [probe[0], "-p", str(redis.port), *probe[1:]]
            self.assertEqual(subprocess.run(command, capture_output=True).stdout, b"PONG\n")
            redis.call("CONFIG", "SET", "requirepass", "closed")
            self.assertNotEqual(subprocess.run(command, capture_output=True).returncode, 0)
        self.assertNotEqual(subprocess.run(command, capture_output=True).returncode, 0)

    def test_staging_appends_every_write(self):
        with Redis(BASE, PERSISTENCE) as redis:
            self.assertEqual(redis.setting("appendonly"), ["yes"])
            self.assertEqual(redis.setting("appendfsync"), ["everysec"])
            redis.call("SET", "key", "kept")
            written = b"".join(file.read_bytes() for file in (redis.directory / "data").rglob("*.aof"))
            self.assertIn(b"kept", written)

    def test_prod_evicts_only_what_expires(self):
        with Redis(BASE, PERSISTENCE, PROD) as redis:
            self.assertEqual(redis.setting("appendonly"), ["yes"])
            self.assertEqual(redis.setting("maxmemory"), [str(1200 * 1024 * 1024)])
            self.assertEqual(redis.setting("maxmemory-policy"), ["volatile-lru"])


if __name__ == "__main__":
    unittest.main()
