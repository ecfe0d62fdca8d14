/** WebSocket: the shared suite, and what only it does. */
import { WebSocketFollower } from './websocket-follower.ts'
import { transportSuite } from './suite.ts'

transportSuite({ name: 'WebSocket', open: (node, options) => new WebSocketFollower(node, options) })
