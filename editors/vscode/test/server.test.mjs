// The bundle in an editor that knows nothing but what it is asked for, with the real server: it starts it, and shows what its commands answer.

import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';

const server = process.env.KUBEVET;

/** A URI with what the client and the extension read of one. */
class Uri {
  constructor(text) {
    const url = new URL(text);
    this.text = text;
    this.scheme = url.protocol.slice(0, -1);
    this.path = decodeURIComponent(url.pathname);
    this.fsPath = this.path;
  }
  static parse(text) {
    return new Uri(text);
  }
  static file(path) {
    return new Uri(pathToFileURL(path).toString());
  }
  static from({ scheme, path }) {
    return new Uri(`${scheme}:${path.startsWith('/') ? '//' : ''}${encodeURI(path)}`);
  }
  toString() {
    return this.text;
  }
}

class EventEmitter {
  listeners = [];
  event = (listener) => {
    this.listeners.push(listener);
    return { dispose() {} };
  };
  fire(event) {
    this.listeners.forEach((listener) => listener(event));
  }
  dispose() {}
}

/** What an action does, from the general to the particular: `quickfix`, `source.fixAll`. */
class CodeActionKind {
  static Empty = new CodeActionKind('');
  static QuickFix = new CodeActionKind('quickfix');
  static Refactor = new CodeActionKind('refactor');
  static Source = new CodeActionKind('source');
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}

/** Whatever else is asked for: a class, a function and a namespace, which does nothing. */
function nothing() {
  const target = class {
    dispose() {}
  };
  return new Proxy(target, {
    get: (object, name) => {
      if (name === 'prototype' || name === Symbol.hasInstance) return Reflect.get(object, name);
      if (name === 'then' || name === Symbol.toPrimitive || name === Symbol.iterator) return undefined;
      if (!Object.hasOwn(object, name)) Object.defineProperty(object, name, { value: nothing(), configurable: true, writable: true });
      return object[name];
    },
    apply: () => ({ dispose() {} }),
  });
}

/** A namespace with some things in it, and nothing of anything else. */
function namespace(known) {
  const rest = nothing();
  return new Proxy(known, { get: (object, name) => (name in object ? object[name] : rest[name]) });
}

function editor(folder) {
  const commands = new Map();
  const shown = [];
  const errors = [];
  let provider;
  const folderUri = Uri.file(folder);
  const silent = () => ({ dispose() {} });
  const vscode = namespace({
    Uri,
    EventEmitter,
    CodeActionKind,
    ViewColumn: { Beside: -2 },
    version: '1.91.0',
    env: namespace({ language: 'en', appName: 'test' }),
    workspace: namespace({
      workspaceFolders: [{ uri: folderUri, name: 'test', index: 0 }],
      textDocuments: [],
      notebookDocuments: [],
      getConfiguration: (section) => ({ get: (key, other) => (section === 'kubevet' && key === 'path' ? server : other), inspect: () => undefined }),
      createFileSystemWatcher: () => ({ onDidCreate: silent, onDidChange: silent, onDidDelete: silent, dispose() {} }),
      registerTextDocumentContentProvider: (_scheme, given) => {
        provider = given;
        return { dispose() {} };
      },
      openTextDocument: async (uri) => ({ uri, text: provider.provideTextDocumentContent(uri) }),
      onDidChangeConfiguration: silent,
      onDidCloseTextDocument: silent,
    }),
    window: namespace({
      tabGroups: namespace({ all: [], onDidChangeTabs: silent }),
      visibleTextEditors: [],
      createOutputChannel: () => namespace({ append() {}, appendLine() {}, show() {}, dispose() {}, onDidChangeLogLevel: silent }),
      showErrorMessage: async (message) => void errors.push(message),
      showInformationMessage: async (message) => void errors.push(message),
      showTextDocument: async (document) => void shown.push(document),
    }),
    languages: namespace({
      getLanguages: async () => ['yaml', 'plaintext'],
      setTextDocumentLanguage: async (document, language) => Object.assign(document, { language }),
      match: () => 0,
    }),
    commands: namespace({
      registerCommand: (name, run) => {
        commands.set(name, run);
        return { dispose: () => commands.delete(name) };
      },
      executeCommand: async () => undefined,
    }),
  });
  return { vscode, commands, shown, errors };
}

test('the extension starts the server, and shows a render', { skip: server === undefined && 'KUBEVET names no server' }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubevet-'));
  const overlay = join(folder, 'overlays', 'prod');
  mkdirSync(overlay, { recursive: true });
  writeFileSync(join(overlay, 'kustomization.yaml'), 'namePrefix: shop-\nresources: [web.yaml]\n');
  writeFileSync(join(overlay, 'web.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n');
  const { vscode, commands, shown, errors } = editor(folder);
  const load = Module._load;
  Module._load = function (name, ...rest) {
    return name === 'vscode' ? vscode : load.call(this, name, ...rest);
  };
  const { activate, deactivate } = createRequire(import.meta.url)('../dist/extension.js');
  await activate({ subscriptions: [] });
  try {
    assert.deepEqual(errors, []);
    await commands.get('kubevet.show')('kubevet.render', pathToFileURL(overlay).toString());
    assert.deepEqual(errors, []);
    assert.match(shown[0].text, /name: shop-web/);
    assert.equal(shown[0].language, 'yaml');
  } finally {
    await deactivate();
  }
});
