// An EventEmitter that makes what it keeps with its first listener: most of those that are made have none.

import { EventEmitter } from 'node:events'

function Silent(): void {}
Object.setPrototypeOf(Silent.prototype, EventEmitter.prototype)

export const SilentEmitter: new () => EventEmitter = Silent as unknown as new () => EventEmitter
