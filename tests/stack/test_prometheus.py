"""Dev's Prometheus configuration and prod's alert rules, judged by promtool; each alert has an example that fires."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIG = ROOT / "overlays/dev/prometheus/prometheus.yml"
RULE = ROOT / "overlays/prod/prometheusrule.yaml"
EXAMPLES = pathlib.Path(__file__).with_name("prometheus_alerts.yaml")

PROMTOOL = shutil.which("promtool")
MISSING = "promtool is not installed (Debian package prometheus)"
if not PROMTOOL:
    print(f"SKIPPED: Prometheus's configuration and rules were not tested: {MISSING}", file=sys.stderr)


def rules():
    """What the PrometheusRule's `spec` holds is what a rule file of Prometheus holds."""
    return textwrap.dedent(RULE.read_text().split("\nspec:\n", 1)[1])


def promtool(*words):
    return subprocess.run([PROMTOOL, *map(str, words)], capture_output=True, text=True)


class Examples(unittest.TestCase):
    def test_every_alert_has_an_example_that_fires_and_one_that_does_not(self):
        alerts = set(re.findall(r"- alert: (\w+)", rules()))
        examples = re.findall(r"alertname: (\w+)\n( +exp_alerts:)?", EXAMPLES.read_text())
        self.assertEqual({name for name, fires in examples if fires}, alerts)
        self.assertEqual({name for name, fires in examples if not fires} & alerts, alerts)

    def test_every_alert_says_what_to_do(self):
        for text in rules().split("- alert: ")[1:]:
            self.assertRegex(text, r"\n +runbook: \S", text.split("\n")[0])


class Dashboard(unittest.TestCase):
    def panels(self):
        text = (ROOT / "overlays/components/monitoring/dashboard.yaml").read_text()
        return json.loads(textwrap.dedent(text.split("somabrain.json: |\n", 1)[1]))["panels"]

    def test_every_panel_asks_for_one_environment(self):
        for panel in self.panels():
            for target in panel["targets"]:
                self.assertIn('namespace="$namespace"', target["expr"], panel["title"])

    @unittest.skipUnless(PROMTOOL, MISSING)
    def test_every_expression_is_valid(self):
        rules = [{"record": f"panel:{panel['id']}", "expr": target["expr"]} for panel in self.panels() for target in panel["targets"]]
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "rules.json"
            path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
            checked = promtool("check", "rules", "--lint=none", path)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)


@unittest.skipUnless(PROMTOOL, MISSING)
class Promtool(unittest.TestCase):
    def test_configuration_is_valid(self):
        done = promtool("check", "config", CONFIG)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules_are_valid_and_fire_when_they_should(self):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "rules.yml").write_text(rules())
            (pathlib.Path(directory) / "examples.yml").write_text(EXAMPLES.read_text())
            checked = promtool("check", "rules", pathlib.Path(directory) / "rules.yml")
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            tested = promtool("test", "rules", pathlib.Path(directory) / "examples.yml")
            self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)


if __name__ == "__main__":
    unittest.main()
