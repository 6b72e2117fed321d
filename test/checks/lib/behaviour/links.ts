/** The files of the code and the tests that the rows link. */
import { named } from "./model.ts"

export const creating = named("test/behaviour/creating.test.ts")
export const sampling = named("test/behaviour/samples.test.ts")
export const running = named("test/behaviour/running.test.ts")
export const serving = named("test/behaviour/serving.test.ts")
export const similarity = named("test/behaviour/similarity.test.ts")
export const templates = named("test/engine/rows/Template.test.ts")
export const samples = named("test/engine/rows/Sample.test.ts")
export const criteria = named("test/engine/graders/Criteria.test.ts")
export const checks = named("test/engine/graders/stringCheck.test.ts")
export const errored = named("test/behaviour/errored.test.ts")(
  "errored is the status of a row that exceeds the time limit: it is counted as errored, and the run goes on"
)
export const unsampled = named("test/behaviour/errored.test.ts")(
  "errored is the status of a row whose sampling failed: no criterion is run, and the item has the reason"
)
export const endpoints = named("test/engine/graders/graderEndpoints.test.ts")
export const formulas = named("test/engine/graders/Formula.test.ts")
export const schemas = named("test/engine/schemas/ItemSchema.test.ts")
export const baseUrl = named("test/server/baseUrl.test.ts")
export const retries = named("test/server/retry.test.ts")
export const runRows = named("test/behaviour/runRows.test.ts")
export const unsupported = named("test/behaviour/unsupported.test.ts")
export const shared = named("src/engine/operations/shared.ts")
export const rows = named("src/engine/operations/rowCheck.ts")
export const evals = named("src/engine/operations/evals.ts")
export const runs = named("src/engine/operations/runs.ts")
export const access = named("src/server/Access.ts")
export const loopback = named("src/server/isLoopback.ts")
export const execution = named("src/engine/runs/BatchExecution.ts")
export const passing = similarity(
  "similarity passes from the threshold on, 0.5 where a criterion has none, and shows it"
)
