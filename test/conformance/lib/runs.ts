/** Operations on runs, as both clients write them. */
import { cancelRun, createRun, deleteRun, EvalId, listRunsPage, retrieveRun, RunId } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import type OpenAI from "openai"
import type { Case } from "./compare.ts"

const evalId = EvalId.make("eval_67abd54d9b0081909a86353f6fb9317a")
const runId = RunId.make("evalrun_67abd54d60ec8190832b46859da808f7")

const parameters = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: ["integer", "null"] } },
  required: ["city"],
  additionalProperties: false
}

const answer = { type: "object", properties: { label: { enum: ["Hardware", "Software"] } }, required: ["label"] }

const sources = {
  "rows in the request": {
    name: "release 12",
    metadata: { commit: "1f0e3da" },
    data_source: {
      type: "jsonl",
      source: {
        type: "file_content",
        content: [
          {
            item: { ticket: 'the screen "stays" black\n', label: "Hardware", seen: null, cost: 1.5, tags: ["a", "b"] }
          },
          { item: { label: "Software" }, sample: { output_text: "Software ☃", choices: [{ index: 0 }] } }
        ]
      }
    }
  },
  "rows of a file": {
    data_source: { type: "jsonl", source: { type: "file_id", id: "file-WhUVHwoc8MuWtoYZn9myXa" } }
  },
  "chat completions over a template": {
    name: "gpt-4.1",
    data_source: {
      type: "completions",
      model: "gpt-4.1",
      source: { type: "file_id", id: "file-WhUVHwoc8MuWtoYZn9myXa" },
      input_messages: {
        type: "template",
        template: [
          { role: "developer", content: "Sort the ticket." },
          { role: "user", content: { type: "input_text", text: "{{ item.ticket }}" } },
          {
            role: "user",
            type: "message",
            content: [
              { type: "input_image", image_url: "{{ item.image_url }}", detail: "low" },
              { type: "input_audio", input_audio: { data: "{{ item.audio }}", format: "wav" } }
            ]
          },
          { role: "assistant", content: { type: "output_text", text: "Hardware" } }
        ]
      },
      sampling_params: {
        seed: 42,
        temperature: 0.2,
        top_p: 0.9,
        max_completion_tokens: 2048,
        reasoning_effort: "low",
        response_format: { type: "json_schema", json_schema: { name: "answer", schema: answer, strict: true } },
        tools: [
          {
            type: "function",
            function: { name: "get_weather", description: "The weather of a city", parameters, strict: true }
          }
        ]
      }
    }
  },
  "stored completions, messages of the row": {
    data_source: {
      type: "completions",
      model: "gpt-4.1-mini",
      source: {
        type: "stored_completions",
        model: "gpt-4.1",
        metadata: { usecase: "chat" },
        created_after: 1_759_000_000,
        created_before: 1_760_000_000,
        limit: 50
      },
      input_messages: { type: "item_reference", item_reference: "item.input" }
    }
  },
  "responses with tools and a format": {
    metadata: null,
    data_source: {
      type: "responses",
      model: "gpt-5",
      source: {
        type: "responses",
        model: "gpt-4.1",
        metadata: { usecase: "search" },
        created_after: 1_759_000_000,
        created_before: null,
        instructions_search: "tickets",
        reasoning_effort: "medium",
        temperature: 1,
        top_p: 1,
        tools: ["web_search"],
        users: ["user_1"]
      },
      input_messages: {
        type: "template",
        template: [
          { role: "system", content: "Sort the ticket." },
          { role: "user", content: "{{ item.ticket }}" }
        ]
      },
      sampling_params: {
        seed: 42,
        temperature: 1,
        top_p: 1,
        max_completion_tokens: 1024,
        text: { format: { type: "json_schema", name: "answer", schema: answer, strict: true } },
        tools: [
          { type: "function", name: "get_weather", description: null, parameters, strict: true },
          { type: "web_search", search_context_size: "low" },
          { type: "file_search", vector_store_ids: ["vs_1"], max_num_results: 3 },
          { type: "mcp", server_label: "docs", server_url: "https://mcp.example/sse", require_approval: "never" }
        ]
      }
    }
  }
} satisfies { [K in string]: OpenAI.Evals.RunCreateParams }

const run = WireBuilder.run()

const list = { after: runId, limit: 3, order: "desc", status: "in_progress" } satisfies OpenAI.Evals.RunListParams

/** Without cancelling, which has a path of its own on Azure. */
export const cases: ReadonlyArray<Case> = [
  ...Object.entries(sources).map(([name, params]): Case => ({
    name: `evals.runs.create, ${name}`,
    theirs: (client) => client.evals.runs.create(evalId, params),
    ours: createRun(evalId, params),
    answer: run
  })),
  {
    name: "evals.runs.retrieve",
    theirs: (client) => client.evals.runs.retrieve(runId, { eval_id: evalId }),
    ours: retrieveRun(evalId, runId),
    answer: run
  },
  {
    name: "evals.runs.list",
    theirs: (client) => client.evals.runs.list(evalId),
    ours: listRunsPage(evalId),
    answer: WireBuilder.page([run])
  },
  {
    name: "evals.runs.list, every parameter",
    theirs: (client) => client.evals.runs.list(evalId, list),
    ours: listRunsPage(evalId, list),
    answer: WireBuilder.page([run])
  },
  {
    name: "evals.runs.delete",
    theirs: (client) => client.evals.runs.delete(runId, { eval_id: evalId }),
    ours: deleteRun(evalId, runId),
    answer: { object: "eval.run.deleted", deleted: true, run_id: runId }
  }
]

export const cancel: Case = {
  name: "evals.runs.cancel",
  theirs: (client) => client.evals.runs.cancel(runId, { eval_id: evalId }),
  ours: cancelRun(evalId, runId),
  answer: { ...run, status: "canceled" }
}
