/**
 * What schedulers tell each other: one row an entry of the stream from one to another. Values go by vm/codec.
 *
 * Everything that concerns processes goes through this one stream, in the order in which it happened; so what is true for
 * messages (from one process to another they come in order) holds for spawns, questions and locks too.
 *
 * code               from → to   what follows, and what the receiver does
 * spawn              any → any   pid, function value: the process begins here
 * notSpawned         any → any   pid: it was given out, but its function could not travel
 * send               any → any   pid, value: into its mailbox
 * sendAwaited        any → any   pid, sender's pid, value: into its mailbox; when there is room, the signal "room"
 * sendAnswer         any → any   pid, ref, value: into its mailbox as long as it has that monitor on
 * bounded            any → any   pid, 1 or 0: whether senders have to wait for room in its mailbox, or need not any more
 * signal             any → any   pid, Signal: of links and monitors (process/signals.ts, signal-entry.ts)
 * ask                any → any   number of the question, kind, pid, name: answers
 * answer             any → any   number of the question, kind, answer: the process that asked goes on
 * withdraw           any → 0     number of a question for input: who asked has ended
 * lock               any → 0     pid, mvars: it waits for all of them
 * locked             0 → any     pid, mvars with their values: they are its own now
 * lockRefused        0 → any     pid, text: why it gets none of them; ["" and] names: a cycle
 * unlock             any → 0     pid, mvar, perhaps a new value: it goes to who waits longest
 * claim              any → 0     pid, global: it needs the value
 * claimed            0 → any     pid, global, how it goes on, perhaps the value
 * store              any → any   pid or 0, global, value: to scheduler 0 from who set it, from there to all who have asked
 * abandon            any → 0     global: who was to compute it does not
 * leave              any → 0     pid: it is gone, with all that it held
 * forget             any → 0     pid: its names are free
 * report             any → 0     ExitReport: a process has failed
 * warn               any → 0     MailboxWarning: there are many messages in a mailbox
 * end                any → 0     Outcome: the run ends
 * start              any → 0     scheduler: something is gathered for it
 * whoWaits           0 → any     nobody can ever run: the processes that wait are asked for
 * waiting            any → 0     these
 */
export const ENTRY = {
  spawn: 0,
  notSpawned: 1,
  send: 2,
  ask: 3,
  answer: 4,
  lock: 5,
  locked: 6,
  lockRefused: 7,
  unlock: 8,
  claim: 9,
  claimed: 10,
  store: 11,
  abandon: 12,
  leave: 13,
  report: 14,
  end: 15,
  start: 16,
  whoWaits: 17,
  waiting: 18,
  signal: 19,
  forget: 20,
  withdraw: 21,
  sendAwaited: 22,
  bounded: 23,
  warn: 24,
  sendAnswer: 25,
} as const;
export type EntryName = keyof typeof ENTRY;

/** What can be asked about processes, and of scheduler 0 about the world. */
export const QUESTIONS = [
  "alive",
  "info",
  "kill",
  "all",
  "register",
  "nameIt",
  "unregister",
  "whereis",
  "registered",
  "names",
  "timers",
  "readLine",
  "readAll",
] as const;
