/**
 * A test double of the daemon's HTTP contract: serves the built page, views that a test sets, and
 * keeps the requests it gets. It decides nothing about calls.
 */
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

import type {
  DecisionView,
  ImportReport,
  RecentsEntry,
  RequestBody,
  View,
} from "../../src/contract.ts";

const DIST = new URL("../../dist", import.meta.url).pathname;
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain",
};
/** As strict as a page can have it: everything from here, nothing inline. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export class FakeDaemon {
  readonly requests: RequestBody[] = [];
  /** What the next request is answered with instead of an acceptance. */
  refusal: { status: number; error: string; message: string } | null = null;
  /** What it says of callers and files, what it was asked, and the files that came. */
  decision: DecisionView | null = null;
  report: ImportReport | null = null;
  readonly asked: string[] = [];
  readonly files: { path: string; query: string; size: number }[] = [];
  recents: Record<string, RecentsEntry[]> = { all: [], missed: [], blocked: [] };
  /** Called for every accepted request: a test may show a new view in answer. */
  onRequest: (request: RequestBody) => void = () => {};
  private view: View;
  private server: Server;
  private sockets = new WebSocketServer({ noServer: true });
  private port = 0;

  constructor(view: View) {
    this.view = view;
    this.server = this.makeServer();
  }

  /** Starts on a free port of the loopback, or on the port it had before `stop`. */
  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(this.port, "127.0.0.1", done));
    this.port = (this.server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Ends every connection, as a daemon that is killed does. */
  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    this.server = this.makeServer();
  }

  /** Replaces the view and sends it to every page. */
  show(view: View): void {
    this.view = view;
    for (const socket of this.sockets.clients) socket.send(frame(view));
  }

  private makeServer(): Server {
    const server = createServer((request, response) => void this.serve(request, response));
    server.on("upgrade", (request, socket, head) => {
      this.sockets.handleUpgrade(request, socket, head, (ws) => ws.send(frame(this.view)));
    });
    return server;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/api/v1/requests") return this.take(request, response);
    if (url.pathname === "/api/v1/apps/org.example.Acme/icon") {
      response.writeHead(200, { "Content-Type": "image/png", "X-Content-Type-Options": "nosniff" });
      return void response.end(await readFile(new URL("mask.png", import.meta.url)));
    }
    if (url.pathname.startsWith("/api/v1/directory/")) return this.answer(url, request, response);
    if (url.pathname === "/api/v1/view") return json(response, 200, this.view);
    if (url.pathname === "/api/v1/recents") {
      const entries = this.recents[url.searchParams.get("filter") ?? "all"] ?? [];
      return json(response, 200, { entries });
    }
    serveFile(url.pathname, response);
  }

  /** Decisions and files: what a test has laid out. */
  private async answer(
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let size = 0;
    const parts: Buffer[] = [];
    for await (const part of request) {
      size += (part as Buffer).length;
      parts.push(part as Buffer);
    }
    if (url.pathname.endsWith("/explain") || url.pathname.includes("/calls/")) {
      this.asked.push(url.pathname + Buffer.concat(parts).toString());
      return json(response, 200, this.decision);
    }
    this.files.push({ path: url.pathname, query: url.search, size });
    const refusal = this.refusal;
    this.refusal = null;
    if (refusal) return json(response, refusal.status, refusal);
    const loaded = url.pathname.includes("/lists/");
    json(response, 200, { ...this.report, loaded });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = JSON.parse(Buffer.concat(parts).toString()) as RequestBody;
    this.requests.push(body);
    const refusal = this.refusal;
    this.refusal = null;
    if (refusal) return json(response, refusal.status, refusal);
    json(response, 202, { transaction: `t${this.requests.length}` });
    this.onRequest(body);
  }
}

function serveFile(path: string, response: ServerResponse): void {
  const file = normalize(join(DIST, path === "/" ? "index.html" : path));
  if (!file.startsWith(DIST) || !existsSync(file)) return json(response, 404, {});
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
  createReadStream(file).pipe(response);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function frame(view: View): string {
  return JSON.stringify({ type: "view", view });
}
