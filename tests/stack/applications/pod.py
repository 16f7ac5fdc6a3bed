"""A Pod without a kubelet: the first container of a rendered workload, with its variables, user, read-only root, volumes and probes.

The caller is root in mount and network namespaces of its own (see `isolated`), so every mount and every port goes with the process.
"""

import base64
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/dev")


def isolated():
    """Runs this program again as root of its own mount, network and process namespaces, where it has not been yet."""
    if os.environ.get("STACK_ISOLATED"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
        return
    words = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", sys.executable, "-B", *sys.argv]
    sys.exit(subprocess.run(words, env={**os.environ, "STACK_ISOLATED": "1"}).returncode)


class Objects:
    """Rendered objects, and the Secrets that operators would have made."""

    def __init__(self, documents, secrets=()):
        self.documents = [document for document in documents if document]
        self.secrets = dict(secrets)

    def get(self, kind, name):
        return next(d for d in self.documents if d["kind"] == kind and d["metadata"]["name"] == name)

    def values(self, kind, name):
        """The keys of a ConfigMap or Secret as bytes."""
        if kind == "Secret" and name in self.secrets:
            return {key: value.encode() if isinstance(value, str) else value for key, value in self.secrets[name].items()}
        found = self.get(kind, name)
        plain = {**found.get("data", {}), **found.get("stringData", {})}
        if kind == "Secret":
            return {key: base64.b64decode(value) for key, value in plain.items()}
        return {key: value.encode() for key, value in plain.items()}


class Pod:
    def __init__(self, objects, kind, name, image, folder):
        self.objects, self.image = objects, image
        self.workload = objects.get(kind, name)
        self.spec = self.workload["spec"]["template"]["spec"]
        self.container = self.spec["containers"][0]
        self.root = pathlib.Path(folder) / name
        self.log = pathlib.Path(folder) / f"{name}.log"
        self.restarts = 0
        self._mount()

    def environment(self):
        found = {**self.image.environment, "PATH": f"{self.image.venv}/bin:/usr/local/bin:/usr/bin:/bin", "HOSTNAME": self.root.name}
        for source in self.container.get("envFrom", []):
            kind = "ConfigMap" if "configMapRef" in source else "Secret"
            reference = source.get("configMapRef") or source["secretRef"]
            found.update({key: value.decode() for key, value in self.objects.values(kind, reference["name"]).items()})
        for variable in self.container.get("env", []):
            found[variable["name"]] = variable.get("value") or self._from(variable["valueFrom"])
        return found

    def _from(self, source):
        kind = "ConfigMap" if "configMapKeyRef" in source else "Secret"
        reference = source.get("configMapKeyRef") or source["secretKeyRef"]
        return self.objects.values(kind, reference["name"])[reference["key"]].decode()

    def _mount(self):
        self.root.mkdir(parents=True)
        self._run("mount", "-t", "tmpfs", "-o", "mode=755", "root", self.root)
        for path in SYSTEM:
            self._bind(path)
        self.image.unpack(self.root)
        self._at(self.image.workdir).mkdir(parents=True, exist_ok=True)
        # Entrypoints of images lie in /usr/local/bin.
        local = self.root.parent / f"{self.root.name}-bin"
        local.mkdir()
        for script in self.image.source.glob("docker-entrypoint.sh"):
            (local / script.name).write_text(script.read_text())
            (local / script.name).chmod(0o755)
        self._run("mount", "--bind", local, self._at("/usr/local/bin"))
        for mount in self.container.get("volumeMounts", []):
            self._volume(mount, next(v for v in self.spec["volumes"] if v["name"] == mount["name"]))
        # After the volumes, one of which may hide it: its programs name their interpreter by its path.
        for folder in (self.image.interpreter, self.image.venv):
            if not folder.is_relative_to("/usr"):
                self._bind(str(folder))
        if self.container["securityContext"]["readOnlyRootFilesystem"]:
            self._run("mount", "-o", "remount,ro,bind", self.root)

    def _bind(self, path):
        if os.path.isdir(path):
            self._at(path).mkdir(parents=True, exist_ok=True)
            self._run("mount", "--rbind", os.path.realpath(path), self._at(path))

    def _volume(self, mount, volume):
        folder = self.root.parent / f"{self.root.name}-{volume['name']}"
        if not folder.exists():
            folder.mkdir()
            self._fill(folder, volume)
        self._at(mount["mountPath"]).mkdir(parents=True, exist_ok=True)
        self._run("mount", "--bind", folder, self._at(mount["mountPath"]))

    def _fill(self, folder, volume):
        if "emptyDir" in volume:
            os.chown(folder, 0, self.spec["securityContext"].get("fsGroup", 0))
            folder.chmod(0o2777)
            return
        source = volume.get("configMap") or volume["secret"]
        kind = "ConfigMap" if "configMap" in volume else "Secret"
        values = self.objects.values(kind, source.get("name") or source["secretName"])
        items = source.get("items") or [{"key": key, "path": key} for key in values]
        for item in items:
            (folder / item["path"]).write_bytes(values[item["key"]])

    def _at(self, path):
        return self.root / str(path).lstrip("/")

    @staticmethod
    def _run(*words):
        subprocess.run([str(word) for word in words], check=True)

    def inside(self, words):
        """What runs `words` as the container's user in its root and working directory."""
        context = {**self.spec["securityContext"], **self.container.get("securityContext", {})}
        user = ["/usr/bin/setpriv", f"--reuid={context['runAsUser']}", f"--regid={context['runAsGroup']}", f"--groups={context.get('fsGroup', context['runAsGroup'])}",
                "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
        workdir = self.container.get("workingDir", self.image.workdir)
        return [str(word) for word in (shutil.which("chroot"), self.root, *user, "sh", "-c", 'cd "$0" && exec "$@"', workdir, *words)]

    def start(self):
        words = [*(self.container.get("command") or self.image.command), *self.container.get("args", [])]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.inside(words), env=self.environment(), stdout=log, stderr=log, start_new_session=True)
        return self

    def wait(self, seconds):
        self.process.wait(seconds)
        return self.end()

    def end(self):
        """Kills all of it, as everything in a container ends with its first process; returns how that ended."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # nothing was left
        return self.process.wait()

    def stop(self):
        """As the kubelet does; returns how long it took and whether it had to be killed."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.wait(self.spec["terminationGracePeriodSeconds"])
            return time.monotonic() - begun, False
        except subprocess.TimeoutExpired:
            self.end()
            return time.monotonic() - begun, True

    def port(self, reference):
        return reference if isinstance(reference, int) else next(p["containerPort"] for p in self.container["ports"] if p["name"] == reference)

    def probe(self, name):
        probe = self.container[name]
        timeout = probe.get("timeoutSeconds", 1)
        if "exec" in probe:
            try:
                return subprocess.run(self.inside(probe["exec"]["command"]), env=self.environment(), timeout=timeout, capture_output=True).returncode == 0
            except subprocess.TimeoutExpired:
                return False
        port = self.port((probe.get("httpGet") or probe["tcpSocket"])["port"])
        try:
            if "tcpSocket" in probe:
                socket.create_connection(("127.0.0.1", port), timeout).close()
                return True
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
            connection.request("GET", probe["httpGet"]["path"])
            status = connection.getresponse().status
            connection.close()
            return 200 <= status < 400
        except OSError:
            return False

    def until_ready(self):
        """Waits as the kubelet does: the startup probe within its budget, then readiness. Returns the seconds until both passed."""
        begun = time.monotonic()
        for name in ("startupProbe", "readinessProbe"):
            probe = self.container[name]
            for _ in range(probe["failureThreshold"]):
                if self.process.poll() is not None:
                    raise AssertionError(f"{self.root.name} ended with {self.process.returncode}:\n{self.tail()}")
                if self.probe(name):
                    break
                time.sleep(probe["periodSeconds"])
            else:
                raise AssertionError(f"{self.root.name}: {name} did not pass:\n{self.tail()}")
        return time.monotonic() - begun

    def tail(self, lines=60):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def peak_memory(self):
        """The most memory that its largest process had, in MiB."""
        peaks = [0]
        for status in pathlib.Path("/proc").glob("[0-9]*/status"):
            try:
                if os.readlink(status.with_name("root")) == str(self.root):
                    peaks += [int(line.split()[1]) // 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            except OSError:
                pass  # it ended meanwhile
        return max(peaks)
