/** The transport room: four ways to carry a session. They deliver; they do not decide. */
export * from './answer.ts'
export { refuse } from './reply.ts'
export * from './gateway.ts'
export * from './held-requests.ts'
export * from './limits.ts'
export * from './session-endpoint.ts'
export * from './token-bucket.ts'
export * from './websocket.ts'
