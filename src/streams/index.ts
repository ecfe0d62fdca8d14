/** The streams room: the Durable Streams face of the same logs. */
export type { StreamsHost } from './exchange.ts'
export { STREAMS_CORS, Streams } from './streams.ts'
