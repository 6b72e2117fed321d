/**
 * What BEHAVIOUR.md says. Values in the sentences are taken from the code, so that the page changes with it; `npm test`
 * fails until it is written anew. The names and the tests that are linked must exist, which behaviour.ts checks.
 */
import { Duration, Result } from "effect"
import { defaultPassThreshold } from "../../../src/engine/Criteria.ts"
import * as Formula from "../../../src/engine/Formula.ts"
import { missingScore, runs as gradersRun } from "../../../src/engine/graders/grading.ts"
import { operations } from "../../../src/engine/graders/stringCheck.ts"
import { maxSchemaLength } from "../../../src/engine/ItemSchema.ts"
import { JsonText, maxDepth } from "../../../src/engine/JsonText.ts"
import { type Event, next, type Status } from "../../../src/engine/Lifecycle.ts"
import { mostCriteria } from "../../../src/engine/operations/evals.ts"
import { progressMillis } from "../../../src/engine/operations/runs.ts"
import { keySeconds, repeatSeconds } from "../../../src/engine/operations/shared.ts"
import * as Sample from "../../../src/engine/Sample.ts"
import * as sampleFields from "../../../src/engine/sampleFields.ts"
import { flatten } from "../../../src/engine/SampleMessages.ts"
import * as Template from "../../../src/engine/Template.ts"
import { metrics } from "../../../src/engine/text/Metrics.ts"
import { defaults as workers } from "../../../src/engine/Workers.ts"
import { eventsHeader, eventStream } from "../../../src/schema/Events.ts"
import { mostValues } from "../../../src/server/body.ts"
import { defaults as limits, stallTimeout, words } from "../../../src/server/Limits.ts"
import { largestPage } from "../../../src/server/query.ts"
import { mostModels, otherModels } from "../../../src/store/ModelUsage.ts"
import { defaultName } from "../../../src/store/Projects.ts"

/** A name that a file exports. */
export interface Named {
  readonly file: string
  readonly name: string
}

/** How a fact about the host is known. */
export type Evidence = "documented" | "specified" | "seen" | "inferred"

/** What the host does, and the engine with it. */
export interface Fact {
  readonly says: string
  readonly evidence: ReadonlyArray<Evidence>
  readonly test: Named
}

/** What the engine does where nothing shows what the host does. */
export interface Rule {
  readonly open: string
  readonly says: string
  readonly code: Named
  readonly test: Named
}

/** Rows under a heading. */
export interface Group<A> {
  readonly heading: string
  readonly rows: ReadonlyArray<A>
}

// =============================================================================
// values as they are written
// =============================================================================

const named =
  (file: string) =>
  (name: string): Named => ({ file, name })

const code = (text: string): string => `\`${text}\``
const all = (texts: Iterable<string>): string => Array.from(texts, code).join(", ")
const count = (value: number): string => value.toLocaleString("en-US")

const renderedJson = (item: string, template = "{{ item.value }}"): string => {
  const scope = { item: JsonText.parse(item) ?? new JsonText(undefined, "", false), sample: Sample.ofText("") }
  const text = Template.compile(template).render(scope)
  return Result.isSuccess(text) ? text.success : "nothing"
}

const rendered = (value: unknown, template?: string): string => renderedJson(JSON.stringify({ value }), template)

const formula = (text: string): string => {
  const value = Result.flatMap(Formula.parse(text), (parsed) => Formula.evaluate(parsed, new Map()))
  return `${code(text)} is ${Result.isSuccess(value) ? value.success : "an error"}`
}

const cat = ["the cat sat on the mat", "the cat is on the mat"] as const

const scores = Object.entries(metrics)
  .filter(([name]) => name !== "fuzzy_match")
  .map(([name, measure]) => `${name} ${measure(...cat).toFixed(3)}`)
  .join(", ")

const after = (status: Status, event: Event): string => code(next(status, event))

// =============================================================================
// tests and files
// =============================================================================

