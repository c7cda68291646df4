/**
 * What is measured: one row a program, `bench/programs/NAME.nos` with its answer in `NAME.out` beside it, and the same
 * algorithm in `bench/erlang/NAME.erl`. Each prints its answer, then `main N us`: the time from the first instruction of
 * its main to the last, by its own monotonic clock.
 *
 * Sizes are such that Erlang takes about 100 ms to 2 s, but for the million processes. Rows with `isOther` stand in a
 * table of their own, with their own mean: kinds of programs that the first ones do not cover.
 */
export const PROGRAMS = [
  { name: "fib", what: "calls: fib(35)" },
  { name: "generator", what: "Int beyond 2^53 in a loop" },
  { name: "nbody", what: "Float arithmetic", javascript: true },
  { name: "binary_trees", what: "variants made and dropped" },
  { name: "list_ops", what: "map, filter, fold" },
  { name: "quicksort", what: "comprehensions, ++" },
  { name: "map_updates", what: "200,000 inserts, 1M lookups" },
  { name: "string_build", what: "++ in a loop, split" },
  { name: "spawn", what: "100,000 processes" },
  { name: "waiting", what: "1M processes at once" },
  { name: "ping_pong", what: "1M round trips" },
  { name: "ring", what: "503 processes, 2M hops" },
  { name: "producer", what: "2M messages one way" },
  { name: "selective", what: "receive in a long mailbox" },
  { name: "timers", what: "50,000 timers" },
  { name: "interpreter", what: "a match over 9 constructors", isOther: true },
  { name: "red_black_tree", what: "nested patterns, 5 fields", isOther: true },
  { name: "request_reply", what: "a server of a map, by tags", isOther: true },
  { name: "closures", what: "composed and curried", isOther: true },
  { name: "exceptions", what: "thrown and caught in a loop", isOther: true },
  { name: "records", what: "5 fields, updated", isOther: true },
];
