/**
 * The instructions of TinyTotVM that reach outside of the machine, or take work from libraries of Node's: by the name of
 * their row in the opcode table.
 */
import { DATA_OPERATIONS } from "./data.ts";
import { DATABASE_OPERATIONS } from "./database.ts";
import { FILE_OPERATIONS } from "./files.ts";
import { FUTURE_OPERATIONS } from "./futures.ts";
import { HTTP_OPERATIONS } from "./http.ts";
import { INPUT_OPERATIONS } from "./input.ts";
import type { Operation } from "./operation.ts";
import { STREAM_OPERATIONS } from "./streams.ts";
import { SYSTEM_OPERATIONS } from "./system.ts";
import { TCP_OPERATIONS } from "./tcp.ts";
import { UDP_OPERATIONS } from "./udp.ts";

const NETWORK_OPERATIONS = { ...HTTP_OPERATIONS, ...TCP_OPERATIONS, ...UDP_OPERATIONS };

export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    ...FILE_OPERATIONS,
    ...INPUT_OPERATIONS,
    ...SYSTEM_OPERATIONS,
    ...FUTURE_OPERATIONS,
    ...STREAM_OPERATIONS,
    ...DATA_OPERATIONS,
    ...NETWORK_OPERATIONS,
    ...DATABASE_OPERATIONS,
  }),
);

/** Those that a seeded run refuses, since nobody can make the network answer twice alike. */
export const NETWORKING: ReadonlySet<string> = new Set(Object.keys(NETWORK_OPERATIONS));
export { asKind, type Operation, Resources, type World } from "./operation.ts";
