/** Rows of docs/behaviour.md: runs that sample a model. */
import { Duration } from "effect"
import * as Transport from "../../../../src/engine/models/Transport.ts"
import * as RowWindow from "../../../../src/engine/runs/RowWindow.ts"
import { count, named, type Fact, type Group, type Rule } from "./model.ts"

const sampled = named("test/behaviour/sampled.test.ts")
const execution = named("test/engine/runs/RowExecution.test.ts")
const requests = named("test/engine/models/requests/sampled.test.ts")
const translations = named("test/engine/models/requests/translate.test.ts")
const samples = named("test/engine/models/samples.test.ts")
const endpoints = named("test/engine/models/Models.apis.test.ts")
const spending = named("test/behaviour/spending.test.ts")
const request = named("src/engine/models/requests/sampled.ts")
const finish = named("src/engine/models/requests/finish.ts")
const messages = named("src/engine/sources/inputMessages.ts")
const rows = named("src/engine/runs/RowExecution.ts")
const window = named("src/engine/runs/RowWindow.ts")
const store = named("src/engine/runs/RowStore.ts")

const heading = "Sampling a model"
const parameters = sampled(
  "a run that samples asks each API by its own names of the parameters, for a whole answer, and shows what was set"
)
const order = sampled(
  "a run that samples lists items as their rows finish, in the order of the rows, and all of them once it has ended"
)

