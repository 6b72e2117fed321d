/**
 * The pacer of one endpoint: everybody who would ask it goes through here, so that
 * it is asked as fast as it allows, and no faster.
 *
 * A request goes out when the endpoint's limits allow it and the endpoint is there.
 * Groups take turns. Those who wait are woken by the ends of other requests, or by
 * one timer; where nothing waits, there is none.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Alarm from "./alarm.ts"
import * as Circuit from "./Circuit.ts"
import { logHold, logNews } from "./endpointNews.ts"
import * as FairQueue from "./fairQueue.ts"
import * as Limits from "./limits.ts"
import * as Meter from "./meter.ts"
import type { Outcome } from "./Outcome.ts"

export { estimateTokens } from "./limits.ts"

/** An endpoint that is not asked: it is down for long, or only a person can mend it. */
export class EndpointUnavailable extends Data.TaggedError("EndpointUnavailable")<{
  readonly message: string
  /** Only a person can mend it: a refused key, no money, an unknown model. */
  readonly fatal: boolean
}> {}

/** A request that would be sent. */
export interface Request {
  /** Those who share the endpoint half and half, such as runs. */
  readonly group: string
  /** Tokens that it is thought to take. */
  readonly tokens?: number | undefined
  /** The model that is asked, so that an unknown one stops nobody else. */
  readonly model?: string | undefined
  /** It was sent before, and goes to the front of its group, unless the endpoint is down. */
  readonly again?: boolean | undefined
}

/** The state of an endpoint. */
export interface Stats {
  readonly inFlight: number
  /** The most requests in flight. */
  readonly inFlightLimit: number
  readonly waiting: number
  /** Requests sent a second, over the last five seconds. */
  readonly requestsPerSecond: number
  /** The learned pace; absent while none had to be learned. */
  readonly pacePerSecond?: number
  readonly sent: number
  /** The number of answers with status 429. */
  readonly limited: number
  /** The remaining wait of `retry-after`, which holds for all requests, in milliseconds. */
  readonly heldMillis: number
  readonly down: boolean
}

/** The pacer of one endpoint. */
export interface Pacer {
  /** Makes one attempt when its turn has come, and learns from its outcome. An attempt that fails teaches nothing. */
  readonly withPermit: <A extends Outcome, E, R>(
    request: Request,
    attempt: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | EndpointUnavailable, R>
  readonly stats: () => Stats
  /** Asks an endpoint again that was given up, as after a key was read again. */
  readonly reset: Effect.Effect<void>
}

/** Options of a pacer. */
export interface Options {
  /** The endpoint's name in logs and errors: no key in it. */
  readonly name: string
  /** A server on this machine. */
  readonly loopback?: boolean | undefined
  readonly limits?: Limits.Options | undefined
  /** The longest wait of requests for an endpoint that is down. Default 10 minutes. */
  readonly patience?: Duration.Input | undefined
}

interface Permit extends Limits.Sent {
  /** The others wait for its outcome, which tells whether the endpoint is there. */
  readonly probe: boolean
}

interface Waiter {
  readonly request: Request
  readonly grant: (permit: Permit) => void
  readonly refuse: (reason: Effect.Effect<never, EndpointUnavailable>) => void
}

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** A longer `retry-after` is told in the log, in milliseconds. */
const longHold = 60_000

/** The pacer of one endpoint. */
export const make = (options: Options): Effect.Effect<Pacer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    const wallMillis = () => clock.currentTimeMillisUnsafe()
    const limits = yield* Limits.make(options.limits ?? {}, options.loopback === true, wallMillis)
    const circuit = Circuit.make(Duration.toMillis(options.patience ?? "10 minutes"))
    const alarm = yield* Alarm.make(() => pump())
    const queue = FairQueue.make<Waiter>()
    const meter = Meter.make()
    const time = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    let inFlight = 0
    let sent = 0
    let limited = 0
    let closed = false

    const unavailable = ({ fatal, message }: Circuit.Refusal) =>
      Effect.fail(new EndpointUnavailable({ message: `${options.name}: ${message}`, fatal }))

    const waitFor = (now: number): number => {
      const wait = circuit.waitFor(now)
      return wait > Limits.tolerance ? wait : limits.waitFor(inFlight, now)
    }

    const send = (request: Request, now: number): Permit => {
      inFlight++
      sent++
      meter.add(now)
      return { ...limits.send(request.tokens ?? 0, now), probe: circuit.sent(now) }
    }

    /** Tells those who wait in vain. */
    const refuseWaiters = (now: number) => {
      for (const entry of queue.all()) {
        const refusal = circuit.refusal(entry.value.request.model, now)
        if (refusal !== undefined && queue.remove(entry)) entry.value.refuse(unavailable(refusal))
      }
    }

