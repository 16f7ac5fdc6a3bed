"""The drill: prod-recovery is prod but for the Cluster, and a base backup with its archive brings back what was written after it.

The Barman Cloud plugin itself needs a cluster; what it does with PostgreSQL (base backup, archived segments, recovery to a point in
time) is done here with PostgreSQL's own tools.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/jobs"))
from fakes import free_port, postgres_bin, wait_for  # noqa: E402

NO_KUBECTL = None if shutil.which("kubectl") else "kubectl is not on PATH"
NO_SERVER = None if postgres_bin() else "PostgreSQL's server is not installed (Debian package postgresql)"
for missing in filter(None, (NO_KUBECTL, NO_SERVER)):
    print(f"SKIPPED: a part of the recovery drill: {missing}", file=sys.stderr)


@unittest.skipIf(NO_KUBECTL, NO_KUBECTL)
class Render(unittest.TestCase):
    def objects(self, overlay):
        text = subprocess.run(["kubectl", "kustomize", ROOT / "overlays" / overlay], check=True, capture_output=True, text=True).stdout
        name = lambda document: (re.search(r"^kind: (.*)", document, re.M)[1], re.search(r"^  name: (.*)", document, re.M)[1])
        return {name(document): document for document in text.split("\n---\n")}

    def test_only_the_cluster_differs_and_it_keeps_its_name(self):
        prod, recovery = self.objects("prod"), self.objects("prod-recovery")
        self.assertEqual(prod.keys(), recovery.keys())
        self.assertEqual([key for key in prod if prod[key].strip() != recovery[key].strip()], [("Cluster", "sb-postgres")])

    def test_the_cluster_starts_from_the_archive_and_not_empty(self):
        cluster = self.objects("prod-recovery")["Cluster", "sb-postgres"]
        self.assertNotIn("initdb", cluster)
        self.assertRegex(cluster, r"recovery:\n +database: somabrain\n +owner: somabrain\n +secret:\n +name: sb-postgres-somabrain\n +source: lost\n")
        self.assertIn("- name: lost\n", cluster)


@unittest.skipIf(NO_SERVER, NO_SERVER)
class PointInTime(unittest.TestCase):
    def setUp(self):
        self.bin, self.folder = postgres_bin(), pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.user = {"user": "nobody"} if pathlib.Path("/proc/self").owner() == "root" else {}
        self.folder.chmod(0o755)
        (self.folder / "archive").mkdir()
        for path in (self.folder, self.folder / "archive"):
            if self.user:
                shutil.chown(path, "nobody")
        self.port = free_port()

    def run_it(self, program, *words):
        return subprocess.run([f"{self.bin}/{program}", *map(str, words)], check=True, capture_output=True, text=True, cwd=self.folder, **self.user).stdout.strip()

    def start(self, data, *options):
        process = subprocess.Popen([f"{self.bin}/postgres", "-D", data, "-p", str(self.port), "-k", self.folder, "-c", "listen_addresses=127.0.0.1", *options],
                                   cwd=self.folder, stderr=subprocess.DEVNULL, **self.user)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for(self.port, process)
        return process

    def query(self, sql):
        for _ in range(150):
            try:
                return self.run_it("psql", "-XAtqc", sql, "-h", self.folder, "-p", self.port, "-U", "postgres", "-d", "postgres")
            except subprocess.CalledProcessError as error:
                if not re.search("starting up|not (yet )?accepting|No such file|refused", error.stderr):
                    raise
                time.sleep(0.2)
        raise AssertionError("the server did not start")

    def test_what_was_written_after_the_backup_comes_back_until_the_mistake(self):
        old, new, archive = self.folder / "old", self.folder / "new", self.folder / "archive"
        self.run_it("initdb", "-D", old, "-U", "postgres", "--auth=trust", "--no-sync")
        server = self.start(old, "-c", "archive_mode=on", "-c", f"archive_command=cp %p {archive}/%f", "-c", "wal_level=replica")
        self.query("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('before')")
        self.run_it("pg_basebackup", "-D", new, "-h", self.folder, "-p", self.port, "-U", "postgres", "-X", "none", "-c", "fast")
        self.query("INSERT INTO kept VALUES ('after')")
        moment = self.query("SELECT clock_timestamp()")
        time.sleep(0.1)
        self.query("DROP TABLE kept")
        last = self.query("SELECT pg_walfile_name(pg_switch_wal())")
        for _ in range(100):
            if (archive / last).exists():
                break
            time.sleep(0.1)
        server.send_signal(2)
        server.wait()
        (new / "recovery.signal").touch()
        self.start(new, "-c", f"restore_command=cp {archive}/%f %p", "-c", f"recovery_target_time={moment}", "-c", "recovery_target_action=promote")
        self.assertEqual(self.query("SELECT string_agg(word, ' ' ORDER BY word DESC) FROM kept"), "before after")


if __name__ == "__main__":
    unittest.main()
