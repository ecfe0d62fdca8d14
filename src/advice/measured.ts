/** What the advice reckons with unless it is given another measurement: written by `holdfast compare --write docs`. */
import type { Measurement } from './cost.ts'

// prettier-ignore
export const MEASURED: Measurement = {
  "at": "2026-11-28T01:04:07.516Z",
  "on": "Node 24.21.0, 2 × AMD EPYC, linux 6.18.44-fc-v782",
  "payloadBytes": 128,
  "perSecond": 5,
  "clients": 100,
  "costs": [
    {
      "transport": "websocket",
      "perRequest": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "perMessage": {
        "bytes": 248.6,
        "cpuMicros": 21.65
      },
      "perIdleSecond": {
        "bytes": 2.59,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 2.75,
        "p99": 6.36
      }
    },
    {
      "transport": "sse",
      "perRequest": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "perMessage": {
        "bytes": 258.58,
        "cpuMicros": 23.27
      },
      "perIdleSecond": {
        "bytes": 0.76,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 3.89,
        "p99": 10.09
      }
    },
    {
      "transport": "long-polling",
      "perRequest": {
        "bytes": 1027.48,
        "cpuMicros": 111.74
      },
      "perMessage": {
        "bytes": 248.25,
        "cpuMicros": 0
      },
      "perIdleSecond": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 13.87,
        "p99": 40.37
      }
    },
    {
      "transport": "polling",
      "perRequest": {
        "bytes": 1022.57,
        "cpuMicros": 170.45
      },
      "perMessage": {
        "bytes": 245.99,
        "cpuMicros": 10.9
      },
      "perIdleSecond": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 1.12,
        "p99": 18.51
      }
    }
  ]
}
