/** What the advice reckons with unless it is given another measurement: written by `holdfast compare --write docs`. */
import type { Measurement } from './cost.ts'

// prettier-ignore
export const MEASURED: Measurement = {
  "at": "2026-11-27T19:56:39.944Z",
  "on": "Node 24.21.0, 2 × AMD EPYC, linux 6.18.44-fc-v782",
  "payloadBytes": 128,
  "perSecond": 20,
  "clients": 20,
  "costs": [
    {
      "transport": "websocket",
      "perRequest": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "perMessage": {
        "bytes": 248.71,
        "cpuMicros": 22.75
      },
      "perIdleSecond": {
        "bytes": 3.2,
        "cpuMicros": 191.28
      },
      "latencyMs": {
        "p50": 1.19,
        "p99": 8.01
      }
    },
    {
      "transport": "sse",
      "perRequest": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "perMessage": {
        "bytes": 258.96,
        "cpuMicros": 39.05
      },
      "perIdleSecond": {
        "bytes": 0.47,
        "cpuMicros": 19.3
      },
      "latencyMs": {
        "p50": 1.89,
        "p99": 7.35
      }
    },
    {
      "transport": "long-polling",
      "perRequest": {
        "bytes": 1031.07,
        "cpuMicros": 512.5
      },
      "perMessage": {
        "bytes": 246.28,
        "cpuMicros": 0
      },
      "perIdleSecond": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 8.74,
        "p99": 29.38
      }
    },
    {
      "transport": "polling",
      "perRequest": {
        "bytes": 1022.52,
        "cpuMicros": 692.33
      },
      "perMessage": {
        "bytes": 244.98,
        "cpuMicros": 19.83
      },
      "perIdleSecond": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 2.52,
        "p99": 26.95
      }
    }
  ]
}
