import { defineConfig } from "vitest/config"

// `effect-evals` by name means the sources, as it does for tsc and for `npm start`; the rest are Vite's own defaults.
const conditions = ["effect-evals-source", "module", "node", "development|production"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A test that needs longer than this waits for real time to pass; it should move the test clock instead.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Vitest leaves a processor free by itself, which on two is half of them.
    maxWorkers: "100%",
    // In CI each run leaves its counts behind; `.ci/run` adds them up in its last line.
    reporters:
      process.env["CI"] === undefined
        ? ["default"]
        : ["default", ["json", { outputFile: `tmp/results/${process.pid}.json` }]],
    projects: [
      // The files of a worker share a process and the modules in it: loading those anew for each took a third of the time.
      { extends: true, test: { name: "unit", include: ["test/**/*.test.ts"], isolate: false } },
      // Needs the folder that `npm run test:contract -- DIR` is given.
      { extends: true, test: { name: "contract", include: ["test/contract/**/*.contract.ts"] } },
      // Large sizes, processes that are killed, the examples, and properties of the wire with many more values.
      {
        extends: true,
        test: {
          name: "slow",
          include: ["test/**/*.slow.ts", "test/schema/{decoder,encoder,guard,roundTrip}.test.ts"],
          env: { EVALS_PROPERTY_RUNS: "200" },
          testTimeout: 300_000,
          hookTimeout: 60_000
        }
      },
      // Waits for minutes of real time, and so runs when somebody asks for it.
      {
        extends: true,
        test: { name: "patient", include: ["test/**/*.patient.ts"], testTimeout: 600_000, hookTimeout: 60_000 }
      },
      // Starts Chromium, which takes seconds on a busy machine.
      {
        extends: true,
        test: { name: "browser", include: ["test/browser/**/*.browser.ts"], testTimeout: 60_000, hookTimeout: 60_000 }
      }
    ]
  }
})