const creating = named("test/behaviour/creating.test.ts")
const sampling = named("test/behaviour/samples.test.ts")
const running = named("test/behaviour/running.test.ts")
const serving = named("test/behaviour/serving.test.ts")
const similarity = named("test/behaviour/similarity.test.ts")
const templates = named("test/engine/Template.test.ts")
const samples = named("test/engine/Sample.test.ts")
const criteria = named("test/engine/Criteria.test.ts")
const checks = named("test/engine/graders/stringCheck.test.ts")
const errored = named("test/behaviour/errored.test.ts")(
  "errored is the status of a row that takes too long: it is counted apart, and the run goes on"
)
const unsampled = named("test/behaviour/errored.test.ts")(
  "errored is the status of a row whose sample could not be taken: no criterion is run, and the item says why"
)
const endpoints = named("test/engine/graders/endpoint.test.ts")
const formulas = named("test/engine/Formula.test.ts")
const schemas = named("test/engine/ItemSchema.test.ts")

const baseUrl = named("test/server/baseUrl.test.ts")
const unsupported = named("test/behaviour/unsupported.test.ts")

const shared = named("src/engine/operations/shared.ts")
const rows = named("src/engine/operations/rowCheck.ts")
const evals = named("src/engine/operations/evals.ts")
const runs = named("src/engine/operations/runs.ts")
const access = named("src/server/Access.ts")
const execution = named("src/engine/Execution.ts")

const passing = similarity("similarity passes from the threshold on, 0.5 where a criterion has none, and shows it")

// =============================================================================
// what is the host's
// =============================================================================

