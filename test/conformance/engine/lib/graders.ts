/** What openai-node's `fineTuning.alpha.graders` is answered. */
import { assert, type Vitest } from "@effect/vitest"
import { BadRequestError } from "openai"
import { type Backend, errorOf, using } from "./backend.ts"
import { close, label } from "./material.ts"
import { noErrors } from "../../../lib/noErrors.ts"

const { pass_threshold: _, ...similarity } = close

const mean = {
  type: "multi",
  name: "mean",
  graders: { label, close: similarity },
  calculate_output: "(label + close) / 2"
} as const

export const graders = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect("run answers the score of a sample, and how it came about", () =>
    using(async (client) => {
      const ran = (model_sample: string) =>
        client.fineTuning.alpha.graders.run({ grader: label, model_sample, item: { label: "Hardware" } })
      const { data, response } = await ran("Hardware").withResponse()
      assert.strictEqual(response.status, 200)
      assert.isAtLeast(data.metadata.execution_time, 0)
      assert.deepEqual<unknown>(data, {
        reward: 1,
        metadata: {
          name: "label",
          type: "string_check",
          errors: noErrors,
          execution_time: data.metadata.execution_time,
          scores: {},
          token_usage: null,
          sampled_model_name: null
        },
        sub_rewards: {},
        model_grader_token_usage_per_model: {}
      })
      assert.strictEqual((await ran("Software")).reward, 0)
    })
  )

  it.effect("run scores a similarity as the documentation does", () =>
    using(async (client) => {
      // the worked example of the guide's python grader, without its processor
      const { reward } = await client.fineTuning.alpha.graders.run({
        grader: similarity,
        model_sample: "fuzzy wuzzy had no hair",
        item: { label: "fuzzy wuzzy was a bear" }
      })
      // 2 * 17 matching characters of 45
      assert.strictEqual(Math.round(reward * 45), 34)
    })
  )

  it.effect("run puts a formula over graders, with the score of each", () =>
    using(async (client) => {
      const ran = await client.post<OpenAIRun>("/fine_tuning/alpha/graders/run", {
        body: { grader: mean, model_sample: "Hardwara", item: { label: "Hardware" } }
      })
      assert.strictEqual(ran.reward, 0.4375)
      assert.deepStrictEqual(ran.sub_rewards, { label: 0, close: 0.875 })
    })
  )

  it.effect("run says in its answer that a variable is missing, and scores 0", () =>
    using(async (client) => {
      const { metadata, reward } = await client.fineTuning.alpha.graders.run({
        grader: label,
        model_sample: "Hardware",
        item: {}
      })
      assert.strictEqual(reward, 0)
      assert.deepEqual<unknown>(metadata.errors, {
        ...noErrors,
        invalid_variable_error: true,
        invalid_variable_error_details: "{{ item.label }} has no value"
      })
    })
  )

  it.effect("validate gives a grader back that can be run", () =>
    using(async (client) => {
      const { data, response } = await client.fineTuning.alpha.graders.validate({ grader: label }).withResponse()
      assert.strictEqual(response.status, 200)
      assert.deepEqual(data, { grader: label })
      assert.deepEqual(await client.fineTuning.alpha.graders.validate({ grader: similarity }), { grader: similarity })
      assert.deepEqual(await client.post("/fine_tuning/alpha/graders/validate", { body: { grader: mean } }), {
        grader: mean
      })
    })
  )

  it.effect("validate refuses a formula that cannot be read", () =>
    using(async (client) => {
      const grader = { ...mean, calculate_output: "(label + close" }
      const error = await errorOf(client.post("/fine_tuning/alpha/graders/validate", { body: { grader } }))
      assert.instanceOf(error, BadRequestError)
      assert.strictEqual(error.param, "grader.calculate_output")
    })
  )
}

interface OpenAIRun {
  readonly reward: number
  readonly sub_rewards: unknown
}
