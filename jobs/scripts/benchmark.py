"""Remembers and recalls in growing steps, and writes what it measured as JSON.

Each step sends N writes to /remember and then N reads to /recall with a fixed number of requests in flight. The ramp stops at the
first step whose error rate is above the limit: more load on a system that already fails says nothing. Exit codes: 0 the whole ramp
ran, 2 a variable is wrong, 3 the service could not be reached at all, 4 the error rate stopped the ramp.
"""

import concurrent.futures
import http.client
import json
import os
import sys
import threading
import time
import urllib.parse

LOCAL = threading.local()


class Target:
    """The service under load: one kept-alive connection a thread."""

    def __init__(self, url, token, timeout):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("SOMABRAIN_URL looks like http://HOST:PORT")
        self.make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.host, self.port, self.timeout = parts.hostname, parts.port, timeout
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def post(self, path, body):
        """Seconds that the request took and its status; 0 where no answer came."""
        begin = time.perf_counter()
        try:
            if getattr(LOCAL, "connection", None) is None:
                LOCAL.connection = self.make(self.host, self.port, timeout=self.timeout)
            LOCAL.connection.request("POST", path, json.dumps(body), self.headers)
            response = LOCAL.connection.getresponse()
            response.read()
            status = response.status
        except (OSError, http.client.HTTPException):
            if getattr(LOCAL, "connection", None) is not None:
                LOCAL.connection.close()
            LOCAL.connection = None
            status = 0
        return time.perf_counter() - begin, status


def percentile(ordered, share):
    """The value below which `share` of the ordered ones lie (nearest rank); None where there are none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def summarize(results, seconds):
    """What a phase looked like, times in milliseconds."""
    good = sorted(took for took, status in results if 200 <= status < 300)
    statuses = {}
    for _, status in results:
        statuses[str(status)] = statuses.get(str(status), 0) + 1
    milliseconds = lambda value: None if value is None else round(value * 1000, 2)
    return {
        "requests": len(results),
        "ok": len(good),
        "error_rate": round(1 - len(good) / len(results), 4) if results else 0.0,
        "seconds": round(seconds, 3),
        "per_second": round(len(good) / seconds, 1) if seconds else None,
        "mean_ms": milliseconds(sum(good) / len(good) if good else None),
        "p50_ms": milliseconds(percentile(good, 0.50)),
        "p95_ms": milliseconds(percentile(good, 0.95)),
        "p99_ms": milliseconds(percentile(good, 0.99)),
        "statuses": dict(sorted(statuses.items())),
    }


def phase(pool, call, count):
    begin = time.perf_counter()
    results = list(pool.map(call, range(count)))
    return summarize(results, time.perf_counter() - begin)


def run(target, steps, concurrency, max_error_rate, log):
    """Runs the ramp and returns the report, and whether the whole of it ran."""
    report = {"steps": [], "concurrency": concurrency, "max_error_rate": max_error_rate, "stopped": None}
    run_id = f"bench-{int(time.time())}"
    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        for count in steps:
            remember = lambda index: target.post(
                "/remember", {"coord": None, "payload": {"task": f"{run_id} fact {count}/{index}", "importance": 1, "memory_type": "episodic"}})
            recall = lambda index: target.post("/recall", {"query": f"{run_id} fact {count}/{index}", "top_k": 3})
            step = {"count": count}
            for name, call in (("remember", remember), ("recall", recall)):
                step[name] = phase(pool, call, count)
                log(f"{count:6} {name:8} {step[name]['ok']}/{count} ok, p95 {step[name]['p95_ms']} ms, {step[name]['per_second']}/s")
                if step[name]["error_rate"] > max_error_rate:
                    report["stopped"] = f"{name} at {count}: error rate {step[name]['error_rate']} is above {max_error_rate}"
                    break
            report["steps"].append(step)
            if report["stopped"]:
                break
    return report


def main():
    try:
        steps = [int(step) for step in os.environ.get("BENCH_STEPS", "100,300,1000,3000,10000").split(",")]
        concurrency = int(os.environ.get("BENCH_CONCURRENCY", "50"))
        max_error_rate = float(os.environ.get("BENCH_MAX_ERROR_RATE", "0.05"))
        timeout = float(os.environ.get("BENCH_TIMEOUT", "30"))
        if min(steps) < 1 or concurrency < 1 or not 0 <= max_error_rate <= 1:
            raise ValueError("BENCH_STEPS and BENCH_CONCURRENCY are positive, BENCH_MAX_ERROR_RATE is between 0 and 1")
        target = Target(os.environ.get("SOMABRAIN_URL", ""), os.environ.get("SOMABRAIN_API_TOKEN"), timeout)
    except ValueError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 2
    report = run(target, steps, concurrency, max_error_rate, lambda line: print(line, file=sys.stderr, flush=True))
    text = json.dumps(report, indent=2)
    print(text)
    if os.environ.get("BENCH_OUT"):
        with open(os.environ["BENCH_OUT"], "w", encoding="utf-8") as out:
            out.write(text + "\n")
    if report["stopped"]:
        print(f"benchmark: stopped: {report['stopped']}", file=sys.stderr)
        unreachable = report["steps"] and set(report["steps"][0]["remember"]["statuses"]) == {"0"}
        return 3 if unreachable else 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
