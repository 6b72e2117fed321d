import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as Formula from "../../../src/engine/graders/Formula.ts"

const value = (source: string, scores: Readonly<Record<string, number>> = {}) =>
  Formula.parse(source).pipe(
    Result.flatMap((formula) => Formula.evaluate(formula, new Map(Object.entries(scores)))),
    Result.getOrElse((error) => `${error.offset}: ${error.message}`)
  )

const values = (cases: Readonly<Record<string, number | string>>, scores?: Readonly<Record<string, number>>) => {
  for (const [source, expected] of Object.entries(cases)) assert.strictEqual(value(source, scores), expected, source)
}

describe("Formula", () => {
  it("evaluates the formulas of the host's guides", () => {
    assert.strictEqual(value("(name + email) / 2", { name: 1, email: 0.5 }), 0.75)
    assert.strictEqual(value("0.5 * function_name + 0.5 * arguments", { function_name: 1, arguments: 0 }), 0.5)
    const f1 = "2 * precision * recall / max(precision + recall, 1e-9)"
    assert.strictEqual(value(f1, { precision: 0.5, recall: 1 }), 2 / 3)
    assert.strictEqual(value(f1, { precision: 0, recall: 0 }), 0)
  })

  it("binds ^ tightest and to the right, then unary minus, then * and /, then + and -", () => {
    values({
      "1 + 2 * 3": 7,
      "(1 + 2) * 3": 9,
      "7 - 2 - 1": 4,
      "16 / 4 / 2": 2,
      "8 / 4 * 2": 4,
      "2 ^ 3 ^ 2": 512,
      "(2 ^ 3) ^ 2": 64,
      "-2 ^ 2": -4,
      "(-2) ^ 2": 4,
      "2 ^ -2 * 4": 1,
      "2 ^ -1 ^ 2": 0.5,
      "2 * -3": -6,
      "2 - -3": 5,
      "--2": 2,
      "-2 * 3 + 10": 4
    })
  })

  it("reads numbers with or without digits before and behind the point, and with an exponent", () => {
    values({ "42": 42, ".5": 0.5, "1.": 1, "1e-9": 1e-9, "1E+2": 100, "2.5e3": 2500, "0.1 + 0.2": 0.30000000000000004 })
  })

  it("has the functions of the guide", () => {
    values(
      {
        "min(3, a, 2)": 1,
        "max(3, a, 2)": 3,
        "min(a)": 1,
        "abs(-3)": 3,
        "floor(-1.5)": -2,
        "ceil(1.2)": 2,
        "exp(0)": 1,
        "sqrt(9)": 3,
        "log(exp(2))": 2,
        "max(min(a, 2), -max(1, 2)) ^ 2": 1,
        "max ( 1 , 2 )": 2
      },
      { a: 1 }
    )
  })

  it("accepts any word as a name, even that of a function", () => {
    values({ "größe + _x1 + max + e": 10 }, { größe: 1, _x1: 2, max: 3, e: 4 })
  })

  it("lists every use of a name and where it is", () => {
    const { variables } = Result.getOrThrow(Formula.parse("(a + bc) / max(a, 1)"))
    assert.deepStrictEqual(variables, [
      { name: "a", offset: 1 },
      { name: "bc", offset: 5 },
      { name: "a", offset: 15 }
    ])
    assert.deepStrictEqual(Result.getOrThrow(Formula.parse("1 + 1")).variables, [])
  })

  it("says what it expected, what it found, and where", () => {
    values({
      "": '0: expected a number, a name or "(", found the end',
      "  ": '2: expected a number, a name or "(", found the end',
      "1 +": '3: expected a number, a name or "(", found the end',
      "2 ** 3": '3: expected a number, a name or "(", found "*"',
      "+1": '0: expected a number, a name or "(", found "+"',
      "a b": '2: expected an operator, found "b"',
      "2x": '1: expected an operator, found "x"',
      "a-b c": '4: expected an operator, found "c"',
      "1.2.3": '3: expected an operator, found "."',
      "1)": '1: expected an operator, found ")"',
      "(1": '2: expected an operator or ")", found the end',
      "(1,2)": '2: expected an operator or ")", found ","',
      "max(1": '5: expected an operator, "," or ")", found the end',
      "max(1,)": '6: expected a number, a name or "(", found ")"',
      "a % b": '2: expected an operator, found "%"',
      "a + 😀": '4: expected a number, a name or "(", found "😀"',
      "1e999": "0: the number is too large"
    })
  })

  it("refuses unknown functions and wrong numbers of arguments", () => {
    values({
      "1 + mean(a)": "4: unknown function mean; there are abs, floor, ceil, exp, sqrt, log, min, max",
      "toString(1)": "0: unknown function toString; there are abs, floor, ceil, exp, sqrt, log, min, max",
      "min()": "0: min takes at least one argument, not 0",
      "abs()": "0: abs takes one argument, not 0",
      "1 + log(8, 2)": "4: log takes one argument, not 2"
    })
  })

  it("fails where a name has no score, or none that is a number", () => {
    values({ "a + constructor": "4: no score is named constructor" }, { a: 1 })
    values({ "1 - a": "4: a = NaN is not a finite number" }, { a: Number.NaN })
  })

  it("fails at the first step without a finite result", () => {
    values(
      {
        "1 + a / zero": "6: division by zero",
        "a / -zero": "2: division by zero",
        "zero ^ -1": "5: 0 ^ -1 is not a finite number",
        "(0 - 8) ^ (1 / 3)": "8: -8 ^ 0.3333333333333333 is not a finite number",
        "1e308 * 10": "6: 1e+308 * 10 is not a finite number",
        "a + sqrt(-1)": "4: sqrt(-1) is not a finite number",
        "log(zero)": "0: log(0) is not a finite number",
        // even where the rest would make it finite again
        "1 / exp(1000)": "4: exp(1000) is not a finite number",
        "max(0, log(zero))": "7: log(0) is not a finite number"
      },
      { a: 1, zero: 0 }
    )
  })

  it("reads and evaluates formulas of any length", () => {
    assert.strictEqual(value(`a${" + a".repeat(250_000)}`, { a: 1 }), 250_001)
    assert.strictEqual(value(`max(${"1, ".repeat(300_000)}2)`), 2)
    assert.strictEqual(value(`0.${"0".repeat(1_000_000)}1`), 0)
    assert.strictEqual(value("1".repeat(1_000_000)), "0: the number is too large")
    assert.strictEqual(value(" ".repeat(1_000_000)), '1000000: expected a number, a name or "(", found the end')
    assert.strictEqual(value("a".repeat(1_000_000)), `0: no score is named ${"a".repeat(64)}…`)
  })

  it("refuses what is nested too deeply", () => {
    const depth = Formula.maxDepth
    const nested = (levels: number) => "(".repeat(levels) + "1" + ")".repeat(levels)
    assert.strictEqual(value(nested(depth - 1)), 1)
    assert.strictEqual(value(nested(depth)), `${depth}: nested more than ${depth} deep`)
    for (const piece of ["(", "-", "2^", "max(", "1+(", "-2^-("]) {
      assert.match(String(value(piece.repeat(250_000))), /^\d+: nested more than 100 deep$/)
    }
    // what is side by side is not nested
    assert.strictEqual(value(`1${" + (-(1))".repeat(1000)}`), -999)
  })

  const Part = Schema.Literals([
    "a",
    "b",
    "0.5",
    "3",
    "(",
    ")",
    "+",
    "-",
    "*",
    "/",
    "^",
    "max(",
    ",",
    "log(",
    " ",
    "1e"
  ])

  it.prop(
    "has a finite value or an error that is somewhere in the formula",
    { parts: Schema.Array(Part) },
    ({ parts }) => {
      const source = parts.join("")
      const result = Formula.parse(source).pipe(
        Result.flatMap((formula) => Formula.evaluate(formula, new Map([["a", 0.25]])))
      )
      if (Result.isSuccess(result)) assert.isTrue(Number.isFinite(result.success))
      else assert.isTrue(result.failure.offset >= 0 && result.failure.offset <= source.length)
    },
    { arbitrary: { runs: 1000 } }
  )

  const Term = Schema.Tuple([Schema.Literals(["+", "-", "*"]), Schema.Int])

  it.prop(
    "agrees with JavaScript about + - and *",
    { terms: Schema.Array(Term), first: Schema.Int },
    ({ first, terms }) => {
      let source = `${first}`
      let sum = 0
      let product = first
      for (const [operator, number] of terms) {
        const factor = number / 1024
        source += ` ${operator} ${factor}`
        if (operator === "*") {
          product *= factor
        } else {
          sum += product
          product = operator === "+" ? factor : -factor
        }
      }
      const expected = sum + product
      if (Number.isFinite(expected)) assert.strictEqual(value(source), expected, source)
      else assert.match(String(value(source)), /is not a finite number$/)
    },
    { arbitrary: { runs: 500 } }
  )
})
