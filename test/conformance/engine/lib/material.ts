/** Evals and rows that the conformance suite sends. */
import type OpenAI from "openai"

type Criterion = OpenAI.Evals.EvalCreateParams["testing_criteria"][number]
