/** Graders that ask a model, and the requests that openai-node sends for the same things. */
import { item, type Json, type Theirs } from "./material.ts"

/** A grader without its model over one row, and the request in each of the two APIs. */
export interface JudgeCase {
  readonly name: string
  readonly grader: Json
  readonly chat: Theirs
  readonly responses: Theirs
}

const text = { type: "string" }

const answer = (result: Json) => ({
  type: "object",
  properties: {
    steps: {
      type: "array",
      items: {
        type: "object",
        properties: { description: text, conclusion: text },
        required: ["description", "conclusion"],
        additionalProperties: false
      }
    },
    result
  },
  required: ["steps", "result"],
  additionalProperties: false
})

const score = { name: "score", schema: answer({ type: "number" }), strict: true }
const label = { name: "label", schema: answer({ type: "string", enum: ["kind", "rude"] }), strict: true }

const labels = { labels: ["kind", "rude"], passing_labels: ["kind"] }
const ticket = { role: "user", content: "{{ item.ticket }}" } as const
const said = { role: "user", content: item.ticket } as const

/** The graders. */
export const judges: ReadonlyArray<JudgeCase> = [
  {
    name: "score_model",
    grader: { type: "score_model", name: "judge", input: [{ role: "system", content: "Judge." }, ticket] },
    chat: {
      chat: {
        messages: [{ role: "system", content: "Judge." }, said],
        max_completion_tokens: 4096,
        response_format: { type: "json_schema", json_schema: score }
      }
    },
    responses: {
      responses: {
        input: [{ role: "system", content: "Judge." }, said],
        max_output_tokens: 4096,
        text: { format: { type: "json_schema", ...score } },
        store: false
      }
    }
  },
  {
    name: "score_model, every parameter, and an image",
    grader: {
      type: "score_model",
      name: "judge",
      range: [1, 7],
      pass_threshold: 1,
      input: [
        {
          type: "message",
          role: "user",
          content: [
            { type: "input_text", text: "{{ item.ticket }}" },
            { type: "input_image", image_url: "{{ item.image_url }}", detail: "high" }
          ]
        }
      ],
      sampling_params: { temperature: 0, top_p: 0.5, seed: 7, reasoning_effort: "high", max_completions_tokens: 99 }
    },
    chat: {
      chat: {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: item.ticket },
              { type: "image_url", image_url: { url: item.image_url, detail: "high" } }
            ]
          }
        ],
        temperature: 0,
        top_p: 0.5,
        seed: 7,
        reasoning_effort: "high",
        max_completion_tokens: 99,
        response_format: { type: "json_schema", json_schema: score }
      }
    },
    responses: {
      responses: {
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: item.ticket },
              { type: "input_image", image_url: item.image_url, detail: "high" }
            ]
          }
        ],
        temperature: 0,
        top_p: 0.5,
        reasoning: { effort: "high", summary: "auto" },
        max_output_tokens: 99,
        text: { format: { type: "json_schema", ...score } },
        store: false
      }
    }
  },
  {
    name: "label_model",
    grader: { type: "label_model", name: "judge", input: [ticket], ...labels },
    chat: {
      chat: {
        messages: [said],
        max_completion_tokens: 4096,
        response_format: { type: "json_schema", json_schema: label }
      }
    },
    responses: {
      responses: {
        input: [said],
        max_output_tokens: 4096,
        text: { format: { type: "json_schema", ...label } },
        store: false
      }
    }
  },
  {
    name: "label_model, parameters, one of them null",
    grader: {
      type: "label_model",
      name: "judge",
      input: [{ role: "developer", content: { type: "input_text", text: "{{ item.ticket }}" } }],
      ...labels,
      sampling_params: { temperature: null, top_p: 1, seed: 0, max_completion_tokens: 50 }
    },
    chat: {
      chat: {
        messages: [{ role: "developer", content: [{ type: "text", text: item.ticket }] }],
        top_p: 1,
        seed: 0,
        max_completion_tokens: 50,
        response_format: { type: "json_schema", json_schema: label }
      }
    },
    responses: {
      responses: {
        input: [{ role: "developer", content: [{ type: "input_text", text: item.ticket }] }],
        top_p: 1,
        max_output_tokens: 50,
        text: { format: { type: "json_schema", ...label } },
        store: false
      }
    }
  }
]
