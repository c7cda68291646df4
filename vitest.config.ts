import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/build-bundle.ts"],
    testTimeout: 30_000,
    // Two workers on two cores; the young generation as the shipped command has it.
    pool: "forks",
    maxWorkers: 2,
    execArgv: ["--min-semi-space-size=64", "--max-semi-space-size=128"],
  },
});
