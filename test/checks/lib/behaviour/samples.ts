/** Rows of docs/behaviour.md: templates and samples. */
import { Result } from "effect"
import { missingScore } from "../../../../src/engine/graders/Scored.ts"
import { JsonText } from "../../../../src/engine/rows/JsonText.ts"
import * as Sample from "../../../../src/engine/rows/Sample.ts"
import * as sampleFields from "../../../../src/engine/rows/sampleFields.ts"
import { flatten } from "../../../../src/engine/rows/SampleMessages.ts"
import * as Template from "../../../../src/engine/rows/Template.ts"
import { leftOut, mostCopied } from "../../../../src/store/copies.ts"
import { creating, sampling, running, templates, samples, criteria, rows } from "./links.ts"
import { all, code, count, named, type Fact, type Group, type Rule } from "./model.ts"

const renderedJson = (item: string, template = "{{ item.value }}"): string => {
  const scope = { item: JsonText.parse(item) ?? new JsonText(undefined, "", false), sample: Sample.ofText("") }
  const text = Template.compile(template).render(scope)
  return Result.isSuccess(text) ? text.success : "nothing"
}

const rendered = (value: unknown, template?: string): string => renderedJson(JSON.stringify({ value }), template)

/** Facts about the host. */
export const facts: Group<Fact> = {
  heading: "Templates and samples",
  rows: [
    {
      says: "`{{ item.a }}` and `{{ sample.a }}`, with or without blanks inside the braces, and indices as in `tools[0]`. No other syntax is known to work.",
      evidence: ["documented"],
      test: named("test/schema/template.test.ts")(
        "template.parse reads paths of names and indices, with or without blanks inside the braces"
      )
    },
    {
      says: "Single braces are text. Blanks and line breaks of a template are kept.",
      evidence: ["seen"],
      test: templates("Template keeps the text around variables, single braces included")
    },
    {
      says: "Creating an eval does not check its templates: a template with a syntax error is accepted.",
      evidence: ["seen"],
      test: creating("creating accepts a template with a syntax error, as the host does; lintEval finds the error")
    },
    {
      says: `If a variable has no value, the criterion fails with score ${missingScore}, and its result has a copy of the sample. The item is not errored.`,
      evidence: ["seen"],
      test: running("running fails a criterion with 0 where a variable is missing, and shows the sample beside it")
    },
    {
      says: "`sample.output_text`, `output_tools` and `choices` are the text, the tool calls and the choices of a chat completion.",
      evidence: ["documented"],
      test: samples("sample in templates is a chat completion's")
    },
    {
      says: "`sample.output_json` exists only if the text begins with `{`, ends with `}`, has no blanks around it, and is JSON. It does not need a `response_format`.",
      evidence: ["seen"],
      test: samples(
        "sample in templates has output_json for a text that begins and ends with braces and is JSON, and for no other"
      )
    },
    {
      says: "Content of several parts is shown as one text: the parts are joined by a blank, and an image is `<image>URL</image>`.",
      evidence: ["seen"],
      test: samples("sample of an output item flattens content to one text, as the host does")
    },
    {
      says: "The sample of an item has no `max_completion_tokens` if the value is unknown.",
      evidence: ["seen"],
      test: samples("sample of an output item has what the specification requires, known or not")
    }
  ]
}

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading: "Templates and samples",
  rows: [
    {
      open: "A value that is not a string",
      says: `It renders as compact JSON: ${all([true, 3, null, { a: 1 }].map((value) => rendered(value)))}. A string renders unchanged.`,
      code: named("src/engine/rows/JsonText.ts")("JsonText"),
      test: templates("Template renders a string as it is, everything else as compact JSON")
    },
    {
      open: "A number",
      says:
        `It renders as it stands in the row, alone and inside objects and lists: ${all(["1.0", "0.10", "1e22"].map((number) => renderedJson(`{"value":${number}}`)))}. ` +
        "So does one that no double holds, such as `1e400`. `graders/run` does the same.",
      code: named("src/engine/rows/JsonText.ts")("JsonText"),
      test: named("test/behaviour/numbers.test.ts")("numbers keep the digits of the row, in a run")
    },
    {
      open: "A path that enters a string",
      says:
        "It goes on inside what the string parses to, where that is JSON: of `" +
        `{"value":"{\\"city\\":\\"Rome\\"}"}\` the path \`item.value.city\` is ${code(rendered('{"city":"Rome"}', "{{ item.value.city }}"))}. ` +
        "Else the variable has no value.",
      code: named("src/engine/rows/JsonText.ts")("JsonText"),
      test: templates("Template follows a path into a string that is JSON")
    },
    {
      open: "A field whose name is no plain word",
      says: `\`{{ item["unit price"] }}\`, in double or single quotes.`,
      code: named("src/schema/template.ts")("parse"),
      test: named("test/schema/template.test.ts")("template.parse reads keys in quotes")
    },
    {
      open: "A template with a syntax error",
      says: "Its criterion fails for every row, as with a missing variable. `lintEval` finds it before anything is sent.",
      code: named("src/engine/rows/Template.ts")("compile"),
      test: creating("creating accepts a template with a syntax error, as the host does; lintEval finds the error")
    },
    {
      open: "A missing variable in a reference",
      says: `The same as in an input: the criterion fails with score ${missingScore}, and its result has the sample.`,
      code: named("src/engine/graders/Scored.ts")("missingScore"),
      test: criteria(
        "criteria fail with 0 and a copy of the sample where a variable is missing, in the input or the reference"
      )
    },
    {
      open: "Copies of a large sample in an item",
      says: `Copies take at most ${mostCopied / 1024 ** 2} MiB of an item; further results have \`sample: ${leftOut}\`. The database stores the sample once.`,
      code: named("src/store/copies.ts")("mostCopied"),
      test: named("test/store/copies.test.ts")("copies are replaced by a mark beyond the size limit of an item")
    },
    {
      open: "A text that becomes too long",
      says: `A variable that makes a template longer than ${count(Template.maxRenderedLength)} characters has no value.`,
      code: named("src/engine/rows/Template.ts")("maxRenderedLength"),
      test: templates("Template treats a variable that makes a text too long as missing")
    },
    {
      open: "The shapes of a row's sample",
      says:
        "A chat completion (`choices`), a response or an exported item's sample (`output`), a line of a dashboard " +
        "download (`outputs`, with `sampled_model_name`, `sampled_model_params` and `token_usage`), or `output_text` " +
        "alone. The first of these keys that is there decides. In templates each is what a chat completion would be: " +
        "one choice with the whole text, its refusal and all its tool calls.",
      code: named("src/engine/rows/SampleMessages.ts")("answersOf"),
      test: named("test/engine/rows/Sample.shapes.test.ts")(
        "a sample of a dashboard download is read in templates as the answer that it holds"
      )
    },
    {
      open: "Criteria that read a sample of unknown shape, without an answer, or no sample",
      says: `The run is created. The header \`warning\` names the first such row, its keys and the number of such rows. A criterion without a value scores ${missingScore}. Other fields of the sample can be read.`,
      code: rows("check"),
      test: sampling(
        "samples without a known shape are named in a warning when the run is created, with the first row and its keys"
      )
    },
    {
      open: "Calls of a response",
      says: "`output_tools` has them as tool calls of a chat completion, in order. An item has them as `tool_calls` of a message. For a call that is not a function call (`web_search_call`, `mcp_call`, …) the type is that of the item, the name is its name or its type without `_call`, and `arguments` is the JSON of its other fields.",
      code: named("src/engine/rows/SampleMessages.ts")("callText"),
      test: named("test/engine/rows/Sample.calls.test.ts")(
        "calls of a response of another kind than functions have their type, their name or a name from it, and the rest as arguments"
      )
    },
    {
      open: "The messages that were sent to the model",
      says: "An item has them as the `input` of its sample if the sample of the row has a list of messages in `input`, `messages` or `trajectory`, in this order. An `input` that is a text is one message of the user.",
      code: named("src/engine/rows/SampleMessages.ts")("inputOf"),
      test: named("test/engine/rows/Sample.shapes.test.ts")(
        "the messages that were sent are read from input or messages beside a chat completion"
      )
    },
    {
      open: "A refusal of a chat completion without content",
      says: "An item has it as the content. It is not `output_text`.",
      code: named("src/engine/rows/SampleMessages.ts")("refusalOf"),
      test: named("test/engine/rows/Sample.calls.test.ts")(
        "refusals reach templates as a chat completion's, and the item as its text"
      )
    },
    {
      open: "`output_audio` of a sample",
      says: "The `audio` of the message of a chat completion, or the first `output_audio` part of a response, unchanged.",
      code: named("src/engine/rows/Sample.ts")("Sample"),
      test: samples("sample in templates has the audio of an answer, of a chat completion or a response")
    },
    {
      open: "`output_reasoning_summary` of a sample",
      says: "The parts of the reasoning summaries of a response, separated by an empty line. A chat completion has none.",
      code: named("src/engine/rows/Sample.ts")("betweenParagraphs"),
      test: samples("sample in templates has the summary of a response's reasoning, a paragraph for each part")
    },
    {
      open: "`input_tools` of a sample",
      says: "The `tools` that the sample lists.",
      code: named("src/engine/rows/Sample.ts")("Sample"),
      test: samples("sample in templates has the tools that were offered where the sample lists them")
    },
    {
      open: "A field that the sample of a row has itself",
      says: "It takes precedence over the derived value: `output_text` is the `output_text` of the sample if it has one.",
      code: named("src/engine/rows/Sample.ts")("Sample"),
      test: samples("sample in templates has all fields of the row, which outweigh derived ones")
    },
    {
      open: "`temperature` and `top_p` of a sample without them",
      says: `An item has ${sampleFields.unknownTemperature} and ${sampleFields.unknownTopP}.`,
      code: named("src/engine/rows/sampleFields.ts")("unknownTemperature"),
      test: samples("sample of an output item writes 0, the defaults or null in place of invalid numbers")
    },
    {
      open: "Content that is neither text nor image",
      says: `An item has its type: ${code(flatten([{ type: "input_audio" }]))}.`,
      code: named("src/engine/rows/SampleMessages.ts")("flatten"),
      test: samples("sample of an output item flattens content to one text, as the host does")
    }
  ]
}
