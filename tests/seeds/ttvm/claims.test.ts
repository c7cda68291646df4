/**
 * Promises of the two documents on TinyTotVM that no block of theirs shows: isolation, messages in one slice, worker pools,
 * protocols, and processes that work with the outside. docs/tinytotvm.md says which is which.
 */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { realChance, seededChance } from "../../../vm/index.ts";
import { runTtvm } from "../../support/ttvm.ts";

const lines = (text: string): string => text.split(" / ").join("\n");

describe("001", () => {
  test("Isolated Processes: variables, operands and what is changed in a message are a process's own", async () => {
    const text = lines(
      "REGISTER main / PUSH_INT 1 / STORE x / MAKE_OBJECT / PUSH_INT 1 / SET_FIELD n / STORE o / PUSH_STR child / SPAWN / STORE p / LOAD o / LOAD p / SEND / RECEIVE / PRINT / LOAD x / PRINT / LOAD o / PRINT / HALT / LABEL child / PUSH_INT 2 / STORE x / RECEIVE / PUSH_INT 2 / SET_FIELD n / SENDNAMED main / LOAD o",
    );
    const { out, ended, crashes } = await runTtvm(text);
    expect({ out, ended, crashes }).toEqual({
      out: "{n: 2}\n1\n{n: 1}\n",
      ended: "returned",
      crashes: ["Undefined variable: o"],
    });
  });

  test("Batch processing: multiple messages can be processed per reduction slice", async () => {
    const text = lines(
      `PUSH_STR child / SPAWN / STORE p / ${"NULL / LOAD p / SEND / ".repeat(5)}HALT / LABEL child / ${"RECEIVE / ".repeat(5)}HALT`,
    );
    const { events } = await runTtvm(text);
    const mainEnds = events.findIndex((event) => event.kind === "exited" && event.pid === 1);
    const received = events.flatMap((event, at) => (event.kind === "received" ? [at] : []));
    expect(received).toHaveLength(5);
    expect(received[0]).toBeGreaterThan(mainEnds);
    expect(events.slice(mainEnds + 1).some((event) => "pid" in event && event.pid !== 2)).toBe(false);
  });

  test("Supervision trees: a supervisor of supervisors; a grandchild that fails is started again", async () => {
    const text = lines(
      "REGISTER main / START_SUPERVISOR / SUPERVISE_CHILD middle / RECEIVE / PRINT / RECEIVE / PRINT / HALT / LABEL middle / START_SUPERVISOR / SUPERVISE_CHILD leaf / RECEIVE / PRINT / HALT / LABEL leaf / WHEREIS tried / JZ first / PUSH_STR again / SENDNAMED main / RECEIVE / LABEL first / PUSH_STR marker / SPAWN / STORE m / YIELD / YIELD / LOAD nothing / HALT / LABEL marker / REGISTER tried / RECEIVE",
    );
    const { out, ended } = await runTtvm(text);
    expect({ out, ended }).toEqual({
      out: expect.stringContaining("again\n"),
      ended: "returned",
    });
  });
});

