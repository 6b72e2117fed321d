/**
 * The life of a run: its statuses, and the events that change them.
 */
import type { Status } from "../texts/RunText.ts"

export type { Status }

/** An event that can change the status of a run. */
export type Event = "start" | "complete" | "fail" | "cancel"

/**
 * The status after an event. A run that has ended stays as it is; a run is
 * canceled or fails from either status before that, and completes only after it
 * has begun.
 */
export const next = (status: Status, event: Event): Status => {
  switch (status) {
    case "queued":
      switch (event) {
        case "start":
          return "in_progress"
        case "cancel":
          return "canceled"
        case "fail":
          return "failed"
        case "complete":
          return status
      }
    case "in_progress":
      switch (event) {
        case "complete":
          return "completed"
        case "cancel":
          return "canceled"
        case "fail":
          return "failed"
        case "start":
          return status
      }
    case "completed":
    case "canceled":
    case "failed":
      return status
  }
}

/** Whether a run in this status is still to be worked on. */
export const isActive = (status: string): status is "queued" | "in_progress" =>
  status === "queued" || status === "in_progress"
