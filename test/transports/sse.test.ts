/** SSE: the shared suite, and what only it does. */
import { SseFollower } from './sse-follower.ts'
import { transportSuite } from './suite.ts'

transportSuite({ name: 'SSE', open: (node, options) => new SseFollower(node, options ?? {}) })
