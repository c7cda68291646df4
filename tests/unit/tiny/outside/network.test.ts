/** TCP, UDP, HTTP and names, against servers on this machine that the test starts. */
import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { failureOf, fileError } from "../../../../vm/host/tiny/failure.ts";
import { inTime } from "../../../../vm/host/tiny/network.ts";
import { seededChance } from "../../../../vm/index.ts";
import { caught, said } from "./said.ts";

const open: (Server | HttpServer)[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  }
});

async function listening(server: Server | HttpServer): Promise<number> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

const tcp = (serve: (socket: Socket) => void): Promise<number> => listening(createServer(serve));
const http = (serve: RequestListener): Promise<number> => listening(createHttpServer(serve));

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

const to = (port: number): string => `PUSH_STR 127.0.0.1 / PUSH_INT ${port} / TCP_CONNECT / STORE c`;
const RECV = (size: number): string => `LOAD c / PUSH_INT ${size} / TCP_RECV / PRINT`;
const SEND = (text: string): string => `LOAD c / PUSH_STR ${text} / TCP_SEND / PRINT`;

describe("TCP", () => {
  test("connects, sends and receives, in pieces and whole characters, to the end", async () => {
    const port = await tcp((socket) => socket.on("data", (bytes) => socket.end(`you said ${bytes} é`)));
    expect(
      await said(
        `${to(port)} / LOAD c / PRINT / ${SEND("hi")} / ${RECV(4)} / ${RECV(1)} / ${RECV(100)} / ${RECV(100)} / PUSH_STR end / PRINT`,
      ),
    ).toBe(`Connection(tcp://127.0.0.1:${port}) / 2 / you  / s / aid hi é /  / end`);
    const bytes = await said(`${to(port)} / ${SEND("hi")} / LOAD c / PUSH_INT 0 / TCP_RECV / NOT`);
    expect(bytes).toMatch(/got Bytes\(\[121, 111, 117/);
  });

  test("a character that arrives in two parts is one", async () => {
    const port = await tcp((socket) => {
      const [first, second] = [Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)];
      socket.setNoDelay(true);
      socket.write(first);
      setTimeout(() => socket.end(second), 30);
    });
    expect(await said(`${to(port)} / ${RECV(1)} / ${RECV(1)} / PUSH_STR end / PRINT`)).toBe("é /  / end");
  });

  test("bytes and a megabyte go out", async () => {
    let size = 0;
    const port = await tcp((socket) => {
      socket.on("data", (bytes) => {
        size += bytes.length;
      });
      socket.on("end", () => socket.end(String(size)));
    });
    const big =
      "PUSH_STR xxxxxxxx / STORE s / PUSH_INT 17 / STORE n / LABEL l / LOAD s / LOAD s / CONCAT / STORE s / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ go / JMP l / LABEL go";
    expect(
      await said(
        `${big} / ${to(port)} / LOAD c / LOAD s / TCP_SEND / PRINT / LOAD c / LOAD s / COMPRESS / TCP_SEND / STORE n / LOAD c / CLOSE / PRINT`,
      ),
    ).toBe("1048576 / true");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(size).toBeGreaterThan(1_048_576);
  });

  test("listens: a server and three clients in one program", async () => {
    const text = `REGISTER main / PUSH_INT 0 / TCP_LISTEN / STORE l / PUSH_INT 3 / STORE n / LABEL more / PUSH_STR client / SPAWN / STORE p / LOAD l / LOCAL_PORT / LOAD p / SEND / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ serve / JMP more
LABEL serve / PUSH_INT 3 / STORE n / LABEL next / LOAD l / TCP_ACCEPT / STORE c / LOAD c / LOAD c / PUSH_INT 100 / TCP_RECV / PUSH_STR " to you" / CONCAT / TCP_SEND / STORE sent / LOAD c / CLOSE / STORE t / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ end / JMP next
LABEL end / LOAD l / CLOSE / PRINT / HALT
LABEL client / PUSH_STR 127.0.0.1 / RECEIVE / TCP_CONNECT / STORE c / LOAD c / PUSH_STR hello / TCP_SEND / STORE n / ${RECV(100)}`;
    const shown = await said(text.replaceAll("\n", " / "));
    expect(shown.split(" / ").sort()).toEqual(["hello to you", "hello to you", "hello to you", "true"]);
  });

  test("errors", async () => {
    const port = await freePort();
    const refused = `File operation failed on 127.0.0.1:${port}: Connection refused (os error 111)`;
    expect(await caught(to(port))).toBe(refused);
    expect(await said(to(port))).toBe(refused);
    const taken = await tcp(() => {});
    expect(await caught(`PUSH_INT ${taken} / TCP_LISTEN`)).toBe(
      `File operation failed on 127.0.0.1:${taken}: Address already in use (os error 98)`,
    );
    expect(await caught("PUSH_STR nobody.invalid / PUSH_INT 1 / TCP_CONNECT")).toMatch(
      /^File operation failed on nobody.invalid:1: failed to lookup address information/,
    );
    expect(await caught("PUSH_STR h / PUSH_INT 65536 / TCP_CONNECT")).toBe(
      "TCP_CONNECT expects a port from 0 to 65535 but got 65536",
    );
    expect(await caught("PUSH_INT -1 / TCP_LISTEN")).toBe("TCP_LISTEN expects a port from 0 to 65535 but got -1");
    expect(await caught("PUSH_INT 1 / PUSH_INT 1 / TCP_RECV")).toBe(
      "TCP_RECV expects connection and int (buffer size) but got Int(1), Int(1)",
    );
    expect(await caught("PUSH_INT 0 / TCP_LISTEN / STORE c / LOAD c / CLOSE / STORE t / LOAD c / TCP_ACCEPT")).toMatch(
      /^File operation failed on tcp:\/\/listener:\d+: the listener is closed$/,
    );
    expect(await caught("PUSH_INT 0 / TCP_LISTEN / PUSH_STR x / TCP_SEND")).toMatch(/is no TCP connection$/);
    expect(await caught(`${to(taken)} / LOAD c / TCP_ACCEPT`)).toMatch(/is no listener$/);
    expect(await caught(`${to(taken)} / LOAD c / CLOSE / STORE t / LOAD c / PUSH_STR x / TCP_SEND`)).toMatch(
      /^File operation failed on tcp:/,
    );
  });

  test("a connection that is reset", async () => {
    const port = await tcp((socket) => socket.resetAndDestroy());
    expect(await caught(`${to(port)} / ${RECV(10)} / ${RECV(10)}`)).toMatch(
      /^(File operation failed on .*Connection reset by peer \(os error 104\)|none)$/,
    );
  });

  test("other processes run while one waits; a waiting listener does not end the program", async () => {
    const text =
      "PUSH_STR child / SPAWN / STORE p / PUSH_INT 0 / TCP_LISTEN / STORE l / LOAD l / LOAD p / SEND / LOAD l / TCP_ACCEPT / PUSH_INT 10 / TCP_RECV / PRINT / HALT / LABEL child / RECEIVE / LOCAL_PORT / STORE port / PUSH_INT 50 / SLEEP / PUSH_STR slept / PRINT / PUSH_STR 127.0.0.1 / LOAD port / TCP_CONNECT / PUSH_STR x / TCP_SEND / PRINT";
    expect((await said(text)).split(" / ").sort()).toEqual(["1", "slept", "x"]);
  });
});

describe("what a process holds is closed with it", () => {
  test("when it ends, when it fails, when it is killed while it waits, and when the program ends", async () => {
    const closed: Promise<unknown>[] = [];
    const port = await tcp((socket) => {
      socket.on("error", () => {});
      socket.resume();
      closed.push(once(socket, "close"));
    });
    const child = (rest: string): string =>
      `PUSH_STR child / SPAWN / STORE p / LOAD p / MONITOR / STORE m / RECEIVE / PRINT / HALT / LABEL child / ${to(port)} / ${rest}`;
    expect(await said(child("HALT"))).toBe("down:2:mon_1_2:normal");
    expect(await said(child("LOAD no"))).toBe("down:2:mon_1_2:Undefined variable: no");
    expect(
      await said(
        `PUSH_STR child / SPAWN / LINK / STORE l / PUSH_INT 50 / SLEEP / LOAD no / HALT / LABEL child / ${to(port)} / ${RECV(1)}`,
      ),
    ).toBe("Undefined variable: no");
    expect(await said(`${to(port)} / PUSH_INT 0 / EXIT`)).toBe("exit");
    await Promise.all(closed);
    expect(closed.length).toBe(4);
  });

  test("a listener: nobody answers there any more", async () => {
    const text =
      "REGISTER main / PUSH_STR child / SPAWN / MONITOR / STORE m / NULL / PUSH_INT 2 / SEND / RECEIVE / STORE port / RECEIVE / STORE down / PUSH_STR 127.0.0.1 / LOAD port / TCP_CONNECT / HALT / LABEL child / RECEIVE / PUSH_INT 0 / TCP_LISTEN / LOCAL_PORT / SENDNAMED main";
    expect(await said(text)).toMatch(/Connection refused/);
  });

  test("a connection that another process has been given", async () => {
    const port = await tcp((socket) => socket.resume());
    const text = `REGISTER main / PUSH_STR child / SPAWN / MONITOR / STORE m / NULL / PUSH_INT 2 / SEND / RECEIVE / STORE c / RECEIVE / STORE down / ${RECV(1)} / PUSH_STR end / PRINT / HALT / LABEL child / RECEIVE / ${to(port)} / LOAD c / SENDNAMED main`;
    expect(await said(text)).toBe(" / end");
  });
});

describe("UDP", () => {
  const BIND = "PUSH_INT 0 / UDP_BIND / STORE s / LOAD s / LOCAL_PORT / STORE port";
  const send = (text: string): string =>
    `LOAD s / PUSH_STR 127.0.0.1 / LOAD port / PUSH_STR ${text} / UDP_SEND / PRINT`;
  const recv = (size: number): string => `LOAD s / PUSH_INT ${size} / UDP_RECV / STORE d`;

  test("sends to itself, in order, and keeps what nobody has asked for", async () => {
    const text = `${BIND} / ${send("one")} / ${send("two é")} / ${recv(0)} / LOAD d / GET_FIELD data / PRINT / ${recv(3)} / LOAD d / GET_FIELD data / PRINT / LOAD d / GET_FIELD sender_host / PRINT / LOAD d / GET_FIELD sender_port / LOAD port / EQ / PRINT / LOAD s / CLOSE / PRINT`;
    expect(await said(text)).toBe("3 / 6 / one / two / 127.0.0.1 / 1 / true");
  });

  test("errors", async () => {
    expect(await caught(`${BIND} / LOAD port / UDP_BIND`)).toMatch(/: Address already in use \(os error 98\)$/);
    expect(await caught(`${BIND} / LOAD s / CLOSE / STORE t / ${recv(1)}`)).toMatch(/is closed$/);
    expect(await caught(`${BIND} / LOAD s / PUSH_STR nobody.invalid / PUSH_INT 5 / PUSH_STR x / UDP_SEND`)).toMatch(
      /^File operation failed on nobody.invalid:5: failed to lookup/,
    );
    expect(await caught(`${BIND} / LOAD s / PUSH_STR 127.0.0.1 / PUSH_INT 70000 / PUSH_STR x / UDP_SEND`)).toMatch(
      /expects a port/,
    );
    expect(await caught(`${BIND} / LOAD s / PUSH_INT 5 / TCP_RECV`)).toMatch(/is no TCP connection$/);
  });

  test("a process that waits for a datagram can be killed", async () => {
    const text = `PUSH_STR child / SPAWN / LINK / STORE l / PUSH_INT 30 / SLEEP / LOAD no / HALT / LABEL child / ${BIND} / ${recv(1)}`;
    expect(await said(text)).toBe("Undefined variable: no");
  });
});

describe("HTTP", () => {
  test("GET and POST", async () => {
    const port = await http((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () =>
        response.end(`${request.method} ${request.url} ${request.headers["content-type"] ?? "-"} ${body}`),
      );
    });
    const url = `http://127.0.0.1:${port}/a?b=1`;
    expect(await said(`PUSH_STR ${url} / HTTP_GET / PRINT`)).toBe("GET /a?b=1 -");
    expect(await said(`PUSH_STR ${url} / PUSH_STR {"é":1} / HTTP_POST / PRINT`)).toBe(
      'POST /a?b=1 text/plain; charset=utf-8 {"é":1}',
    );
  });

  test("follows redirects, a few; a status that is no success is an error", async () => {
    const port = await http((request, response) => {
      if (request.url === "/from") response.writeHead(302, { location: "/to" }).end();
      else if (request.url === "/again") response.writeHead(307, { location: "/to" }).end();
      else if (request.url === "/round") response.writeHead(301, { location: "/round" }).end();
      else if (request.url === "/bad") response.writeHead(302, { location: "http://" }).end();
      else if (request.url === "/to") response.end(`${request.method} there`);
      else response.writeHead(404).end("no");
    });
    const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
    const get = (path: string): string => `PUSH_STR ${at(path)} / HTTP_GET / PRINT`;
    expect(await said(get("/from"))).toBe("GET there");
    expect(await said(`PUSH_STR ${at("/from")} / PUSH_STR x / HTTP_POST / PRINT`)).toBe("GET there");
    expect(await said(`PUSH_STR ${at("/again")} / PUSH_STR x / HTTP_POST / PRINT`)).toBe("POST there");
    expect(await caught(get("/round"))).toBe(`HTTP GET ${at("/round")}: more than 10 redirects`);
    expect(await caught(get("/bad"))).toBe(`HTTP GET ${at("/bad")}: redirected to http://, which is no URL`);
    expect(await caught(get("/no"))).toBe(`HTTP GET ${at("/no")}: 404 Not Found`);
  });

  test("what is no URL, refuses, or answers nonsense", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    expect(await caught(`PUSH_STR ${url} / HTTP_GET`)).toBe(
      `File operation failed on ${url}: Connection refused (os error 111)`,
    );
    expect(await caught("PUSH_STR nonsense / HTTP_GET")).toBe("HTTP GET nonsense: this is no http or https URL");
    expect(await caught("PUSH_STR ftp://x/ / PUSH_STR a / HTTP_POST")).toBe(
      "HTTP POST ftp://x/: this is no http or https URL",
    );
    const rude = await tcp((socket) => socket.end("what?\r\n\r\n"));
    expect(await caught(`PUSH_STR http://127.0.0.1:${rude}/ / HTTP_GET`)).toMatch(
      /^File operation failed on http:.*Parse Error/,
    );
    const silent = await tcp((socket) => socket.end());
    expect(await caught(`PUSH_STR http://127.0.0.1:${silent}/ / HTTP_GET`)).toMatch(
      /^File operation failed on http:.*socket hang up/,
    );
    const cut = await tcp((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort"));
    expect(await caught(`PUSH_STR http://127.0.0.1:${cut}/ / HTTP_GET`)).toMatch(/^File operation failed on http:/);
  });

  test("ten at once", async () => {
    let atOnce = 0;
    let most = 0;
    const port = await http((_, response) => {
      most = Math.max(most, ++atOnce);
      setTimeout(() => {
        atOnce--;
        response.end("ok");
      }, 50);
    });
    const text = `PUSH_INT 10 / STORE n / LABEL more / PUSH_STR child / SPAWN / STORE p / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ end / JMP more / LABEL end / HALT / LABEL child / PUSH_STR http://127.0.0.1:${port}/ / HTTP_GET / PRINT`;
    expect(await said(text)).toBe(Array(10).fill("ok").join(" / "));
    expect(most).toBeGreaterThan(1);
  });
});

test("what never comes is given up after thirty seconds, and at once when the process is gone", async () => {
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  vi.useFakeTimers();
  try {
    const late = inTime(new AbortController().signal, never).catch((error: unknown) => failureOf("tcp://x:1", error));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await late).toEqual(fileError("tcp://x:1", "connection timed out"));
    const gone = new AbortController();
    const ended = inTime(gone.signal, never).catch((error: unknown) => (error as Error).name);
    gone.abort();
    expect(await ended).toBe("AbortError");
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("DNS_RESOLVE", async () => {
  expect(await said("PUSH_STR localhost / DNS_RESOLVE / PRINT")).toMatch(/^(127\.0\.0\.1|::1)$/);
  expect(await said("PUSH_STR nobody.invalid / DNS_RESOLVE / PRINT")).toBe("null");
  expect(await caught("NULL / DNS_RESOLVE")).toBe("DNS_RESOLVE expects string (hostname) but got Null");
});

test("a seeded run has no network, and says so", async () => {
  for (const text of ["PUSH_STR http://x/ / HTTP_GET", "PUSH_INT 0 / TCP_LISTEN", "PUSH_STR x / DNS_RESOLVE"]) {
    const name = text.split(" ").at(-1);
    expect(await caught(text, { chance: seededChance(1n) })).toBe(
      `Unsupported operation: ${name}: a seeded run has no network`,
    );
  }
});

test("nothing keeps the program's world open: a client that stays connected does not hold up the end", async () => {
  let client: Socket | undefined;
  const text =
    "PUSH_INT 0 / TCP_LISTEN / STORE l / LOAD l / LOCAL_PORT / PRINT / LOAD l / TCP_ACCEPT / STORE c / PUSH_STR done / PRINT";
  const ran = said(text, {
    sink: {
      broken: "no",
      writeOut(line: string) {
        if (/^\d+\n$/.test(line)) client = connect(Number(line), "127.0.0.1");
      },
      writeError() {},
      flush() {},
    },
  });
  await ran;
  const ended = once(client!.resume(), "close");
  await ended;
});
