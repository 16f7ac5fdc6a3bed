"""One version an operator: the table in overlays/README.md, the script that installs them, and the schemas that manifests are judged by."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = (ROOT / "overlays/README.md").read_text()
SCRIPT = (ROOT / "hack/operators").read_text()


def table():
    """Operator -> (version, its words in the last column)."""
    rows = re.findall(r"^\| ([^|]+) \| (\d[\d.]*) \| ([^|]+) \|$", TABLE, re.M)
    return {name: (version, words) for name, version, words in rows}


class Versions(unittest.TestCase):
    def test_the_script_installs_the_versions_of_the_table(self):
        self.assertEqual(len(table()), 6)
        for name, (version, words) in table().items():
            function = re.search(r"`hack/operators (\S+)`", words).group(1)
            body = re.search(rf"^{function}\(\) \{{(.*?)\n?\}}$", SCRIPT, re.M | re.S).group(1)
            chart = re.search(r"kube-prometheus-stack (\d[\d.]*)", words)
            self.assertIn(chart.group(1) if chart else version, body, name)

    def test_the_schemas_are_of_these_versions(self):
        rows = re.findall(r"^\| `\*\.[^|]+ \| (.+?) (\d[\d.]*) \|$", (ROOT / "policies/schemas/README.md").read_text(), re.M)
        self.assertEqual(len(rows), 5)
        for name, version in rows:
            # A patch release does not change a schema.
            self.assertEqual(version.split(".")[:2], table()[name][0].split(".")[:2], name)

    def test_images_have_the_tags_that_the_instructions_make(self):
        readme = (ROOT / "README.md").read_text()
        for application, name in (("somabrain", "somatechlat/somabrain"), ("somafractalmemory", "somatechlat/somafractalmemory")):
            (tag,) = set(re.findall(rf"-t {name}:(\S+)", readme))
            for environment in ("dev", "staging", "prod"):
                for folder in (f"overlays/{environment}/release", f"overlays/{environment}"):
                    text = (ROOT / folder / "kustomization.yaml").read_text()
                    for found in re.findall(rf'- name: {name}\n(?: +newName: .*\n)? +newTag: "(.+)"', text):
                        self.assertEqual(found, tag, f"{application} in {folder}")

    def test_qdrant_and_the_others_run_what_is_pinned(self):
        pinned = dict(re.findall(r"- name: (\S+)\n +newTag: (\S+)", (ROOT / "overlays/components/pinned-images/kustomization.yaml").read_text()))
        base = "".join(path.read_text() for path in (ROOT / "base").glob("*/*.yaml"))
        for name, tag in pinned.items():
            self.assertIn(f"image: {name}:{tag}\n", base)


if __name__ == "__main__":
    unittest.main()
