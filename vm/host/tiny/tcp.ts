/**
 * TCP: a Connection is one end of a connection, or a listener on this machine. TCP_ACCEPT, LOCAL_PORT and CLOSE are ours:
 * TinyTotVM's own connections are names only, and nothing could be done with a listener.
 *
 * N1  Bytes stay in Node's buffer of the socket until somebody asks, so a sender that is too fast is slowed down.
 * N2  Readers of one connection are served one after the other.
 */
import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { TinyError } from "../../interp/tiny/errors.ts";
import { Bytes, Handle, type Resource } from "../../values/value.ts";
import { bytesOf } from "./bytes.ts";
import { failureOf, fileError } from "./failure.ts";
import { inTime, portOf } from "./network.ts";
import { type Operation, operation, type Resources, type World, waitFor } from "./operation.ts";
import type { UdpSocket } from "./udp.ts";

/** Of connections that nobody has accepted yet; more are turned away. */
const MOST_UNACCEPTED = 512;

class TcpConnection implements Resource {
  readonly socket: Socket;
  private readonly decoder = new StringDecoder("utf8");
  /** what went wrong, if anything did */
  private failure: unknown;
  /** the reader that is served, or was last: N2 */
  private reading: Promise<unknown> = Promise.resolve();

  constructor(socket: Socket, resources: Resources) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", (error) => {
      this.failure = error;
    });
    socket.on("close", () => resources.remove(this));
  }

  /** Some bytes, at most so many; none: the other side has ended. */
  read(most: number, gone: AbortSignal): Promise<Uint8Array> {
    const reader = this.reading.then(() => this.readNext(most, gone));
    this.reading = reader.catch(() => {});
    return reader;
  }

  private async readNext(most: number, gone: AbortSignal): Promise<Uint8Array> {
    const { socket } = this;
    for (;;) {
      gone.throwIfAborted();
      if (this.failure !== undefined) throw this.failure;
      socket.read(0); // asks for more, if there is none
      if (socket.readableLength > 0) return socket.read(Math.min(most, socket.readableLength)) as Uint8Array;
      if (socket.readableEnded || socket.destroyed) return new Uint8Array(0);
      await anyOf(socket, ["readable", "end", "close"], gone);
    }
  }

  /** As `read`, in whole characters. */
  async readText(most: number, gone: AbortSignal): Promise<string> {
    for (;;) {
      const bytes = await this.read(most, gone);
      const text = bytes.length === 0 ? this.decoder.end() : this.decoder.write(Buffer.from(bytes));
      if (text !== "" || bytes.length === 0) return text;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.failure !== undefined) throw this.failure;
    await new Promise<void>((resolve, reject) => {
      this.socket.write(bytes, (error) => (error == null ? resolve() : reject(error)));
    });
    return bytes.length;
  }

  /** What was written still goes out. */
  close(): void {
    this.socket.destroySoon();
  }
}

class TcpListener implements Resource {
  readonly server: Server;
  private readonly arrived: Socket[] = [];
  private waiting: ((socket: Socket | undefined) => void)[] = [];
  private isClosed = false;

  constructor(server: Server) {
    this.server = server;
    server.on("connection", (socket) => {
      const first = this.waiting.shift();
      if (first !== undefined) first(socket);
      else if (this.arrived.length < MOST_UNACCEPTED) this.arrived.push(socket);
      else socket.destroy();
    });
  }

  /** undefined: nobody will come any more */
  accept(gone: AbortSignal): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = this.arrived.shift();
      if (socket !== undefined || this.isClosed) {
        resolve(socket);
        return;
      }
      this.waiting.push(resolve);
      gone.addEventListener("abort", () => {
        this.waiting = this.waiting.filter((each) => each !== resolve);
      });
    });
  }

  close(): void {
    this.isClosed = true;
    this.server.close();
    for (const socket of this.arrived.splice(0)) socket.destroy();
    for (const waiting of this.waiting.splice(0)) waiting(undefined);
  }
}

