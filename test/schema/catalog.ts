/**
 * Every schema of the wire contract, found by looking through the modules themselves: one that is added is tested too.
 */
import { Schema } from "effect"
import {
  DataSource,
  Eval,
  EvalId,
  EvalsFile,
  FileId,
  Grader,
  Message,
  OutputItem,
  OutputItemId,
  Page,
  Run,
  RunId,
  Sampling,
  WebhookEvent
} from "effect-evals"

/** A schema of the wire: no transformation, and nothing that it needs. */
export type WireSchema = Schema.Codec<unknown>

export interface Entry {
  readonly name: string
  readonly schema: WireSchema
  /** How a property of it is checked: pages are large, and hold what is checked at length by itself. */
  readonly check: { readonly arbitrary: { readonly runs: number } }
}

const modules = { DataSource, Eval, EvalsFile, Grader, Message, OutputItem, Run, Sampling, WebhookEvent }

/** The number of values that a property is checked with; `test:slow` takes more. */
const runs = Number(process.env["EVALS_PROPERTY_RUNS"] ?? 15)

const entry = (name: string, schema: Schema.Constraint): Entry => ({
  name,
  schema: Schema.make<WireSchema>(schema.ast),
  check: { arbitrary: { runs: name.startsWith("Page(") ? Math.ceil(runs / 5) : runs } }
})

/** All schemas that are exported, and the pages of lists. */
export const schemas: ReadonlyArray<Entry> = [
  ...Object.entries({ EvalId, RunId, OutputItemId, FileId }).map(([name, schema]) => entry(name, schema)),
  ...Object.entries(modules).flatMap(([module, members]) =>
    Object.entries(members).flatMap(([name, member]) =>
      Schema.isSchema(member) ? [entry(`${module}.${name}`, member)] : []
    )
  ),
  entry("Page(Eval)", Page(Eval.Eval)),
  entry("Page(Run)", Page(Run.Run)),
  entry("Page(OutputItem)", Page(OutputItem.OutputItem)),
  entry("Page(EvalsFile)", Page(EvalsFile.EvalsFile))
]

const responses = new Set([
  "Eval.Eval",
  "Eval.Deleted",
  "Run.Run",
  "Run.Deleted",
  "OutputItem.OutputItem",
  "EvalsFile.EvalsFile",
  "EvalsFile.Deleted",
  "Grader.RunResponse",
  "Grader.ValidateResponse",
  "WebhookEvent.WebhookEvent",
  "Page(Eval)",
  "Page(Run)",
  "Page(OutputItem)",
  "Page(EvalsFile)"
])

/** The schemas that whole answers of the host are read with. */
export const responseSchemas: ReadonlyArray<Entry> = schemas.filter(({ name }) => responses.has(name))
