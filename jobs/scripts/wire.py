"""Just enough of the Redis, PostgreSQL and Kafka protocols for the on-demand Jobs, with the standard library alone.

The Jobs run in the image of the application, so nothing is installed when they start. Every call has a deadline,
and every failure is a `WireError` that says what was asked and what came back; passwords are never part of it.
"""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import time
import urllib.parse


class WireError(Exception):
    """The peer refused, answered something unexpected, or did not answer in time."""


def tls_context(ca_file=None, verify=True, check_hostname=True):
    """A client context that trusts `ca_file` (the system's authorities without one)."""
    context = ssl.create_default_context(cafile=ca_file or None)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif not check_hostname:
        context.check_hostname = False
    return context


class Connection:
    """A TCP connection that reads exact amounts and turns every socket failure into a `WireError`."""

    def __init__(self, host, port, timeout, context=None):
        self.name = f"{host}:{port}"
        self.host = host
        try:
            self.socket = socket.create_connection((host, port), timeout)
        except OSError as error:
            raise WireError(f"cannot connect to {self.name}: {error}") from error
        if context:
            self.start_tls(context)

    def start_tls(self, context):
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname=self.host)
        except (OSError, ssl.SSLError) as error:
            self.close()
            raise WireError(f"TLS with {self.name} failed: {error}") from error

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise WireError(f"writing to {self.name} failed: {error}") from error

    def read(self, size):
        chunks = []
        while size:
            try:
                chunk = self.socket.recv(min(size, 1 << 16))
            except OSError as error:
                raise WireError(f"reading from {self.name} failed: {error}") from error
            if not chunk:
                raise WireError(f"{self.name} closed the connection")
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# --- Redis (https://redis.io/docs/latest/develop/reference/protocol-spec/) ---