/** Facts about the host. */
export const facts: Group<Fact> = {
  heading,
  rows: [
    {
      says: "A `completions` run asks by chat completions, a `responses` run by responses: once for each row.",
      evidence: ["documented"],
      test: parameters
    },
    {
      says: "`model` of the run is the name that was asked for. `per_model_usage` has the name that the answers have.",
      evidence: ["seen"],
      test: execution("a run that samples asks once for each row, judges the answers, and counts tokens")
    },
    {
      says: "`item_reference` is a path without braces: `item.input`.",
      evidence: ["documented", "seen"],
      test: sampled(
        "a run that samples takes the messages of a row by reference: a list, or a text of the user; a row without any is errored"
      )
    },
    {
      says: "Variables are filled in in all parts of a message, such as the URL of an image.",
      evidence: ["seen"],
      test: sampled("a run that samples sends the URL of an image unchanged, and fetches nothing")
    },
    {
      says: "The limit of tokens is `max_completion_tokens`, or `max_completions_tokens` as the official examples spell it.",
      evidence: ["specified", "seen"],
      test: requests(
        "the request of a row of completions has the names of chat completions, and only what the run names"
      )
    },
    {
      says: "Parameters that the API does not name are ignored. The engine names them in the header `warning`.",
      evidence: ["seen"],
      test: sampled("a run that samples names in a warning the parameters that are not sent")
    },
    {
      says: "The sample of a row that could not be sampled has an empty answer, no input, and the error of the endpoint with its `code` and `type`.",
      evidence: ["seen"],
      test: samples("the sample of a row of a row that could not be sampled is an empty answer with the error")
    }
  ]
}

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading,
  rows: [
    {
      open: "A missing variable in the messages of a run",
      says: "The row is errored. Its error names the variable, and nothing is sent for it.",
      code: messages("compile"),
      test: execution("a run that samples errors a row whose messages lack a variable, and sends nothing for it")
    },
    {
      open: "The value of an `item_reference`",
      says: "A list of messages in the form of either API, or a text, which is one message of the user. Variables in it are not filled in. A row with anything else is errored.",
      code: messages("compile"),
      test: sampled(
        "a run that samples takes the messages of a row by reference: a list, or a text of the user; a row without any is errored"
      )
    },
    {
      open: "The parameters of a request",
      says: 'Those that the run names, under the names of the API that is asked: `max_completion_tokens` or `max_output_tokens`, `reasoning_effort` or `reasoning.effort`. A parameter that is null is not sent. The engine adds `reasoning.summary: "auto"` to an effort, since no summary comes back otherwise, and `store: false` to a response.',
      code: request("sampled"),
      test: parameters
    },
    {
      open: "`seed` of a `responses` run",
      says: "It is not sent, since the responses API has no such parameter. The item shows it.",
      code: finish("finish"),
      test: translations(
        "the last changes to a body leave out the seed of a response, which the API does not have, and ask for nothing to be stored"
      )
    },
    {
      open: "An endpoint that has one of the two APIs",
      says: "The request is translated. What cannot be translated is refused when the run is created if the entry names the API, else the row is errored.",
      code: named("src/engine/models/requests/translate.ts")("translate"),
      test: endpoints(
        "an endpoint that only has chat completions is found out by the first request, and gets translations from then on"
      )
    },
    {
      open: "A run whose model has no endpoint",
      says: "It is refused with 400, code `model_not_configured`; the message says how to name an endpoint. Its eval can be created.",
      code: named("src/engine/operations/modelCheck.ts")("checkModels"),
      test: sampled("a run that samples is refused if its model has no endpoint, but its eval is not")
    },
    {
      open: "The sample of a row in a run that samples",
      says: "It is not used.",
      code: named("src/engine/work/prepare.ts")("prepare"),
      test: sampled("a run that samples does not use a sample that a row has")
    },
    {
      open: "Streaming",
      says: `Answers are asked for whole. A row needs all of its answer before it is judged, errors and \`usage\` arrive with their status, and many endpoints leave \`usage\` out of a stream. An answer may take ${Duration.toMinutes(Transport.timeLimit)} minutes, and have ${Transport.mostBytes / 1024 ** 2} MiB.`,
      code: named("src/engine/models/Transport.ts")("timeLimit"),
      test: parameters
    },
    {
      open: "An answer with several choices",
      says: "`output_text`, the output of the item and the finish reason are those of the first choice. `choices` has all of them for templates.",
      code: named("src/engine/rows/SampleMessages.ts")("answersOf"),
      test: sampled("a run that samples judges the first of several choices, and keeps all of them for templates")
    },
    {
      open: "An answer that was cut off or filtered, or that refuses",
      says: "It is judged like any other. The finish reason is in the sample.",
      code: named("src/engine/models/Answer.ts")("read"),
      test: sampled("a run that samples judges an answer that was cut off, or refuses, like any other")
    },
    {
      open: "Images and files that a message names by their address",
      says: "The engine fetches none. It sends the address to the endpoint.",
      code: named("src/engine/models/requests/content.ts")("toChat"),
      test: sampled("a run that samples sends the URL of an image unchanged, and fetches nothing")
    },
    {
      open: "The order in which rows are sampled and finish",
      says: "Rows are begun in their order, many at a time. Each is judged and stored when its answer is there; a slow answer holds nobody back. The list is ordered by row, so a cursor may pass rows that finish later.",
      code: rows("executeRows"),
      test: execution("a run that samples stores rows as they finish: a slow answer holds nobody back")
    },
    {
      open: "An item that is listed during a run",
      says: "It is final and counted. The list is complete once the run has ended.",
      code: store("make"),
      test: order
    },
    {
      open: "How far a run is ahead of its oldest unfinished row",
      says: `At most ${count(RowWindow.mostRows)} rows, or ${RowWindow.mostBytes / 1024 ** 2} MiB of rows and answers.`,
      code: window("mostRows"),
      test: execution("a run that samples is at most 2,000 rows ahead of its oldest unfinished one")
    },
    {
      open: "Canceling a run that samples",
      says: "Requests in flight are interrupted, and none is sent after the answer to the cancel call. Rows that were finished stay and are counted.",
      code: rows("executeRows"),
      test: execution(
        "a run that samples interrupts the requests in flight when it is canceled, keeps what is finished, and asks no more"
      )
    },
    {
      open: "What a run spends on models",
      says: "`evals_usage: { requests, prompt_tokens, completion_tokens, cached_tokens, cost, cache_hits }` of a run that asks models, an extension. Each attempt is a request. `cost` is absent if a model without a price has answered.",
      code: named("src/engine/models/Spending.ts")("costOf"),
      test: spending("the usage of a run counts requests, tokens and cost of samples and judges in evals_usage")
    },
    {
      open: "A run that reaches a ceiling of requests, tokens or cost",
      says: "It is `canceled`, and `evals_stopped: { code, message }` says why. Requests in flight get their answers, and rows that can finish with them do. Other rows are not judged.",
      code: named("src/engine/runs/RunStatus.ts")("stop"),
      test: spending(
        "a ceiling of requests cancels the run: what has begun is finished and kept, and evals_stopped says why"
      )
    },
    {
      open: "A ceiling of cost, and a model without a price",
      says: "The run is refused with 400, and so is `graders/run`.",
      code: named("src/engine/operations/priceCheck.ts")("checkPrices"),
      test: spending("a ceiling of cost refuses runs and graders whose model has no price")
    },
    {
      open: "A ceiling of cost for a day",
      says: "It is over all runs and `graders/run`, and known to the next process. A day ends at midnight UTC. Once it is reached, runs are canceled before they ask anything, and `graders/run` is answered with 403.",
      code: named("src/engine/runs/Budget.ts")("make"),
      test: spending("a ceiling of the day is over all runs and graders/run, and is known to the next engine")
    },
    {
      open: "The same request to a model again",
      says: "It is sent again. With `cache: true` of the engine the first answer is kept in the database and used: the sample has `evals_cached: true`, `cache_hits` counts it, and it is no request, no tokens and no cost of `evals_usage`. `per_model_usage` counts it like any other answer. Errors and embeddings are not kept.",
      code: named("src/engine/models/AnswerCache.ts")("cached"),
      test: spending(
        "a cache of answers answers the same request of another run, of a judge and of graders/run, and is never a cost"
      )
    },
    {
      open: "An error that every further request would have: a refused key, no quota, an unknown model, a wrong address",
      says: "The run fails with this error. No further row is asked for, and what is finished stays.",
      code: named("src/engine/models/ModelError.ts")("ModelError"),
      test: execution("a run that samples fails with the first error that every request has, and asks no further")
    },
    {
      open: "A row whose model gives no answer after all attempts",
      says: "It is errored, and the other rows go on.",
      code: named("src/engine/models/samples.ts")("failedText"),
      test: execution("a run that samples errors rows whose model fails, and fails where all of them do for one cause")
    }
  ]
}
