/**
 * Builders of wire schemas. Schemas of responses are open: they keep unknown fields and unknown members of unions.
 * Schemas of requests are closed.
 *
 * @internal
 */
import * as Schema from "effect/Schema"

/**
 * The type of a discriminator that this version does not know. It is a subtype of `string` that equals no literal.
 * `switch (value.type)` therefore narrows the known members exactly, and leaves the unknown one to `default`.
 */
export declare enum UnknownTag {
  /** Exists in types only. At run time, the value is the string of the response. */
  unknown = "unknown"
}

/** Free JSON in a response: an object with any fields. */
export const JsonObject = Schema.Record(Schema.String, Schema.Unknown)
export type JsonObject = typeof JsonObject.Type

/** Free JSON: an object that survives `JSON.stringify` unchanged. */
export const JsonRecord = Schema.Record(Schema.String, Schema.Json)
export type JsonRecord = typeof JsonRecord.Type

/**
 * An object that a program sends. Values of interfaces and classes fit, lists do not. Its fields are checked when it is
 * sent.
 */
export type JsonInput = JsonObject | (object & { readonly [Symbol.iterator]?: never })

/**
 * Free JSON that a program sends. A field that holds `undefined` is left out. A value with `toJSON` is replaced by the
 * result of that method.
 */
export const JsonInput: Schema.Codec<JsonInput> = Schema.make(JsonRecord.ast)

const rest = [Schema.Record(Schema.String, Schema.Unknown)] as const

/**
 * A struct that keeps unknown fields. Its type has the known fields only, so a misspelt field is still a type error.
 */
export const open = <const Fields extends Schema.Struct.Fields>(fields: Fields): Schema.Struct<Fields> => {
  const struct = Schema.Struct(fields)
  return struct.rebuild(Schema.StructWithRest(struct, rest).ast)
}

/**
 * A field that may be absent or null. Both mean that it is left out: hosts answer with either, and clients send either.
 */
export const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** A string with known values, which editors suggest. Any other string is accepted too. */
export const openLiterals = <const L extends ReadonlyArray<string>>(literals: L) =>
  Schema.Union([Schema.Literals(literals), Schema.StringForLiteralAutocomplete])

/** A struct whose `type` tells it apart from the others of a union. */
type Member = Schema.Top & { readonly fields: { readonly type: Schema.Literal<string> } }

/**
 * A union in a response: structs with a literal `type`, and a member for every unknown type. The last member refuses
 * the known types. Otherwise it would accept a known member with a wrong field.
 */
export const openUnion = <const Members extends ReadonlyArray<Member>>(members: Members) => {
  const known: ReadonlyArray<string> = members.map(({ fields }) => fields.type.literal)
  const unknown = Schema.String.pipe(
    Schema.refine((tag): tag is UnknownTag => !known.includes(tag), {
      expected: `a type other than ${known.join(", ")}`
    })
  )
  return Schema.Union([...members, open({ type: unknown })])
}

/** Unix time in seconds. */
export const Seconds = Schema.Finite

/** A count or a number of tokens. */
export const Count = Schema.Int

const metadataSize = Schema.makeFilter(
  (metadata: { readonly [key: string]: string }) => Object.keys(metadata).length <= 16 || "at most 16 pairs of metadata"
)
// counts code points, of which a text never has more than UTF-16 units
const isLonger = (text: string, most: number): boolean => text.length > most && [...text].length > most

const metadataEntries = Schema.makeFilter((metadata: { readonly [key: string]: string }) => {
  for (const [key, value] of Object.entries(metadata)) {
    if (isLonger(key, 64)) return { path: [key], issue: "a metadata key of at most 64 characters" }
    if (isLonger(value, 512)) return { path: [key], issue: "a metadata value of at most 512 characters" }
  }
  return true
})

/**
 * Metadata in a request: at most 16 pairs, keys of at most 64 characters, values of at most 512 characters (code
 * points).
 */
export const MetadataParam = maybe(Schema.Record(Schema.String, Schema.String).check(metadataSize, metadataEntries))

/** Metadata in a response. */
export const Metadata = maybe(Schema.Record(Schema.String, Schema.String))