/** Waits for the first of the events. */
async function anyOf(socket: Socket, events: readonly string[], gone: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const signal = AbortSignal.any([gone, enough.signal]);
  try {
    await Promise.race(events.map((event) => once(socket, event, { signal })));
  } finally {
    enough.abort();
  }
}

function opened(world: World, pid: number, socket: Socket, id: string, gone: AbortSignal): Handle {
  const connection = new TcpConnection(socket, world.resources);
  if (gone.aborted) socket.destroy();
  else world.resources.add(pid, connection);
  return new Handle("Connection", id, connection);
}

function connectionOf({ id, resource }: Handle): TcpConnection {
  if (resource instanceof TcpConnection) return resource;
  throw new TinyError(`Runtime error: Connection(${id}) is no TCP connection`);
}

const NO_ONE_MORE = "the listener is closed";

export const TCP_OPERATIONS = {
  TCP_CONNECT: operation("string (host) and int (port)", ["string", "int"], (world, host, given) => {
    const port = portOf("TCP_CONNECT", given);
    const address = `${host}:${port}`;
    const { pid } = world.context;
    return waitFor(world, async (gone) => {
      const { connect } = await import("node:net");
      const socket = connect({ host, port });
      try {
        await inTime(gone, (signal) => once(socket, "connect", { signal }));
      } catch (error) {
        socket.destroy();
        throw failureOf(address, error);
      }
      return opened(world, pid, socket, `tcp://${address}`, gone);
    });
  }),
  TCP_LISTEN: operation("int (port)", ["int"], (world, given) => {
    const port = portOf("TCP_LISTEN", given);
    const { pid } = world.context;
    return waitFor(world, async (gone) => {
      const { createServer } = await import("node:net");
      const server = createServer({ pauseOnConnect: true });
      const listener = new TcpListener(server);
      try {
        server.listen(port, "127.0.0.1");
        await once(server, "listening");
      } catch (error) {
        throw failureOf(`127.0.0.1:${port}`, error);
      }
      if (gone.aborted) listener.close();
      else world.resources.add(pid, listener);
      return new Handle("Connection", `tcp://listener:${(server.address() as { port: number }).port}`, listener);
    });
  }),
  TCP_ACCEPT: operation("connection (listener)", ["connection"], (world, { id, resource }) => {
    if (!(resource instanceof TcpListener)) throw new TinyError(`Runtime error: Connection(${id}) is no listener`);
    const { pid } = world.context;
    return waitFor(world, async (gone) => {
      const socket = await resource.accept(gone);
      if (socket === undefined) throw fileError(id, NO_ONE_MORE);
      return opened(world, pid, socket, `tcp://${socket.remoteAddress}:${socket.remotePort}`, gone);
    });
  }),
  TCP_SEND: operation("connection and string/bytes", ["connection", "data"], (world, handle, data) => {
    const connection = connectionOf(handle);
    return waitFor(world, async () => {
      try {
        return await connection.write(bytesOf(data));
      } catch (error) {
        throw failureOf(handle.id, error);
      }
    });
  }),
  TCP_RECV: operation("connection and int (buffer size)", ["connection", "int"], (world, handle, size) => {
    const connection = connectionOf(handle);
    return waitFor(world, async (gone) => {
      try {
        return await inTime(gone, async (signal) =>
          size > 0
            ? await connection.readText(Number(size), signal)
            : new Bytes(await connection.read(Number.MAX_SAFE_INTEGER, signal)),
        );
      } catch (error) {
        throw failureOf(handle.id, error);
      }
    });
  }),
  LOCAL_PORT: operation("connection", ["connection"], (_, { id, resource }) => {
    const port =
      resource instanceof TcpConnection
        ? resource.socket.localPort
        : resource instanceof TcpListener
          ? (resource.server.address() as { port: number } | null)?.port
          : (resource as UdpSocket).port;
    if (port === undefined) throw new TinyError(`Runtime error: Connection(${id}) is closed`);
    return port;
  }),
  CLOSE: operation("connection", ["connection"], (world, { resource }) => {
    resource!.close();
    world.resources.remove(resource!);
    return true;
  }),
} as const satisfies Record<string, Operation>;
