/**
 * How a host says that it tells the progress of runs by itself, which is this
 * project's own extension of the API.
 *
 * @internal
 */

/**
 * The header that a host puts on every answer which is a run, where
 * `GET /evals/{eval_id}/runs/{run_id}/events` tells that run's changes as
 * server-sent events.
 */
export const eventsHeader = "evals-run-events"

/** The media type of server-sent events, which is the value of the header. */
export const eventStream = "text/event-stream"

/** The name of the event whose data is a run, without the rows that its request brought. */
export const runEvent = "run"
