/**
 * How large requests may be, and how long they may be quiet.
 */
import * as Duration from "effect/Duration"

/**
 * How large requests may be, in bytes.
 *
 * @category options
 * @since 0.1.0
 */
export interface Limits {
  /** An uploaded file. */
  readonly file: number
  /** A request that creates a run, which may bring its rows. */
  readonly rows: number
  /** Any other request. */
  readonly body: number
}

const mebibyte = 1024 * 1024

/** The limits of a server that was given none: the hosted service takes files of 512 MiB. */
export const defaults: Limits = { file: 512 * mebibyte, rows: 8 * mebibyte, body: mebibyte }

/** How long nothing may arrive of a request that has begun. */
export const stallTimeout = Duration.minutes(1)

/** How long the headers of a request may take to arrive. */
export const headersTimeout = Duration.minutes(1)

/** A number of bytes as a message says it. */
export const words = (bytes: number): string =>
  bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`
