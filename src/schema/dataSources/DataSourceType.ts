/**
 * The client's half of a data source type. Each type has a file in this folder. The engine's half reads the rows.
 *
 * @internal
 */

/** The exports of a data source type, except for its schemas. */
export interface DataSourceType {
  /** Whether the run asks a model for the sample of each row. Otherwise the rows bring their samples. */
  readonly samplesModel: boolean
}
