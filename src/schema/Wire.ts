/**
 * How wire objects are described: what is read stays open (unknown fields and
 * unknown members are kept), what is written is closed.
 *
 * @internal
 */
import * as Schema from "effect/Schema"

/**
 * The type of a discriminator that this version does not know. It is a subtype
 * of `string` that equals no literal, so that `switch (value.type)` narrows the
 * known members exactly and leaves the unknown one to `default`.
 */
export declare enum UnknownTag {
  /** Never a run-time value: the wire's own string is. */
  unknown = "unknown"
}

/** Free JSON as it is read: an object whose fields nobody checks. */
export const JsonObject = Schema.Record(Schema.String, Schema.Unknown)
export type JsonObject = typeof JsonObject.Type

/** Free JSON: an object that survives `JSON.stringify` unchanged. */
export const JsonRecord = Schema.Record(Schema.String, Schema.Json)
export type JsonRecord = typeof JsonRecord.Type

/**
 * An object of the program, as it is given to be sent: the value of an interface or
 * a class fits, and a list does not. What is in it is checked when it is sent.
 */
export type JsonInput = JsonObject | (object & { readonly [Symbol.iterator]?: never })

/**
 * Free JSON that a program gives. A field that holds `undefined` is left out when
 * it is sent, and a value with `toJSON` is sent as what that returns.
 */
export const JsonInput: Schema.Codec<JsonInput> = Schema.make(JsonRecord.ast)

const rest = [Schema.Record(Schema.String, Schema.Unknown)] as const

/**
 * A struct that keeps the fields it does not name. Its type names the known
 * fields only, so a misspelt field is still a type error.
 */
export const open = <const Fields extends Schema.Struct.Fields>(fields: Fields): Schema.Struct<Fields> => {
  const struct = Schema.Struct(fields)
  return struct.rebuild(Schema.StructWithRest(struct, rest).ast)
}

/**
 * A field that may be absent, and may be null. Both mean that it is left out: the
 * host answers so, and clients send it so.
 */
export const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** A list of strings that the server owns: the known ones are suggested, any other is read. */
export const openLiterals = <const L extends ReadonlyArray<string>>(literals: L) =>
  Schema.Union([Schema.Literals(literals), Schema.StringForLiteralAutocomplete])

/** A struct whose `type` tells it apart from the others of a union. */
type Member = Schema.Top & { readonly fields: { readonly type: Schema.Literal<string> } }

/**
 * A union that is read: structs with a literal `type`, and a member for every type that this version does not know. The
 * last refuses the known types, so that a known member with a wrong field is not taken for an unknown one.
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

/** Metadata as it is written: at most 16 pairs, keys of at most 64 and values of at most 512 characters (code points). */
export const MetadataParam = maybe(Schema.Record(Schema.String, Schema.String).check(metadataSize, metadataEntries))

/** Metadata as it is read. */
export const Metadata = maybe(Schema.Record(Schema.String, Schema.String))
