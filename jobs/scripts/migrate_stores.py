"""Carries Redis keys and Qdrant collections from the Compose stack into the cluster, through an archive directory.

  migrate_stores.py export DIR   on the host, with the Compose stack running (SOURCE_REDIS_URL, SOURCE_QDRANT_URL)
  migrate_stores.py seal DIR     notes every file's checksum in DIR/manifest.json: the archive is complete
  migrate_stores.py receive DIR  in the Job: waits until a sealed archive has been copied in, and verifies it
  migrate_stores.py import DIR   in the Job (SOMABRAIN_REDIS_URL, QDRANT_URL)

An import can be repeated: keys and collections that are already there stay as they are, since they may be newer than the archive.
Exit codes: 0 done, 2 usage or a missing variable, 3 Redis, 4 Qdrant, 5 the archive is incomplete or damaged, 6 a collection has other data.
"""

import base64
import hashlib
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import wire

TIMEOUT = 30
MANIFEST = "manifest.json"


class Failed(Exception):
    """Ends the run with `code`."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


# --- Redis: DUMP and RESTORE, which keep type, encoding and expiry ---


def redis_rows(client):
    """Every key once, with what RESTORE needs."""
    cursor, seen = b"0", set()
    while True:
        cursor, keys = client.call("SCAN", cursor, "COUNT", 500)
        for key in keys:
            # SCAN may return a key twice.
            payload = client.call("DUMP", key) if key not in seen else None
            seen.add(key)
            if payload is not None:
                yield {"key": base64.b64encode(key).decode(), "expires_ms": client.call("PEXPIRETIME", key), "dump": base64.b64encode(payload).decode()}
        if cursor == b"0":
            return


def export_redis(url, path):
    rows = 0
    with wire.Redis(url, TIMEOUT) as client, open(path, "w", encoding="utf-8") as out:
        for row in redis_rows(client):
            out.write(json.dumps(row) + "\n")
            rows += 1
    return rows


def import_redis(url, path):
    restored = kept = expired = 0
    with wire.Redis(url, TIMEOUT, os.environ.get("REDIS_CA_FILE")) as client, open(path, encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if 0 < row["expires_ms"] <= time.time() * 1000:
                expired += 1
                continue
            key, dump = base64.b64decode(row["key"]), base64.b64decode(row["dump"])
            try:
                client.call("RESTORE", key, max(row["expires_ms"], 0), dump, "ABSTTL")
                restored += 1
            except wire.WireError as error:
                if "BUSYKEY" not in str(error):
                    raise
                kept += 1
    return f"{restored} keys restored, {kept} already there, {expired} expired meanwhile"


# --- Qdrant: snapshots of whole collections (https://qdrant.tech/documentation/concepts/snapshots/) ---


def qdrant_open(request):
    """Trusts QDRANT_CA_FILE for https, where it is set, and whom Python trusts otherwise."""
    authority = os.environ.get("QDRANT_CA_FILE")
    return urllib.request.urlopen(request, timeout=600, context=wire.tls_context(authority) if authority else None)


def qdrant_call(method, url, data=None, headers=None):
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with qdrant_open(request) as response:
            return json.load(response)["result"]
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise Failed(4, f"Qdrant: {method} {url} answered {error.code}") from error
    except (OSError, ValueError, KeyError) as error:
        raise Failed(4, f"Qdrant: {method} {url}: {error}") from error


def collection_url(url, name):
    return f"{url}/collections/{urllib.parse.quote(name, safe='')}"


def export_qdrant(url, folder):
    counts = {}
    for collection in (qdrant_call("GET", f"{url}/collections") or {}).get("collections", []):
        name = collection["name"]
        base = collection_url(url, name)
        points = qdrant_call("GET", base)["points_count"]
        snapshot = qdrant_call("POST", f"{base}/snapshots")["name"]
        path = os.path.join(folder, f"qdrant-{urllib.parse.quote(name, safe='')}.snapshot")
        try:
            with qdrant_open(f"{base}/snapshots/{urllib.parse.quote(snapshot)}") as response, open(path, "wb") as out:
                shutil.copyfileobj(response, out)
        except OSError as error:
            raise Failed(4, f"Qdrant: downloading the snapshot of {name}: {error}") from error
        finally:
            qdrant_call("DELETE", f"{base}/snapshots/{urllib.parse.quote(snapshot)}")
        counts[name] = points
    return counts


class Multipart:
    """A file as the one part of a form, read while it is sent: a snapshot can be larger than the pod's memory."""

    def __init__(self, path):
        boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.head = f'--{boundary}\r\nContent-Disposition: form-data; name="snapshot"; filename="snapshot"\r\n\r\n'.encode()
        self.tail = f"\r\n--{boundary}--\r\n".encode()
        self.path = path
        self.size = len(self.head) + os.path.getsize(path) + len(self.tail)

    def __iter__(self):
        yield self.head
        with open(self.path, "rb") as part:
            yield from iter(lambda: part.read(1 << 16), b"")
        yield self.tail


