/**
 * The program of `program.ts` with openai-node.
 */
import OpenAI from "openai"

const client = new OpenAI({ apiKey: "sk-example", dangerouslyAllowBrowser: true })
const eval_id = "eval_0123456789abcdef0123456789abcdef"

for await (const run of client.evals.runs.list(eval_id, { limit: 100 })) console.log(run.id, run.status)
let run: OpenAI.Evals.RunRetrieveResponse = await client.evals.runs.create(eval_id, {
  data_source: { type: "jsonl", source: { type: "file_id", id: "file-0123456789" } }
})
while (run.status === "queued" || run.status === "in_progress") {
  await new Promise((resolve) => {
    setTimeout(resolve, 5000)
  })
  run = await client.evals.runs.retrieve(run.id, { eval_id })
}
if (run.status !== "completed") throw new Error(`the run ${run.status}`)
console.log(run.result_counts.passed)
