/** What the advice reckons with unless it is given another measurement: written by `holdfast compare --write docs`. */
import type { Measurement } from './cost.ts'

// prettier-ignore
export const MEASURED: Measurement = {
  "at": "2026-11-27T20:14:45.340Z",
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
        "bytes": 249.78,
        "cpuMicros": 27.56
      },
      "perIdleSecond": {
        "bytes": 2.58,
        "cpuMicros": 39.06
      },
      "latencyMs": {
        "p50": 1.19,
        "p99": 8.49
      }
    },
    {
      "transport": "sse",
      "perRequest": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "perMessage": {
        "bytes": 259.76,
        "cpuMicros": 30.12
      },
      "perIdleSecond": {
        "bytes": 0.76,
        "cpuMicros": 4.38
      },
      "latencyMs": {
        "p50": 1.64,
        "p99": 7.56
      }
    },
    {
      "transport": "long-polling",
      "perRequest": {
        "bytes": 1031.07,
        "cpuMicros": 228.01
      },
      "perMessage": {
        "bytes": 246.72,
        "cpuMicros": 0
      },
      "perIdleSecond": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 4.37,
        "p99": 15.12
      }
    },
    {
      "transport": "polling",
      "perRequest": {
        "bytes": 1023.09,
        "cpuMicros": 462.85
      },
      "perMessage": {
        "bytes": 246.68,
        "cpuMicros": 19.79
      },
      "perIdleSecond": {
        "bytes": 0,
        "cpuMicros": 0
      },
      "latencyMs": {
        "p50": 2.45,
        "p99": 39.22
      }
    }
  ]
}
