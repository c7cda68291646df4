/** UDP: a socket on this machine that keeps what has come until somebody asks. */

import type { Socket } from "node:dgram";
import { once } from "node:events";
import { TinyError } from "../../interp/tiny/errors.ts";
import { Handle, type Resource, TinyObject, type Value } from "../../values/value.ts";
import { lossyTextOf } from "./bytes.ts";
import { failureOf, fileError } from "./failure.ts";
import { inTime, portOf } from "./network.ts";
import { type Operation, operation, waitFor } from "./operation.ts";

/** More that nobody has asked for is lost, as UDP may lose any. */
const MOST_KEPT = 1024;
const MOST_BYTES = 65_507; // of a datagram

interface Datagram {
  readonly bytes: Uint8Array;
  readonly host: string;
  readonly port: number;
}

export class UdpSocket implements Resource {
  readonly socket: Socket;
  /** undefined: closed */
  port: number | undefined;
  private readonly kept: Datagram[] = [];
  private waiting: ((datagram: Datagram | undefined) => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.port = socket.address().port;
    socket.on("message", (bytes, { address, port }) => {
      const datagram = { bytes, host: address, port };
      const first = this.waiting.shift();
      if (first !== undefined) first(datagram);
      else if (this.kept.length < MOST_KEPT) this.kept.push(datagram);
    });
    socket.on("error", () => {}); // of a datagram that could not be delivered: UDP says nothing
  }

  receive(gone: AbortSignal): Promise<Datagram | undefined> {
    return new Promise((resolve, reject) => {
      const datagram = this.kept.shift();
      if (datagram !== undefined || this.port === undefined) {
        resolve(datagram);
        return;
      }
      this.waiting.push(resolve);
      gone.addEventListener("abort", () => {
        this.waiting = this.waiting.filter((each) => each !== resolve);
        reject(gone.reason);
      });
    });
  }

  close(): void {
    if (this.port === undefined) return;
    this.port = undefined;
    this.socket.close();
    for (const waiting of this.waiting.splice(0)) waiting(undefined);
  }
}

function socketOf({ id, resource }: Handle): UdpSocket {
  if (!(resource instanceof UdpSocket)) throw new TinyError(`Runtime error: Connection(${id}) is no UDP socket`);
  if (resource.port === undefined) throw new TinyError(`Runtime error: Connection(${id}) is closed`);
  return resource;
}

export const UDP_OPERATIONS = {
  UDP_BIND: operation("int (port)", ["int"], (world, given) => {
    const port = portOf("UDP_BIND", given);
    const { pid } = world.context;
    return waitFor(world, async (gone) => {
      const { createSocket } = await import("node:dgram");
      const socket = createSocket("udp4");
      try {
        socket.bind(port, "127.0.0.1");
        await once(socket, "listening");
      } catch (error) {
        socket.close();
        throw failureOf(`127.0.0.1:${port}`, error);
      }
      const bound = new UdpSocket(socket);
      const id = `udp://bind:${bound.port}`;
      if (gone.aborted) bound.close();
      else world.resources.add(pid, bound);
      return new Handle("Connection", id, bound);
    });
  }),
  UDP_SEND: operation(
    "connection, string (host), int (port), string (data)",
    ["connection", "string", "int", "string"],
    (world, handle, host, given, data) => {
      const { socket } = socketOf(handle);
      const port = portOf("UDP_SEND", given);
      const bytes = Buffer.from(data);
      return waitFor(
        world,
        () =>
          new Promise<number>((resolve, reject) => {
            const done = (error: unknown): void =>
              error == null ? resolve(bytes.length) : reject(failureOf(`${host}:${port}`, error));
            try {
              socket.send(bytes, port, host, done);
            } catch (error) {
              done(error);
            }
          }),
      );
    },
  ),
  UDP_RECV: operation("connection and int (buffer size)", ["connection", "int"], (world, handle, size) => {
    const socket = socketOf(handle);
    return waitFor(world, async (gone) => {
      try {
        const datagram = await inTime(gone, (signal) => socket.receive(signal));
        if (datagram === undefined) throw fileError(handle.id, "the socket is closed");
        const most = size > 0 ? Math.min(Number(size), MOST_BYTES) : MOST_BYTES;
        return new TinyObject(
          new Map<string, Value>([
            ["data", lossyTextOf(datagram.bytes.subarray(0, most))],
            ["sender_host", datagram.host],
            ["sender_port", datagram.port],
          ]),
        );
      } catch (error) {
        throw failureOf(handle.id, error);
      }
    });
  }),
} as const satisfies Record<string, Operation>;