export const facts: ReadonlyArray<Group<Fact>> = [
  {
    heading: "Requests and answers",
    rows: [
      {
        says: "Creating an eval or a run answers 201 with the whole object; all else that succeeds answers 200.",
        evidence: ["specified", "seen"],
        test: creating("creating answers 201, with the whole object")
      },
      {
        says:
          "A run is canceled by `POST …/runs/{run_id}/cancel`. Clients from before October 2026 post to " +
          "`…/runs/{run_id}` itself, as the specification's path still has it; both are taken.",
        evidence: ["specified"],
        test: running("running cancels at …/runs/{run_id} too, where clients older than October 2026 ask for it")
      },
      {
        says: "Of an eval only the name and the metadata can be changed.",
        evidence: ["specified"],
        test: creating("creating changes of an eval the name and the metadata, and nothing else")
      },
      {
        says: "Deleting answers `eval.deleted` with `eval_id`, or `eval.run.deleted` with `run_id`.",
        evidence: ["specified"],
        test: running("running deletes with an eval its runs and their items")
      },
      {
        says:
          "Lists are `{ object, data, first_id, last_id, has_more }`: 20 objects a page, in ascending order, behind the " +
          "object that `after` names. Output items are filtered by `pass` or `fail`.",
        evidence: ["specified", "seen"],
        test: serving("serving lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most")
      },
      {
        says: "Files are listed newest first; an upload is `processed` at once, and stays unless it was given an expiry.",
        evidence: ["specified", "seen"],
        test: serving("serving keeps a file's bytes, and lists files newest first")
      },
      {
        says: "Keys that the API does not name are ignored, wherever they stand.",
        evidence: ["seen"],
        test: creating("creating ignores keys that the API does not name, and says so in a header")
      },
      {
        says: "Metadata that a request leaves out is `{}` in the answer.",
        evidence: ["seen"],
        test: creating("creating answers 201, with the whole object")
      },
      {
        says:
          "Ids are a prefix and 32 hex digits that begin with the time in seconds, so that they sort by it. A criterion's " +
          "id is its name, a hyphen and a UUID, the same in all runs.",
        evidence: ["seen"],
        test: creating("ids begin with the time and sort by it, and criteria their name and a UUID")
      },
      {
        says: "`include_sample_schema` adds the schema of samples, and requires `sample` beside `item`.",
        evidence: ["seen"],
        test: creating("creating puts the schema of samples beside the items' where it is asked for")
      }
    ]
  },
  {
    heading: "Templates and samples",
    rows: [
      {
        says:
          "`{{ item.a }}` and `{{ sample.a }}`, with or without blanks inside the braces; indices as in `tools[0]`. Nothing " +
          "else is known to work.",
        evidence: ["documented"],
        test: named("test/schema/template.test.ts")(
          "template.parse reads paths of names and indices, with or without blanks inside the braces"
        )
      },
      {
        says: "Single braces are text, and no blank or line break of a template is trimmed.",
        evidence: ["seen"],
        test: templates("Template keeps the text around variables, single braces included")
      },
      {
        says: "Creating an eval does not look at its templates: one that cannot be read is taken.",
        evidence: ["seen"],
        test: creating("creating takes a template that cannot be read, as the host does; lintEval finds it first")
      },
      {
        says:
          `A variable that has no value fails the criterion with ${missingScore}, and its result holds a copy of the ` +
          "sample. The item is not errored.",
        evidence: ["seen"],
        test: running("running fails a criterion with 0 where a variable is missing, and shows the sample beside it")
      },
      {
        says: "`sample.output_text`, `output_tools` and `choices` are the text, the tool calls and the choices of a chat completion.",
        evidence: ["documented"],
        test: samples("sample in templates is a chat completion's")
      },
      {
        says:
          "`sample.output_json` is there only where the text begins with `{`, ends with `}`, without blanks around, and is " +
          "JSON. No `response_format` is asked for.",
        evidence: ["seen"],
        test: samples(
          "sample in templates has output_json for a text that begins and ends with braces and is JSON, and for no other"
        )
      },
      {
        says: "Content of several parts is shown as one text: the parts joined by a blank, an image as `<image>URL</image>`.",
        evidence: ["seen"],
        test: samples("sample of an output item flattens content to one text, as the host does")
      },
      {
        says: "The sample of an item leaves out `max_completion_tokens` where that is not known.",
        evidence: ["seen"],
        test: samples("sample of an output item has what the specification requires, known or not")
      }
    ]
  },
  {
    heading: "Graders",
    rows: [
      {
        says:
          `\`string_check\` has ${all(operations.keys())}: \`eq\` and \`ne\` heed upper and lower case, \`like\` asks ` +
          "whether the input contains the reference, `ilike` the same whatever the case. No wildcards.",
        evidence: ["documented"],
        test: checks("string_check compares as its operation says")
      },
      {
        says: "It scores 1 or 0, and its result has `sample: null`.",
        evidence: ["specified", "seen"],
        test: criteria("criteria judge a row")
      },
      {
        says: "`text_similarity` scores 0 to 1, and passes with a score of at least its threshold.",
        evidence: ["documented"],
        test: passing
      },
      {
        says:
          "`fuzzy_match` is `fuzz.ratio` of rapidfuzz, divided by 100 and without a processor: it gives a published score " +
          "of the host to the last digit.",
        evidence: ["documented", "inferred"],
        test: named("test/engine/text/fuzzyMatch.test.ts")(
          "fuzzyMatch rounds as the host does, whose published score it gives"
        )
      },
      {
        says: "An eval takes no `multi` grader; `graders/run` and `graders/validate` do.",
        evidence: ["specified"],
        test: creating("creating refuses a multi grader among an eval's criteria")
      },
      {
        says: `The formula of a \`multi\` has \`+ - * / ^\` and ${all(Object.keys(Formula.functions))}.`,
        evidence: ["documented"],
        test: formulas("Formula has the functions of the guide")
      },
      {
        says: "A grader that has no name is given one by the grader endpoints: `grader-` and twelve letters or digits.",
        evidence: ["seen"],
        test: creating("creating gives a grader without a name one of its own")
      },
      {
        says: "The answer of `graders/run` has a flag for each kind of error, and 0 as its reward then.",
        evidence: ["specified", "seen"],
        test: endpoints("graders/run answers with all that the specification requires")
      }
    ]
  },
  {
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
]

// =============================================================================
// what is the engine's
// =============================================================================

export const rules: ReadonlyArray<Group<Rule>> = [
  {
    heading: "Templates and samples",
    rows: [
      {
        open: "A value that is no string",
        says: `It stands as compact JSON: ${all([true, 3, null, { a: 1 }].map((value) => rendered(value)))}. A string stands as it is.`,
        code: named("src/engine/JsonText.ts")("JsonText"),
        test: templates("Template renders a string as it is, everything else as compact JSON")
      },
      {
        open: "A number",
        says:
          `It renders as it stands in the row, alone and inside objects and lists: ${all(["1.0", "0.10", "1e22"].map((number) => renderedJson(`{"value":${number}}`)))}. ` +
          "So does one that no double holds, such as `1e400`. `graders/run` does the same.",
        code: named("src/engine/JsonText.ts")("JsonText"),
        test: named("test/behaviour/numbers.test.ts")("numbers render as they stand in the row, in a run")
      },
      {
        open: "A path that enters a string",
        says:
          "It goes on inside what the string parses to, where that is JSON: of `" +
          `{"value":"{\\"city\\":\\"Rome\\"}"}\` the path \`item.value.city\` is ${code(rendered('{"city":"Rome"}', "{{ item.value.city }}"))}. ` +
          "Else the variable has no value.",
        code: named("src/engine/JsonText.ts")("JsonText"),
        test: templates("Template goes on inside a string that is JSON")
      },
      {
        open: "A field whose name is no plain word",
        says: `\`{{ item["unit price"] }}\`, in double or single quotes.`,
        code: named("src/schema/template.ts")("parse"),
        test: named("test/schema/template.test.ts")("template.parse reads keys in quotes")
      },
      {
        open: "A template that cannot be read",
        says: "Its criterion fails for every row, as with a missing variable. `lintEval` finds it before anything is sent.",
        code: named("src/engine/Template.ts")("compile"),
        test: creating("creating takes a template that cannot be read, as the host does; lintEval finds it first")
      },
      {
        open: "A missing variable in a reference",
        says: `As in an input: the criterion fails with ${missingScore}, and its result shows the sample.`,
        code: named("src/engine/graders/grading.ts")("missingScore"),
        test: criteria(
          "criteria fail with 0 and a copy of the sample where a variable is missing, in the input or the reference"
        )
      },
      {
        open: "A text that grows too long",
        says: `A variable that makes a template longer than ${count(Template.maxRenderedLength)} characters has no value.`,
        code: named("src/engine/Template.ts")("maxRenderedLength"),
        test: templates("Template takes a variable that makes a text too long for missing")
      },
      {
        open: "The shapes of a row's sample",
        says:
          "A chat completion (`choices`), a response or an exported item's sample (`output`), a line of a dashboard " +
          "download (`outputs`, with `sampled_model_name`, `sampled_model_params` and `token_usage`), or `output_text` " +
          "alone. The first of these keys that is there decides. In templates each is what a chat completion would be: " +
          "one choice with the whole text, its refusal and all its tool calls.",
        code: named("src/engine/SampleMessages.ts")("answersOf"),
        test: named("test/engine/Sample.shapes.test.ts")(
          "a sample of a dashboard download is read in templates as the answer that it holds"
        )
      },
      {
        open: "A sample of no known shape, or none, that criteria read",
        says:
          `The run is created, and the header \`warning\` names the first such row, its keys and how many there are: a ` +
          `criterion without a value scores ${missingScore}. Fields that the sample has itself can be read all the same.`,
        code: rows("check"),
        test: sampling(
          "samples without a known shape are named in a warning when the run is created, with the first row and its keys"
        )
      },
      {
        open: "Calls of a response",
        says:
          "`output_tools` has them as tool calls of a chat completion, in their order; an item shows them as `tool_calls` " +
          "of a message. A call that is no function (`web_search_call`, `mcp_call`, …) has the item's type, its name or " +
          "else its type without `_call`, and the JSON of its other fields as `arguments`.",
        code: named("src/engine/SampleMessages.ts")("callText"),
        test: named("test/engine/Sample.calls.test.ts")(
          "calls of a response of another kind than functions have their type, their name or a name from it, and the rest as arguments"
        )
      },
      {
        open: "The messages that were sent to the model",
        says:
          "An item shows them as its sample's `input` where the row's sample has a list of them: as `input`, else `messages`, " +
          "else `trajectory`. An `input` that is a text is one message of the user.",
        code: named("src/engine/SampleMessages.ts")("inputOf"),
        test: named("test/engine/Sample.shapes.test.ts")(
          "the messages that were sent stand beside a chat completion as input or as messages"
        )
      },
      {
        open: "A refusal of a chat completion without content",
        says: "An item shows it as the content. It is no `output_text`.",
        code: named("src/engine/SampleMessages.ts")("refusalOf"),
        test: named("test/engine/Sample.calls.test.ts")(
          "refusals reach templates as a chat completion's, and the item as its text"
        )
      },
      {
        open: "`output_audio` of a sample",
        says: "The `audio` of a chat completion's message, or the first `output_audio` part of a response, as it is there.",
        code: named("src/engine/Sample.ts")("Sample"),
        test: samples("sample in templates has the audio of an answer, of a chat completion or a response")
      },
      {
        open: "`output_reasoning_summary` of a sample",
        says: "The parts of a response's reasoning summaries, an empty line between them. A chat completion has none.",
        code: named("src/engine/Sample.ts")("betweenParagraphs"),
        test: samples("sample in templates has the summary of a response's reasoning, a paragraph for each part")
      },
      {
        open: "`input_tools` of a sample",
        says: "The `tools` that the sample lists.",
        code: named("src/engine/Sample.ts")("Sample"),
        test: samples("sample in templates has the tools that were offered where the sample lists them")
      },
      {
        open: "A field that a row's sample has itself",
        says: "It wins over what would be derived: a sample with an `output_text` of its own has that one.",
        code: named("src/engine/Sample.ts")("Sample"),
        test: samples("sample in templates is whatever fields a row has; those win over derived ones")
      },
      {
        open: "`temperature` and `top_p` of a sample that does not say",
        says: `An item shows ${sampleFields.unknownTemperature} and ${sampleFields.unknownTopP}.`,
        code: named("src/engine/sampleFields.ts")("unknownTemperature"),
        test: samples("sample of an output item writes 0, the defaults or null for numbers that are none")
      },
      {
        open: "Content that is neither text nor image",
        says: `An item shows its type: ${code(flatten([{ type: "input_audio" }]))}.`,
        code: named("src/engine/SampleMessages.ts")("flatten"),
        test: samples("sample of an output item flattens content to one text, as the host does")
      }
    ]
  },
  {
    heading: "Graders",
    rows: [
      {
        open: "Upper and lower case in `ilike`",
        says:
          "Unicode's simple folding, character by character and of no language in particular: `É` is `é`, `ς` is `Σ` " +
          "wherever it stands, `ß` is not `ss`, and `I` is `i` in Turkish too.",
        code: named("src/engine/text/foldCase.ts")("foldCase"),
        test: named("test/engine/text/foldCase.test.ts")(
          "foldCase makes texts equal that differ in case alone, wherever a letter stands"
        )
      },
      {
        open: "A `text_similarity` without `pass_threshold`",
        says: `${defaultPassThreshold.text_similarity}, and the eval shows it.`,
        code: named("src/engine/Criteria.ts")("defaultPassThreshold"),
        test: passing
      },
      {
        open: "`bleu`, `gleu`, `meteor`, `rouge`",
        says:
          "As nltk and rouge-score compute them, with the tokens and the smoothing that the code names; the host's scores " +
          `may differ. Words of ROUGE in a text without any of the reference's letters (Thai, Chinese, Arabic, …) are those ` +
          `of \`Intl.Segmenter\`. “${cat[0]}” against “${cat[1]}”: ${scores}.`,
        code: named("src/engine/text/Metrics.ts")("metrics"),
        test: similarity("similarity has these scores for the cat and the mat")
      },
      {
        open: "How strongly the signs of a formula bind",
        says: `\`^\` binds most, and to the right; then the minus of one operand, then \`* /\`, then \`+ -\`: ${["-2 ^ 2", "2 ^ 3 ^ 2", "8 / 4 / 2"].map(formula).join(", ")}.`,
        code: named("src/engine/Formula.ts")("parse"),
        test: formulas(
          "Formula binds ^ tightest and to the right, then the minus of one operand, then * and /, then + and -"
        )
      },
      {
        open: "A formula without a finite result",
        says: "`formula_parse_error` in the answer, and 0 as its reward; the scores of the graders are there all the same.",
        code: named("src/engine/Formula.ts")("evaluate"),
        test: creating("creating runs a formula over graders: division by zero is an error in the answer, and scores 0")
      },
      {
        open: "How deep a formula may be nested",
        says: `${Formula.maxDepth} levels.`,
        code: named("src/engine/Formula.ts")("maxDepth"),
        test: formulas("Formula refuses what is nested too deeply")
      },
      {
        open: "What is well formed and cannot be run here: a grader, a metric, an item schema with a reference to another document",
        says:
          "Creating an eval and `graders/validate` accept it, and `warning` names it; creating a run of that eval and " +
          `\`graders/run\` refuse it with 400 (\`unsupported_grader\`, \`unsupported_item_schema\`). The engine runs ${gradersRun}.`,
        code: evals("make"),
        test: unsupported(
          "what cannot be run here is a criterion that an eval may have, and a run of that eval is refused"
        )
      },
      {
        open: "A formula that cannot be read, or names no grader",
        says: "`graders/validate` refuses it with 400, code `formula_parse_error`; `graders/run` answers with that flag and 0.",
        code: named("src/engine/graders/multi.ts")("formulaProblems"),
        test: unsupported(
          "what cannot be run here is told apart from a formula that cannot be read, which is refused with a code of its own"
        )
      }
    ]
  },
  {
    heading: "Rows",
    rows: [
      {
        open: "One bad row",
        says: "400 that names the row, the path in it and the rule; the run is not created.",
        code: rows("check"),
        test: creating(
          "creating refuses a run with a bad row: the row, the place and the rule are named, and no run is made"
        )
      },
      {
        open: "The dialect of an item schema",
        says: "JSON Schema 2020-12, or the one that `$schema` names, back to draft 4.",
        code: named("src/engine/ItemSchema.ts")("compile"),
        test: schemas("item schemas as people write them name a dialect, an older one, or none")
      },
      {
        open: "Keywords and formats that are not known",
        says: "They are let through. Nothing is fetched.",
        code: named("src/engine/ItemSchema.ts")("compile"),
        test: schemas("item schemas as people write them let through what is not known")
      },
      {
        open: "How large a schema may be",
        says: `${count(maxSchemaLength)} characters, and ${maxDepth} levels.`,
        code: named("src/engine/ItemSchema.ts")("maxSchemaLength"),
        test: schemas("item schemas that are none are refused when they are nested too deeply, or too long")
      },
      {
        open: "How deep a row may be nested",
        says: `${maxDepth} levels.`,
        code: named("src/engine/JsonText.ts")("maxDepth"),
        test: named("test/engine/Row.test.ts")(
          "Row.parse refuses what is nested too deep, however deep, before it is parsed"
        )
      },
      {
        open: "A row that takes too long to judge",
        says:
          `After ${workers.gradeMillis / 1000} s by the clock, or ${workers.memoryMiB} MiB of memory, the item is errored and says why; ` +
          "the run goes on with the next row.",
        code: named("src/engine/Workers.ts")("defaults"),
        test: errored
      }
    ]
  },
  {
    heading: "Runs and items",
    rows: [
      {
        open: "`model` of a `jsonl` run",
        says:
          "The one that all samples with a model agree on, else an empty string. Errored rows and rows without a model have " +
          "no vote.",
        code: rows("check"),
        test: sampling("samples name the model of a run where those that have one agree; errored rows have no vote")
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
        code: named("src/engine/RunText.ts")("withState"),
        test: errored
      },
      {
        open: "The status of an errored item",
        says: "`error`. It is in the list, and neither in that of `pass` nor in that of `fail`; `failed` is taken for `fail`.",
        code: named("src/engine/Criteria.ts")("errored"),
        test: errored
      },
      {
        open: "Which samples of a row say that sampling failed",
        says: "Those with an `error` that is an object with a `code` or a `message`.",
        code: named("src/engine/sampleFields.ts")("errorOf"),
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
        code: named("src/engine/Lifecycle.ts")("next"),
        test: running("running leaves a run that has ended as it is when it is canceled")
      },
      {
        open: "When a run fails",
        says: "When nothing more of it can be run: its file is gone, say. Else it is `completed`, with its errored rows counted.",
        code: execution("fail"),
        test: running("running fails a run that cannot go on, since the file of its rows is gone; what is judged stays")
      },
      {
        open: "A run whose rows are all errored",
        says: "It fails, with their error, where they have one cause: errors of one code, or without a code of one message. Its items and counts stay.",
        code: named("src/store/Runs.ts")("commonCause"),
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
  },
  {
    heading: "Requests and answers",
    rows: [
      {
        open: "Keys that the API does not name",
        says: "They are ignored, as by the host, and named in the header `warning` of the answer and in the log; keys of rows besides `item` and `sample` too.",
        code: named("src/server/body.ts")("noteUnknown"),
        test: creating("creating ignores keys that the API does not name, and says so in a header")
      },
      {
        open: "`GET` of the base URL",
        says: "200 with the name and version of the server, its id (another one after each start), whether it is read-only, and where its documentation is.",
        code: named("src/server/routes/description.ts")("description"),
        test: baseUrl(
          "the base URL answers what the server is, which version, whether it is read-only, and where its documentation is"
        )
      },
      {
        open: "Base URLs",
        says: "`/v1`, none at all, and `/openai/v1` or `/openai` as Azure's clients have it; their `api-version` is not read.",
        code: named("src/server/apiPath.ts")("canonical"),
        test: baseUrl("a client of Azure works, and its api-version is no unknown parameter")
      },
      {
        open: "`null` in a request",
        says:
          "It means that the field is left out, wherever one may be left out, the parameters of lists included (`after=`, " +
          "`after=null`). Changing an eval with `metadata: null` therefore keeps its metadata, and `{}` empties them. " +
          "Rows and JSON Schemas keep their nulls.",
        code: named("src/schema/withoutNulls.ts")("withoutNulls"),
        test: named("test/server/nulls.test.ts")("null leaves out the fields of an eval")
      },
      {
        open: "A request that is sent again under one `Idempotency-Key`",
        says: `It makes no second object for ${keySeconds / 3600} hours. Refused with 409 are another request under the same key, and the same one when its object was deleted: a repetition brings nothing back.`,
        code: shared("keySeconds"),
        test: creating("creating makes one object of a request that is sent again under its Idempotency-Key")
      },
      {
        open: "A request that OpenAI's clients send again without a key",
        says: `Where \`x-stainless-retry-count\` says so, an equal request of the last ${repeatSeconds / 60} minutes is taken for it.`,
        code: shared("repeatSeconds"),
        test: creating("creating knows a request that OpenAI's clients send again, though it has no key")
      },
      {
        open: "An error that sending again cannot mend, though OpenAI's clients would",
        says: "409, and 507 for a full disk, come with `x-should-retry: false`.",
        code: named("src/server/respond.ts")("rejected"),
        test: creating("creating makes one object of a request that is sent again under its Idempotency-Key")
      },
      {
        open: "The largest page",
        says: `${largestPage} objects; more is refused with 400.`,
        code: named("src/server/query.ts")("largestPage"),
        test: serving("serving lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most")
      },
      {
        open: "A list behind an object that was deleted",
        says:
          "It goes on where that stood, which its id tells: whoever lists may delete meanwhile. By `updated_at` that is " +
          "not known, and 400 says so.",
        code: shared("deletedPosition"),
        test: named("test/server/paging.test.ts")(
          "a page behind what is gone of evals by their changes is not known, which is said"
        )
      },
      {
        open: "The most criteria of an eval",
        says: `${count(mostCriteria)}; more is refused with 400.`,
        code: named("src/engine/operations/evals.ts")("mostCriteria"),
        test: named("test/server/badInput.test.ts")(
          "what is wrong with a request with a criterion is said, be it one of thousands"
        )
      },
      {
        open: "How large requests may be",
        says: `Files ${words(limits.file)}, rows within a request ${words(limits.rows)}, all else ${words(limits.body)} and ${count(mostValues)} values; more is answered with 413.`,
        code: named("src/server/Limits.ts")("defaults"),
        test: serving("serving refuses what is too large with 413, and says what to do")
      },
      {
        open: "A request that stops arriving",
        says: `After ${Duration.toSeconds(stallTimeout)} seconds without a byte it is answered with 408.`,
        code: named("src/server/Limits.ts")("stallTimeout"),
        test: named("test/server/limits.test.ts")(
          "a request that stops arriving is answered so, and leaves nothing; what is slow or quiet is not cut off"
        )
      },
      {
        open: "Ids of files",
        says: "As all others: `file-` and 32 hex digits. The host's are shorter, and stay what they are in an archive.",
        code: named("src/engine/IdGenerator.ts")("make"),
        test: serving("serving keeps a file's bytes, and lists files newest first")
      },
      {
        open: "`created_at` of a file",
        says: "When its upload began, which is the time in its id.",
        code: shared("identified"),
        test: named("test/server/paging.test.ts")(
          "an upload stands in its list where its id has it, however long it took, also when the clock goes back"
        )
      },
      {
        open: "A file whose time is over",
        says: "Nobody finds it. Runs that were created before read it to its end; what is left of it goes soon after the next upload.",
        code: named("src/store/Files.ts")("expired"),
        test: named("test/server/files.test.ts")(
          "a file whose time is over is nobody's any more, but the runs over it read it to its end"
        )
      },
      {
        open: "An answer whose file is deleted while it is read",
        says: "The connection is broken off, for downloads and for runs with their rows: a part is not taken for the whole.",
        code: named("src/engine/Content.ts")("whole"),
        test: named("test/server/files.test.ts")("a download whose file is deleted meanwhile breaks off")
      },
      {
        open: "An id of another kind",
        says: "404, and the message says of which kind it is.",
        code: named("src/engine/Rejection.ts")("notFound"),
        test: serving("serving says which kind of id it was given where there is no such object")
      },
      {
        open: "The progress of a run",
        says:
          `\`GET …/runs/{run_id}/events\` tells it as server-sent events, every ${progressMillis} ms at most; ` +
          `\`${eventsHeader}: ${eventStream}\` stands on every answer that is a run.`,
        code: named("src/schema/Events.ts")("eventsHeader"),
        test: serving("serving tells the changes of a run as events, and says so with every run")
      },
      {
        open: "Projects",
        says: `\`OpenAI-Project\` names one of the database's; without it, or with a name that is not known, it is the engine's own, \`${defaultName}\` in a new one.`,
        code: named("src/store/Projects.ts")("defaultName"),
        test: serving(
          "an archive that is served answers for the project that OpenAI-Project names, where the file holds several"
        )
      },
      {
        open: "What was archived",
        says: "It is served as the host sent it, and neither changed nor deleted (403). Runs made here of an archived eval can be.",
        code: shared("changeable"),
        test: serving(
          "an archive that is served is as the host sent it, and is not changed; what is made here beside it is"
        )
      },
      {
        open: "Writes to a server that is read-only",
        says: "403 that says so. Graders can be run, since that writes nothing.",
        code: access("refusal"),
        test: serving("serving takes no writes when it serves an archive, and runs graders all the same")
      },
      {
        open: "A server without a key",
        says: "It listens on this machine alone, and answers only under this machine's own names and no web page from elsewhere.",
        code: access("isLoopback"),
        test: serving("serving answers without a key only under this machine's own names, and no page from elsewhere")
      }
    ]
  }
]
