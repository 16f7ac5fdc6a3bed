"""benchmark.py against an HTTP server that behaves, that limits, and that is not there."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import fakes

SCRIPT = os.path.join(HERE, "..", "..", "jobs", "scripts", "benchmark.py")


class BenchmarkTest(unittest.TestCase):
    def setUp(self):
        self.http = fakes.FakeHttp({("POST", "/remember"): (200, {"ok": True}), ("POST", "/recall"): (200, {"results": []})})
        self.addCleanup(self.http.stop)

    def run_it(self, **variables):
        environment = {"SOMABRAIN_URL": self.http.url, "BENCH_STEPS": "10,30,90", "BENCH_CONCURRENCY": "8", "BENCH_TIMEOUT": "5", **variables}
        return subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, timeout=120, env=environment)

    def test_the_ramp(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "result.json")
            done = self.run_it(BENCH_OUT=out, SOMABRAIN_API_TOKEN="benchmark-test-token")
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(done.stdout)
            with open(out, encoding="utf-8") as written:
                self.assertEqual(json.load(written), report)
        self.assertEqual([step["count"] for step in report["steps"]], [10, 30, 90])
        for step in report["steps"]:
            for name in ("remember", "recall"):
                self.assertEqual(step[name]["ok"], step["count"])
                self.assertLessEqual(step[name]["p50_ms"], step[name]["p99_ms"])
        self.assertEqual(len(self.http.requests), 2 * 130)
        self.assertTrue(all(headers["Authorization"] == "Bearer benchmark-test-token" for _, _, headers, _ in self.http.requests))
        self.assertNotIn("benchmark-test-token", done.stdout + done.stderr)

    def test_it_stops_when_the_service_limits_it(self):
        served = iter(range(40))
        self.http.answers["POST", "/remember"] = lambda _: (200, {}) if next(served, None) is not None else (429, {})
        done = self.run_it()
        self.assertEqual(done.returncode, 4, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual([step["count"] for step in report["steps"]], [10, 30, 90])
        self.assertEqual(report["steps"][-1]["remember"]["statuses"], {"429": 90})
        self.assertNotIn("recall", report["steps"][-1])

    def test_nobody_there(self):
        done = self.run_it(SOMABRAIN_URL=f"http://127.0.0.1:{fakes.free_port()}")
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_nonsense_is_refused(self):
        for variables in ({"BENCH_STEPS": "ten"}, {"BENCH_STEPS": "0"}, {"SOMABRAIN_URL": "somabrain:9696"}, {"BENCH_MAX_ERROR_RATE": "2"}):
            with self.subTest(variables):
                self.assertEqual(self.run_it(**variables).returncode, 2)


if __name__ == "__main__":
    unittest.main()