def import_qdrant(url, folder, counts):
    lines = []
    for name, expected in sorted(counts.items()):
        base = collection_url(url, name)
        present = (qdrant_call("GET", base) or {}).get("points_count") or 0
        if present >= expected and present:
            lines.append(f"{name}: {present} points are already there")
            continue
        if present:
            raise Failed(6, f"Qdrant: {name} has {present} points, fewer than the {expected} of the archive, and they may be others; nothing was changed")
        form = Multipart(os.path.join(folder, f"qdrant-{urllib.parse.quote(name, safe='')}.snapshot"))
        headers = {"Content-Type": form.content_type, "Content-Length": str(form.size)}
        qdrant_call("POST", f"{base}/snapshots/upload?priority=snapshot&wait=true", form, headers)
        restored = (qdrant_call("GET", base) or {}).get("points_count") or 0
        if restored < expected:
            raise Failed(4, f"Qdrant: {name} has {restored} points after the restore, the archive {expected}")
        lines.append(f"{name}: {restored} points restored")
    return lines


# --- the archive ---


def checksum(path):
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        for chunk in iter(lambda: data.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def seal(folder):
    counts = read_json(os.path.join(folder, "qdrant.json")) if os.path.exists(os.path.join(folder, "qdrant.json")) else {}
    names = sorted(name for name in os.listdir(folder) if name not in (MANIFEST, "lost+found"))
    manifest = {"version": 1, "files": {name: checksum(os.path.join(folder, name)) for name in names}, "collections": counts}
    # The manifest comes last and at once: where it is, the rest is.
    partial = os.path.join(folder, f".{MANIFEST}.partial")
    with open(partial, "w", encoding="utf-8") as out:
        json.dump(manifest, out, indent=2)
    os.replace(partial, os.path.join(folder, MANIFEST))
    return manifest


def read_json(path):
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def verified(folder):
    """The manifest, if every file that it names is there and whole; None where there is none yet."""
    try:
        manifest = read_json(os.path.join(folder, MANIFEST))
    except (OSError, ValueError):
        return None
    for name, expected in manifest["files"].items():
        path = os.path.join(folder, name)
        if not os.path.exists(path) or checksum(path) != expected:
            raise Failed(5, f"{name} is missing or damaged; copy the archive again")
    return manifest


def receive(folder, seconds):
    """Waits for a sealed archive; `kubectl cp` writes files in any order, so that a damaged one may only be unfinished."""
    deadline = time.monotonic() + seconds
    print(f"waiting for the archive; copy it with: kubectl cp ARCHIVE/. NAMESPACE/{os.environ.get('HOSTNAME', 'POD')}:{folder} -c receive", flush=True)
    while True:
        try:
            manifest, problem = verified(folder), "no sealed archive was copied in"
        except Failed as error:
            manifest, problem = None, str(error)
        if manifest is not None:
            return manifest
        if time.monotonic() > deadline:
            raise Failed(5, f"{problem} within {seconds:g} s")
        time.sleep(min(2, max(seconds, 0.05)))


def variable(name):
    value = os.environ.get(name, "").rstrip("/")
    if not value:
        raise Failed(2, f"{name} is not set")
    return value


def run(command, folder):
    redis_rows = os.path.join(folder, "redis.jsonl")
    if command == "export":
        os.makedirs(folder, exist_ok=True)
        print(f"redis: {export_redis(variable('SOURCE_REDIS_URL'), redis_rows)} keys exported")
        counts = export_qdrant(variable("SOURCE_QDRANT_URL"), folder) if os.environ.get("SOURCE_QDRANT_URL") else {}
        with open(os.path.join(folder, "qdrant.json"), "w", encoding="utf-8") as out:
            json.dump(counts, out)
        print(f"qdrant: {len(counts)} collections exported")
    elif command == "seal":
        print(f"sealed {len(seal(folder)['files'])} files")
    elif command == "receive":
        print(f"received {len(receive(folder, float(os.environ.get('MIGRATE_PATIENCE', '3600')))['files'])} files")
    elif command == "import":
        manifest = verified(folder)
        if manifest is None:
            raise Failed(5, "there is no sealed archive")
        if "redis.jsonl" in manifest["files"]:
            print(f"redis: {import_redis(variable('SOMABRAIN_REDIS_URL'), redis_rows)}", flush=True)
        if manifest["collections"]:
            for line in import_qdrant(variable("QDRANT_URL"), folder, manifest["collections"]):
                print(f"qdrant: {line}", flush=True)
    else:
        raise Failed(2, f"unknown command {command!r}")


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        run(sys.argv[1], sys.argv[2])
    except Failed as error:
        print(f"migrate: {error}", file=sys.stderr)
        return error.code
    except wire.WireError as error:
        print(f"migrate: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
