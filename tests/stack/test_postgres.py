"""Dev's initialisation script against a real PostgreSQL: each application can log in and owns its database, and nothing else."""

import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/jobs"))
from fakes import RealPostgres  # noqa: E402

SCRIPT = ROOT / "overlays/dev/postgres/databases.sh"
MISSING = "PostgreSQL's server is not installed (Debian package postgresql)"
if not RealPostgres.available:
    print(f"SKIPPED: dev's databases were not created for real: {MISSING}", file=sys.stderr)


@unittest.skipUnless(RealPostgres.available, MISSING)
class Databases(unittest.TestCase):
    PASSWORDS = {"somabrain": "it's a 'quoted' \"one\"", "somamemory": "$HOME; DROP TABLE x"}

    @classmethod
    def setUpClass(cls):
        cls.server = RealPostgres(names=())
        cls.addClassCleanup(cls.server.stop)
        environment = {
            **cls.server.environment("postgres"),
            "POSTGRES_USER": "soma",
            "SOMABRAIN_PASSWORD": cls.PASSWORDS["somabrain"],
            "SOMAMEMORY_PASSWORD": cls.PASSWORDS["somamemory"],
        }
        subprocess.run(["sh", str(SCRIPT)], env=environment, check=True)

    def psql(self, user, database, sql, password=None):
        environment = {**self.server.environment(database), "PGUSER": user, "PGPASSWORD": password or self.PASSWORDS[user]}
        return subprocess.run(["psql", "-XAtqc", sql], env=environment, capture_output=True, text=True)

    def test_each_application_logs_in_and_owns_its_database(self):
        for name in self.PASSWORDS:
            done = self.psql(name, name, "CREATE TABLE t (id int); SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
            self.assertEqual((done.returncode, done.stdout.strip()), (0, name), done.stderr)

    def test_no_application_is_a_superuser(self):
        for name in self.PASSWORDS:
            self.assertEqual(self.psql(name, name, "SHOW is_superuser").stdout.strip(), "off")

    def test_a_wrong_password_is_refused(self):
        self.assertNotEqual(self.psql("somabrain", "somabrain", "SELECT 1", "wrong").returncode, 0)


if __name__ == "__main__":
    unittest.main()
