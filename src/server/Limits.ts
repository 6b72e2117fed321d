/** Size limits and time limits of requests. */
import * as Duration from "effect/Duration"

/**
 * Size limits of requests, in bytes.
 *
 * @category options
 * @since 0.1.0
 */
export interface Limits {
  /** An uploaded file. */
  readonly file: number
  /** A request that creates a run, with its inline rows. */
  readonly rows: number
  /** Any other request. */
  readonly body: number
}

const mebibyte = 1024 * 1024

/** The default limits. The hosted service accepts files of 512 MiB. */
export const defaults: Limits = { file: 512 * mebibyte, rows: 8 * mebibyte, body: mebibyte }

/** The time limit between two chunks of a request. */
export const stallTimeout = Duration.minutes(1)

/** The time limit for the headers of a request. */
export const headersTimeout = Duration.minutes(1)

/** Formats a number of bytes for messages. */
export const formatBytes = (bytes: number): string =>
  bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`
