"""Every overlay and every Job renders with each kubectl at hand, and to the same bytes with all of them.

Looks for `kubectl` and `kubectl.1.NN` on PATH and beside the kubectl that PATH leads to. The Jobs, and versions between the
oldest and the newest, are rendered with all of them only when ALL_KUBECTLS is set: each run takes a second.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def kubectls():
    found = shutil.which("kubectl")
    if not found:
        return []
    folders = [*os.environ["PATH"].split(os.pathsep), str(pathlib.Path(found).resolve().parent)]
    versioned = {path for folder in folders for path in pathlib.Path(folder).glob("kubectl.1.*")
                 if re.fullmatch(r"kubectl\.1\.\d+", path.name) and os.access(path, os.X_OK)}
    return [pathlib.Path(found), *sorted(versioned, key=lambda path: int(path.name.rsplit(".", 1)[1]))]


KUBECTLS = kubectls()
MISSING = "kubectl is not on PATH"
if not KUBECTLS:
    print(f"SKIPPED: the overlays were not rendered: {MISSING}", file=sys.stderr)
elif len(KUBECTLS) == 1:
    print(f"only one kubectl is here, {KUBECTLS[0]}: versions were not compared", file=sys.stderr)


def overlays():
    names = ("dev", "staging", "prod")
    gitops = [path.parent for pattern in ("*", "*/prod") for path in (ROOT / "gitops").glob(f"{pattern}/kustomization.yaml") if path.parent.name != "node-local-dns"]
    more = [ROOT / "overlays/dev-persistent", ROOT / "overlays/prod-recovery", *gitops]
    return [ROOT / "overlays" / name for name in names] + sorted(more) + sorted(p for name in names for p in (ROOT / "jobs").glob(f"*/{name}") if p.parent.name != "environments")


def versions(overlay):
    if os.environ.get("ALL_KUBECTLS"):
        return KUBECTLS
    if overlay.parent.name == "overlays":
        return list(dict.fromkeys([KUBECTLS[0], *KUBECTLS[1:2], KUBECTLS[-1]]))
    return KUBECTLS[:1]


@functools.cache
def render(kubectl, overlay):
    return subprocess.run([kubectl, "kustomize", overlay], capture_output=True, text=True, timeout=120)


@unittest.skipUnless(KUBECTLS, MISSING)
class Render(unittest.TestCase):
    def test_overlays_render_alike_everywhere(self):
        for overlay in overlays():
            reference = None
            for kubectl in versions(overlay):
                with self.subTest(overlay=overlay.relative_to(ROOT), kubectl=kubectl.name):
                    done = render(kubectl, overlay)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertNotIn("Warning", done.stderr)
                    reference = reference or done.stdout
                    self.assertEqual(done.stdout, reference)

    def test_no_secret_is_rendered_outside_dev(self):
        for overlay in overlays():
            if not overlay.name.startswith("dev"):
                with self.subTest(overlay=overlay.relative_to(ROOT)):
                    self.assertNotIn("\nkind: Secret\n", render(KUBECTLS[0], overlay).stdout)


if __name__ == "__main__":
    unittest.main()
