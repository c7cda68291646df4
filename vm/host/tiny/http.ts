/**
 * HTTP_GET and HTTP_POST: the body of the answer as a text; an answer that is no success is an error that has its status.
 * And DNS_RESOLVE, which gives null for a name that nobody knows.
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { TinyError } from "../../interp/tiny/errors.ts";
import { NULL, type Value } from "../../values/value.ts";
import { lossyTextOf } from "./bytes.ts";
import { failureOf } from "./failure.ts";
import { inTime } from "./network.ts";
import { type Operation, operation, waitFor } from "./operation.ts";

const MOST_REDIRECTS = 10;
const MOST_BODY_BYTES = 64 * 1024 * 1024;

interface Request {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** of a POST */
  readonly body?: string;
}

async function fetchText(first: Request, gone: AbortSignal): Promise<string> {
  let request = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const { url } = request;
    const answer = await inTime(gone, (signal) => ask(request, signal));
    if ("text" in answer) return answer.text;
    const target = URL.canParse(answer.location, url) ? new URL(answer.location, url) : undefined;
    if (target === undefined)
      throw new TinyError(`HTTP ${first.method} ${url}: redirected to ${answer.location}, which is no URL`);
    const keepsMethod = answer.status === 307 || answer.status === 308;
    request = keepsMethod ? { ...request, url: target.href } : { method: "GET", url: target.href };
  }
  throw new TinyError(`HTTP ${first.method} ${first.url}: more than ${MOST_REDIRECTS} redirects`);
}

type Answer = { readonly text: string } | { readonly status: number; readonly location: string };

async function ask({ method, url, body }: Request, signal: AbortSignal): Promise<Answer> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || (target.protocol !== "http:" && target.protocol !== "https:"))
    throw new TinyError(`HTTP ${method} ${url}: this is no http or https URL`);
  const { request } = await (target.protocol === "http:" ? import("node:http") : import("node:https"));
  const headers = {
    "user-agent": "ttvm",
    ...(body !== undefined && {
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
    }),
  };
  try {
    const sent = request(target, { method, signal, headers, agent: false });
    sent.end(body);
    const [response] = (await once(sent, "response", { signal })) as [IncomingMessage];
    const { statusCode: status = 0, statusMessage = "" } = response;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      return { status, location };
    }
    const text = await bodyOf(response, method, url);
    if (status >= 200 && status < 300) return { text };
    throw new TinyError(`HTTP ${method} ${url}: ${`${status} ${statusMessage}`.trim()}`);
  } catch (error) {
    throw failureOf(url, error);
  }
}

async function bodyOf(response: IncomingMessage, method: string, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES)
      throw new TinyError(`HTTP ${method} ${url}: the answer has more than ${MOST_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return lossyTextOf(Buffer.concat(chunks));
}

export const HTTP_OPERATIONS = {
  HTTP_GET: operation("string (URL)", ["string"], (world, url) =>
    waitFor(world, (gone) => fetchText({ method: "GET", url }, gone)),
  ),
  HTTP_POST: operation("two strings (URL, data)", ["string", "string"], (world, url, body) =>
    waitFor(world, (gone) => fetchText({ method: "POST", url, body }, gone)),
  ),
  DNS_RESOLVE: operation("string (hostname)", ["string"], (world, host) =>
    waitFor(world, async (): Promise<Value> => {
      const { lookup } = await import("node:dns/promises");
      try {
        return (await lookup(host)).address;
      } catch (error) {
        if (typeof (error as NodeJS.ErrnoException).code === "string") return NULL;
        throw error;
      }
    }),
  ),
} as const satisfies Record<string, Operation>;
