/** Databases come with a later version: each instruction says so when it runs, and TRY catches it. */
import { TinyError } from "../../interp/tiny/errors.ts";
import { type Operation, operation } from "./operation.ts";

function later(name: string): never {
  throw new TinyError(`Unsupported operation: ${name} is not supported yet`);
}

export const DATABASE_OPERATIONS = {
  DB_CONNECT: operation("string (connection string)", ["string"], () => later("DB_CONNECT")),
  DB_QUERY: operation("connection and string (SQL query)", ["any", "string"], () => later("DB_QUERY")),
  DB_EXEC: operation("connection and string (SQL command)", ["any", "string"], () => later("DB_EXEC")),
} as const satisfies Record<string, Operation>;
