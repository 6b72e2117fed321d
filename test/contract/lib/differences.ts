/** Where the answers of a host differ from what the OpenAPI document says of them. */
import { Ajv2020 } from "ajv/dist/2020.js"
import type { ErrorObject } from "ajv"
import { fullFormats } from "ajv-formats/dist/formats.js"
import { isWithin, ofOpenApi, type OpenApi, type Shape } from "../shape.ts"
import type { Answer } from "./recorder.ts"

type Endpoint = OpenApi["paths"][string][string]

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: RegExp
  /** Where it stands in the document, as a JSON pointer. */
  readonly pointer: string
  /** What it answers, by status. */
  readonly responses: Endpoint["responses"]
}

const escaped = (step: string): string => step.replaceAll("~", "~0").replaceAll("/", "~1")

const operationsOf = (api: OpenApi): ReadonlyArray<Operation> =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      pointer: `/paths/${escaped(path)}/${method}`,
      responses
    }))
  )

/** Of an alternative that does not fit, only that it does not: each of its members would have its own complaint. */
const withoutAlternatives = (errors: ReadonlyArray<ErrorObject>): ReadonlyArray<ErrorObject> => {
  const alternatives = errors.filter(({ keyword }) => keyword === "oneOf" || keyword === "anyOf")
  return errors.filter(
    (error) =>
      alternatives.includes(error) ||
      !alternatives.some(({ instancePath }) => `${error.instancePath}/`.startsWith(`${instancePath}/`))
  )
}

// places in lists are not told apart
const placeOf = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll(/(?:\/|^)\d+(?=\/|$)/g, "[]")
    .replaceAll("/", ".")

const said = ({ instancePath, keyword, message, params }: ErrorObject): string => {
  const place = placeOf(instancePath)
  return keyword === "required"
    ? `${place === "" ? "" : `${place}.`}${String(params["missingProperty"])}: is missing`
    : `${place}: ${message ?? keyword}`
}

/** Fields that the document does not name, whatever it allows beside them. */
const unnamed = (shape: Shape, value: unknown): ReadonlyArray<string> => {
  const known = [...shape.fields.keys()]
  const found: Array<string> = []
  const walk = (value: unknown, path: string, place: string): void => {
    if (isWithin(path, shape.free)) return
    if (Array.isArray(value)) {
      for (const each of value) walk(each, `${path}[]`, `${place}[]`)
    } else if (typeof value === "object" && value !== null) {
      const tagged = "type" in value ? `${path}[${String(value.type)}]` : path
      const own = known.some((field) => field.startsWith(`${tagged}.`)) ? tagged : path
      for (const [name, inner] of Object.entries(value)) {
        const [field, there] = [own, place].map((at) => (at === "" ? name : `${at}.${name}`))
        if (field === undefined || there === undefined) continue
        if (shape.fields.has(field)) walk(inner, field, there)
        else if (!isWithin(field, shape.free)) found.push(`${there}: is not named`)
      }
    }
  }
  walk(value, "", "")
  return found
}

const success = (status: number): boolean => status < 300

/** The data of server-sent events. What an event that was cut off has left is none. */
const eventsOf = (text: string): ReadonlyArray<string> =>
  text
    .split("\n\n")
    .slice(0, -1)
    .map((event) =>
      event
        .split("\n")
        .flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []))
        .join("\n")
    )
    .filter((data) => data !== "")

/** What the document says of an answer. */
export interface Compared {
  /** The operation that answered; undefined where the document has none. */
  readonly operation: string | undefined
  /** Where the answer differs, a line for each place. */
  readonly differences: ReadonlyArray<string>
}

/** Makes a function that compares answers with a document. */
export const make = (api: OpenApi): ((answer: Answer) => Compared) => {
  const document = "https://contract.example/openapi.json"
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { ...fullFormats, unixtime: { type: "number", validate: Number.isInteger }, binary: true }
  })
  ajv.addSchema({ ...api, $id: document })
  const operations = operationsOf(api)
  const shapes = new Map<string, Shape>()

  const schemaAt = (pointer: string) => {
    const validate = ajv.getSchema(`${document}#${encodeURI(pointer)}`)
    if (validate === undefined) throw new Error(`the document has no schema at ${pointer}`)
    return validate
  }

  const shapeOf = (operation: Operation, status: number): Shape => {
    const name = `${operation.id} ${status}`
    const known = shapes.get(name)
    if (known !== undefined) return known
    const schema = operation.responses[status]?.content?.["application/json"]?.schema
    const shape = ofOpenApi(api, schema ?? {})
    shapes.set(name, shape)
    return shape
  }

  const check = (pointer: string, value: unknown): ReadonlyArray<string> => {
    const validate = schemaAt(pointer)
    return validate(value) === true ? [] : withoutAlternatives(validate.errors ?? []).map(said)
  }

  const envelope = "/components/schemas/ErrorResponse"

  const ofJson = (operation: Operation, status: number, body: string): ReadonlyArray<string> => {
    const value: unknown = JSON.parse(body)
    const pointer = `${operation.pointer}/responses/${status}/content/${escaped("application/json")}/schema`
    const documented = operation.responses[status] !== undefined
    const found = documented ? check(pointer, value) : ["the document has no such status"]
    return success(status)
      ? [...found, ...(documented ? unnamed(shapeOf(operation, status), value) : [])]
      : [...found, ...check(envelope, value).map((difference) => `as an error: ${difference}`)]
  }

  const find = (method: string, path: string) =>
    operations.find((operation) => operation.method === method && operation.path.test(path))

  const compared = (operation: Operation, status: number, differences: ReadonlyArray<string>): Compared => ({
    operation: operation.id,
    differences: [...new Set(differences.map((difference) => `${operation.id} ${status} ${difference}`))]
  })

  return ({ body, contentType, method, path, status }) => {
    const operation = find(method, path)
    if (operation !== undefined) {
      const isJson = contentType === "application/json" || !success(status)
      return compared(operation, status, isJson ? ofJson(operation, status, body) : [`is ${contentType}`])
    }
    const [, run, rest] = /^(\/evals\/[^/]+\/runs\/[^/]+)\/(cancel|events)$/.exec(path) ?? []
    const actual = run === undefined ? undefined : find(rest === "cancel" ? method : "GET", run)
    if (actual === undefined) {
      return { operation: undefined, differences: [`${method} ${path} is no path of the document`] }
    }
    const bodies = contentType === "text/event-stream" ? eventsOf(body) : [body]
    return compared(actual, status, [
      `stands at …/${rest ?? ""}`,
      ...bodies.flatMap((each) => ofJson(actual, status, each))
    ])
  }
}
