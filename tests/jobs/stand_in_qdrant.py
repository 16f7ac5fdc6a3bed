"""A stand-in for Qdrant: the part of its HTTP API that the memory service and the Jobs use, with points in memory and cosine similarity.

No registry has Qdrant's server. What this shows is what was sent and asked, not how Qdrant behaves.
"""

import json
import math
import re

import served


def cosine(one, other):
    length = math.sqrt(sum(x * x for x in one)) * math.sqrt(sum(x * x for x in other))
    return sum(x * y for x, y in zip(one, other)) / length if length else 0.0


def uuid_or_number(identity):
    return isinstance(identity, int) or re.fullmatch(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", str(identity))


def value_at(payload, path):
    for key in path.split("."):
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload


def matches(point, wanted):
    return all(value_at(point["payload"], condition["key"]) == condition["match"]["value"] for condition in wanted.get("must", []))


class Qdrant:
    def __init__(self, port, certificate=None):
        self.collections = {}
        # A lie for tests: writes are acknowledged and dropped.
        self.forgets = False
        self.server = served.serve(self.reply, "0.0.0.0", port, certificate)
        self.port = self.server.server_address[1]

    def reply(self, method, path, _, body):
        status, content = self.answer(method, path.split("?")[0], json.loads(body) if body else {})
        return status, json.dumps(content).encode(), {"Content-Type": "application/json"}

    def answer(self, method, path, body):
        found = lambda result: (200, {"result": result, "status": "ok", "time": 0.0})
        if path in ("/readyz", "/livez", "/healthz"):
            return 200, "ok"
        if path == "/":
            return 200, {"title": "qdrant stand-in", "version": "1.19.1"}
        if path == "/collections":
            return found({"collections": [{"name": name} for name in self.collections]})
        if not path.startswith("/collections/"):
            return 404, {"status": {"error": f"the stand-in has no {path}"}, "time": 0.0}
        _, _, name, *rest = path.split("/")
        if method == "PUT" and not rest:
            self.collections[name] = {"config": body, "points": {}}
            return found(True)
        if rest == ["exists"]:
            return found({"exists": name in self.collections})
        if name not in self.collections:
            return 404, {"status": {"error": f"Not found: Collection `{name}` doesn't exist!"}, "time": 0.0}
        return self.collection(method, rest, body, self.collections[name], found)

    def collection(self, method, rest, body, collection, found):
        points = collection["points"]
        if not rest:
            params = {**collection["config"], "shard_number": 1, "replication_factor": 1, "write_consistency_factor": 1, "on_disk_payload": True}
            config = {"params": params, "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000}, "optimizer_config": {
                "deleted_threshold": 0.2, "vacuum_min_vector_number": 1000, "default_segment_number": 0, "flush_interval_sec": 5}}
            return found({"status": "green", "optimizer_status": "ok", "segments_count": 1, "points_count": len(points), "payload_schema": {}, "config": config})
        if rest == ["points"] and method == "PUT":
            if not self.forgets:
                points.update({str(point["id"]): point for point in body["points"]})
        elif rest == ["points", "delete"]:
            if not all(uuid_or_number(identity) for identity in body.get("points", [])):
                return 400, {"status": {"error": "Format error in JSON body: value is not a valid point ID"}, "time": 0.0}
            gone = {str(identity) for identity in body.get("points", [])} | {key for key, point in points.items() if "filter" in body and matches(point, body["filter"])}
            for identity in gone:
                points.pop(identity, None)
        elif rest == ["points", "scroll"]:
            kept = [point for point in points.values() if matches(point, body.get("filter") or {})]
            # By identity, as Qdrant does: a page begins with the point that the last one named.
            kept = sorted((point for point in kept if str(point["id"]) >= str(body.get("offset") or "")), key=lambda point: str(point["id"]))
            limit = body.get("limit", 10)
            return found({"points": [self.shown(point) for point in kept[:limit]], "next_page_offset": kept[limit]["id"] if len(kept) > limit else None})
        elif rest == ["points", "count"]:
            return found({"count": sum(matches(point, body.get("filter") or {}) for point in points.values())})
        elif rest in (["points", "query"], ["points", "search"]):
            wanted = body.get("query", body.get("vector"))
            wanted = wanted["nearest"] if isinstance(wanted, dict) else wanted
            ranked = sorted(((cosine(wanted, point["vector"]), point) for point in points.values()), key=lambda pair: -pair[0])[: body["limit"]]
            hits = [{**self.shown(point), "version": 0, "score": score} for score, point in ranked]
            return found({"points": hits} if rest[1] == "query" else hits)
        else:
            return 404, {"status": {"error": f"the stand-in has no {method} {'/'.join(rest)}"}, "time": 0.0}
        return found({"operation_id": 0, "status": "completed"})

    @staticmethod
    def shown(point):
        return {"id": point["id"], "payload": point["payload"]}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
