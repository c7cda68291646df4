/** Imported first by tests of the machine, so that it checks its invariants. */
process.env.NOSTOS_CHECK = "1";
