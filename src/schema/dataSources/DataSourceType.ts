/**
 * The client's half of a data source type: one file of this folder for each type. The engine's half reads the rows.
 *
 * @internal
 */

/** The exports of a data source type beside its schemas. */
export interface DataSourceType {
  /** Whether the run asks a model for the sample of each row. If not, the rows bring their samples. */
  readonly samplesModel: boolean
}
