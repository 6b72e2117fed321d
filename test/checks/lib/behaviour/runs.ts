/** Rows of docs/behaviour.md: runs and items. */
import { type Event, next, type Status } from "../../../../src/engine/runs/Lifecycle.ts"
import { mostModels, otherModels } from "../../../../src/store/ModelUsage.ts"
import {
  retries,
  runRows,
  creating,
  sampling,
  running,
  samples,
  errored,
  unsampled,
  rows,
  evals,
  runs,
  execution
} from "./links.ts"
import { code, named, type Fact, type Group, type Rule } from "./model.ts"

const after = (status: Status, event: Event): string => code(next(status, event))

/** Facts about the host. */
export const facts: Group<Fact> = {
  heading: "Runs and items",
  rows: [
    {
      says: "A run is `queued`, then `in_progress`, and ends as `completed`, `canceled` or `failed`. The answer to its creation is `queued`.",
      evidence: ["specified", "seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says: "Before the first results the counts are 0, and `per_model_usage` and `per_testing_criteria_results` are null.",
      evidence: ["seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says: "An item passes if all criteria pass. Each criterion is counted under its id.",
      evidence: ["seen", "inferred"],
      test: running("running counts an item as passed when every criterion passes, and each criterion by its id")
    },
    {
      says: "If sampling failed, no criterion is run. The item has no results, its sample has the `error`, and it is counted as `errored`.",
      evidence: ["seen", "inferred"],
      test: unsampled
    },
    {
      says: "`datasource_item_id` is the index of the row, from 0, without gaps.",
      evidence: ["seen"],
      test: running("running numbers items by their rows from 0, lists them in that order, and reads failed as fail")
    },
    {
      says: "Rows are checked against the schema of the eval when a run is created. An invalid row is answered with 400.",
      evidence: ["documented", "specified"],
      test: creating(
        "creating refuses a run with a bad row: the row, the place and the rule are named, and no run is made"
      )
    }
  ]
}

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading: "Runs and items",
  rows: [
    {
      open: "Rows without a sample, although the schema of the eval requires one",
      says: "They are accepted if no criterion reads `sample`. Otherwise 400, with advice.",
      code: named("src/engine/graders/Criteria.ts")("readsSample"),
      test: runRows(
        "the rows of a run may be without a sample where no criterion reads one, though the eval includes its schema"
      )
    },
    {
      open: "The number of rows of a run",
      says: "`evals_rows: { total, not_judged }` of the run and of its events, an extension. `total` is present from the creation on. `not_judged` of a canceled or failed run is the number of rows that were not judged.",
      code: named("src/engine/texts/RunText.ts")("withState"),
      test: runRows(
        "the rows of a run are counted in evals_rows from the creation on, in the run and in each of its events"
      )
    },
    {
      open: "`model` of a `jsonl` run",
      says: "The common model of all samples that have one, otherwise an empty string. Samples with an error do not count. The result of a row does not matter.",
      code: rows("check"),
      test: sampling(
        "samples name the model of a run where those that have one agree; rows whose sample holds an error have no vote"
      )
    },
    {
      open: "`per_model_usage` of a `jsonl` run",
      says: `The sums of the usage in the samples, by their model. \`invocation_count\` is the number of these samples. Errored rows count. Beyond ${mostModels} models, all others are summed as \`${otherModels}\`.`,
      code: named("src/store/ModelUsage.ts")("sum"),
      test: sampling("samples have the usage that per_model_usage sums by model, errored rows included")
    },
    {
      open: "Names that a request does not have",
      says: "The name of an eval is its id. The name of a run is its model, or its id if it has no model.",
      code: evals("make"),
      test: creating(
        "creating names an eval by its id, and a run by its model or else its id, where the request has no name"
      )
    },
    {
      open: "The counts of a run",
      says: "`errored`: sampling failed, or the criteria could not judge the row. `passed`: every criterion passed. `failed`: all others. `total` is the sum. An errored row does not count for any criterion.",
      code: named("src/engine/texts/RunText.ts")("withState"),
      test: errored
    },
    {
      open: "The status of an errored item",
      says: "`error`. The item is in the list of all items, and not in the lists of `pass` and `fail`. `failed` means `fail`.",
      code: named("src/engine/graders/Criteria.ts")("errored"),
      test: errored
    },
    {
      open: "Samples of rows whose sampling failed",
      says: "Samples with an `error` that is an object with a `code` or a `message`.",
      code: named("src/engine/rows/sampleFields.ts")("errorOf"),
      test: samples(
        "sample of an output item carries the error of a sample that could not be taken, with a code and a message"
      )
    },
    {
      open: "The order of output items",
      says: "By row, `asc` or `desc`.",
      code: named("src/store/OutputItems.ts")("list"),
      test: running("running numbers items by their rows from 0, lists them in that order, and reads failed as fail")
    },
    {
      open: "A run that is completed before its items can be read",
      says: "It does not exist: one transaction completes the run and stores its last items.",
      code: execution("advance"),
      test: running("running has all items readable as soon as a run is completed")
    },
    {
      open: "The items of a canceled run",
      says: "Stored items stay and are counted. Batches in progress are dropped. No item is added later.",
      code: runs("make"),
      test: running(
        "running cancels at …/runs/{run_id}/cancel: what is judged stays and is counted, and nothing follows"
      )
    },
    {
      open: "Canceling a run that has ended",
      says: `The run is returned unchanged: ${after("completed", "cancel")} stays ${after("completed", "cancel")}, and ${after("failed", "cancel")} stays ${after("failed", "cancel")}.`,
      code: named("src/engine/runs/Lifecycle.ts")("next"),
      test: running("running leaves a run that has ended as it is when it is canceled")
    },
    {
      open: "Retrying a run",
      says: `\`POST …/runs/{run_id}/retry\`, an extension: a run that has ended is ${after("completed", "retry")} again. Its errored rows, and rows that were never judged, are executed. An errored item stays and is counted until the item that replaces it is stored. The tokens of a replaced item are no longer counted.`,
      code: named("src/store/RetriedRows.ts")("reopen"),
      test: retries("a run that is retried asks for its errored rows alone, and keeps the items of the others")
    },
    {
      open: "Retrying a run that cannot be retried",
      says: "409 for a run that has not ended, and for an archived run. 400 where a new run with its data source would be refused, for example because its file was deleted.",
      code: named("src/engine/operations/retry.ts")("make"),
      test: retries("a run that is retried is refused where its file is gone, or there is no such run")
    },
    {
      open: "The reasons for which a run fails",
      says: "A run fails if it cannot continue, for example because its file was deleted. Otherwise it is `completed`, and errored rows are counted.",
      code: named("src/engine/runs/RunStatus.ts")("fail"),
      test: running("running fails a run that cannot go on, since the file of its rows is gone; what is judged stays")
    },
    {
      open: "A run whose rows are all errored",
      says: "It fails with their error if all errors have the same code, or no code and the same message. Its items and counts stay.",
      code: named("src/store/RunBatches.ts")("commonCause"),
      test: named("test/behaviour/errored.test.ts")("errored are all rows of a run that fails for one reason")
    },
    {
      open: "Deleting an eval",
      says: "Its runs and their items are deleted too. Runs in progress are interrupted, and store nothing more.",
      code: evals("make"),
      test: running("running deletes with an eval its runs and their items")
    },
    {
      open: "Deleting a run in progress",
      says: "It disappears at once. Its execution is interrupted, and stores nothing more.",
      code: runs("make"),
      test: running("running cancels a run in progress that is deleted: whoever waits for it is told")
    }
  ]
}
