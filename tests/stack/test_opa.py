"""The stack's OPA policies under the engine that the stack runs: OPA 1.20.2.

Runs the Rego tests beside the policies, then asks what each version of the applications asks, with exactly the files that the
ConfigMap holds.
"""

import json
import pathlib
import re
import sys
import unittest

import opa_engine

BASE = pathlib.Path(__file__).resolve().parents[2] / "base" / "opa"
POLICIES = BASE / "policies"

try:
    OpaEngine = opa_engine.load()
    MISSING = None
except opa_engine.Unavailable as error:
    OpaEngine = None
    MISSING = str(error)
    print(f"SKIPPED: the OPA policies were not tested with OPA itself: {error}", file=sys.stderr)


def shipped():
    """The files that the kustomization puts into the ConfigMap."""
    text = (BASE / "kustomization.yaml").read_text()
    return [BASE / name for name in re.findall(r"^\s+- (policies/\S+)$", text, re.MULTILINE)]


class Shipped(unittest.TestCase):
    def test_every_policy_is_in_the_config_map_and_no_test_is(self):
        there = {path.name for path in POLICIES.iterdir() if not path.name.endswith("_test.rego")}
        self.assertEqual({path.name for path in shipped()}, there)

    def test_every_policy_has_tests(self):
        for policy in POLICIES.glob("*.rego"):
            if not policy.name.endswith("_test.rego"):
                self.assertTrue(policy.with_name(f"{policy.stem}_test.rego").is_file(), f"{policy.name} has no tests")


def value(engine, reference, question=None):
    """The value of a reference, None where it is undefined."""
    bindings = engine.eval_query(f"value = {reference}", input=question)
    return bindings[0]["value"] if bindings else None


@unittest.skipIf(OpaEngine is None, MISSING)
class Rego(unittest.TestCase):
    def engine(self, tests=False):
        engine = OpaEngine()
        self.addCleanup(engine.close)
        files = shipped() + (sorted(POLICIES.glob("*_test.rego")) if tests else [])
        for path in files:
            if path.suffix == ".json":
                engine.add_data(json.loads(path.read_text()))
            else:
                engine.add_policy(path.name, path.read_text())
        return engine

    def ask(self, path, question):
        """What `POST /v1/data/PATH` answers as its result; None where the answer has none."""
        return value(self.engine(), "data." + path.replace("/", "."), question)

    def test_rego_tests_pass(self):
        engine = self.engine(tests=True)
        ran = 0
        for path in sorted(POLICIES.glob("*_test.rego")):
            text = path.read_text()
            package = re.search(r"^package (\S+)$", text, re.MULTILINE).group(1)
            for name in re.findall(r"^(test_\w+)", text, re.MULTILINE):
                with self.subTest(f"{package}.{name}"):
                    self.assertIs(value(engine, f"data.{package}.{name}"), True)
                ran += 1
        self.assertGreater(ran, 20)

    def test_middleware_until_october_gets_an_object(self):
        health = {"method": "GET", "path": "/health", "json": None}
        self.assertEqual(self.ask("soma/allow", health), {"allow": True, "reasons": []})
        denied = self.ask("soma/allow", {"method": "POST", "path": "/opa/policy", "json": {}})
        self.assertIs(denied["allow"], False)
        self.assertEqual(len(denied["reasons"]), 1)

    def test_later_middleware_gets_booleans(self):
        for rule in ("allow", "allow_dev"):
            question = {"method": "GET", "path": "/health"}
            self.assertIs(self.ask(f"somabrain/auth/{rule}", question), True)
            self.assertIs(self.ask(f"somabrain/auth/{rule}", {"method": "TRACE", "path": "/"}), False)

    def test_constitution_engine_gets_an_object(self):
        question = {"constitution": {"version": "1", "rules": []}, "instance": {"action": "recall"}}
        self.assertEqual(self.ask("soma/policy/allow", question), {"allow": True, "reasons": []})
        nothing = self.ask("soma/policy/allow", {"constitution": None, "instance": {}})
        self.assertEqual(nothing, {"allow": False, "reasons": ["no constitution is loaded"]})

    def test_memory_service_gets_a_boolean(self):
        self.assertIs(self.ask("soma/authz/allow", {"user": "alice", "action": "read"}), True)
        self.assertIs(self.ask("soma/authz/allow", {"user": "alice", "action": "purge"}), False)

    def test_every_question_is_one_that_opa_lets_pass(self):
        for question in ("soma/allow", "soma/policy/allow", "soma/authz/allow", "somabrain/auth/allow", "somabrain/auth/allow_dev"):
            request = {"method": "POST", "path": ["v1", "data", *question.split("/")]}
            self.assertIs(self.ask("system/authz/allow", request), True, question)


if __name__ == "__main__":
    unittest.main()
