/**
 * The formula of a `multi` grader (`calculate_output`). It has numbers, names of graders, `+ - * / ^`, parentheses and the
 * functions of {@link functions}.
 *
 * The host documents these parts, but not their precedence. The engine's choice: `^` binds tightest and is right
 * associative, then unary minus, then `* /`, then `+ -`. A step whose result is not a finite number, such as a division
 * by zero, is an error.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** A formula cannot be parsed, or has no value. */
export class FormulaError extends Data.TaggedError("FormulaError")<{
  readonly message: string
  /** The offset of the fault in the formula, in UTF-16 code units. */
  readonly offset: number
}> {}

/** A use of a grader's name in a formula. */
export interface Variable {
  readonly name: string
  /** The offset in the formula, in UTF-16 code units. */
  readonly offset: number
}

type Operator = "+" | "-" | "*" | "/" | "^"

/** One step on a stack of numbers. */
type Step = { readonly offset: number } & (
  | { readonly _tag: "Number"; readonly value: number }
  | { readonly _tag: "Variable"; readonly name: string }
  | { readonly _tag: "Negate" }
  | { readonly _tag: "Binary"; readonly operator: Operator }
  | { readonly _tag: "Call"; readonly name: FunctionName; readonly count: number }
)

/** A parsed formula. */
export interface Formula {
  /** All uses of names, in the order of the text. A repeated name is repeated here. */
  readonly variables: ReadonlyArray<Variable>
  /** The steps in postfix order, so that evaluating a formula of any length needs no recursion. */
  readonly steps: ReadonlyArray<Step>
}

/** The deepest nesting of parentheses, calls, signs and exponents. */
export const maxDepth = 100

const one = {
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  exp: Math.exp,
  sqrt: Math.sqrt,
  log: Math.log
}

const many = { min: Math.min, max: Math.max }

/** The functions. `min` and `max` take one argument or more, the others exactly one. `log` is the natural logarithm. */
export const functions = { ...one, ...many }

type FunctionName = keyof typeof functions

const isFunction = (name: string): name is FunctionName => Object.hasOwn(functions, name)

const isOfMany = (name: FunctionName): name is keyof typeof many => Object.hasOwn(many, name)

/** The precedence of operators. That of the unary minus is 3. */
const binding: { readonly [O in Operator]: number } = { "+": 1, "-": 1, "*": 2, "/": 2, "^": 4 }
const unaryBinding = 3

const isOperator = (text: string): text is Operator => Object.hasOwn(binding, text)

const space = /\s*/y
const numeral = /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy
const identifier = /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy

const endOf = (pattern: RegExp, text: string, offset: number): number => {
  pattern.lastIndex = offset
  return pattern.test(text) ? pattern.lastIndex : offset
}

/** Shortens a name for a message. */
const brief = (name: string): string => (name.length > 64 ? `${name.slice(0, 64)}…` : name)

/** A recursive descent parser with precedences. Methods return whether the input is well formed up to here. */
class Parser {
  readonly steps: Array<Step> = []
  readonly variables: Array<Variable> = []
  error: FormulaError | undefined
  private readonly source: string
  private offset = 0
  private depth = 0

  constructor(source: string) {
    this.source = source
  }

  formula(): boolean {
    return this.operand(0) && (this.offset === this.source.length || this.unexpected("an operator"))
  }

  private fail(message: string, offset: number): false {
    this.error = new FormulaError({ message, offset })
    return false
  }

  private unexpected(expected: string): false {
    const point = this.source.codePointAt(this.offset)
    const found = point === undefined ? "the end" : JSON.stringify(String.fromCodePoint(point))
    return this.fail(`expected ${expected}, found ${found}`, this.offset)
  }

  private skipSpace(): void {
    this.offset = endOf(space, this.source, this.offset)
  }

  /** Takes a character and the space after it, if it is next. */
  private take(character: string): boolean {
    if (this.source[this.offset] !== character) return false
    this.offset++
    this.skipSpace()
    return true
  }

  /** Parses an operand and the following operators with a precedence above `least`. */
  private operand(least: number): boolean {
    if (++this.depth > maxDepth) return this.fail(`nested more than ${maxDepth} deep`, this.offset)
    this.skipSpace()
    if (!this.prefix()) return false
    for (;;) {
      const offset = this.offset
      const operator = this.source[offset] ?? ""
      if (!isOperator(operator) || binding[operator] <= least) break
      this.take(operator)
      // right associative: a further `^` belongs to the exponent
      if (!this.operand(operator === "^" ? unaryBinding : binding[operator])) return false
      this.steps.push({ _tag: "Binary", operator, offset })
    }
    this.depth--
    return true
  }

