"""Does the stack keep what it is told? Remembers through SomaBrain, looks for it in PostgreSQL and Qdrant, recalls it, and cleans up.

A green /health proves none of that: both applications answer 200 whatever is broken, SomaBrain says `ready` without its database, a
write may only be queued, and a recall may come from one process's working memory.
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

import wire


class Lost(Exception):
    """The stack does not keep memories; the text says where this one got lost."""


def call(method, url, body=None, token=None, timeout=30):
    """Status and decoded body of a request; an HTTP error is an answer."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    except (OSError, ValueError) as error:
        raise Lost(f"{method} {url}: {error}") from error
    try:
        return status, json.loads(text)
    except ValueError:
        return status, None


class Memory:
    """One memory with a name of its own: a single word, which the memory service finds among any number of others."""

    def __init__(self, somabrain, timeout=30):
        self.somabrain, self.timeout = somabrain, timeout
        self.service = os.environ["SOMABRAIN_MEMORY_HTTP_ENDPOINT"].rstrip("/")
        self.qdrant = os.environ["QDRANT_URL"].rstrip("/")
        self.word = f"precheck-{uuid.uuid4().hex}"
        self.filter = {"must": [{"key": "task", "match": {"value": self.word}}]}

    def remember(self):
        body = {"payload": {"task": self.word, "memory_type": "episodic"}}
        status, answer = call("POST", f"{self.somabrain}/remember", body, os.environ.get("SOMABRAIN_API_TOKEN"), self.timeout)
        answer = answer if isinstance(answer, dict) else {}
        if status != 200 or answer.get("ok") is False:
            raise Lost(f"/remember answered {status}: {answer.get('detail')}")
        if answer.get("queued") or answer.get("breaker_open"):
            raise Lost("/remember answered 200 and only queued the memory: its memory service does not take it")

    def rows(self, session):
        return [row[0] for row in session.query(f"SELECT key FROM kv_store WHERE value->>'task' = '{self.word}'")]

    def database(self):
        dsn, password = os.environ["SOMAMEMORY_POSTGRES_DSN"], os.environ.get("SOMAMEMORY_POSTGRES_PASSWORD")
        return wire.Postgres(dsn, self.timeout, password)

    def points(self):
        """The collections that have the memory, and how often."""
        _, answer = call("GET", f"{self.qdrant}/collections", timeout=self.timeout)
        found = {}
        for entry in ((answer or {}).get("result") or {}).get("collections", []):
            name = urllib.parse.quote(entry["name"], safe="")
            status, answer = call("POST", f"{self.qdrant}/collections/{name}/points/count", {"filter": self.filter, "exact": True}, timeout=self.timeout)
            if status == 200 and answer["result"]["count"]:
                found[name] = answer["result"]["count"]
        return found

    def check_stored(self):
        with self.database() as session:
            if not self.rows(session):
                raise Lost("/remember answered 200, and PostgreSQL has no such memory")
        if not self.points():
            raise Lost("/remember answered 200, and no collection of Qdrant has such a memory")

    def check_recalled(self):
        body = {"query": self.word, "top_k": 10}
        status, answer = call("POST", f"{self.somabrain}/recall", body, os.environ.get("SOMABRAIN_API_TOKEN"), self.timeout)
        if status != 200 or not isinstance(answer, dict):
            raise Lost(f"/recall answered {status}")
        if self.word in json.dumps(answer.get("memory")):
            return
        if self.word in json.dumps(answer.get("wm")):
            raise Lost("/recall has the memory from SomaBrain's own working memory only, which ends with its process")
        raise Lost("the memory is stored, and /recall does not find it")

    def forget(self):
        """Takes everything away that remembering left; the memory service cannot delete its own points (somafractalmemory 9382ea8)."""
        with self.database() as session:
            keys = self.rows(session)
            for key in keys:
                coordinate = key[key.index("(") + 1 : key.rindex(")")].replace(" ", "")
                call("DELETE", f"{self.service}/memories/{coordinate}", token=os.environ.get("SOMABRAIN_MEMORY_HTTP_TOKEN"), timeout=self.timeout)
            for key in self.rows(session):
                session.query(f"DELETE FROM kv_store WHERE key IN ('{key}', '{key.removesuffix(':data')}:meta')")
        for collection in self.points():
            call("POST", f"{self.qdrant}/collections/{collection}/points/delete?wait=true", {"filter": self.filter}, timeout=self.timeout)
        with self.database() as session:
            left = [*self.rows(session), *self.points()]
        if left:
            raise Lost(f"the memory {self.word} could not be removed again: {', '.join(left)}")


def kept(somabrain, timeout=30):
    memory = Memory(somabrain, timeout)
    try:
        memory.remember()
        memory.check_stored()
        memory.check_recalled()
    except (Lost, wire.WireError):
        try:
            memory.forget()
        except (Lost, wire.WireError, KeyError):
            pass  # what went wrong first is what to say
        raise
    memory.forget()
    return "a memory was remembered, found in PostgreSQL and Qdrant, recalled, and removed"
