"""Servers for the tests of the Jobs' scripts: real Redis and PostgreSQL where they are installed, protocol fakes elsewhere."""

import glob
import json
import os
import shutil
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading
import time

import served


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not listen in time")


class RealRedis:
    """A redis-server with a password, on a port of its own."""

    available = shutil.which("redis-server") is not None

    def __init__(self, password="redis-test-password"):
        self.port, self.password = free_port(), password
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--requirepass", password, "--save", "", "--dir", self.folder.name],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port, self.process)
        self.url = f"redis://:{password}@127.0.0.1:{self.port}/0"

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def postgres_bin():
    """The folder of PostgreSQL's programs, wherever the distribution keeps it; None without a server."""
    found = shutil.which("initdb")
    folders = [os.path.dirname(os.path.realpath(found))] if found else sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return next((folder for folder in reversed(folders) if os.path.exists(os.path.join(folder, "postgres"))), None)


class RealPostgres:
    """A PostgreSQL server that asks for SCRAM, with the databases `names`."""

    bin = postgres_bin()
    available = bin is not None

    def __init__(self, names=("somabrain",), password="postgres-test-password"):
        self.port, self.password = free_port(), password
        self.folder = tempfile.TemporaryDirectory()
        data, secret = os.path.join(self.folder.name, "data"), os.path.join(self.folder.name, "password")
        with open(secret, "w", encoding="utf-8") as out:
            out.write(password)
        # The server refuses to run as root.
        self.drop = {}
        if os.getuid() == 0:
            self.drop = {"user": "nobody"}
            for path in (self.folder.name, secret):
                shutil.chown(path, "nobody")
        run = lambda *words: subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=self.folder.name, **self.drop)
        run(f"{self.bin}/initdb", "-D", data, "-U", "soma", "--pwfile", secret, "--auth=scram-sha-256", "--no-sync")
        self.process = subprocess.Popen(
            [f"{self.bin}/postgres", "-D", data, "-p", str(self.port), "-k", self.folder.name, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder.name, **self.drop)
        wait_for(self.port, self.process)
        # It listens before it answers.
        self.psql("postgres", "SELECT 1")
        for name in names:
            self.psql("postgres", f"CREATE DATABASE {name}")

    def dsn(self, name="somabrain"):
        return f"postgresql+psycopg://soma:{self.password}@127.0.0.1:{self.port}/{name}"

    def environment(self, name="somabrain"):
        return {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "soma", "PGPASSWORD": self.password, "PGDATABASE": name,
                "PATH": f"{self.bin}:{os.environ['PATH']}"}

    def psql(self, name, sql):
        deadline = time.monotonic() + 30
        while True:
            done = subprocess.run([f"{self.bin}/psql", "-XAtqc", sql], env=self.environment(name), capture_output=True, text=True)
            if done.returncode == 0:
                return done.stdout.strip()
            if "starting up" not in done.stderr or time.monotonic() > deadline:
                raise RuntimeError(done.stderr)
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(2)
        self.process.wait()
        self.folder.cleanup()


class FakeHttp:
    """An HTTP server that answers from a table of (method, path) -> (status, JSON body) or a function of the body; it notes requests.

    With the paths of a `certificate` and its key it is an HTTPS server.
    """

    def __init__(self, answers, certificate=None):
        self.requests = []
        self.answers = answers
        self.server = served.serve(self.answer, certificate=certificate)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, method, path, headers, body):
        self.requests.append((method, path, dict(headers), body))
        found = self.answers.get((method, path.split("?")[0]), (404, {"error": "not found"}))
        status, content = found(body) if callable(found) else found
        return status, content if isinstance(content, bytes) else json.dumps(content).encode(), {}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def self_signed(folder):
    """The paths of a certificate for 127.0.0.1 that is its own authority, and of its key."""
    certificate, key = os.path.join(folder, "ca.crt"), os.path.join(folder, "tls.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class FakeKafka:
    """One broker that keeps what is produced to it; `errors` maps an API key to the error code that it answers."""

    def __init__(self, topics=("soma.audit",), advertised=None):
        fake = self
        self.topics, self.log, self.errors = set(topics), [], {}

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                while True:
                    head = self.exactly(4)
                    if not head:
                        return
                    request = self.exactly(struct.unpack("!i", head)[0])
                    answer = fake.answer(request)
                    self.request.sendall(struct.pack("!i", len(answer)) + answer)

            def exactly(self, size):
                data = b""
                while len(data) < size:
                    chunk = self.request.recv(size - len(data))
                    if not chunk:
                        return b""
                    data += chunk
                return data

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.advertised = advertised or self.port
        self.bootstrap = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        api, version, correlation, size = struct.unpack("!hhih", request[:10])
        body = request[10 + size :]
        handlers = {(3, 4): self.metadata, (0, 3): self.produce, (1, 4): self.fetch}
        return struct.pack("!i", correlation) + handlers[api, version](body, self.errors.get(api, 0))

    @staticmethod
    def text(value):
        return struct.pack("!h", len(value)) + value.encode()

    def metadata(self, body, error):
        (count,) = struct.unpack("!i", body[:4])
        out = struct.pack("!ii", 0, 1) + struct.pack("!i", 7) + self.text("127.0.0.1") + struct.pack("!i", self.advertised) + struct.pack("!h", -1)
        out += self.text("cluster") + struct.pack("!ii", 7, count)
        if count:
            (size,) = struct.unpack("!h", body[4:6])
            topic = body[6 : 6 + size].decode()
            out += struct.pack("!h", error or (0 if topic in self.topics else 3)) + self.text(topic) + b"\0"
            out += struct.pack("!i", 1) + struct.pack("!hii", 0, 0, 7) + struct.pack("!iiii", 1, 7, 1, 7)
        return out

    def produce(self, body, error):
        (size,) = struct.unpack("!h", body[12:14])
        topic = body[14 : 14 + size].decode()
        at = 14 + size + 8
        (length,) = struct.unpack("!i", body[at : at + 4])
        batch = body[at + 4 : at + 4 + length]
        offset = len(self.log)
        if not error:
            self.log.append(struct.pack("!q", offset) + batch[8:])
        out = struct.pack("!i", 1) + self.text(topic) + struct.pack("!ii", 1, 0) + struct.pack("!hqq", error, offset, -1)
        return out + struct.pack("!i", 0)

    def fetch(self, body, error):
        at = 4 + 4 + 4 + 4 + 1 + 4
        (size,) = struct.unpack("!h", body[at : at + 2])
        topic = body[at + 2 : at + 2 + size].decode()
        at += 2 + size + 4
        _, offset = struct.unpack("!iq", body[at : at + 12])
        records = b"".join(self.log[offset:])
        out = struct.pack("!i", 0) + struct.pack("!i", 1) + self.text(topic) + struct.pack("!ii", 1, 0)
        return out + struct.pack("!hqq", error, len(self.log), len(self.log)) + struct.pack("!i", 0) + struct.pack("!i", len(records)) + records

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
