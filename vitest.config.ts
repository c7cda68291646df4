import { defineConfig } from "vitest/config";

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
      { test: { ...shared, name: "sources", include: ["tests/**/*.test.ts"], exclude: ["tests/cli/**"] } },
      // these run what ships, so it is built first
      {
        test: {
          ...shared,
          name: "bundle",
          include: ["tests/cli/**/*.test.ts"],
          globalSetup: ["tests/support/build-bundle.ts"],
        },
      },
    ],
  },
});
