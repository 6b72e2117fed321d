/**
 * Single objects as text: an eval, an output item, a file.
 */
import { criteriaOf, shortNames } from "../report/criteria.ts"
import type * as Eval from "../schema/Eval.ts"
import type * as EvalsFile from "../schema/EvalsFile.ts"
import type { Compared, Explanation } from "../schema/Explanation.ts"
import { at } from "../schema/fields.ts"
import type * as OutputItem from "../schema/OutputItem.ts"
import { formatMissing, formatScore } from "./explanation.ts"
import { byteSize, count, date } from "../report/format.ts"
import { plain } from "../report/plainText.ts"
import { fittedTable, table, tableRecords } from "./textLayout.ts"

/** Aligns names and values. A name without a value is left out. */
const pairs = (rows: ReadonlyArray<readonly [name: string, value: string]>): ReadonlyArray<string> =>
  table(
    rows.filter(([, value]) => value !== ""),
    2
  )

const metadata = (of: { readonly [key: string]: string } | null | undefined): string =>
  Object.entries(of ?? {})
    .map(([key, value]) => `${plain(key)}=${plain(value)}`)
    .join(", ")

// a text keeps its line breaks
const indented = (text: string): ReadonlyArray<string> => text.split(/\r\n|\r|\n/).map((line) => `  ${plain(line)}`)

const valueOf = (value: unknown): string =>
  typeof value === "string" ? plain(value) : plain(JSON.stringify(value) ?? "")

const compared = (grader: object): string => {
  const [input, reference] = [at(grader, "input"), at(grader, "reference")]
  return typeof input === "string" && typeof reference === "string" ? `${plain(input)}  ${plain(reference)}` : ""
}

/** Formats an eval and its criteria. */
export const formatEval = (one: Eval.Eval, embedded: boolean, width?: number): string => {
  const criteria = criteriaOf(one, undefined, { embedded }).map((criterion, index) => [
    criterion.name,
    `${criterion.type} ${criterion.detail}`.trimEnd(),
    criterion.assumed ? `${criterion.passThreshold ?? "not given"} (assumed)` : String(criterion.passThreshold ?? ""),
    compared(one.testing_criteria[index] ?? {})
  ])
  return [
    ...pairs([
      ["eval", one.id],
      ["name", plain(one.name ?? "")],
      ["created", date(one.created_at)],
      ["rows", one.data_source_config.type],
      ["metadata", metadata(one.metadata)]
    ]),
    "",
    ...fittedTable([["criterion", "grader", "threshold", "input and reference"], ...criteria], 4, width)
  ].join("\n")
}

/** Formats a file without its content. */
export const formatFile = (file: EvalsFile.EvalsFile): string =>
  pairs([
    ["file", file.id],
    ["name", plain(file.filename)],
    ["size", typeof file.bytes === "number" ? byteSize(file.bytes) : ""],
    ["purpose", file.purpose],
    ["created", date(file.created_at)],
    ["expires", typeof file.expires_at === "number" ? date(file.expires_at) : ""]
  ]).join("\n")

const message = ({ content, role }: NonNullable<OutputItem.OutputItem["sample"]>["output"][number]) =>
  indented(
    `${role === undefined || role === null ? "" : `${role}: `}${typeof content === "string" ? content : JSON.stringify(content ?? "")}`
  )

const whyNot = (explanation: Explanation): string =>
  explanation._tag === "Missing"
    ? formatMissing(explanation)
    : explanation._tag === "Unjudged"
      ? plain(explanation.message)
      : ""

/** The most characters of a compared text that are shown. */
const comparedLength = 10_000

const comparedText = (text: string): ReadonlyArray<string> => {
  const more = text.length - comparedLength
  return indented(more > 0 ? `${text.slice(0, comparedLength)}… (${count(more)} more characters)` : text)
}

/** Formats the two rendered texts that a criterion compared. */
const comparedLines = (name: string, { by, certain, input, reference }: Compared): ReadonlyArray<string> => [
  "",
  `${name}: input${certain ? "" : ", as far as the item tells"}`,
  ...comparedText(input),
  `${name}: reference (${by})`,
  ...comparedText(reference)
]

/**
 * Formats an output item: its row, its output, its results and the texts that were compared. `explanations` belong to its
 * results, in their order.
 */
export const formatItem = (
  item: OutputItem.OutputItem,
  explanations: ReadonlyArray<Explanation>,
  width = Number.MAX_SAFE_INTEGER
): string => {
  const names = shortNames(item.results.map(({ name }) => name))
  const nameOf = (index: number): string => names.get(item.results[index]?.name ?? "") ?? ""
  const results = item.results.map((result) => [
    names.get(result.name) ?? result.name,
    result.passed ? "passed" : "failed",
    formatScore(result.score)
  ])
  const whys = ["", ...explanations.map(whyNot)]
  const heads = ["criterion", "", "score"]
  const verdicts = table([heads, ...results], 2).map((line, index) => `${line}  ${whys[index] ?? ""}`.trimEnd())
  const error = item.sample?.error
  return [
    ...pairs([
      ["item", item.id],
      ["row", String(item.datasource_item_id)],
      ["status", item.status],
      ["run", item.run_id],
      ["eval", item.eval_id]
    ]),
    "",
    ...(verdicts.every(({ length }) => length <= width)
      ? verdicts
      : tableRecords(
          [heads, ...results].map((cells, index) => [...cells, whys[index] ?? ""]),
          width
        )),
    ...(error === undefined || error === null ? [] : ["", `error  ${plain(error.message)}`]),
    "",
    "item",
    ...pairs(Object.entries(item.datasource_item).map(([name, value]) => [`  ${plain(name)}`, valueOf(value)])),
    ...(item.sample === null || item.sample.output.length === 0 ? [] : ["", "output"]),
    ...(item.sample?.output ?? []).flatMap(message),
    ...explanations.flatMap((each, index) => (each._tag === "Compared" ? comparedLines(nameOf(index), each) : []))
  ].join("\n")
}
