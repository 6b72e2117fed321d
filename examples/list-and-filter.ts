/**
 * Lists are Streams: filter them, take from them, run them side by side. Pages are
 * fetched as they are needed, the next one while this one is used.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { listOutputItems, listRuns } from "effect-evals"
import * as Host from "./support/host.ts"
import { seed } from "./support/tickets.ts"

const program = Effect.gen(function* () {
  const evalId = yield* seed

  // the host filters by status; what it cannot filter by, a Stream can
  const long = listRuns(evalId, { status: "completed", order: "asc" }).pipe(
    Stream.filter((run) => run.result_counts.total > 8)
  )
  yield* Console.log("completed runs of more than 8 items")
  yield* Stream.runForEach(long, (run) => Console.log(`  ${run.name}: ${run.result_counts.passed} passed`))

  // items of three runs at a time
  const failures = long.pipe(
    Stream.flatMap(
      (run) =>
        listOutputItems(evalId, run.id, { status: "fail", limit: 2 }).pipe(
          Stream.map((item) => ({ run: run.name, item }))
        ),
      { concurrency: 3 }
    )
  )
  const texts = yield* failures.pipe(
    Stream.map(({ item }) => String(item.datasource_item["text"])),
    Stream.runCollect
  )
  yield* Console.log(`\n${texts.length} items failed, of these tickets`)
  yield* Effect.forEach([...new Set(texts)].toSorted(), (text) => Console.log(`  ${text}`))

  // what is taken from asks for no more pages than it needs
  const [latest] = yield* Stream.runCollect(Stream.take(listRuns(evalId, { order: "desc", limit: 1 }), 1))
  yield* Console.log(`\nthe latest run is ${latest?.name ?? "none"}`)
})

program.pipe(Effect.provide(Host.layer), NodeRuntime.runMain)
