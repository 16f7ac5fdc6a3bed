"""Checks, from inside the cluster, everything that SomaBrain needs, and exits with the code of the first thing that fails.

Exit codes: 0 all is well, 2 a variable is missing, 3 Redis, 4 OPA, 5 memory service, 6 Kafka, 7 PostgreSQL, 8 Qdrant, 9 SomaBrain,
10 every part answers and the stack keeps nothing. 2 to 6 are those of the Compose stack's sb_precheck.py. Every check runs even if an earlier one failed, so that one run shows all.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

import memory
import wire

TIMEOUT = float(os.environ.get("PRECHECK_TIMEOUT", "5"))
# How long a check is tried again: a Job that starts with the stack waits for it, but not for ever.
PATIENCE = float(os.environ.get("PRECHECK_PATIENCE", "60"))
# A recall looks through every memory that there is.
RECALL_TIMEOUT = float(os.environ.get("PRECHECK_RECALL_TIMEOUT", "60"))


class Failed(Exception):
    """A check did not pass; the text says why."""


def http_get(url, headers=None):
    """Status and body of a GET; an HTTP error is an answer, not an exception."""
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (OSError, ValueError) as error:
        raise Failed(f"{url}: {error}") from error


def expect_ok(url):
    status, _ = http_get(url)
    if status != 200:
        raise Failed(f"{url} answered {status}")
    return f"{url} answered 200"


def redis(url):
    with wire.Redis(url, TIMEOUT, os.environ.get("REDIS_CA_FILE")) as client:
        if client.call("PING") != "PONG":
            raise Failed("PING was not answered with PONG")
    return "PING answered with PONG"


def opa(url):
    """OPA is healthy, and the decision that the application asks for is there: an empty result would be taken for a yes."""
    expect_ok(f"{url}/health")
    question = json.dumps({"input": {"method": "GET", "path": "/health", "json": None}}).encode()
    request = urllib.request.Request(f"{url}/v1/data/soma/allow", question, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            result = json.load(response).get("result")
    except (OSError, ValueError) as error:
        raise Failed(f"the decision soma/allow: {error}") from error
    if not isinstance(result, dict) or result.get("allow") is not True:
        raise Failed("soma/allow does not allow GET /health, so that probes would be refused")
    return "healthy, and soma/allow lets probes pass"


def expect_healthy(url, *parts):
    """Both applications' /health answers 200 whatever is broken, so what it says of its parts counts; one that it doesn't name, doesn't."""
    status, body = http_get(f"{url}/health")
    if status != 200:
        raise Failed(f"{url}/health answered {status}")
    try:
        health = json.loads(body)
    except ValueError as error:
        raise Failed(f"{url}/health did not answer JSON") from error
    if not isinstance(health, dict):
        raise Failed(f"{url}/health did not answer an object")
    broken = [part for part in parts if value_at(health, part) is False]
    if broken:
        raise Failed(f"{url}/health says {', '.join(f'{part}: false' for part in broken)}")
    return f"{url}/health says that all is well"


def value_at(health, path):
    for key in path.split("."):
        health = health.get(key) if isinstance(health, dict) else None
    return health


def memory_service(url):
    return expect_healthy(url, "kv_store", "vector_store", "graph_store")


def kafka(bootstrap):
    """Produces a record and reads it back, then reaches every broker: clients talk to all of them, not to the bootstrap."""
    topic = os.environ.get("PRECHECK_TOPIC", "soma.audit")
    with wire.Kafka(bootstrap, TIMEOUT) as client:
        value = json.dumps({"precheck": uuid.uuid4().hex, "ts": time.time()}).encode()
        brokers = client.round_trip(topic, value)
        for broker in brokers:
            client.reach(broker)
    return f"produced to and consumed from {topic}; reached {len(brokers)} broker(s)"


def postgres(dsn):
    with wire.Postgres(dsn, TIMEOUT) as session:
        if session.query("SELECT 1") != [["1"]]:
            raise Failed("SELECT 1 did not answer 1")
    return "SELECT 1 answered"


def qdrant(url):
    return expect_ok(f"{url}/readyz")


def somabrain(url):
    # `ready` is true without PostgreSQL and Kafka in some versions.
    parts = ("ok", "ready", "memory_ok", "components.memory.http", "predictor_ok", "embedder_ok", "opa_ok", "postgres_ok", "kafka_ok")
    return expect_healthy(url, *parts)


def kept(url):
    try:
        return memory.kept(url, RECALL_TIMEOUT)
    except memory.Lost as error:
        raise Failed(str(error)) from error


CHECKS = [
    (3, "redis", "SOMABRAIN_REDIS_URL", redis),
    (4, "opa", "SOMABRAIN_OPA_URL", opa),
    (5, "memory", "SOMABRAIN_MEMORY_HTTP_ENDPOINT", memory_service),
    (6, "kafka", "SOMABRAIN_KAFKA_URL", kafka),
    (7, "postgres", "SOMABRAIN_POSTGRES_DSN", postgres),
    (8, "qdrant", "QDRANT_URL", qdrant),
    (9, "somabrain", "SOMABRAIN_URL", somabrain),
    (10, "kept", "SOMABRAIN_URL", kept),
]


def attempt(check, target):
    """Runs a check until it passes or patience ends; the last failure is the one to show."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return True, check(target)
        except (Failed, wire.WireError) as error:
            if time.monotonic() >= deadline:
                return False, str(error)
            time.sleep(min(2, max(PATIENCE, 0.1)))


def main():
    variables = [*dict.fromkeys(variable for _, _, variable, _ in CHECKS), "SOMAMEMORY_POSTGRES_DSN"]
    missing = [variable for variable in variables if not os.environ.get(variable)]
    if missing:
        print(f"precheck: not set: {', '.join(missing)}", file=sys.stderr)
        return 2
    first_failure = 0
    for code, name, variable, check in CHECKS:
        passed, text = attempt(check, os.environ[variable].rstrip("/"))
        print(f"{'ok  ' if passed else 'FAIL'} {name:9} {text}", flush=True)
        if not passed and not first_failure:
            first_failure = code
    return first_failure


if __name__ == "__main__":
    sys.exit(main())
