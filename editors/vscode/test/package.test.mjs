// What is packaged, and whether the manifest and the code speak of the same things.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { test } from 'node:test';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const code = readFileSync('src/extension.ts', 'utf8');

test('nothing but the bundle, the manifest, the readme and the licence is packaged', () => {
  const files = execFileSync('node_modules/.bin/vsce', ['ls', '--no-dependencies'], { encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(files.filter((file) => !file.includes(' ')).sort(), ['LICENSE', 'README.md', 'dist/extension.js', 'package.json']);
});

test('the extension has the version of kubevet', () => {
  const cargo = readFileSync('../../Cargo.toml', 'utf8');
  assert.equal(manifest.version, /^version = "(.*)"$/m.exec(cargo)?.[1]);
});

test('each command that people find is registered, and the other way round', () => {
  const registered = [...code.matchAll(/registerCommand\('([^']+)'/g)].map((match) => match[1]);
  // Code lenses carry this one.
  const expected = [...manifest.contributes.commands.map(({ command }) => command), 'kubevet.show'];
  assert.deepEqual(registered.sort(), expected.sort());
});

test('each setting is read by the extension or the client', () => {
  for (const setting of Object.keys(manifest.contributes.configuration.properties)) {
    // The client reads the one that traces.
    assert.ok(setting === 'kubevet.trace.server' || code.includes(`'${setting.replace(/^kubevet\./, '')}'`), setting);
  }
});

test('the bundle loads, and needs nothing but the editor', () => {
  const bundle = readFileSync('dist/extension.js', 'utf8');
  const needed = new Set([...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1].replace(/^node:/, '')));
  const own = ['vscode', ...builtinModules];
  assert.deepEqual([...needed].filter((name) => !own.includes(name)), []);
  assert.match(bundle, /activate/);
});

test('the lockfile names no registry', () => {
  assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved"/);
});
