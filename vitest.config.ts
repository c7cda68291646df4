import { defineConfig } from "vitest/config";

/** These run what ships, so it is built first. */
const BUNDLE_TESTS = [
  "tests/cli/**/*.test.ts",
  "tests/seeds/ttvm/commands.test.ts",
  "tests/stress/limits.test.ts",
  "tests/stress/storm.test.ts",
];

const shared = {
  testTimeout: 30_000,
  pool: "forks" as const,
  // the young generation as the shipped command has it
  execArgv: ["--min-semi-space-size=64", "--max-semi-space-size=128"],
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "sources",
          include: ["tests/**/*.test.ts"],
          exclude: BUNDLE_TESTS,
          globalSetup: ["tests/support/build-worker.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "bundle",
          include: BUNDLE_TESTS,
          globalSetup: ["tests/support/build-bundle.ts"],
        },
      },
    ],
  },
});
