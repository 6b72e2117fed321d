/** Rows of docs/behaviour.md: requests and answers. */
import { Duration } from "effect"
import { mostCriteria } from "../../../../src/engine/operations/evals.ts"
import { progressMillis } from "../../../../src/engine/operations/runStates.ts"
import { keySeconds, repeatSeconds } from "../../../../src/engine/operations/shared.ts"
import { eventsHeader, eventStream } from "../../../../src/schema/Events.ts"
import { mostValues } from "../../../../src/server/body.ts"
import { defaults as limits, headersTimeout, stallTimeout, formatBytes } from "../../../../src/server/Limits.ts"
import { largestPage } from "../../../../src/server/query.ts"
import { pageBytes } from "../../../../src/store/Page.ts"
import { defaultName } from "../../../../src/store/Projects.ts"
import { creating, running, serving, baseUrl, shared, access, loopback } from "./links.ts"
import { count, named, type Fact, type Group, type Rule } from "./model.ts"

/** Facts about the host. */
export const facts: Group<Fact> = {
  heading: "Requests and answers",
  rows: [
    {
      says: "Creating an eval or a run is answered with 201 and the whole object. Other successful requests are answered with 200.",
      evidence: ["specified", "seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says: "`POST …/runs/{run_id}/cancel` cancels a run. Clients from before October 2026 post to `…/runs/{run_id}`, which the specification still has. Both work.",
      evidence: ["specified"],
      test: running("running cancels at …/runs/{run_id} too, where clients older than October 2026 ask for it")
    },
    {
      says: "Only the name and the metadata of an eval can be changed.",
      evidence: ["specified"],
      test: creating("creating changes only the name and the metadata of an eval")
    },
    {
      says: "Deleting is answered with `eval.deleted` and `eval_id`, or with `eval.run.deleted` and `run_id`.",
      evidence: ["specified"],
      test: running("running deletes with an eval its runs and their items")
    },
    {
      says: "Lists are `{ object, data, first_id, last_id, has_more }`: 20 objects a page, in ascending order, after the object with the id `after`. Output items can be filtered by `pass` or `fail`.",
      evidence: ["specified", "seen"],
      test: serving("serving lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most")
    },
    {
      says: "Files are listed newest first. An upload is `processed` at once, and does not expire unless the request says so.",
      evidence: ["specified", "seen"],
      test: serving("serving keeps a file's bytes, and lists files newest first")
    },
    {
      says: "Keys that the API does not define are ignored at any depth.",
      evidence: ["seen"],
      test: creating("creating ignores keys that the API does not name, and says so in a header")
    },
    {
      says: "If a request has no metadata, the answer has `{}`.",
      evidence: ["seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says: "Ids are a prefix and 32 hex digits. The digits begin with the time in seconds, so ids sort by time. The id of a criterion is its name, a hyphen and a UUID, the same in all runs.",
      evidence: ["seen"],
      test: creating("ids begin with the time and sort by it; those of criteria are their name and a UUID")
    },
    {
      says: "`include_sample_schema` adds the schema of samples, and then rows must have `sample` as well as `item`.",
      evidence: ["seen"],
      test: creating("creating puts the schema of samples beside the items' where it is asked for")
    }
  ]
}

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading: "Requests and answers",
  rows: [
    {
      open: "Keys that the API does not define",
      says: "They are ignored, as on the host. The header `warning` of the answer and the log name them. The same holds for keys of rows other than `item` and `sample`.",
      code: named("src/server/body.ts")("noteUnknown"),
      test: creating("creating ignores keys that the API does not name, and says so in a header")
    },
    {
      open: "`GET` of the base URL",
      says: "200 with the name and version of the server, its id (which changes at each start), whether it is read-only, and the URL of its documentation.",
      code: named("src/server/routes/description.ts")("description"),
      test: baseUrl("the base URL describes the server: name, version, whether it is read-only, and its documentation")
    },
    {
      open: "Base URLs",
      says: "`/v1`, no path, and `/openai/v1` or `/openai` for Azure clients. Their `api-version` is ignored.",
      code: named("src/server/apiPath.ts")("canonical"),
      test: baseUrl("a client of Azure works, and its api-version is a known parameter")
    },
    {
      open: "`null` in a request",
      says: "An optional field that is null counts as absent, also in the parameters of lists (`after=`, `after=null`). So a change of an eval with `metadata: null` keeps its metadata, and `{}` removes all of it. Rows and JSON Schemas keep their nulls.",
      code: named("src/schema/withoutNulls.ts")("withoutNulls"),
      test: named("test/server/nulls.test.ts")("null counts as absent in the fields of an eval")
    },
    {
      open: "A retry with the same `Idempotency-Key`",
      says: `It creates no second object for ${keySeconds / 3600} hours. 409 if the key belongs to a different request, or if the created object was deleted.`,
      code: shared("keySeconds"),
      test: creating("creating creates one object for repeated requests with the same Idempotency-Key")
    },
    {
      open: "A retry of OpenAI's clients without a key",
      says: `If \`x-stainless-retry-count\` marks a retry, it gets the object of an equal request of the last ${repeatSeconds / 60} minutes.`,
      code: shared("repeatSeconds"),
      test: creating("creating recognises a retry of OpenAI's clients without a key")
    },
    {
      open: "An error that a retry cannot fix, but that OpenAI's clients retry",
      says: "409, and 507 for a full disk, have the header `x-should-retry: false`.",
      code: named("src/server/respond.ts")("rejected"),
      test: creating("creating creates one object for repeated requests with the same Idempotency-Key")
    },
    {
      open: "The largest page",
      says: `${largestPage} objects; a larger limit is refused with 400. If the objects of a page are larger than ${formatBytes(pageBytes)} together, the page has fewer of them and \`has_more: true\`.`,
      code: named("src/server/query.ts")("largestPage"),
      test: serving("serving lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most")
    },
    {
      open: "A list after a deleted object",
      says: "It continues at the position of the deleted object, which the id contains. So a program can delete objects while it lists them. In a list by `updated_at` the position is unknown: 400.",
      code: shared("deletedPosition"),
      test: named("test/server/paging.test.ts")(
        "a page after a deleted object of evals by their last change is unknown, and refused with a message"
      )
    },
    {
      open: "The largest number of criteria of an eval",
      says: `${count(mostCriteria)}; more are refused with 400.`,
      code: named("src/engine/operations/evals.ts")("mostCriteria"),
      test: named("test/server/badInput.definitions.test.ts")(
        "a refused definition a wrong criterion is named by its index, among thousands too"
      )
    },
    {
      open: "Size limits of requests",
      says: `Files ${formatBytes(limits.file)}, requests with rows ${formatBytes(limits.rows)}, all others ${formatBytes(limits.body)} and ${count(mostValues)} values; larger ones are answered with 413.`,
      code: named("src/server/Limits.ts")("defaults"),
      test: serving("serving refuses what is too large with 413, and says what to do")
    },
    {
      open: "Requests that are not valid HTTP",
      says: `Each is answered with an error in the format of the API: 400 for several \`Host\` headers or, in HTTP/1.1, none; 417 for an \`Expect\` other than \`100-continue\`; 431 for headers that are too long; 405 for \`CONNECT\`; 408 for headers that take longer than ${Duration.toSeconds(headersTimeout)} seconds.`,
      code: named("src/server/NodeConnections.ts")("makeServer"),
      test: named("test/server/connections.test.ts")(
        "a server answers 408 if the headers of a request arrive too slowly"
      )
    },
    {
      open: "A request that stops arriving",
      says: `It is answered with 408 after ${Duration.toSeconds(stallTimeout)} seconds without a byte.`,
      code: named("src/server/Limits.ts")("stallTimeout"),
      test: named("test/server/limits.test.ts")(
        "a request that stops arriving is answered with 408 and leaves nothing; slow requests and quiet responses are not cut off"
      )
    },
    {
      open: "Ids of files",
      says: "`file-` and 32 hex digits, like other ids. Ids of the host are shorter, and are unchanged in an archive.",
      code: named("src/engine/texts/IdGenerator.ts")("make"),
      test: serving("serving keeps a file's bytes, and lists files newest first")
    },
    {
      open: "The name of a file in a form",
      says: "`%22`, `%0D` and `%0A` are decoded: browsers write them for quotes and line breaks. A backslash before a quote is removed. Nothing else is decoded. The engine in your process does the same. Other control characters are refused with 400.",
      code: named("src/server/uploadForm.ts")("readUpload"),
      test: named("test/server/uploadNames.test.ts")(
        "the name of a file is decoded in the same way if it looks escaped"
      )
    },
    {
      open: "A field of an upload that is sent twice",
      says: "400, for `purpose` and for the fields of `expires_after`. `expires_after` may also be one field with JSON.",
      code: named("src/server/uploadForm.ts")("readUpload"),
      test: named("test/server/uploadNames.test.ts")("a handwritten form with a field twice is refused")
    },
    {
      open: "Characters of metadata",
      says: "The limits count code points, not UTF-16 units: a key of 64 emoji is accepted by the client and the server.",
      code: named("src/schema/Wire.ts")("MetadataParam"),
      test: named("test/server/badInput.definitions.test.ts")(
        "a refused definition the limits of metadata count characters"
      )
    },
    {
      open: "`created_at` of a file",
      says: "The start of its upload, which is also the time in its id.",
      code: shared("identified"),
      test: named("test/server/paging.test.ts")(
        "an upload is listed in the order of its id, however long it took, also if the clock goes back"
      )
    },
    {
      open: "An expired file",
      says: "It is not found. Runs that were created before read it to its end. Its content is removed soon after the next upload.",
      code: named("src/store/Files.ts")("expired"),
      test: named("test/server/files.test.ts")("an expired file is not found, but runs over it read it to its end")
    },
    {
      open: "A file that is deleted during a response",
      says: "The connection is aborted, for downloads and for runs with their rows, so that the client notices the missing part.",
      code: named("src/engine/rows/fileContent.ts")("whole"),
      test: named("test/server/files.test.ts")("a download is aborted if its file is deleted meanwhile")
    },
    {
      open: "An id of an object of another kind",
      says: "404, and the message names the kind.",
      code: named("src/engine/texts/Rejection.ts")("notFound"),
      test: serving("serving names the kind of an id that belongs to another object")
    },
    {
      open: "The progress of a run",
      says: `\`GET …/runs/{run_id}/events\` sends the changes as server-sent events, at most one every ${progressMillis} ms. Every response with a run has the header \`${eventsHeader}: ${eventStream}\`.`,
      code: named("src/schema/Events.ts")("eventsHeader"),
      test: serving("serving sends the changes of a run as events, and announces them with every run")
    },
    {
      open: "Projects",
      says: `\`OpenAI-Project\` selects a project of the database. Without the header, or with an unknown name, a request uses the project of the engine, \`${defaultName}\` in a new database.`,
      code: named("src/store/Projects.ts")("defaultName"),
      test: serving("an archive that is served selects the project that OpenAI-Project names, if the file has several")
    },
    {
      open: "Archived objects",
      says: "They are served as the host sent them, and cannot be changed or deleted (403). New runs of an archived eval can.",
      code: shared("changeable"),
      test: serving("an archive that is served is unchanged and read-only; new objects beside it can be changed")
    },
    {
      open: "Writes to a read-only server",
      says: "403. Graders can be run, since that writes nothing.",
      code: access("refusal"),
      test: serving("serving refuses writes when it serves an archive, but runs graders")
    },
    {
      open: "Web pages of allowed origins",
      says: "Preflight requests are answered with 204 and need no key. Every response names the origin, errors included. `*` is not supported, and no cookies are used.",
      code: named("src/server/cors.ts")("withCors"),
      test: named("test/server/cors.test.ts")("a server that names an origin answers preflight requests without a key")
    },
    {
      open: "A server without a key",
      says: "It listens on this machine only. It accepts only requests for names of this machine, and no requests of web pages from elsewhere, unless their origin is allowed (`--allow-origin`).",
      code: loopback("isLoopback"),
      test: serving("serving answers without a key only under this machine's own names, and no page from elsewhere")
    }
  ]
}