  private prefix(): boolean {
    const offset = this.offset
    if (this.take("-")) {
      if (!this.operand(unaryBinding)) return false
      this.steps.push({ _tag: "Negate", offset })
      return true
    }
    if (this.take("(")) return this.operand(0) && (this.take(")") || this.unexpected('an operator or ")"'))
    const end = endOf(numeral, this.source, offset)
    return end > offset ? this.number(offset, end) : this.name(offset, endOf(identifier, this.source, offset))
  }

  private number(offset: number, end: number): boolean {
    const value = Number(this.source.slice(offset, end))
    if (!Number.isFinite(value)) return this.fail("the number is too large", offset)
    this.steps.push({ _tag: "Number", value, offset })
    this.offset = end
    this.skipSpace()
    return true
  }

  private name(offset: number, end: number): boolean {
    if (end === offset) return this.unexpected('a number, a name or "("')
    const name = this.source.slice(offset, end)
    this.offset = end
    this.skipSpace()
    if (this.take("(")) return this.call(name, offset)
    this.variables.push({ name, offset })
    this.steps.push({ _tag: "Variable", name, offset })
    return true
  }

  private call(name: string, offset: number): boolean {
    if (!isFunction(name)) {
      return this.fail(`unknown function ${brief(name)}; there are ${Object.keys(functions).join(", ")}`, offset)
    }
    let count = 0
    if (!this.take(")")) {
      do {
        if (!this.operand(0)) return false
        count++
      } while (this.take(","))
      if (!this.take(")")) return this.unexpected('an operator, "," or ")"')
    }
    if (isOfMany(name) ? count === 0 : count !== 1) {
      const takes = isOfMany(name) ? "at least one argument" : "one argument"
      return this.fail(`${name} takes ${takes}, not ${count}`, offset)
    }
    this.steps.push({ _tag: "Call", name, count, offset })
    return true
  }
}

/** Parses a formula, in time that is proportional to its length. */
export const parse = (source: string): Result.Result<Formula, FormulaError> => {
  const parser = new Parser(source)
  if (parser.formula()) return Result.succeed({ variables: parser.variables, steps: parser.steps })
  return Result.fail(parser.error ?? new FormulaError({ message: "not a formula", offset: 0 }))
}

const apply = (operator: Operator, left: number, right: number): number => {
  switch (operator) {
    case "+":
      return left + right
    case "-":
      return left - right
    case "*":
      return left * right
    case "/":
      return left / right
    case "^":
      return left ** right
  }
}

/**
 * Evaluates a formula for the scores of its graders, by name. Fails if a name has no score, and at the first step whose
 * result is not a finite number.
 */
export const evaluate = (
  formula: Formula,
  variables: ReadonlyMap<string, number>
): Result.Result<number, FormulaError> => {
  const stack: Array<number> = []
  const pop = (): number => stack.pop() ?? Number.NaN
  const fail = (message: string, offset: number) => Result.fail(new FormulaError({ message, offset }))
  const notFinite = "is not a finite number"
  for (const step of formula.steps) {
    switch (step._tag) {
      case "Number":
        stack.push(step.value)
        break
      case "Variable": {
        const value = variables.get(step.name)
        if (value === undefined) return fail(`no score is named ${brief(step.name)}`, step.offset)
        if (!Number.isFinite(value)) return fail(`${brief(step.name)} = ${value} ${notFinite}`, step.offset)
        stack.push(value)
        break
      }
      case "Negate":
        stack.push(-pop())
        break
      case "Binary": {
        const right = pop()
        const left = pop()
        if (step.operator === "/" && right === 0) return fail("division by zero", step.offset)
        const value = apply(step.operator, left, right)
        if (!Number.isFinite(value)) return fail(`${left} ${step.operator} ${right} ${notFinite}`, step.offset)
        stack.push(value)
        break
      }
      case "Call": {
        let value = pop()
        if (isOfMany(step.name)) {
          for (let i = 1; i < step.count; i++) value = many[step.name](value, pop())
        } else {
          const argument = value
          value = one[step.name](argument)
          if (!Number.isFinite(value)) return fail(`${step.name}(${argument}) ${notFinite}`, step.offset)
        }
        stack.push(value)
      }
    }
  }
  return Result.succeed(pop())
}
