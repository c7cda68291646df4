/**
 * The assembly blocks of the two documents on TinyTotVM, run as they are written there.
 *
 * `programs/` holds each block word for word. What a block needs of other processes stands in front of it (`front`) or
 * behind it; nothing in a block is changed. docs/seeds.md says which sentence of which document each test is.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { OPCODES, type OpcodeRow } from "../../../vm/bytecode/opcodes.ts";
import { problemsOf, runTtvm } from "../../support/ttvm.ts";

const block = (name: string): string => readFileSync(new URL(`programs/${name}.ttvm`, import.meta.url), "utf8");

/** What the program prints; it must end well. */
async function outOf(text: string): Promise<string> {
  const { out, error, ended, crashes } = await runTtvm(text);
  expect({ error, ended, crashes }).toEqual({ error: "", ended: "returned", crashes: [] });
  return out;
}

describe("seed 001", () => {
  test("Option 2: Assembly Programming", async () => {
    expect(await outOf(block("001_option_2"))).toBe("Hello from process\n");
  });

  test("Basic Concurrency with YIELD", async () => {
    expect(await outOf(block("001_basic"))).toBe("=== Basic Concurrency Test ===\n3\nAfter yield\n30\n");
  });

  test("Process Spawning with SPAWN: both PIDs, and what both processes print", async () => {
    const main = "Spawning hello_world process...\n2\nSpawning counter process...\n3\n";
    expect(await outOf(block("001_spawning"))).toBe(`${main}Hello from spawned process!\n1\n2\n3\n`);
  });

  test("Process Registry and Communication", async () => {
    expect(await outOf(block("001_registry"))).toBe("Process registered\n1\nMessage sent\n");
  });

  test("Process Communication (Advanced)", async () => {
    expect(await outOf(block("001_communication"))).toBe("Registered as worker\n1\nMessage sent\nAfter yield\n");
  });

  describe("Named Process Communication (Advanced): two programs in one block, so it is split at its second comment", () => {
    const [database = "", client = ""] = block("001_named").split("; Client process");

    test("both together", async () => {
      const text = `PUSH_STR "database"\nSPAWN\nYIELD\n; Client process${client}\nLABEL database\n${database}`;
      const query = "Processing query: \nSELECT * FROM users\n";
      expect(await outOf(text)).toBe(`Database registered\n2\nQuery sent to database\n${query}`);
    });

    test("the client alone: nobody has the name", async () => {
      expect(await outOf(client.slice(client.indexOf("\n")))).toBe("0\nQuery sent to database\n");
    });

    test("as written it waits for a query that it would send itself: told as a deadlock", async () => {
      const { out, ended } = await runTtvm(block("001_named"));
      expect({ out, ended }).toEqual({ out: "Database registered\n", ended: "stuck" });
    });
  });

  test("All concurrency opcodes compile correctly: their numbers", () => {
    const numbers = new Map((OPCODES as readonly OpcodeRow[]).map(({ name, code }) => [name, code]));
    expect(["YIELD", "RECEIVE", "SPAWN", "REGISTER", "MONITOR", "LINK"].map((name) => numbers.get(name))).toEqual([
      0x8b, 0x8c, 0x80, 0x81, 0x85, 0x86,
    ]);
  });

  test("Processes are preempted: one that never yields does not hold up the others", async () => {
    const text = `PUSH_STR "loop"\nSPAWN\nPUSH_STR "hello_world"\nSPAWN\nHALT\nLABEL loop\nJMP loop2\nLABEL loop2\nJMP loop`;
    const { out, ended } = await runTtvm(text, { maxReductions: 10_000 });
    expect({ out, ended }).toEqual({ out: "Hello from spawned process!\n", ended: "reduction-budget" });
  });

  test("Process crashes don't affect other processes; the names of one that crashed are free", async () => {
    const text = `PUSH_STR "bad"\nSPAWN\nYIELD\nWHEREIS "bad"\nPRINT\nHALT\nLABEL bad\nREGISTER "bad"\nLOAD nothing`;
    const { out, ended, crashes } = await runTtvm(text);
    expect({ out, ended, crashes }).toEqual({
      out: "0\n",
      ended: "returned",
      crashes: ["Undefined variable: nothing"],
    });
  });

  describe("Supervision Setup (Advanced)", () => {
    const setup = block("001_supervision");
    const started = "Supervisor started\nNow supervising worker1\n";

    test("as written: nobody is worker1, so it is the default process, which ends and is started again", async () => {
      const worker = "Spawned process: worker1\n";
      expect(await outOf(setup)).toBe(`${started}${worker}Child exited, restarting...\n${worker}`);
    });

    test("a worker1 that fails: it runs again by itself before the supervisor knows, and RESTART_CHILD lets it", async () => {
      const worker = 'LABEL worker1\nPUSH_STR "at work"\nPRINT\nREGISTER "once"\nWHEREIS "worker1"\nJZ first\nHALT\n';
      const first = 'LABEL first\nREGISTER "worker1"\nRECEIVE\nLOAD x\n';
      const text = `${setup.replace("RECEIVE", 'YIELD\nNULL\nSENDNAMED "worker1"\nRECEIVE\nPRINT')}${worker}${first}`;
      const { out, ended, crashes } = await runTtvm(text);
      const down = "down:2:mon_1_2:Undefined variable: x\nChild exited, restarting...\n";
      expect({ out, ended, crashes }).toEqual({
        out: `${started}at work\nat work\n${down}`,
        ended: "returned",
        crashes: ["Undefined variable: x"],
      });
    });
  });

  test("Supervision Example", async () => {
    expect(await outOf(block("001_supervision_example"))).toBe("Spawned process: worker1\n");
  });

  test("Process Monitoring: when a monitored process exits, monitors receive DOWN with pid, ref and reason", async () => {
    const front = 'PUSH_STR "counter"\nSPAWN\nMONITOR 2\nPRINT\nRECEIVE\nPRINT\n';
    expect(await outOf(front)).toBe("mon_1_2\n1\n2\n3\ndown:2:mon_1_2:normal\n");
  });

  test("Process Linking, Example Flow: B crashes, A receives EXIT and terminates, unless trapping exits", async () => {
    const rest = `WHEREIS "b"\nLINK\nPRINT\nRECEIVE\nPRINT\nHALT\nLABEL b\nREGISTER "b"\nYIELD\nLOAD x`;
    const text = `PUSH_STR "a"\nSPAWN\nHALT\nLABEL a\nPUSH_STR "b"\nSPAWN\nYIELD\n`;
    const crashes = ["Undefined variable: x"];
    const dies = await runTtvm(text + rest);
    expect(dies).toMatchObject({ out: "linked_3\n", ended: "returned", crashes });
    expect(dies.events).toContainEqual(expect.objectContaining({ kind: "exited", pid: 2, reason: "error" }));
    const traps = await runTtvm(`${text}TRUE\nTRAP_EXIT\n${rest}`);
    expect(traps).toMatchObject({ out: "linked_3\nexit:3\n", ended: "returned", crashes });
    expect(traps.events).toContainEqual(expect.objectContaining({ kind: "exited", pid: 2, reason: "normal" }));
  });
});