class Redis:
    """A client of one Redis server, by URL: `redis://` or `rediss://`, with user and password if it has them."""

    def __init__(self, url, timeout=5, ca_file=None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("redis", "rediss") or not parts.hostname:
            raise WireError("a Redis URL looks like redis://HOST:PORT/DB")
        context = tls_context(ca_file) if parts.scheme == "rediss" else None
        self.connection = Connection(parts.hostname, parts.port or 6379, timeout, context)
        if parts.password:
            user = [urllib.parse.unquote(parts.username)] if parts.username else []
            self.call("AUTH", *user, urllib.parse.unquote(parts.password))
        database = parts.path.strip("/")
        if database and database != "0":
            self.call("SELECT", database)

    def call(self, *words):
        """Sends one command and returns its reply: str, int, bytes, None or a list of these."""
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        request = b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
        self.connection.send(request)
        try:
            return self._reply()
        except WireError as error:
            raise WireError(f"Redis {words[0]}: {error}") from None

    def _line(self):
        line = b""
        while not line.endswith(b"\r\n"):
            line += self.connection.read(1)
        return line[:-2]

    def _reply(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise WireError(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.connection.read(size + 2)[:-2]
        if kind == b"*":
            return None if int(rest) < 0 else [self._reply() for _ in range(int(rest))]
        raise WireError(f"{self.connection.name} does not speak the Redis protocol")

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# --- PostgreSQL (https://www.postgresql.org/docs/current/protocol.html, version 3) ---


class Postgres:
    """A session from a DSN as libpq and SQLAlchemy take it, `sslmode` and `sslrootcert` included."""

    SSL_REQUEST = struct.pack("!ii", 8, 80877103)

    def __init__(self, dsn, timeout=5, password=None):
        parts = urllib.parse.urlsplit(dsn)
        if parts.scheme.split("+")[0] not in ("postgresql", "postgres") or not parts.hostname:
            raise WireError("a PostgreSQL DSN looks like postgresql://USER@HOST:PORT/DATABASE")
        options = dict(urllib.parse.parse_qsl(parts.query))
        self.user = urllib.parse.unquote(parts.username or "")
        # As libpq does: a DSN without a password takes it from the environment.
        self.password = urllib.parse.unquote(parts.password or "") or password or os.environ.get("PGPASSWORD", "")
        self.connection = Connection(parts.hostname, parts.port or 5432, timeout)
        try:
            self._maybe_tls(options)
            self._log_in(parts.path.strip("/") or self.user)
        except WireError:
            self.connection.close()
            raise

    def _maybe_tls(self, options):
        mode = options.get("sslmode", "prefer")
        if mode in ("disable", "allow"):
            return
        self.connection.send(self.SSL_REQUEST)
        if self.connection.read(1) == b"S":
            verify = mode in ("verify-ca", "verify-full")
            self.connection.start_tls(tls_context(options.get("sslrootcert"), verify, mode == "verify-full"))
        elif mode != "prefer":
            raise WireError(f"{self.connection.name} has no TLS, and sslmode={mode} asks for it")

    def _send(self, kind, body):
        self.connection.send(kind + struct.pack("!i", len(body) + 4) + body)

    def _receive(self):
        kind = self.connection.read(1)
        (size,) = struct.unpack("!i", self.connection.read(4))
        body = self.connection.read(size - 4)
        if kind == b"E":
            fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
            raise WireError(f"PostgreSQL: {fields.get(b'C', '?????')} {fields.get(b'M', 'unknown error')}")
        return kind, body

    def _log_in(self, database):
        words = ["user", self.user, "database", database, "application_name", "somabrain-job"]
        body = struct.pack("!i", 196608) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
        self.connection.send(struct.pack("!i", len(body) + 4) + body)
        scram = None
        while True:
            kind, body = self._receive()
            if kind == b"Z":
                return
            if kind != b"R":
                continue
            (step,) = struct.unpack("!i", body[:4])
            if step == 3:
                self._send(b"p", self.password.encode() + b"\0")
            elif step == 5:
                inner = hashlib.md5((self.password + self.user).encode()).hexdigest()
                self._send(b"p", b"md5" + hashlib.md5(inner.encode() + body[4:8]).hexdigest().encode() + b"\0")
            elif step == 10:
                scram = ScramSha256(self.password)
                first = scram.first()
                self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
            elif step == 11 and scram:
                self._send(b"p", scram.final(body[4:]))
            elif step == 12 and scram:
                scram.verify(body[4:])
            elif step != 0:
                raise WireError(f"{self.connection.name} asks for an authentication that this client lacks ({step})")

    def query(self, sql):
        """Runs one statement and returns its rows as lists of strings (None for NULL)."""
        self._send(b"Q", sql.encode() + b"\0")
        rows, failure = [], None
        while True:
            try:
                kind, body = self._receive()
            except WireError as error:
                if not str(error).startswith("PostgreSQL:"):
                    raise
                failure = error
                continue
            if kind == b"D":
                rows.append(self._row(body))
            elif kind == b"Z":
                if failure:
                    raise failure
                return rows

    @staticmethod
    def _row(body):
        (count,) = struct.unpack("!h", body[:2])
        at, row = 2, []
        for _ in range(count):
            (size,) = struct.unpack("!i", body[at : at + 4])
            at += 4
            row.append(None if size < 0 else body[at : at + size].decode())
            at += max(size, 0)
        return row

    def close(self):
        try:
            self._send(b"X", b"")
        except WireError:
            pass
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class ScramSha256:
    """The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding."""

    def __init__(self, password):
        self.password = password.encode()
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.bare = f"n=,r={self.nonce}"

    def first(self):
        return f"n,,{self.bare}".encode()

    def final(self, challenge):
        fields = dict(field.split("=", 1) for field in challenge.decode().split(","))
        if not fields["r"].startswith(self.nonce):
            raise WireError("the server's SCRAM nonce is not ours")
        salted = hashlib.pbkdf2_hmac("sha256", self.password, base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = f"c=biws,r={fields['r']}"
        message = f"{self.bare},{challenge.decode()},{without_proof}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.server_signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def verify(self, outcome):
        if outcome != b"v=" + base64.b64encode(self.server_signature):
            raise WireError("the server does not know the password either: its SCRAM signature is wrong")


# --- Kafka (https://kafka.apache.org/protocol) ---

_CRC32C = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    _CRC32C.append(_byte)


def crc32c(data):
    """The Castagnoli checksum that record batches carry."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC32C[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(number):
    """A zig-zag variable-length integer."""
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data, at):
    """The integer at `at` and the offset behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at


def record_batch(values, now_ms):
    """A record batch (magic 2) of keyless records."""
    records = b""
    for index, value in enumerate(values):
        record = b"\0" + varint(0) + varint(index) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(record)) + record
    last = len(values) - 1
    body = struct.pack("!hiqqqhii", 0, last, now_ms, now_ms, -1, -1, -1, len(values)) + records
    return struct.pack("!qiib", 0, len(body) + 9, -1, 2) + struct.pack("!I", crc32c(body)) + body


def batch_values(data):
    """The values in a record set, with their offsets; a batch that was cut off at the end is left out."""
    at = 0
    while at + 61 <= len(data):
        base, size = struct.unpack("!qi", data[at : at + 12])
        end = at + 12 + size
        if end > len(data):
            return
        attributes, _, _, _, _, _, _, count = struct.unpack("!hiqqqhii", data[at + 21 : at + 61])
        if data[at + 16] == 2 and attributes & 0x27 == 0:
            yield from _records(data[at + 61 : end], base, count)
        at = end


def _records(data, base, count):
    at = 0
    for _ in range(count):
        size, at = read_varint(data, at)
        end = at + size
        _, inner = read_varint(data, at + 1)
        delta, inner = read_varint(data, inner)
        key, inner = read_varint(data, inner)
        length, inner = read_varint(data, inner + max(key, 0))
        yield base + delta, data[inner : inner + max(length, 0)]
        at = end


class Reader:
    """Reads the big-endian primitives of a Kafka response."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("!" + form, self.data, self.at)
        self.at += struct.calcsize("!" + form)
        return values[0] if len(values) == 1 else values

    def string(self):
        size = self.take("h")
        return None if size < 0 else self.raw(size).decode()

    def raw(self, size):
        self.at += max(size, 0)
        return self.data[self.at - max(size, 0) : self.at]

    def array(self, item):
        return [item() for _ in range(max(self.take("i"), 0))]


def string(text):
    encoded = text.encode()
    return struct.pack("!h", len(encoded)) + encoded


class Kafka:
    """A client of a cluster's plaintext or TLS listener: finds the leader, produces one record, reads it back."""

    PRODUCE, FETCH, LIST_OFFSETS, METADATA = 0, 1, 2, 3
    VERSIONS = {PRODUCE: 3, FETCH: 4, LIST_OFFSETS: 1, METADATA: 4}
    ERRORS = {1: "offset out of range", 3: "unknown topic or partition", 5: "leader not available", 6: "not the leader",
              7: "request timed out", 19: "not enough replicas", 29: "topic authorization failed", 30: "group authorization failed",
              31: "cluster authorization failed", 35: "unsupported version"}

    def __init__(self, bootstrap, timeout=5, context=None):
        self.timeout, self.context, self.correlation = timeout, context, 0
        self.connections = {}
        self.bootstrap = [self._address(server) for server in bootstrap.replace("kafka://", "").split(",") if server]
        if not self.bootstrap:
            raise WireError("a Kafka bootstrap list looks like HOST:PORT,HOST:PORT")

    @staticmethod
    def _address(server):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdigit():
            raise WireError(f"not a HOST:PORT of a Kafka broker: {server!r}")
        return host, int(port)

    def _call(self, address, api, body):
        connection = self.connections.get(address)
        if connection is None:
            connection = self.connections[address] = Connection(*address, self.timeout, self.context)
        self.correlation += 1
        request = struct.pack("!hhi", api, self.VERSIONS[api], self.correlation) + string("somabrain-job") + body
        connection.send(struct.pack("!i", len(request)) + request)
        (size,) = struct.unpack("!i", connection.read(4))
        reader = Reader(connection.read(size))
        if reader.take("i") != self.correlation:
            raise WireError(f"{connection.name} answered another request")
        return reader

    def _check(self, code, what):
        if code:
            raise WireError(f"Kafka {what}: {self.ERRORS.get(code, 'error')} ({code})")

    def metadata(self, topic):
        """The addresses of all brokers, and the leader of each of the topic's partitions."""
        failure = WireError("no bootstrap server")
        for address in self.bootstrap:
            try:
                reader = self._call(address, self.METADATA, struct.pack("!i", 1) + string(topic) + b"\1")
                break
            except WireError as error:
                failure = error
        else:
            raise failure
        reader.take("i")
        brokers = {}
        for _ in range(reader.take("i")):
            node, host, port = reader.take("i"), reader.string(), reader.take("i")
            reader.string()
            brokers[node] = (host, port)
        reader.string(), reader.take("i")
        leaders = {}
        for _ in range(reader.take("i")):
            self._check(reader.take("h"), f"metadata of topic {topic!r}")
            reader.string(), reader.take("b")
            for _ in range(reader.take("i")):
                error, partition, leader = reader.take("hii")
                reader.array(lambda: reader.take("i")), reader.array(lambda: reader.take("i"))
                self._check(error, f"metadata of {topic}/{partition}")
                leaders[partition] = leader
        if not leaders:
            raise WireError(f"Kafka: topic {topic!r} has no partitions")
        return brokers, leaders

    def wait_for_topic(self, topic, seconds):
        """`metadata` as soon as every partition has a leader (a topic that is made on first use needs a moment)."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.metadata(topic)
            except WireError as error:
                if time.monotonic() > deadline or "(5)" not in str(error) and "(3)" not in str(error):
                    raise
                time.sleep(0.5)

    def produce(self, address, topic, partition, value):
        """Appends one record, waits for all in-sync replicas, and returns its offset."""
        batch = record_batch([value], int(time.time() * 1000))
        body = struct.pack("!hhi", -1, -1, int(self.timeout * 1000)) + struct.pack("!i", 1) + string(topic)
        body += struct.pack("!iii", 1, partition, len(batch)) + batch
        reader = self._call(address, self.PRODUCE, body)
        reader.take("i"), reader.string(), reader.take("i"), reader.take("i")
        error, offset = reader.take("hq")
        self._check(error, f"produce to {topic}/{partition}")
        return offset

    def fetch(self, address, topic, partition, offset):
        """The values at `offset` and behind it that one fetch returns, as (offset, value) pairs."""
        body = struct.pack("!iiiib", -1, 1000, 1, 1 << 20, 0) + struct.pack("!i", 1) + string(topic)
        body += struct.pack("!iiqi", 1, partition, offset, 1 << 20)
        reader = self._call(address, self.FETCH, body)
        reader.take("i")
        if reader.take("i") != 1:
            raise WireError(f"Kafka fetch of {topic}/{partition}: no answer for the topic")
        reader.string(), reader.take("i"), reader.take("i")
        error = reader.take("h")
        reader.take("qq")
        self._check(error, f"fetch of {topic}/{partition}")
        reader.array(lambda: reader.take("qq"))
        return [pair for pair in batch_values(reader.raw(reader.take("i"))) if pair[0] >= offset]

    def round_trip(self, topic, value, seconds=15):
        """Produces `value` and reads it back from the same partition's leader; returns the addresses of all brokers."""
        brokers, leaders = self.wait_for_topic(topic, seconds)
        partition = min(leaders)
        address = brokers.get(leaders[partition])
        if address is None:
            raise WireError(f"Kafka: {topic}/{partition} has no leader")
        offset = self.produce(address, topic, partition, value)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(found == (offset, value) for found in self.fetch(address, topic, partition, offset)):
                return sorted(brokers.values())
        raise WireError(f"Kafka: the record at {topic}/{partition}@{offset} could not be read back in {seconds} s")

    def reach(self, address):
        """Proves that a broker can be reached and speaks Kafka."""
        self._call(address, self.METADATA, struct.pack("!i", 0) + b"\0")

    def close(self):
        for connection in self.connections.values():
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
