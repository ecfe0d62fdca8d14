/** The broker room: where logs live. Each broker is a file; all of them pass broker-suite.ts. */
export * from './memory-broker.ts'
export { SqliteBroker, type SqliteBrokerOptions } from './sqlite/sqlite-broker.ts'