    const drain = () => {
      while (queue.size() > 0) {
        const now = time()
        const givesUpAt = circuit.givesUpAt() ?? Number.POSITIVE_INFINITY
        if (now >= givesUpAt - Limits.tolerance) {
          circuit.giveUp(now)
          refuseWaiters(now)
          break
        }
        const wait = waitFor(now)
        if (wait > Limits.tolerance) {
          const next = Math.min(wait, givesUpAt - now)
          return next === Number.POSITIVE_INFINITY ? alarm.stop() : alarm.set(next, now)
        }
        const waiter = queue.take()
        waiter?.grant(send(waiter.request, now))
      }
      alarm.stop()
    }

    // a fiber that is resumed runs at once and may come back here: then the loop goes round once more
    let pumping = false
    let pumpAgain = false
    const pump = () => {
      pumpAgain = true
      if (pumping || closed) return
      pumping = true
      while (pumpAgain) {
        pumpAgain = false
        drain()
      }
      pumping = false
    }

    const tell = (news: Circuit.News | undefined): void => {
      if (news !== undefined) runFork(logNews(options.name, news))
    }

    const judge = (outcome: Outcome, permit: Permit, now: number): void => {
      switch (outcome._tag) {
        case "Down":
          return tell(circuit.lost(outcome.cause, permit.sentAt, now, permit.probe))
        case "TimedOut":
          // many servers are slow under load; one that is asked alone and does not answer is not there
          return permit.probe ? tell(circuit.lost("no answer in time", permit.sentAt, now, true)) : undefined
        case "Fatal":
          tell(circuit.answered(now))
          tell(circuit.block(outcome.reason, outcome.model))
          return refuseWaiters(now)
        case "Limited":
        case "Accepted":
        case "Other":
          return tell(circuit.answered(now))
      }
    }

    const release = (permit: Permit, outcome: Outcome | undefined) => {
      inFlight--
      if (outcome === undefined) {
        if (permit.probe) circuit.probeOver()
        limits.ended(permit)
      } else {
        const now = time()
        const held = limits.heldMillis(now) > 0
        if (outcome._tag === "Limited") limited++
        const asked = limits.learn(outcome, permit, queue.size() > 0, now)
        if (!held && asked !== undefined && asked > longHold) {
          runFork(logHold(options.name, asked))
        }
        judge(outcome, permit, now)
      }
      if (inFlight === 0 && queue.size() === 0) limits.idle()
      pump()
    }

    /** Waits in the queue; whoever is interrupted leaves it, or gives back what was granted in that moment. */
    const queued = (request: Request, restore: Restore) => {
      let granted: Permit | undefined
      let entry: FairQueue.Entry<Waiter> | undefined
      const wait = Effect.callback<Permit, EndpointUnavailable>((resume) => {
        const grant = (permit: Permit) => {
          granted = permit
          resume(Effect.succeed(permit))
        }
        // a request that breaks the server must not be the probe of the circuit each time
        const front = request.again === true && !circuit.isOpen()
        entry = queue.add(request.group, { request, grant, refuse: resume }, front)
        pump()
      })
      return Effect.onInterrupt(restore(wait), () =>
        Effect.sync(() => {
          if (granted !== undefined) release(granted, undefined)
          else if (entry !== undefined && queue.remove(entry)) pump()
        })
      )
    }

    const acquire = (request: Request, restore: Restore) =>
      Effect.suspend(() => {
        if (closed) return Effect.interrupt
        const now = time()
        const refusal = circuit.refusal(request.model, now)
        if (refusal !== undefined) return unavailable(refusal)
        circuit.waiting(now)
        // nobody is overtaken: whoever can be sent is sent as soon as it is so
        return queue.size() === 0 && waitFor(now) <= Limits.tolerance
          ? Effect.succeed(send(request, now))
          : queued(request, restore)
      })

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
        alarm.stop()
        for (const entry of queue.all()) if (queue.remove(entry)) entry.value.refuse(Effect.interrupt)
      })
    )

    return {
      withPermit: (request, attempt) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(acquire(request, restore), (permit) =>
            Effect.onExit(restore(attempt), (exit) =>
              Effect.sync(() => release(permit, Exit.isSuccess(exit) ? exit.value : undefined))
            )
          )
        ),
      stats: () => {
        const now = time()
        const pacePerSecond = limits.pace()
        return {
          inFlight,
          inFlightLimit: limits.inFlight(),
          waiting: queue.size(),
          requestsPerSecond: meter.perSecond(now),
          ...(pacePerSecond === undefined ? {} : { pacePerSecond }),
          sent,
          limited,
          heldMillis: limits.heldMillis(now),
          down: circuit.isOpen()
        }
      },
      reset: Effect.sync(() => {
        circuit.reset()
        pump()
      })
    }
  })
