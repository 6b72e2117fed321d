/**
 * Server-sent events of runs: this project's own extension of the API.
 *
 * @internal
 */

/**
 * The header of each answer that is a run, on hosts with this extension.
 * `GET /evals/{eval_id}/runs/{run_id}/events` then sends the run at each change.
 */
export const eventsHeader = "evals-run-events"

/** The media type of server-sent events. It is the value of the header. */
export const eventStream = "text/event-stream"

/** The name of the event. Its data is the run, without rows of its request. */
export const runEvent = "run"
