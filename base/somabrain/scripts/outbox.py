"""Carries SomaBrain's outbox from a Pod that ends to one that starts, through a list in Redis: `outbox.py take` or `outbox.py give`.

What the memory service did not take waits in a file on the Pod's own volume, which a scale-down or a drain would take with it. Redis
out of reach is no reason not to start or to end; the last line on standard error then says what stayed behind.
"""

import os
import socket
import sys
import time
import urllib.parse

KEY = "somabrain:outbox"
# A Pod that starts takes this many at most, and leaves the others to the next.
MOST = 10000
# Redis may be restarting on its way to another node. The grace period has room for it.
PATIENCE = float(os.environ.get("OUTBOX_PATIENCE", "15"))


class Redis:
    """As much of the protocol as three commands need."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.stream = socket.create_connection((parts.hostname, parts.port or 6379), 5).makefile("rwb")
        self.call("SELECT", parts.path.strip("/") or "0")

    def call(self, *words):
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
        self.stream.flush()
        return self.reply()

    def reply(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"$":
            return self.stream.read(int(rest) + 2)[:-2]
        if kind in (b"+", b":"):
            return rest
        raise OSError(rest.decode(errors="replace") or "Redis hung up")


def take(path, redis):
    """Moves entries of earlier Pods into the file. One that is moved twice is stored twice at the same place, so none is lost."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    taken = redis.call("LRANGE", KEY, 0, MOST - 1)
    with open(path, "ab") as file:
        file.writelines(line + b"\n" for line in taken)
        file.flush()
        os.fsync(file.fileno())
    for line in taken:
        redis.call("LREM", KEY, 1, line)
    return len(taken)


def give(path, redis):
    """Moves the file's entries into the list, those of a replay that was cut off too."""
    given = 0
    for name in (f"{path}.processing", path):
        if os.path.exists(name):
            with open(name, "rb") as file:
                lines = [line.strip() for line in file if line.strip()]
            if lines:
                redis.call("RPUSH", KEY, *lines)
            os.unlink(name)
            given += len(lines)
    return given


def main():
    action = {"take": take, "give": give}[sys.argv[1]]
    path = os.environ["SOMABRAIN_OUTBOX_PATH"]
    deadline = time.monotonic() + (PATIENCE if action is give else 0)
    while True:
        try:
            moved = action(path, Redis(os.environ["SOMABRAIN_REDIS_URL"]))
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(1)
                continue
            left = os.path.getsize(path) if os.path.exists(path) else 0
            print(f"outbox: could not {sys.argv[1]}: {error}; {left} bytes are in {path}", file=sys.stderr)
            return
        if moved:
            print(f"outbox: {sys.argv[1]} {moved}", flush=True)
        return


if __name__ == "__main__":
    main()
