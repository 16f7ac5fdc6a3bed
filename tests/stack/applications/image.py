"""What an image would hold, from a checkout's Dockerfile: environment, command, files; its Python packages come from PyPI.

Nothing is built: `COPY` of the last stage is carried out into a folder, `ENV` and `ENTRYPOINT`/`CMD` are read, and the packages are
installed into a virtual environment once per checkout.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys


# Where pyenv keeps interpreters of other versions.
PYENV = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")


class Image:
    def __init__(self, source, packages, cache, migrations=False):
        self.source = pathlib.Path(source).resolve()
        dockerfile = self.source / "Dockerfile"
        if not dockerfile.is_file():
            raise FileNotFoundError(f"{self.source} has no Dockerfile: check out a commit that README.md names")
        text = re.sub(r"\\\n", " ", "\n".join(line for line in dockerfile.read_text().splitlines() if not line.lstrip().startswith("#")))
        self.lines = text[text.rindex("\nFROM ") if "\nFROM " in text else 0 :].splitlines()
        self.migrations = migrations
        self.environment = self._environment()
        self.workdir = self._words("WORKDIR")[-1][0]
        self.command = [word for key in ("ENTRYPOINT", "CMD") for line in self._rest(key)[-1:] for word in json.loads(line)]
        self.venv = pathlib.Path(cache).resolve() / f"{self.source.name}-venv"
        self.packages = [package.format(source=self.source) for package in packages]

    def _rest(self, key):
        return [line.split(None, 1)[1] for line in self.lines if line.startswith(f"{key} ")]

    def _words(self, key):
        return [shlex.split(line) for line in self._rest(key)]

    def _environment(self):
        pairs = [word.partition("=") for words in self._words("ENV") for word in words]
        return {name: re.sub(r"\$\{?PATH\}?|\$\{?PYTHONPATH:-\}?", "", value).strip(":") for name, _, value in pairs if name != "PATH"}

    @property
    def interpreter(self):
        """The folder that the programs of the virtual environment have their Python from."""
        return (self.venv / "bin/python3").resolve().parents[1]

    def install(self):
        """The virtual environment, made once; Python 3.10 as in the images where it is at hand."""
        done = self.venv / "installed"
        if done.is_file() and done.read_text() == repr(self.packages):
            return
        shutil.rmtree(self.venv, ignore_errors=True)
        pyenv = sorted(PYENV.glob("versions/3.10.*/bin/python3"))
        python = pyenv[-1] if pyenv else shutil.which("python3.10") or sys.executable
        subprocess.run([python, "-m", "venv", self.venv], check=True)
        subprocess.run([self.venv / "bin/pip", "install", "--quiet", *self.packages], check=True)
        done.write_text(repr(self.packages))

    def unpack(self, root):
        """Carries the last stage's COPY lines out below `root`."""
        for words in self._words("COPY"):
            if any(word.startswith("--from") for word in words):
                continue
            *sources, target = [word for word in words if not word.startswith("--")]
            self._copy(root, sources, target)
        if self.migrations:  # hack/images/somabrain.Dockerfile
            self._copy(root, ["alembic.ini"], "./")
            self._copy(root, ["migrations"], "./migrations")

    def _copy(self, root, sources, target):
        place = root / pathlib.PurePosixPath(self.workdir, target).relative_to("/")
        for pattern in sources:
            for source in self.source.glob(pattern.rstrip("/")):
                if source.is_dir():
                    shutil.copytree(source, place, dirs_exist_ok=True)
                else:
                    into = place / source.name if target.endswith("/") or target == "." else place
                    into.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, into)
