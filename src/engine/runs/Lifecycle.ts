/**
 * The statuses of a run, and the events that change them.
 */
import type { Status } from "../texts/RunText.ts"

export type { Status }

/** An event that can change the status of a run. */
export type Event = "start" | "complete" | "fail" | "cancel" | "retry"

/**
 * Returns the status after an event. Only `retry` changes a run that has ended. A queued or started run can be canceled or
 * fail. Only a started run can complete.
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
        case "retry":
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
        case "retry":
          return status
      }
    case "completed":
    case "canceled":
    case "failed":
      return event === "retry" ? "in_progress" : status
  }
}

/** Whether a run in this status has not ended. */
export const isActive = (status: string): status is "queued" | "in_progress" =>
  status === "queued" || status === "in_progress"

/** Whether a run in this status has ended. */
export const hasEnded = (status: string): status is "completed" | "canceled" | "failed" =>
  status === "completed" || status === "canceled" || status === "failed"