describe("002", () => {
  test("Supervisor Pattern: main spawns and monitors workers, handles a failure, and gets every result", async () => {
    const text = lines(
      `REGISTER main / START_SUPERVISOR / SUPERVISE_CHILD one / SUPERVISE_CHILD two / LABEL w1 / YIELD / WHEREIS one / JZ w1 / LABEL w2 / YIELD / WHEREIS two / JZ w2 / PUSH_INT 0 / SENDNAMED one / PUSH_INT 7 / SENDNAMED two / RECEIVE_MATCH down / PRINT / PUSH_INT 0 / STORE n / LABEL wait / YIELD / WHEREIS one / JZ wait / PUSH_INT 5 / SENDNAMED one / RECEIVE_MATCH int / STORE a / RECEIVE_MATCH int / LOAD a / ADD / PRINT / HALT
LABEL one / REGISTER one / JMP work / LABEL two / REGISTER two / LABEL work / RECEIVE / STORE n / PUSH_INT 100 / LOAD n / DIV / SENDNAMED main / JMP work`.replaceAll(
        "\n",
        " / ",
      ),
    );
    for (let seed = 0n; seed < 20n; seed++) {
      const { out, ended, crashes } = await runTtvm(text, seed === 0n ? {} : { chance: seededChance(seed) });
      expect({ out, ended, crashes }).toEqual({
        out: "down:2:mon_1_2:Division by zero\n34\n",
        ended: "returned",
        crashes: ["Division by zero"],
      });
    }
  });

  test("Process pooling, load balancing: four workers take forty jobs, each when it has time, and are shut down", async () => {
    const text = lines(
      `REGISTER main / PUSH_INT 4 / STORE n / LABEL hire / PUSH_STR worker_of_ours / SPAWN / STORE p / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ hired / JMP hire
LABEL hired / PUSH_INT 40 / STORE jobs / PUSH_INT 0 / STORE sum / LABEL next / RECEIVE / STORE request / LOAD request / GET_FIELD done / LOAD sum / ADD / STORE sum / LOAD jobs / LOAD request / GET_FIELD from / SEND / LOAD jobs / PUSH_INT 1 / SUB / DUP / STORE jobs / JZ closing / JMP next
LABEL closing / PUSH_INT 4 / STORE n / LABEL close / RECEIVE / STORE request / LOAD request / GET_FIELD done / LOAD sum / ADD / STORE sum / PUSH_INT 0 / LOAD request / GET_FIELD from / SEND / LOAD n / PUSH_INT 1 / SUB / DUP / STORE n / JZ end / JMP close
LABEL end / LOAD sum / PRINT / HALT
LABEL worker_of_ours / PUSH_INT 0 / STORE done / REGISTER hello / WHEREIS hello / STORE me / UNREGISTER hello / LABEL ask / MAKE_OBJECT / LOAD me / SET_FIELD from / LOAD done / SET_FIELD done / SENDNAMED main / STORE s / RECEIVE / STORE job / LOAD job / JZ stop / LOAD job / STORE done / JMP ask / LABEL stop`.replaceAll(
        "\n",
        " / ",
      ),
    );
    const { out, ended, events } = await runTtvm(text);
    expect({ out, ended }).toEqual({ out: "820\n", ended: "returned" });
    const worked = new Set(events.flatMap((event) => (event.kind === "sent" && event.to === 1 ? [event.from] : [])));
    expect([...worked].sort()).toEqual([2, 3, 4, 5]);
    expect(events.filter((event) => event.kind === "exited")).toHaveLength(5);
  });

  test("Integration: file I/O, network, programs and databases, each in a process that reports to main", async () => {
    const server = createServer((_, response) => response.end("web"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const folder = mkdtempSync(join(tmpdir(), "ttvm-claims-"));
    const worker = (name: string, work: string): string =>
      `LABEL ${name} / TRY ${name}_failed / ${work} / END_TRY / SENDNAMED main / HALT / LABEL ${name}_failed / STORE why / PUSH_STR "no ${name}" / SENDNAMED main / HALT`;
    const names = ["file", "web", "program", "database"];
    const text = lines(
      [
        "REGISTER main",
        ...names.map((name) => `PUSH_STR ${name} / SPAWN / STORE p`),
        ...names.map(() => "RECEIVE / PRINT"),
        "HALT",
        worker("file", `PUSH_STR file / PUSH_STR ${folder}/f / WRITE_FILE / PUSH_STR ${folder}/f / READ_FILE`),
        worker("web", `PUSH_STR http://127.0.0.1:${port}/ / HTTP_GET`),
        worker("program", "PUSH_STR printf / PUSH_STR program / MAKE_LIST 1 / EXEC_CAPTURE / GET_FIELD stdout"),
        worker("database", "PUSH_STR sqlite:x / DB_CONNECT"),
      ].join(" / "),
    );
    const { out, ended, crashes } = await runTtvm(text, { chance: realChance() });
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
    expect({ ended, crashes }).toEqual({ ended: "returned", crashes: [] });
    expect(out.trimEnd().split("\n").sort()).toEqual(["file", "no database", "program", "web"]);
  });
});
