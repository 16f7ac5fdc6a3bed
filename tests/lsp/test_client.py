"""kubevet's language server, driven by a client of others: pygls, of PyPI.

Long sequences of random edits, questions, actions, renames and cancelled requests, in UTF-16 as the protocol has it. The server never breaks, and what it
shows at the end is what `kubevet check` says of the saved files. KUBEVET_LSP_ROUNDS makes them longer, KUBEVET_LSP_SEED others.
"""

import asyncio
import collections
import glob
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load():
    """The client's modules, from where CI installs them if they are nowhere else."""
    sys.path += glob.glob(str(ROOT / "target/tools/lib/python3*/site-packages"))
    try:
        from lsprotocol import types
        from pygls.lsp.client import LanguageClient
    except ImportError:
        return None
    return types, LanguageClient


LOADED = load()
KUBEVET = os.environ.get("KUBEVET", str(ROOT / "target/debug/kubevet"))
PATIENCE = 120

RULE = """# METADATA
# title: Every container has a probe
# description: Without one, a hang stays unseen.
# custom:
#   kinds: [Deployment]
package kubevet.demo.probe

import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix} if {
\tsome i, container in input.spec.template.spec.containers
\tnot container.livenessProbe
\tmsg := sprintf("container \\"%s\\" has no livenessProbe", [container.name])
\tpath := ["spec", "template", "spec", "containers", i, "livenessProbe"]
\tfix := {"title": "add a probe", "safe": true, "edits": [{"set": path, "value": {"tcpSocket": {"port": 80}}}]}
}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # 𝒳 é
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29
          envFrom:
            - configMapRef: {name: settings}
"""
FILES = {
    "policies/environments.yaml": "version: 1\nenvironments:\n  dev: {overlays: [overlays/dev]}\n  prod: {overlays: [overlays/prod]}\nrules:\n  demo/probe: {dev: warn, prod: deny, why: a hang in dev disturbs nobody}\n",
    "policies/demo/probe.rego": RULE,
    "base/kustomization.yaml": "resources:\n  - deployment.yaml\n  - service.yaml\nconfigMapGenerator:\n  - name: settings\n    envs: [settings.env]\n",
    "base/deployment.yaml": DEPLOYMENT,
    "base/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports:\n    - port: 80\n",
    "base/settings.env": "A=b\nURL=http://web:80\n",
    "overlays/dev/kustomization.yaml": "namespace: web-dev\nresources: [../../base]\n",
    "overlays/prod/kustomization.yaml": "namespace: web-prod\nresources: [../../base]\npatches:\n  - path: patch.yaml\n",
    "overlays/prod/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n",
}
LINES = [
    "replicas: 3",
    "namePrefix: a-",
    "namespace: other",
    "livenessProbe: {tcpSocket: {port: 80}}",
    "# kubevet: allow demo/probe because it is only a test",
    "image: nginx",
    "images: [{name: nginx, newTag: \"1\"}]",
    "{",
    "---",
    "é𝒳: 日本",
    "A=b",
    "$patch: delete",
]


def units(text):
    """The length of a text as the protocol counts it."""
    return len(text.encode("utf-16-le")) // 2


