/** Rows of docs/behaviour.md: runs and items. */
import { type Event, next, type Status } from "../../../../src/engine/runs/Lifecycle.ts"
import { mostModels, otherModels } from "../../../../src/store/ModelUsage.ts"
import {
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
      says: "A run is `queued`, then `in_progress`, and ends `completed`, `canceled` or `failed`. The answer to its creation is `queued`.",
      evidence: ["specified", "seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says: "Until there are results the counts are 0, and `per_model_usage` and `per_testing_criteria_results` are null.",
      evidence: ["seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says: "An item passes when all criteria pass. Each criterion is counted under its id.",
      evidence: ["seen", "inferred"],
      test: running("running counts an item as passed when every criterion passes, and each criterion by its id")
    },
    {
      says:
        "Where sampling failed, no criterion is run: the item has no results, its sample shows the `error`, and it is " +
        "counted as `errored`.",
      evidence: ["seen", "inferred"],
      test: unsampled
    },
    {
      says: "`datasource_item_id` counts the rows from 0 on, without gaps.",
      evidence: ["seen"],
      test: running(
        "running numbers items by their rows from 0 on, lists them in that order, and takes failed for fail"
      )
    },
    {
      says: "Rows are checked against the eval's schema when a run is created; one that does not fit is answered with 400.",
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
      open: "Rows without a sample though the eval's schema asks for one",
      says: "They are taken where no criterion reads `sample`; else 400 that says what to do.",
      code: named("src/engine/graders/Criteria.ts")("readsSample"),
      test: runRows(
        "the rows of a run may be without a sample where no criterion reads one, though the eval includes its schema"
      )
    },
    {
      open: "How many rows a run has",
      says:
        "`evals_rows: { total, not_judged }` of the run and of its events, an extension: `total` from the creation on; a " +
        "run that was canceled or failed says there how many rows were not judged.",
      code: named("src/engine/texts/RunText.ts")("withState"),
      test: runRows(
        "the rows of a run are counted in evals_rows from the creation on, in the run and in each of its events"
      )
    },
    {
      open: "`model` of a `jsonl` run",
      says:
        "The one that all samples with a model agree on, else an empty string. Rows whose sample holds an error, and " +
        "rows without a model, have no vote; what becomes of a row in the run does not matter.",
      code: rows("check"),
      test: sampling(
        "samples name the model of a run where those that have one agree; rows whose sample holds an error have no vote"
      )
    },
    {
      open: "`per_model_usage` of a `jsonl` run",
      says:
        "The sums of the usage that samples carry, by the model that they name; `invocation_count` counts these samples. " +
        `Errored rows count. Beyond ${mostModels} models all others are summed as \`${otherModels}\`.`,
      code: named("src/store/ModelUsage.ts")("sum"),
      test: sampling("samples bring the usage that per_model_usage sums by model, of errored rows too")
    },
    {
      open: "Names that a request leaves out",
      says: "An eval has its id; a run has its model, else its id.",
      code: evals("make"),
      test: creating(
        "creating names an eval by its id, and a run by its model or else its id, where the request has no name"
      )
    },
    {
      open: "What is counted",
      says:
        "`errored`: sampling failed, or the criteria could not judge the row. `passed`: every criterion passed. `failed`: " +
        "the others. `total` is their sum. A row that is errored counts for no criterion.",
      code: named("src/engine/texts/RunText.ts")("withState"),
      test: errored
    },
    {
      open: "The status of an errored item",
      says: "`error`. It is in the list, and neither in that of `pass` nor in that of `fail`; `failed` is taken for `fail`.",
      code: named("src/engine/graders/Criteria.ts")("errored"),
      test: errored
    },
    {
      open: "Which samples of a row say that sampling failed",
      says: "Those with an `error` that is an object with a `code` or a `message`.",
      code: named("src/engine/rows/sampleFields.ts")("errorOf"),
      test: samples(
        "sample of an output item carries the error of a sample that could not be taken, with a code and a message"
      )
    },
    {
      open: "The order of output items",
      says: "By row, `asc` or `desc`.",
      code: named("src/store/OutputItems.ts")("list"),
      test: running(
        "running numbers items by their rows from 0 on, lists them in that order, and takes failed for fail"
      )
    },
    {
      open: "A run that is completed before its items can be read",
      says: "There is none: both happen in one transaction.",
      code: execution("advance"),
      test: running("running has all items readable as soon as a run is completed")
    },
    {
      open: "What becomes of items when a run is canceled",
      says: "Those that are stored stay and are counted; what is in flight is dropped, and nothing follows.",
      code: runs("make"),
      test: running(
        "running cancels at …/runs/{run_id}/cancel: what is judged stays and is counted, and nothing follows"
      )
    },
    {
      open: "Canceling a run that has ended",
      says: `It is given back as it is: ${after("completed", "cancel")} stays ${after("completed", "cancel")}, and ${after("failed", "cancel")} stays ${after("failed", "cancel")}.`,
      code: named("src/engine/runs/Lifecycle.ts")("next"),
      test: running("running leaves a run that has ended as it is when it is canceled")
    },
    {
      open: "When a run fails",
      says: "When nothing more of it can be run: its file is gone, say. Else it is `completed`, with its errored rows counted.",
      code: named("src/engine/runs/RunStatus.ts")("fail"),
      test: running("running fails a run that cannot go on, since the file of its rows is gone; what is judged stays")
    },
    {
      open: "A run whose rows are all errored",
      says: "It fails, with their error, where they have one cause: errors of one code, or without a code of one message. Its items and counts stay.",
      code: named("src/store/RunBatches.ts")("commonCause"),
      test: named("test/behaviour/errored.test.ts")(
        "errored are all rows of a run that fails, where they have one cause"
      )
    },
    {
      open: "Deleting an eval",
      says: "Its runs and their items go with it; what is worked on of them is cut off, and nothing comes after it.",
      code: evals("make"),
      test: running("running deletes with an eval its runs and their items")
    },
    {
      open: "Deleting a run in progress",
      says: "It is gone at once; the work on it is cut off, and nothing comes after it.",
      code: runs("make"),
      test: running("running cancels a run in progress that is deleted: whoever waits for it is told")
    }
  ]
}
