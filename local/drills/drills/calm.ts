import { setTimeout as sleep } from 'node:timers/promises';
import { type Drill, SILENCE } from '../drill.ts';

/** What is no fault: nobody may be told of it. */
export const CALM: readonly Drill[] = [
  {
    name: 'quiet night',
    fault: 'None: the exchange has nothing to say for minutes.',
    during: async (stage) => {
      stage.feed('pause');
      await sleep(6_000);
    },
    heal: (stage) => stage.feed('resume'),
    expect: SILENCE,
  },
  {
    name: 'clean deploy',
    fault: 'None: the streamer is asked to end and starts again.',
    during: async (stage) => {
      stage.streamer.kill('SIGTERM');
      await stage.heard(({ text }) => text.includes('"ws_subscribed"'), 10_000);
    },
    expect: SILENCE,
  },
  {
    name: 'bursts',
    fault: 'None: a normal load with bursts.',
    during: async (stage) => {
      for (let burst = 0; burst < 5; burst++) {
        stage.exchange({ kind: 'burst', count: 1_500 });
        await sleep(900);
      }
    },
    expect: {
      ...SILENCE,
      seen: [
        'streamer.MessagesPerSecond',
        'streamer.FramesAcknowledged',
        'streamer.HolesOpen',
        'streamer.EventLoopDelay',
        'streamer.ExchangeLag',
        'sink.FramesLanded',
        'sink.LandingLag',
        'probe.EndToEndLag',
        'probe.PartsPerPartition',
        'probe.DiskFree',
      ],
    },
  },
];
