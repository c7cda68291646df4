/**
 * What schedulers tell each other: one row an entry of the stream from one to another. Values go by vm/codec.
 *
 * Everything that concerns processes goes through this one stream, in the order in which it happened; so what is true for
 * messages (from one process to another they come in order) holds for signals, questions and locks too.
 *
 * code               from → to   what follows, and what the receiver does
 * direct             any → any   pid, Carried: to the process, as its place says (carried.ts, protocol/forward.ts)
 * forwarded          any → any   pid, Carried: by the old place
 * packet             any → any   tag, fences, how many, processes: they go on here
 * moved              any → any   tag, scheduler: a packet went there; answers with a fence
 * fence              any → any   tag, scheduler: passes it on
 * passed             any → any   tag: one fence fewer is missing
 * bounded            any → any   pid, 1 or 0: whether senders have to wait for room in its mailbox, or need not any more
 * ask                any → any   number of the question, kind, pid, name: answers
 * answer             any → any   number of the question, kind, answer: the process that asked goes on
 * withdraw           any → 0     number of a question for input: who asked has ended
 * wantMvar           any → 0     mvar: this scheduler wants the token (protocol/mvar.ts; tokens.ts)
 * passMvar           any → any   mvar, scheduler: gets the token after this one
 * mvarToken          any → any   mvar, its value, how long packing it took: it is here now
 * refuseMvar         any → any   mvar: its value cannot travel
 * waits              any → 0     pid, number, what it holds, what it waits for (protocol/deadlock.ts)
 * waitEnds           any → 0     pid, number: that is over
 * stillWaits         0 → any     pid, number, suspicion: is asked
 * waitsStill         any → 0     pid, number, suspicion, 0 or 1: is answered
 * waitFails          0 → any     pid, number, mvars and globals: they are a circle
 * claim              any → 0     pid, global: it needs the value
 * claimed            0 → any     pid, global, how it goes on, perhaps the value
 * claimRefused       0 → any     pid, text: why the value cannot travel
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
  direct: 0,
  forwarded: 1,
  packet: 2,
  moved: 3,
  fence: 4,
  passed: 5,
  ask: 6,
  answer: 7,
  wantMvar: 8,
  passMvar: 9,
  mvarToken: 10,
  refuseMvar: 11,
  claim: 12,
  claimed: 13,
  store: 14,
  abandon: 15,
  leave: 16,
  report: 17,
  end: 18,
  start: 19,
  whoWaits: 20,
  waiting: 21,
  forget: 22,
  withdraw: 23,
  bounded: 24,
  warn: 25,
  waits: 26,
  waitEnds: 27,
  stillWaits: 28,
  waitsStill: 29,
  waitFails: 30,
  claimRefused: 31,
} as const;
export type EntryName = keyof typeof ENTRY;

/** What can be asked where a process is (carried.ts), of every scheduler, and of scheduler 0 about names and the world. */
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
