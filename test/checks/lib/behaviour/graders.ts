/** Rows of docs/behaviour.md: graders. */
import { Result } from "effect"
import { defaultRange, middle } from "../../../../src/schema/graders/scoreRange.ts"
import * as Formula from "../../../../src/engine/graders/Formula.ts"
import { runs as gradersRun } from "../../../../src/engine/graders/registry.ts"
import { operations } from "../../../../src/engine/graders/stringCheck.ts"
import { metrics } from "../../../../src/engine/graders/text/Metrics.ts"
import { creating, similarity, criteria, checks, endpoints, formulas, unsupported, evals, passing } from "./links.ts"
import { all, code, named, type Fact, type Group, type Rule } from "./model.ts"

const formula = (text: string): string => {
  const value = Result.flatMap(Formula.parse(text), (parsed) => Formula.evaluate(parsed, new Map()))
  return `${code(text)} is ${Result.isSuccess(value) ? value.success : "an error"}`
}

const cat = ["the cat sat on the mat", "the cat is on the mat"] as const

const scores = Object.entries(metrics)
  .filter(([name]) => name !== "fuzzy_match")
  .map(([name, measure]) => `${name} ${measure(...cat).toFixed(3)}`)
  .join(", ")

/** Facts about the host. */
export const facts: Group<Fact> = {
  heading: "Graders",
  rows: [
    {
      says: `\`string_check\` has ${all(operations.keys())}. \`eq\` and \`ne\` distinguish upper and lower case. \`like\` passes if the input contains the reference; \`ilike\` does the same in any case. There are no wildcards.`,
      evidence: ["documented"],
      test: checks("string_check compares as its operation says")
    },
    {
      says: "`string_check` scores 1 or 0, and its result has `sample: null`.",
      evidence: ["specified", "seen"],
      test: criteria("criteria judge a row")
    },
    {
      says: "`text_similarity` scores 0 to 1, and passes if the score reaches its threshold.",
      evidence: ["documented"],
      test: passing
    },
    {
      says: "`fuzzy_match` is `fuzz.ratio` of rapidfuzz without a processor, divided by 100. It gives a published score of the host to the last digit.",
      evidence: ["documented", "inferred"],
      test: named("test/engine/graders/text/fuzzyMatch.test.ts")(
        "fuzzyMatch rounds as the host does, whose published score it gives"
      )
    },
    {
      says: "An eval cannot have a `multi` grader. `graders/run` and `graders/validate` accept it.",
      evidence: ["specified"],
      test: creating("creating refuses a multi grader among an eval's criteria")
    },
    {
      says: `The formula of a \`multi\` has \`+ - * / ^\` and ${all(Object.keys(Formula.functions))}.`,
      evidence: ["documented"],
      test: formulas("Formula has the functions of the guide")
    },
    {
      says: "The grader endpoints give a grader without a name one: `grader-` and twelve letters or digits.",
      evidence: ["seen"],
      test: creating("creating names a grader that has no name")
    },
    {
      says: "The answer of `graders/run` has a flag for each kind of error. After an error the reward is 0.",
      evidence: ["specified", "seen"],
      test: endpoints("graders/run answers with all that the specification requires")
    }
  ]
}

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading: "Graders",
  rows: [
    {
      open: "Upper and lower case in `ilike`",
      says: "Unicode's simple case folding, character by character, for no language in particular: `É` is `é`, `ς` is `Σ` in any position, `ß` is not `ss`, and `I` is `i` in Turkish too.",
      code: named("src/engine/graders/text/foldCase.ts")("foldCase"),
      test: named("test/engine/graders/text/foldCase.test.ts")(
        "foldCase makes texts equal that differ in case alone, wherever a letter stands"
      )
    },
    {
      open: "A `text_similarity` without `pass_threshold`",
      says: `${middle(defaultRange)}, and the eval shows it.`,
      code: named("src/engine/graders/textSimilarity.ts")("defaultPassThreshold"),
      test: passing
    },
    {
      open: "`bleu`, `gleu`, `meteor`, `rouge`",
      says:
        "As nltk and rouge-score compute them, with the tokens and the smoothing that the code names; the host's scores " +
        `may differ. Words of ROUGE in a text without any of the reference's letters (Thai, Chinese, Arabic, …) are those ` +
        `of \`Intl.Segmenter\`. “${cat[0]}” against “${cat[1]}”: ${scores}.`,
      code: named("src/engine/graders/text/Metrics.ts")("metrics"),
      test: similarity("similarity has the documented scores")
    },
    {
      open: "The precedence of operators in a formula",
      says: `\`^\` binds most, and to the right; then the minus of one operand, then \`* /\`, then \`+ -\`: ${["-2 ^ 2", "2 ^ 3 ^ 2", "8 / 4 / 2"].map(formula).join(", ")}.`,
      code: named("src/engine/graders/Formula.ts")("parse"),
      test: formulas("Formula binds ^ tightest and to the right, then unary minus, then * and /, then + and -")
    },
    {
      open: "A formula without a finite result",
      says: "The answer has `formula_parse_error` and the reward 0. It also has the scores of the graders.",
      code: named("src/engine/graders/Formula.ts")("evaluate"),
      test: creating("creating runs a formula over graders: division by zero is an error in the answer, and scores 0")
    },
    {
      open: "The largest depth of a formula",
      says: `${Formula.maxDepth} levels.`,
      code: named("src/engine/graders/Formula.ts")("maxDepth"),
      test: formulas("Formula refuses what is nested too deeply")
    },
    {
      open: "Valid definitions that this engine cannot run: a grader, a metric, an item schema with a reference to another document",
      says:
        "Creating an eval and `graders/validate` accept it, and `warning` names it; creating a run of that eval and " +
        `\`graders/run\` refuse it with 400 (\`unsupported_grader\`, \`unsupported_item_schema\`). The engine runs ${gradersRun}.`,
      code: evals("make"),
      test: unsupported(
        "what cannot be run here is a criterion that an eval may have, and a run of that eval is refused"
      )
    },
    {
      open: "A formula with a syntax error, or with the name of no grader",
      says: "`graders/validate` refuses it with 400, code `formula_parse_error`. `graders/run` answers with that flag and the reward 0.",
      code: named("src/engine/graders/multi.ts")("formulaProblems"),
      test: unsupported("what cannot be run here has another code than a formula with a syntax error")
    }
  ]
}
