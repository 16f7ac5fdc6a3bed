"""hack/port-forward with a kubectl that only pretends: five ports answer, and nothing is left behind when it ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "..", "..", "hack", "port-forward")
PORTS = (9696, 9092, 8181, 6379, 9595)

KUBECTL = """#!{python}
import os, signal, socket, sys
words = sys.argv[1:]
assert words[:2] == ["--namespace", "somabrain-dev"], words
if words[2] == "get":
    sys.exit(0)
assert words[2:5] == ["port-forward", "--address", "127.0.0.1"] and words[5].startswith("service/"), words
with open(os.environ["LOG"], "a") as log:
    log.write(f"{{os.getpid()}} {{words[5]}} {{words[6]}}\\n")
server = socket.create_server(("127.0.0.1", int(words[6].split(":")[0])))
while True:
    server.accept()[0].close()
"""


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class PortForwardTest(unittest.TestCase):
    def setUp(self):
        busy = [port for port in PORTS if listening(port)]
        if busy:
            self.skipTest(f"SKIPPED: something listens on {busy}")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        kubectl = os.path.join(folder.name, "kubectl")
        with open(kubectl, "w", encoding="utf-8") as out:
            out.write(KUBECTL.format(python=sys.executable))
        os.chmod(kubectl, 0o755)
        self.log = os.path.join(folder.name, "log")
        self.environment = {**os.environ, "PATH": f"{folder.name}:{os.environ['PATH']}", "LOG": self.log}

    def start(self):
        process = subprocess.Popen(["bash", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.communicate()))
        return process

    def forwards(self):
        with open(self.log, encoding="utf-8") as log:
            return [line.split() for line in log]

    def test_five_ports_and_no_remains(self):
        process = self.start()
        self.assertIn("ready", process.stdout.readline())
        self.assertTrue(all(listening(port) for port in PORTS))
        self.assertEqual({service for _, service, _ in self.forwards()},
                         {"service/somabrain", "service/sb-kafka", "service/sb-opa", "service/sb-redis", "service/somamemory"})
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        deadline = time.monotonic() + 10
        while any(listening(port) for port in PORTS) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse([port for port in PORTS if listening(port)])

    def test_a_forward_that_dies_comes_back(self):
        process = self.start()
        process.stdout.readline()
        pid = next(int(pid) for pid, service, _ in self.forwards() if service == "service/sb-opa")
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while len(self.forwards()) < 6 and time.monotonic() < deadline:
            time.sleep(0.1)
        while not listening(8181) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertTrue(listening(8181))
        process.send_signal(signal.SIGTERM)
        process.wait(30)

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 9595)):
            process = self.start()
            self.assertEqual(process.wait(30), 1)
            self.assertIn("9595", process.stderr.read())


if __name__ == "__main__":
    unittest.main()
