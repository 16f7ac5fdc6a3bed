"""The OPA 1.20.2 engine from the wheel `opa-golib-python-bindings`, without installing it.

The wheel declares Python 3.14 and works from 3.11 when it is downloaded for 3.14 and unpacked.
"""

import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

WHEEL = "opa-golib-python-bindings==0.4.4"
CACHE = pathlib.Path(os.environ.get("OPA_WHEEL_DIR", pathlib.Path(tempfile.gettempdir()) / "kubevet-opa-0.4.4"))


class Unavailable(Exception):
    """The engine cannot be had here; the message says why."""


def load():
    """Returns the class `OpaEngine`, downloading the wheel once; raises Unavailable with the reason otherwise."""
    unpacked = CACHE / "unpacked"
    if not (unpacked / "opa_bindings").is_dir():
        _download(unpacked)
    sys.path.insert(0, str(unpacked))
    try:
        return importlib.import_module("opa_bindings").OpaEngine
    except (ImportError, OSError) as error:
        raise Unavailable(f"{WHEEL} was unpacked but does not load: {error}") from error


def _download(unpacked):
    CACHE.mkdir(parents=True, exist_ok=True)
    # Several processes may get here at once; whoever is first provides for all.
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        whole = pathlib.Path(scratch) / "whole"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--python-version", "3.14", "--dest", scratch, WHEEL]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"pip could not fetch {WHEEL}: {error}") from error
        wheels = sorted(pathlib.Path(scratch).glob("opa_golib_python_bindings-*.whl"))
        if done.returncode != 0 or not wheels:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Unavailable(f"pip could not fetch {WHEEL}: {last}")
        with zipfile.ZipFile(wheels[-1]) as wheel:
            wheel.extractall(whole)
        try:
            whole.rename(unpacked)
        except OSError:
            if not (unpacked / "opa_bindings").is_dir():
                raise
