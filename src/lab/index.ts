/**
 * What the transports cost, measured: published as `holdfast/lab`. This entry is what a browser can use too: the content
 * of measured publications, how they are counted, and the table. The processes are in node.ts.
 */
export { type Comparison, type MeasuredTransport, type Phase, type Row, rowOf, rowsOf } from './comparison.ts'
export { type State, STATES } from './complexity.ts'
export { CHANNEL, type Content, LEAST_BYTES, MOST_BYTES, readContent } from './content.ts'
export { KNOBS, type Knob, type Knobs, readKnobs, readRunStart } from './knobs.ts'
export type { RunReading, RunStarted } from './run-reading.ts'
export { DeliveryCheck } from './delivery-check.ts'
export { Histogram, type Percentiles } from './histogram.ts'
export { type Traits, TRAITS } from './traits.ts'
