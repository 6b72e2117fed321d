/** Operations on files, as both clients write them. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Path, Stream } from "effect"
import { deleteFile, downloadFile, FileId, listFilesPage, retrieveFile, Upload, uploadFile } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { createReadStream } from "node:fs"
import type OpenAI from "openai"
import { toStreamingFile } from "openai"
import type { Case } from "./compare.ts"

const fileId = FileId.make("file-WhUVHwoc8MuWtoYZn9myXa")

const rows = ['{"item":{"label":"Hardware"}}\n', '{"item":{"label":"Ünï ☃"}}\n']
const text = rows.join("")

const file = WireBuilder.file()

const expires_after = { anchor: "created_at", seconds: 86_400 } as const

const pieces = () => rows.map((row) => new TextEncoder().encode(row))

async function* generated() {
  yield* pieces()
}

const list = { after: fileId, limit: 50, order: "asc", purpose: "evals" } satisfies OpenAI.FileListParams

const named = (filename: string): Case => ({
  name: `files.create, a file named ${JSON.stringify(filename)}`,
  theirs: (client) => client.files.create({ file: new File([text], filename), purpose: "evals" }),
  ours: uploadFile({ file: Upload.fromBlob(new File([text], filename)), purpose: "evals" }),
  answer: file
})

const streamed = (filename: string): Case => ({
  name: `files.create, a stream named ${JSON.stringify(filename)}`,
  theirs: (client) => client.files.create({ file: toStreamingFile(generated(), filename), purpose: "evals" }),
  ours: uploadFile({ file: Upload.fromStream(Stream.fromIterable(pieces()), { filename }), purpose: "evals" }),
  answer: file
})

const awkward = ["rows.jsonl", 'the "best" rows.jsonl', "Zeilen für München ☃.jsonl", "semi;colon=1.jsonl"]

/** The path of a file that is gone afterwards. */
const onDisk = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = (yield* Path.Path).join(yield* fs.makeTempDirectoryScoped(), "rows.txt")
  yield* fs.writeFileString(path, text)
  return path
})

const withFile = <A, E, R>(use: (path: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(Effect.orDie(onDisk), use)).pipe(Effect.provide(NodeServices.layer))

export const cases: ReadonlyArray<Case> = [
  ...awkward.flatMap((filename) => [named(filename), streamed(filename)]),
  {
    name: "files.create, a type and an expiry",
    theirs: (client) =>
      client.files.create({
        file: new File([text], "rows.jsonl", { type: "application/jsonl" }),
        purpose: "evals",
        expires_after
      }),
    ours: uploadFile({
      file: Upload.fromBlob(new File([text], "rows.jsonl", { type: "application/jsonl" })),
      purpose: "evals",
      expires_after
    }),
    answer: file
  },
  {
    name: "files.create, a stream with a type and an expiry",
    theirs: (client) =>
      client.files.create({
        file: toStreamingFile(generated(), "rows.jsonl", { type: "application/jsonl" }),
        purpose: "batch",
        expires_after
      }),
    ours: uploadFile({
      file: Upload.fromStream(Stream.fromIterable(pieces()), {
        filename: "rows.jsonl",
        contentType: "application/jsonl"
      }),
      purpose: "batch",
      expires_after
    }),
    answer: file
  },
  {
    name: "files.create, a file on disk",
    theirs: (client) =>
      Effect.runPromise(
        withFile((path) =>
          Effect.promise(() => client.files.create({ file: createReadStream(path), purpose: "user_data" }))
        )
      ),
    ours: withFile((path) =>
      Effect.flatMap(Effect.orDie(Upload.fromFile(path)), (file) => uploadFile({ file, purpose: "user_data" }))
    ),
    answer: file
  },
  {
    name: "files.retrieve",
    theirs: (client) => client.files.retrieve(fileId),
    ours: retrieveFile(fileId),
    answer: file
  },
  {
    name: "files.list",
    theirs: (client) => client.files.list(),
    ours: listFilesPage(),
    answer: WireBuilder.page([file])
  },
  {
    name: "files.list, every parameter",
    theirs: (client) => client.files.list(list),
    ours: listFilesPage(list),
    answer: WireBuilder.page([file])
  },
  {
    name: "files.delete",
    theirs: (client) => client.files.delete(fileId),
    ours: deleteFile(fileId),
    answer: { object: "file", deleted: true, id: fileId }
  },
  {
    name: "files.content",
    theirs: async (client) => (await client.files.content(fileId)).text(),
    ours: Stream.runDrain(downloadFile(fileId)),
    answer: { item: {} }
  }
]