describe("seed 002", () => {
  test("SPAWN: any other string creates a default process", async () => {
    expect(await outOf(block("002_spawn"))).toBe("Spawned process: function_name\n");
  });

  test("SPAWN, example", async () => {
    expect(await outOf(block("002_spawn_example"))).toBe("2\nHello from spawned process!\n");
  });

  test("SPAWN: the supported names", async () => {
    const spawn = (name: string) => `PUSH_STR "${name}"\nSPAWN\n`;
    const send = (to: string, text: string) => `PUSH_STR "${text}"\nSENDNAMED "${to}"\n`;
    const stop = (name: string) => send(name, "SHUTDOWN");
    expect(await outOf(`${spawn("worker")}YIELD\nPUSH_INT 1\nSEND 2\n${send("worker", "a")}${stop("worker")}`)).toBe(
      "1\na\n",
    );
    expect(await outOf(`${spawn("receiver")}YIELD\n${spawn("sender")}YIELD\nYIELD\n${stop("receiver")}`)).toBe(
      "Hello from sender!\n",
    );
    const collect = `YIELD\nNULL\nSEND 2\nPUSH_FLOAT 2.5\nSEND 2\n${stop("collector")}`;
    expect(await outOf(spawn("collector") + collect)).toBe("2\n");
    const tasks = `YIELD\nPUSH_INT 5\nSEND 3\n${send("task_manager", "idle")}${send("task_manager", "TASK:A:1")}`;
    expect(
      await outOf(`${spawn("worker")}${spawn("task_manager")}${tasks}${stop("task_manager")}YIELD\n${stop("worker")}`),
    ).toBe("TASK:A:1\n");
  });

  test("YIELD", async () => {
    expect(await outOf(block("002_yield"))).toBe("");
    const text = `${block("002_spawn_example")}${block("002_yield")}PUSH_STR "main"\nPRINT`;
    expect(await outOf(text)).toBe("2\nHello from spawned process!\nmain\n");
  });

  test("SEND: the block has a placeholder for the PID, which is told; with a PID it sends", async () => {
    expect(problemsOf(block("002_send"))).toEqual(["2: Invalid process ID: <process_id> [bad-operand]"]);
    expect(await outOf(`${block("002_send").replace("<process_id>", "1")}RECEIVE\nPRINT`)).toBe("message\n");
  });

  test("SEND, example: to two processes, and to nobody", async () => {
    const front = 'PUSH_STR "one"\nSPAWN\nPUSH_STR "one"\nSPAWN\n';
    const behind = "HALT\nLABEL one\nRECEIVE\nPRINT\n";
    expect(await outOf(front + block("002_send_example") + behind)).toBe("42\nHello\n");
    const { out, error, ended } = await runTtvm(block("002_send_example"));
    expect({ out, ended }).toEqual({ out: "", ended: "returned" });
    expect(error).toBe(
      [2, 3].map((pid) => `Failed to send message to process ${pid}: Process ${pid} not found\n`).join(""),
    );
  });

  test("RECEIVE: alone it waits for ever, which is told as a deadlock; with a message it goes on", async () => {
    expect((await runTtvm(block("002_receive"))).ended).toBe("stuck");
    expect(await outOf(`PUSH_INT 7\nSEND 1\n${block("002_receive")}PRINT`)).toBe("7\n");
  });

  test("RECEIVE, example: alone it waits for ever; with a message", async () => {
    const { out, ended } = await runTtvm(block("002_receive_example"));
    expect({ out, ended }).toEqual({ out: "", ended: "stuck" });
    expect(await outOf(`PUSH_STR "it"\nSEND 1\n${block("002_receive_example")}`)).toBe("Got: \nit\n");
  });

  test("REGISTER and WHEREIS, and their examples", async () => {
    expect(await outOf(`${block("002_register")}${block("002_whereis")}PRINT`)).toBe("1\n");
    expect(await outOf(block("002_register_example") + block("002_whereis_example"))).toBe("1\n");
    expect(await outOf(block("002_whereis_example"))).toBe("0\n");
  });

  test("SENDNAMED and its example", async () => {
    const receive = "RECEIVE\nPRINT";
    expect(await outOf(`${block("002_register")}${block("002_sendnamed")}${receive}`)).toBe("message\n");
    expect(await outOf(`${block("002_register_example")}${block("002_sendnamed_example")}${receive}`)).toBe(
      "Hello worker!\n",
    );
  });

  test("Process ID Assignment: 1 is main, then in the order of spawning", async () => {
    const text = `REGISTER "main"\nWHEREIS "main"\nPRINT\n${block("002_spawn_example").repeat(3)}`;
    expect(await outOf(text)).toBe(`1\n2\n3\n4\n${"Hello from spawned process!\n".repeat(3)}`);
  });

  test("Name registry entries are cleaned up when processes exit", async () => {
    const text = `PUSH_STR "p"\nSPAWN\nYIELD\nWHEREIS "n"\nPRINT\nHALT\nLABEL p\nREGISTER "n"\nWHEREIS "n"\nPRINT`;
    expect(await outOf(text)).toBe("2\n0\n");
  });

  test("main has ended and others only wait: a quiet end", async () => {
    expect(await outOf('PUSH_STR "worker"\nSPAWN\nPRINT')).toBe("2\n");
  });
});
