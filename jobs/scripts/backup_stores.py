"""Backs Redis or Qdrant up to object storage, as an archive that jobs/migrate-data restores.

  backup_stores.py redis        writes PREFIX/redis/TIME/: every key as DUMP gives it
  backup_stores.py qdrant       writes PREFIX/qdrant/TIME/: a snapshot of every collection
  backup_stores.py fetch DIR    copies the newest complete archive of both stores (or those of BACKUP_TIME, such as 20270131T023000Z)

manifest.json with every file's SHA-256 comes last: an archive without it is not complete. Old ones go by a lifecycle rule of the bucket.
Exit codes: 0 done, 2 usage or a missing variable, 3 Redis, 4 Qdrant, 5 the object store or a checksum.
"""

import hashlib
import json
import os
import sys
import time
import urllib.parse

import migrate_stores
import s3
import wire

CHUNK = 1 << 20


def redis_rows(url):
    """Lines of JSON, as migrate_stores.py reads them."""
    with wire.Redis(url, migrate_stores.TIMEOUT) as client:
        for row in migrate_stores.redis_rows(client):
            yield (json.dumps(row) + "\n").encode()


def back_up_redis(bucket, place):
    digest = bucket.put_stream(f"{place}/redis.jsonl", redis_rows(migrate_stores.variable("SOMABRAIN_REDIS_URL")))
    return {"redis.jsonl": digest}, {}


def back_up_qdrant(bucket, place):
    url = migrate_stores.variable("QDRANT_URL")
    files, counts = {}, {}
    for collection in (migrate_stores.qdrant_call("GET", f"{url}/collections") or {}).get("collections", []):
        name = collection["name"]
        base = migrate_stores.collection_url(url, name)
        counts[name] = migrate_stores.qdrant_call("GET", base)["points_count"]
        snapshot = migrate_stores.qdrant_call("POST", f"{base}/snapshots")
        file = f"qdrant-{urllib.parse.quote(name, safe='')}.snapshot"
        try:
            with migrate_stores.qdrant_open(f"{base}/snapshots/{urllib.parse.quote(snapshot['name'])}") as response:
                files[file] = bucket.put_stream(f"{place}/{file}", iter(lambda: response.read(CHUNK), b""))
        except OSError as error:
            raise migrate_stores.Failed(4, f"Qdrant: downloading the snapshot of {name}: {error}") from error
        finally:
            migrate_stores.qdrant_call("DELETE", f"{base}/snapshots/{urllib.parse.quote(snapshot['name'])}")
        if snapshot.get("checksum") and snapshot["checksum"] != files[file]:
            raise migrate_stores.Failed(5, f"Qdrant's snapshot of {name} arrived damaged")
    return files, counts


def back_up(store, bucket, prefix):
    place = f"{prefix}/{store}/{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    files, counts = {"redis": back_up_redis, "qdrant": back_up_qdrant}[store](bucket, place)
    bucket.put(f"{place}/{migrate_stores.MANIFEST}", json.dumps({"version": 1, "files": files, "collections": counts}, indent=2).encode())
    print(f"backup: {len(files)} file(s) in {place}", flush=True)


def newest(bucket, prefix, store):
    wanted = os.environ.get("BACKUP_TIME", "")
    complete = [key for key in bucket.keys(f"{prefix}/{store}/{wanted}") if key.endswith(f"/{migrate_stores.MANIFEST}")]
    if not complete:
        raise migrate_stores.Failed(5, f"there is no complete archive below {prefix}/{store}/{wanted}")
    return complete[-1].rsplit("/", 1)[0]


def fetch(bucket, prefix, folder):
    """One archive of both stores, sealed anew."""
    os.makedirs(folder, exist_ok=True)
    merged = {"version": 1, "files": {}, "collections": {}}
    for store in ("redis", "qdrant"):
        place = newest(bucket, prefix, store)
        with bucket.get(f"{place}/{migrate_stores.MANIFEST}") as answer:
            manifest = json.load(answer)
        for name, expected in manifest["files"].items():
            digest = hashlib.sha256()
            with bucket.get(f"{place}/{name}") as answer, open(os.path.join(folder, name), "wb") as out:
                while chunk := answer.read(CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
            if digest.hexdigest() != expected:
                raise migrate_stores.Failed(5, f"{place}/{name} is damaged")
        merged["files"].update(manifest["files"])
        merged["collections"].update(manifest["collections"])
        print(f"fetched {place}")
    with open(os.path.join(folder, migrate_stores.MANIFEST), "w", encoding="utf-8") as out:
        json.dump(merged, out, indent=2)


def main():
    words = sys.argv[1:]
    if words not in (["redis"], ["qdrant"]) and not (len(words) == 2 and words[0] == "fetch"):
        print(__doc__, file=sys.stderr)
        return 2
    missing = [name for name in ("S3_ENDPOINT", "S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not os.environ.get(name)]
    if missing:
        print(f"backup: not set: {', '.join(missing)}", file=sys.stderr)
        return 2
    bucket, prefix = s3.Bucket(), os.environ.get("BACKUP_PREFIX", "stores")
    try:
        if words[0] == "fetch":
            fetch(bucket, prefix, words[1])
        else:
            back_up(words[0], bucket, prefix)
    except migrate_stores.Failed as error:
        print(f"backup: {error}", file=sys.stderr)
        return error.code
    except wire.WireError as error:
        print(f"backup: {error}", file=sys.stderr)
        return 3
    except s3.S3Error as error:
        print(f"backup: {error}", file=sys.stderr)
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main())
