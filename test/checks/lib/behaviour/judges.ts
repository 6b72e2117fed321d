/** Rows of docs/behaviour.md: graders that ask a model. */
import { embeddingModel } from "../../../../src/engine/graders/textSimilarity.ts"
import { judgeLimit } from "../../../../src/engine/models/requests/sampled.ts"
import { defaultRange, middle } from "../../../../src/schema/graders/scoreRange.ts"
import { code, count, named, type Fact, type Group, type Rule } from "./model.ts"

const judges = named("test/engine/graders/judges.test.ts")
const cosine = named("test/engine/graders/cosine.test.ts")
const replies = named("test/engine/models/reply.test.ts")
const endpoint = named("test/behaviour/judges.test.ts")
const served = named("test/behaviour/judgesAsked.test.ts")
const judge = named("src/engine/graders/judge.ts")
const answers = named("src/engine/graders/judgeAnswer.ts")
const reply = named("src/engine/models/reply.ts")

const heading = "Graders that ask a model"
const range = defaultRange.join(" to ")

/** Facts about the host. */
export const facts: Group<Fact> = {
  heading,
  rows: [
    {
      says: `A score of \`score_model\` outside of \`range\` is moved to its nearer end. Without \`range\` it is ${range}.`,
      evidence: ["documented"],
      test: judges("the score of a model is within the range, and passes from the middle of the range on")
    },
    {
      says: "A `label_model` scores 1 for a passing label and 0 for any other.",
      evidence: ["documented"],
      test: judges("the label of a model scores 1 and passes where it is a passing one, and 0 otherwise")
    },
    {
      says: "The model is asked for `steps` with `description` and `conclusion`, and then for `result`.",
      evidence: ["documented", "seen"],
      test: judges("a judge is asked with the messages of the grader, all variables filled in")
    },
    {
      says: `The result shows the request and the answer as its \`sample\`, with \`reasoning_effort\` and \`max_completions_tokens\`. The limit is ${count(judgeLimit)} tokens if the grader names none.`,
      evidence: ["seen"],
      test: judges("the score of a model is shown with the judge's sample as the host records it")
    },
    {
      says: `The metric \`cosine\` compares embeddings of ${code(embeddingModel)}.`,
      evidence: ["documented"],
      test: cosine("cosine asks for the embeddings of both texts")
    }
  ]
}

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading,
  rows: [
    {
      open: "A `score_model` without `pass_threshold`",
      says: `The middle of its range: ${middle(defaultRange)} without \`range\`, ${middle([1, 7])} for \`[1, 7]\`.`,
      code: named("src/schema/graders/scoreRange.ts")("middle"),
      test: judges("the score of a model is within the range, and passes from the middle of the range on")
    },
    {
      open: "The request to a judge",
      says:
        "The messages of the grader with all variables filled in, the sampling parameters that it names, the limit of " +
        "tokens, and a structured format. The engine adds no message of its own if the endpoint takes such formats.",
      code: named("src/engine/models/requests/sampled.ts")("judged"),
      test: served("graders/run over a socket sends what openai-node sends for the same body")
    },
    {
      open: "An endpoint that refuses the structured format",
      says:
        "It is asked by the format `json_object`, then without a format. The JSON Schema is then at the end of the last " +
        "message if that is a message of the user, else in a message of its own. The engine remembers for each model what " +
        "the endpoint takes.",
      code: named("src/engine/models/requests/finish.ts")("structure"),
      test: served(
        "graders/run over a socket asks an endpoint without structured formats in another way, and remembers it"
      )
    },
    {
      open: "Messages that chat completions cannot say, such as an image by the id of a file",
      says: "The judge is asked by the responses API. A run whose judge's messages no API can say is refused with 400.",
      code: named("src/engine/models/requests/sampled.ts")("judged"),
      test: replies("a reply to a grader asks in the form of responses where chat completions cannot say the messages")
    },
    {
      open: "A missing variable in the messages of a judge",
      says: "The model is not asked. The criterion scores 0, and its result shows the sample of the row.",
      code: judge("judging"),
      test: judges(
        "a judge is not asked where a variable has no value, and the grader scores 0 with a copy of the sample"
      )
    },
    {
      open: "The answer of a judge",
      says:
        "The text of the first choice is read as JSON. If it is no JSON object, the first JSON object in it is read. " +
        "`result` must be a finite number, or one of `labels` with the same letters; `steps` are not looked at.",
      code: answers("objectIn"),
      test: judges("an answer that is no judgement of an endpoint that ignores formats is the first JSON object in it")
    },
    {
      open: "A judge that refuses, is cut off or gives no readable answer",
      says:
        "The criterion scores 0 and does not pass. The item is not errored. `results[].sample` has the answer, and in " +
        "`error` the reason; its `code` is the flag of `graders/run`: `model_grader_refusal_error` (also for a content " +
        "filter), `model_grader_exceeded_max_tokens_error`, `model_grader_parse_error`.",
      code: answers("readAnswer"),
      test: judges("an answer that is no judgement scores 0 where a label is none of the labels")
    },
    {
      open: "A judge or an embedding without an answer after all attempts",
      says:
        "The item is errored, and its result has the reason. `graders/run` answers with `model_grader_server_error`, " +
        "the details, and the reward 0.",
      code: named("src/engine/graders/Scored.ts")("conclude"),
      test: judges("a judge that gives no answer makes the item errored, with the reason")
    },
    {
      open: "A model without an endpoint",
      says:
        "Creating an eval and `graders/validate` accept the grader, and `warning` names it. Creating a run and " +
        "`graders/run` refuse it with 400, code `model_not_configured`; the message says how to name an endpoint.",
      code: reply("unaskable"),
      test: endpoint("graders that ask have their run refused if a model has no endpoint, but not their eval")
    },
    {
      open: "`graders/run` at a read-only server",
      says: "A grader that asks a model is refused with 403, code `read_only`. All others are run.",
      code: named("src/server/routes/graders.ts")("graders"),
      test: endpoint("graders that ask are refused with 403 by a read-only server, which runs all others")
    },
    {
      open: "A `range` whose first number is not less than its second one, no `labels`, a passing label that is not among `labels`",
      says: "Creating an eval, `graders/validate` and `graders/run` refuse it with 400.",
      code: named("src/engine/graders/registry.ts")("compile"),
      test: endpoint("graders that ask are refused where they contradict themselves, by every endpoint")
    },
    {
      open: "`sampling_params` of a `label_model`",
      says: "They are sent, as those of a `score_model`.",
      code: judge("judging"),
      test: endpoint("graders that ask send the sampling parameters that they name, and no other")
    },
    {
      open: "A negative cosine",
      says: "0. A cosine of equal vectors is 1, without a rounding error.",
      code: reply("cosineOf"),
      test: cosine("cosine scores 0 to 1, and passes from the threshold on")
    },
    {
      open: "The cosine of an empty text",
      says: "1 if both texts are empty, else 0. No model is asked, since endpoints refuse to embed an empty text.",
      code: named("src/engine/graders/textSimilarity.ts")("textSimilarity"),
      test: cosine("cosine asks no model about empty texts: two score 1, one scores 0")
    },
    {
      open: "`execution_time` of a grader that asks",
      says: "The time from the request to the answer, with all waiting, in seconds.",
      code: named("src/engine/operations/graders.ts")("make"),
      test: served("the execution time of graders/run includes the wait for the answer")
    }
  ]
}
