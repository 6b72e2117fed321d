/**
 * Keeps the runs of a file from being through, however quick the machine is: a
 * test that looks at a run on its way, stops its process or cancels it, is then
 * sure to find it there.
 */
import { DatabaseSync } from "node:sqlite"

const change = (filename: string, sql: string): void => {
  const database = new DatabaseSync(filename, { timeout: 10_000 })
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

/**
 * From now on no item of this row, or of a later one, is stored in a file that an
 * engine has made: runs get as far as that, and try again. They give up after a
 * minute, so what a test wants of them is to be done by then.
 */
export const hold = (filename: string, row: number): void =>
  change(
    filename,
    `CREATE TRIGGER held BEFORE INSERT ON output_items WHEN NEW.datasource_item_id >= ${row}
     BEGIN SELECT raise(ABORT, 'held by a test'); END`
  )

/** Lets runs go on that are held. */
export const release = (filename: string): void => change(filename, "DROP TRIGGER held")
