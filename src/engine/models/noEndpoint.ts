/**
 * The error for a model without an endpoint.
 *
 * @internal
 */
import { ModelError, NoEndpoint } from "./ModelError.ts"

/** The advice for a model without an endpoint. */
const advice =
  "Name one: --models FILE of the command (docs/models.md), or the environment variables EVALS_MODEL_BASE_URL and " +
  "EVALS_MODEL_API_KEY; in a program, the layer Models.layer"

/**
 * Makes the error for a model that no entry matches.
 */
export const noEndpoint = (model: string, matches: ReadonlyArray<string>): ModelError => {
  const why =
    matches.length === 0
      ? "no endpoint is configured"
      : `no entry of the models matches (${matches.map((match) => JSON.stringify(match)).join(", ")})`
  return new ModelError({ model, endpoint: "", reason: new NoEndpoint({ message: `${why}. ${advice}` }) })
}
