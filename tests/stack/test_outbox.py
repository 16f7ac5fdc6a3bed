"""SomaBrain's outbox survives its Pod: outbox.py against a real redis-server, and start.sh around a server that is told to stop."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "base/somabrain/scripts"
sys.path.insert(0, str(ROOT / "tests/jobs"))
from fakes import free_port, wait_for  # noqa: E402

MISSING = None if shutil.which("redis-server") else "redis-server is not installed (Debian package redis-server)"
if MISSING:
    print(f"SKIPPED: the outbox was not handed over: {MISSING}", file=sys.stderr)


@unittest.skipIf(MISSING, MISSING)
class Outbox(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = free_port()
        self.redis = self.serve()

    def serve(self):
        process = subprocess.Popen(["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(self.port, process)
        return process

    def environment(self, pod):
        path = self.folder / pod / "data/outbox.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path, {**os.environ, "SOMABRAIN_OUTBOX_PATH": str(path), "SOMABRAIN_REDIS_URL": f"redis://127.0.0.1:{self.port}/0", "OUTBOX_PATIENCE": "10"}

    def run_it(self, action, pod):
        return subprocess.run([sys.executable, "-B", SCRIPTS / "outbox.py", action], env=self.environment(pod)[1], capture_output=True, text=True, check=True)

    def test_what_one_pod_gives_the_next_takes_once(self):
        path, _ = self.environment("first")
        path.write_text('{"op": "remember", "payload": {"n": 1}}\n\n{"op": "remember", "payload": {"n": "\u00e9"}}\n')
        path.with_name("outbox.jsonl.processing").write_text('{"op": "remember", "payload": {"n": 0}}\n')
        self.assertIn("give 3", self.run_it("give", "first").stdout)
        self.assertFalse(path.exists())
        self.run_it("take", "second")
        taken = self.environment("second")[0].read_text()
        self.assertEqual([line for line in taken.splitlines()], [f'{{"op": "remember", "payload": {{"n": {n}}}}}' for n in ("0", "1", '"\u00e9"')])
        self.run_it("take", "third")
        self.assertEqual(self.environment("third")[0].read_text(), "")

    def test_without_redis_a_pod_starts_and_keeps_its_file(self):
        self.redis.kill()
        self.redis.wait()
        path, environment = self.environment("first")
        path.write_text("{}\n")
        for action in ("take", "give"):
            done = subprocess.run([sys.executable, SCRIPTS / "outbox.py", action], env={**environment, "OUTBOX_PATIENCE": "0"}, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("3 bytes are in", done.stderr)
        self.assertEqual(path.read_text(), "{}\n")

    def test_giving_waits_for_a_redis_that_restarts(self):
        path, environment = self.environment("first")
        path.write_text("{}\n")
        self.redis.kill()
        self.redis.wait()
        giving = subprocess.Popen([sys.executable, SCRIPTS / "outbox.py", "give"], env=environment, stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        self.serve()
        self.assertIn("give 1", giving.communicate(timeout=20)[0])

    def test_start_hands_over_after_the_server_ended(self):
        path, environment = self.environment("first")
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        # A server that queues one more memory while it shuts down.
        entrypoint = bin_folder / "docker-entrypoint.sh"
        entrypoint.write_text("#!/bin/sh\ntrap 'echo \"{}\" >>\"$SOMABRAIN_OUTBOX_PATH\"; exit 7' TERM\necho up\nwhile :; do sleep 0.1; done\n")
        entrypoint.chmod(0o755)
        text = (SCRIPTS / "start.sh").read_text().replace("/opt/somabrain", str(SCRIPTS))
        process = subprocess.Popen(["sh", "-c", text], cwd=self.folder / "first", text=True, stdout=subprocess.PIPE,
                                   env={**environment, "PATH": f"{bin_folder}:{os.environ['PATH']}"})
        self.assertEqual(process.stdout.readline(), "up\n")
        process.send_signal(signal.SIGTERM)
        self.assertIn("outbox: give 1", process.communicate(timeout=20)[0])
        self.assertEqual(process.returncode, 7)
        self.assertEqual(os.readlink(self.folder / "first/somabrain.log"), "/dev/null")


if __name__ == "__main__":
    unittest.main()
