"""forward.py carries bytes both ways, and says what it cannot reach."""

import os
import socket
import subprocess
import sys
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import fakes

SCRIPT = os.path.join(HERE, "..", "..", "jobs", "scripts", "forward.py")


class ForwardTest(unittest.TestCase):
    def start(self, *rules):
        process = subprocess.Popen([sys.executable, SCRIPT, *rules], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        for _ in rules:
            self.assertIn("->", process.stdout.readline())
        return process

    def test_a_request_and_its_answer(self):
        server = fakes.FakeHttp({("GET", "/health"): (200, b"x" * 300_000)})
        self.addCleanup(server.stop)
        local = fakes.free_port()
        self.start(f"{local}={server.url.removeprefix('http://')}")
        for _ in range(3):
            with urllib.request.urlopen(f"http://127.0.0.1:{local}/health", timeout=10) as response:
                self.assertEqual(len(response.read()), 300_000)

    def test_a_target_that_is_not_there(self):
        local, nobody = fakes.free_port(), fakes.free_port()
        process = self.start(f"{local}=127.0.0.1:{nobody}")
        with socket.create_connection(("127.0.0.1", local), 10) as connection:
            self.assertEqual(connection.recv(1), b"")
        self.assertIn(str(nobody), process.stderr.readline())

    def test_a_rule_that_is_none(self):
        done = subprocess.run([sys.executable, SCRIPT, "8181"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("LOCAL=HOST:PORT", done.stderr)


if __name__ == "__main__":
    unittest.main()
