// Starts `kubevet lsp` and shows what its commands answer. Everything else is the server's.

import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions, TransportKind } from 'vscode-languageclient/node';

/** What the server's commands answer that make a text. */
interface Shown {
  text: string;
  language: string;
  title: string;
}

/** The scheme of texts that the server made. */
const SCHEME = 'kubevet';

/** What a project's files are called. */
const FILES = '**/{*.{yaml,yml,json,rego,env,properties},Kustomization}';

let client: LanguageClient | undefined;

/** Texts that the server made, by the documents that show them. */
class Texts implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  async show({ text, language, title }: Shown): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, await known(language));
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }

  forget(document: vscode.TextDocument): void {
    if (document.uri.scheme === SCHEME) {
      this.texts.delete(document.uri.toString());
    }
  }
}

/** A language that the editor has, else plain text. */
async function known(language: string): Promise<string> {
  return (await vscode.languages.getLanguages()).includes(language) ? language : 'plaintext';
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const texts = new Texts();
  const ask = async (command: string, uri: string | undefined): Promise<void> => {
    const about = uri ?? vscode.window.activeTextEditor?.document.uri.toString();
    if (client === undefined || about === undefined) {
      void vscode.window.showInformationMessage('kubevet: open a file of an overlay first.');
      return;
    }
    try {
      const shown = await client.sendRequest<Shown>('workspace/executeCommand', { command, arguments: [about] });
      await texts.show(shown);
    } catch (error) {
      void vscode.window.showErrorMessage(`kubevet: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, texts),
    vscode.workspace.onDidCloseTextDocument((document) => texts.forget(document)),
    vscode.commands.registerCommand('kubevet.showRender', () => ask('kubevet.render', undefined)),
    vscode.commands.registerCommand('kubevet.showGraph', () => ask('kubevet.graph', undefined)),
    // Of code lenses: the server's command, and the directory that it is about.
    vscode.commands.registerCommand('kubevet.show', (command: string, uri?: string) => ask(command, uri)),
    vscode.commands.registerCommand('kubevet.restart', restart),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration('kubevet.path')) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}

async function start(): Promise<void> {
  const path = vscode.workspace.getConfiguration('kubevet').get<string>('path', 'kubevet');
  const server: ServerOptions = { command: path, args: ['lsp'], transport: TransportKind.stdio };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: 'file', pattern: FILES }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*') },
  };
  const starting = new LanguageClient('kubevet', 'kubevet', server, options);
  client = starting;
  try {
    await starting.start();
  } catch (error) {
    client = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    const settings = 'Open settings';
    const chosen = await vscode.window.showErrorMessage(`kubevet: ${path} does not start: ${reason}. Install kubevet, or set kubevet.path.`, settings);
    if (chosen === settings) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'kubevet.path');
    }
  }
}
