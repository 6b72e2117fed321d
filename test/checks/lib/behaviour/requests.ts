/** Rows of docs/behaviour.md: requests and answers. */
import { Duration } from "effect"
import { mostCriteria } from "../../../../src/engine/operations/evals.ts"
import { progressMillis } from "../../../../src/engine/operations/runs.ts"
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
      says: "Creating an eval or a run answers 201 with the whole object; all else that succeeds answers 200.",
      evidence: ["specified", "seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says:
        "A run is canceled by `POST …/runs/{run_id}/cancel`. Clients from before October 2026 post to " +
        "`…/runs/{run_id}` itself, as the specification's path still has it; both are taken.",
      evidence: ["specified"],
      test: running("running cancels at …/runs/{run_id} too, where clients older than October 2026 ask for it")
    },
    {
      says: "Of an eval only the name and the metadata can be changed.",
      evidence: ["specified"],
      test: creating("creating changes of an eval the name and the metadata, and nothing else")
    },
    {
      says: "Deleting answers `eval.deleted` with `eval_id`, or `eval.run.deleted` with `run_id`.",
      evidence: ["specified"],
      test: running("running deletes with an eval its runs and their items")
    },
    {
      says:
        "Lists are `{ object, data, first_id, last_id, has_more }`: 20 objects a page, in ascending order, behind the " +
        "object that `after` names. Output items are filtered by `pass` or `fail`.",
      evidence: ["specified", "seen"],
      test: serving("serving lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most")
    },
    {
      says: "Files are listed newest first; an upload is `processed` at once, and stays unless it was given an expiry.",
      evidence: ["specified", "seen"],
      test: serving("serving keeps a file's bytes, and lists files newest first")
    },
    {
      says: "Keys that the API does not name are ignored, wherever they stand.",
      evidence: ["seen"],
      test: creating("creating ignores keys that the API does not name, and says so in a header")
    },
    {
      says: "Metadata that a request leaves out is `{}` in the answer.",
      evidence: ["seen"],
      test: creating("creating answers 201, with the whole object")
    },
    {
      says:
        "Ids are a prefix and 32 hex digits that begin with the time in seconds, so that they sort by it. A criterion's " +
        "id is its name, a hyphen and a UUID, the same in all runs.",
      evidence: ["seen"],
      test: creating("ids begin with the time and sort by it, and criteria their name and a UUID")
    },
    {
      says: "`include_sample_schema` adds the schema of samples, and requires `sample` beside `item`.",
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
      open: "Keys that the API does not name",
      says: "They are ignored, as by the host, and named in the header `warning` of the answer and in the log; keys of rows besides `item` and `sample` too.",
      code: named("src/server/body.ts")("noteUnknown"),
      test: creating("creating ignores keys that the API does not name, and says so in a header")
    },
    {
      open: "`GET` of the base URL",
      says: "200 with the name and version of the server, its id (another one after each start), whether it is read-only, and where its documentation is.",
      code: named("src/server/routes/description.ts")("description"),
      test: baseUrl("the base URL describes the server: name, version, whether it is read-only, and its documentation")
    },
    {
      open: "Base URLs",
      says: "`/v1`, none at all, and `/openai/v1` or `/openai` as Azure's clients have it; their `api-version` is not read.",
      code: named("src/server/apiPath.ts")("canonical"),
      test: baseUrl("a client of Azure works, and its api-version is a known parameter")
    },
    {
      open: "`null` in a request",
      says:
        "It means that the field is left out, wherever one may be left out, the parameters of lists included (`after=`, " +
        "`after=null`). Changing an eval with `metadata: null` therefore keeps its metadata, and `{}` empties them. " +
        "Rows and JSON Schemas keep their nulls.",
      code: named("src/schema/withoutNulls.ts")("withoutNulls"),
      test: named("test/server/nulls.test.ts")("null counts as absent in the fields of an eval")
    },
    {
      open: "A request that is sent again under one `Idempotency-Key`",
      says: `It makes no second object for ${keySeconds / 3600} hours. Refused with 409 are another request under the same key, and the same one when its object was deleted: a repetition brings nothing back.`,
      code: shared("keySeconds"),
      test: creating("creating makes one object of a request that is sent again under its Idempotency-Key")
    },
    {
      open: "A request that OpenAI's clients send again without a key",
      says: `Where \`x-stainless-retry-count\` says so, an equal request of the last ${repeatSeconds / 60} minutes is taken for it.`,
      code: shared("repeatSeconds"),
      test: creating("creating knows a request that OpenAI's clients send again, though it has no key")
    },
    {
      open: "An error that sending again cannot mend, though OpenAI's clients would",
      says: "409, and 507 for a full disk, come with `x-should-retry: false`.",
      code: named("src/server/respond.ts")("rejected"),
      test: creating("creating makes one object of a request that is sent again under its Idempotency-Key")
    },
    {
      open: "The largest page",
      says:
        `${largestPage} objects; more is refused with 400. Objects that take more than ${formatBytes(pageBytes)} together are on ` +
        "several pages, with `has_more: true`.",
      code: named("src/server/query.ts")("largestPage"),
      test: serving("serving lists 20 objects a page, oldest first, in the API's envelope, and 100 at the most")
    },
    {
      open: "A list behind an object that was deleted",
      says:
        "It goes on where that stood, which its id tells: whoever lists may delete meanwhile. By `updated_at` that is " +
        "not known, and 400 says so.",
      code: shared("deletedPosition"),
      test: named("test/server/paging.test.ts")(
        "a page after a deleted object of evals by their last change is unknown, and refused with a message"
      )
    },
    {
      open: "The most criteria of an eval",
      says: `${count(mostCriteria)}; more is refused with 400.`,
      code: named("src/engine/operations/evals.ts")("mostCriteria"),
      test: named("test/server/badInput.definitions.test.ts")(
        "a refused definition a wrong criterion is named by its index, among thousands too"
      )
    },
    {
      open: "How large requests may be",
      says: `Files ${formatBytes(limits.file)}, rows within a request ${formatBytes(limits.rows)}, all else ${formatBytes(limits.body)} and ${count(mostValues)} values; more is answered with 413.`,
      code: named("src/server/Limits.ts")("defaults"),
      test: serving("serving refuses what is too large with 413, and says what to do")
    },
    {
      open: "Requests that cannot be answered as HTTP",
      says: `Each gets the error envelope: 400 for several \`Host\` headers or, in HTTP/1.1, none, 417 for an \`Expect\` other than \`100-continue\`, 431 for headers that are too long, 405 for \`CONNECT\`, and 408 for headers that take longer than ${Duration.toSeconds(headersTimeout)} seconds.`,
      code: named("src/server/NodeConnections.ts")("makeServer"),
      test: named("test/server/connections.test.ts")(
        "a server answers 408 if the headers of a request arrive too slowly"
      )
    },
    {
      open: "A request that stops arriving",
      says: `After ${Duration.toSeconds(stallTimeout)} seconds without a byte it is answered with 408.`,
      code: named("src/server/Limits.ts")("stallTimeout"),
      test: named("test/server/limits.test.ts")(
        "a request that stops arriving is answered with 408 and leaves nothing; slow requests and quiet responses are not cut off"
      )
    },
    {
      open: "Ids of files",
      says: "As all others: `file-` and 32 hex digits. The host's are shorter, and stay what they are in an archive.",
      code: named("src/engine/texts/IdGenerator.ts")("make"),
      test: serving("serving keeps a file's bytes, and lists files newest first")
    },
    {
      open: "The name of a file in a form",
      says: "`%22`, `%0D` and `%0A` are decoded, which browsers write for a quote and line breaks, and a backslash before a quote is dropped; nothing else is decoded. The engine in one's own process reads names alike. Other control characters are refused with 400.",
      code: named("src/server/uploadForm.ts")("readUpload"),
      test: named("test/server/uploadNames.test.ts")(
        "the name of a file is decoded in the same way if it looks escaped"
      )
    },
    {
      open: "A field of an upload that is sent twice",
      says: "It is refused with 400, `purpose` and those of `expires_after`. `expires_after` may be one field that holds JSON.",
      code: named("src/server/uploadForm.ts")("readUpload"),
      test: named("test/server/uploadNames.test.ts")("a handwritten form with a field twice is refused")
    },
    {
      open: "Characters of metadata",
      says: "The limits count code points, not UTF-16 units: a key of 64 emoji is taken, in client and server.",
      code: named("src/schema/Wire.ts")("MetadataParam"),
      test: named("test/server/badInput.definitions.test.ts")(
        "a refused definition the limits of metadata count characters"
      )
    },
    {
      open: "`created_at` of a file",
      says: "When its upload began, which is the time in its id.",
      code: shared("identified"),
      test: named("test/server/paging.test.ts")(
        "an upload is listed in the order of its id, however long it took, also if the clock goes back"
      )
    },
    {
      open: "A file whose time is over",
      says: "Nobody finds it. Runs that were created before read it to its end; what is left of it goes soon after the next upload.",
      code: named("src/store/Files.ts")("expired"),
      test: named("test/server/files.test.ts")("an expired file is not found, but runs over it read it to its end")
    },
    {
      open: "An answer whose file is deleted while it is read",
      says: "The connection is broken off, for downloads and for runs with their rows: a part is not taken for the whole.",
      code: named("src/engine/rows/fileContent.ts")("whole"),
      test: named("test/server/files.test.ts")("a download is aborted if its file is deleted meanwhile")
    },
    {
      open: "An id of another kind",
      says: "404, and the message says of which kind it is.",
      code: named("src/engine/texts/Rejection.ts")("notFound"),
      test: serving("serving says which kind of id it was given where there is no such object")
    },
    {
      open: "The progress of a run",
      says:
        `\`GET …/runs/{run_id}/events\` tells it as server-sent events, every ${progressMillis} ms at most; ` +
        `\`${eventsHeader}: ${eventStream}\` stands on every answer that is a run.`,
      code: named("src/schema/Events.ts")("eventsHeader"),
      test: serving("serving tells the changes of a run as events, and says so with every run")
    },
    {
      open: "Projects",
      says: `\`OpenAI-Project\` names one of the database's; without it, or with a name that is not known, it is the engine's own, \`${defaultName}\` in a new one.`,
      code: named("src/store/Projects.ts")("defaultName"),
      test: serving(
        "an archive that is served answers for the project that OpenAI-Project names, where the file holds several"
      )
    },
    {
      open: "What was archived",
      says: "It is served as the host sent it, and neither changed nor deleted (403). Runs made here of an archived eval can be.",
      code: shared("changeable"),
      test: serving(
        "an archive that is served is as the host sent it, and is not changed; what is made here beside it is"
      )
    },
    {
      open: "Writes to a read-only server",
      says: "403 that says so. Graders can be run, since that writes nothing.",
      code: access("refusal"),
      test: serving("serving takes no writes when it serves an archive, and runs graders all the same")
    },
    {
      open: "Web pages of named origins",
      says: "Preflights are answered with 204 and without a key, and every answer names the origin, errors included. There is no star, and no cookie is asked for.",
      code: named("src/server/cors.ts")("withCors"),
      test: named("test/server/cors.test.ts")("a server that names an origin answers preflight requests without a key")
    },
    {
      open: "A server without a key",
      says: "It listens on this machine alone, and answers only under this machine's own names and no web page from elsewhere, unless its origin is named (`--allow-origin`).",
      code: loopback("isLoopback"),
      test: serving("serving answers without a key only under this machine's own names, and no page from elsewhere")
    }
  ]
}