def edited(text, edits):
    """A text after edits that a server asks for."""
    lines = text.splitlines(keepends=True)

    def offset(position):
        if position.line >= len(lines):
            return len(text)
        line, at = lines[position.line], position.character
        return sum(map(len, lines[: position.line])) + len(line.encode("utf-16-le")[: at * 2].decode("utf-16-le"))

    for edit in sorted(edits, key=lambda edit: offset(edit.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def checked(folder):
    """What a check of the saved files says, a finding or problem with a place each."""
    run = subprocess.run([KUBEVET, "check", "--format", "json"], cwd=folder, capture_output=True, check=False)
    report, found = json.loads(run.stdout), []
    for finding in report["findings"]:
        if finding.get("waived") is None:
            found.append((finding["level"] == "deny", finding["locations"][0], finding["rule"], finding["message"]))
    for severe, key in [(True, "errors"), (False, "warnings")]:
        for problem in report.get(key) or []:
            if problem["locations"]:
                found.append((severe, problem["locations"][0], problem["code"], problem["message"]))

    def path(place):
        file = place["file"]
        return file + "/kustomization.yaml" if (folder / file).is_dir() else file

    return sorted((severe, path(place), place["line"], code, message) for severe, place, code, message in found)


@unittest.skipIf(LOADED is None, "SKIPPED: pygls of PyPI is not installed, so no client of others drove the language server")
class Client(unittest.TestCase):
    def test_random_edits(self):
        asyncio.run(asyncio.wait_for(self.drive(), 600))

    async def drive(self):
        rounds, seed = (int(os.environ.get(name, usual)) for name, usual in [("KUBEVET_LSP_ROUNDS", 8), ("KUBEVET_LSP_SEED", 5)])
        chance = random.Random(seed)
        with tempfile.TemporaryDirectory() as directory:
            desk = Desk(pathlib.Path(directory).resolve(), chance)
            await desk.start()
            self.assertEqual(desk.missing(), ([], []), "before any edit")
            for number in range(rounds):
                for _ in range(15):
                    await desk.act()
                await desk.save()
                self.assertEqual(desk.missing(), ([], []), f"seed {seed}, round {number}")
                self.assertEqual(desk.failures, [], f"seed {seed}, round {number}")
                if number % 2:
                    await desk.restore()
            await desk.end()
            for kind in ["action", "rename", "cancelled"]:
                self.assertGreater(desk.done[kind], 0, f"{kind}: {desk.done}")


class Desk:
    """A folder, an editor that has files of it open, and the server."""

    def __init__(self, folder, chance):
        self.folder, self.chance = folder, chance
        self.types, client = LOADED
        self.client = client("pygls", "1")
        self.open, self.shown, self.failures, self.done = {}, {}, [], collections.Counter()
        self.numbers = itertools.count()
        for path, text in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)

        @self.client.feature(self.types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params):
            self.shown[self.path(params.uri)] = params.diagnostics

        @self.client.feature(self.types.WINDOW_LOG_MESSAGE)
        def log(_params):
            pass

    def uri(self, path):
        return (self.folder / path).as_uri()

    def path(self, uri):
        return os.path.relpath(pathlib.Path.from_uri(uri) if hasattr(pathlib.Path, "from_uri") else uri.removeprefix("file://"), self.folder)

    def text(self, path):
        return self.open[path][1] if path in self.open else (self.folder / path).read_text()

    async def start(self):
        types = self.types
        await self.client.start_io(KUBEVET, "lsp", cwd=str(self.folder))
        actions = types.CodeActionClientCapabilities(
            data_support=True,
            resolve_support=types.ClientCodeActionResolveOptions(properties=["edit"]),
        )
        edits = types.WorkspaceEditClientCapabilities(document_changes=True, resource_operations=[types.ResourceOperationKind.Create])
        capabilities = types.ClientCapabilities(
            workspace=types.WorkspaceClientCapabilities(workspace_edit=edits),
            text_document=types.TextDocumentClientCapabilities(code_action=actions),
        )
        params = types.InitializeParams(capabilities=capabilities, root_uri=self.folder.as_uri(), process_id=os.getpid())
        result = await self.client.initialize_async(params)
        assert result.capabilities.position_encoding == types.PositionEncodingKind.Utf16
        self.client.initialized(types.InitializedParams())
        await self.settle()

    async def settle(self):
        await asyncio.wait_for(self.client.protocol.send_request_async("kubevet/judged", None), PATIENCE)

    async def act(self):
        """Does one thing that an editor does."""
        path = self.chance.choice(list(FILES))
        if path not in self.open:
            self.did_open(path)
        kind = self.chance.randrange(12)
        if kind == 0:
            self.did_close(path)
        elif kind == 1:
            self.replace(path, FILES[path])
        elif kind == 2:
            await self.look(path)
        elif kind == 3:
            await self.fix()
        elif kind == 4:
            await self.rename()
        elif kind == 5:
            await self.cancelled(path)
        else:
            self.type(path)

    def did_open(self, path):
        text = self.text(path)
        self.open[path] = [1, text]
        item = self.types.TextDocumentItem(uri=self.uri(path), language_id="yaml", version=1, text=text)
        self.client.text_document_did_open(self.types.DidOpenTextDocumentParams(text_document=item))

    def did_close(self, path):
        del self.open[path]
        document = self.types.TextDocumentIdentifier(uri=self.uri(path))
        self.client.text_document_did_close(self.types.DidCloseTextDocumentParams(text_document=document))

    def change(self, path, change, text):
        entry = self.open[path]
        entry[0], entry[1] = entry[0] + 1, text
        document = self.types.VersionedTextDocumentIdentifier(uri=self.uri(path), version=entry[0])
        self.client.text_document_did_change(self.types.DidChangeTextDocumentParams(text_document=document, content_changes=[change]))

    def replace(self, path, text):
        self.change(path, self.types.TextDocumentContentChangeWholeDocument(text=text), text)

    def type(self, path):
        """Types within a line, or takes out or puts in one."""
        types, text = self.types, self.text(path)
        lines = text.splitlines(keepends=True) or [""]
        at = self.chance.randrange(len(lines))
        line = lines[at].rstrip("\n")
        start = self.chance.randrange(len(line) + 1)
        first, last = types.Position(at, units(line[:start])), types.Position(at, units(line))
        kind = self.chance.randrange(3)
        if kind == 0:
            new = self.chance.choice(["x", "𝒳", " ", ":", "1", "\t", "é"])
            last, lines[at] = first, line[:start] + new + lines[at][start:]
        elif kind == 1:
            new, lines[at] = "", line[:start] + lines[at][len(line) :]
        else:
            indent = line[: len(line) - len(line.lstrip())]
            new = indent + self.chance.choice(LINES) + "\n"
            first = last = types.Position(at, 0)
            lines[at] = new + lines[at]
        change = types.TextDocumentContentChangePartial(range=types.Range(first, last), text=new)
        self.change(path, change, "".join(lines))

    def place(self, path):
        lines = self.text(path).splitlines() or [""]
        at = self.chance.randrange(len(lines))
        return self.types.Position(at, self.chance.randrange(units(lines[at]) + 1))

    async def look(self, path):
        types, place = self.types, self.place(path)
        document = types.TextDocumentIdentifier(uri=self.uri(path))
        await self.asked(types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, place))
        await self.asked(types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(document, place))
        await self.asked(types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(document, place))

    async def asked(self, method, params):
        """The answer to a request; a refusal is one too, as long as it has a reason."""
        try:
            return await asyncio.wait_for(self.client.protocol.send_request_async(method, params), PATIENCE)
        except Exception as error:  # noqa: BLE001
            if isinstance(error, asyncio.TimeoutError) or "broke" in str(error) or not str(error):
                self.failures.append(f"{method}: {error!r}")
            return None

    async def fix(self):
        types = self.types
        await self.restore()
        await self.settle()
        shown = [(path, one) for path, all in self.shown.items() for one in all if str(one.code).count("/")]
        if not shown:
            return
        path, diagnostic = self.chance.choice(shown)
        document = types.TextDocumentIdentifier(uri=self.uri(path))
        context = types.CodeActionContext(diagnostics=[diagnostic])
        listed = await self.asked(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionParams(document, diagnostic.range, context)) or []
        listed = [action for action in listed if action.edit is None]
        if listed:
            action = await self.asked(types.CODE_ACTION_RESOLVE, self.chance.choice(listed))
            if action and action.edit:
                self.apply(action.edit, "action")

    async def rename(self):
        types, path = self.types, self.chance.choice(["base/deployment.yaml", "base/service.yaml"])
        await self.restore()
        at = next((number for number, line in enumerate(self.text(path).splitlines()) if line.startswith("  name: ")), None)
        if at is None:
            return
        document, place = types.TextDocumentIdentifier(uri=self.uri(path)), types.Position(at, 9)
        new = self.chance.choice(["shop", "web"])
        edit = await self.asked(types.TEXT_DOCUMENT_RENAME, types.RenameParams(document, place, new))
        if edit:
            self.apply(edit, "rename")

    def apply(self, edit, kind):
        for change in edit.document_changes:
            path = self.path(change.text_document.uri if hasattr(change, "text_document") else change.uri)
            if not hasattr(change, "text_document"):
                (self.folder / path).write_text("")
                continue
            if path not in self.open:
                self.did_open(path)
            elif change.text_document.version != self.open[path][0]:
                self.failures.append(f"{path}: version {change.text_document.version} of {self.open[path][0]}")
            self.replace(path, edited(self.text(path), change.edits))
        self.done[kind] += 1

    async def cancelled(self, path):
        """Asks, and does not want to know: there is an answer all the same, or the word that there is none."""
        types = self.types
        document = types.TextDocumentIdentifier(uri=self.uri(path))
        number = f"cancelled-{next(self.numbers)}"
        params = types.HoverParams(document, self.place(path))
        future = self.client.protocol.send_request(types.TEXT_DOCUMENT_HOVER, params, msg_id=number)
        self.client.cancel_request(types.CancelParams(id=number))
        try:
            await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE)
            self.done["late"] += 1
        except Exception as error:  # noqa: BLE001
            self.done["cancelled"] += getattr(error, "code", None) == types.LSPErrorCodes.RequestCancelled

    async def save(self):
        for path, (_, text) in self.open.items():
            (self.folder / path).write_text(text)
        types = self.types
        changes = [types.FileEvent(self.uri(path), types.FileChangeType.Changed) for path in self.open]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))
        await self.settle()

    async def restore(self):
        """Begins again with files that are right."""
        for path, text in FILES.items():
            if path not in self.open:
                self.did_open(path)
            self.replace(path, text)
        # What a fix made beside them nothing lists any more.

    async def end(self):
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    def missing(self):
        """What a check says and the editor does not show, and the other way round."""
        severe = self.types.DiagnosticSeverity.Error
        shown = [
            (one.severity == severe, path, one.range.start.line + 1, one.code, one.message.split("\nhelp: ")[0])
            for path, all in self.shown.items()
            for one in all
        ]
        unseen = []
        for said in checked(self.folder):
            same = next((one for one in shown if one[:4] == said[:4] and one[4].endswith(said[4].strip())), None)
            shown.remove(same) if same else unseen.append(said)
        return unseen, shown


if __name__ == "__main__":
    unittest.main()
