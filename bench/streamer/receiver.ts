import { consume } from './consume.ts';
import { type Measured, type ReceiverArgument, receiverArgument } from './messages.ts';
import { record } from './record.ts';

/** One pass over the flood in one mode, in a process of its own: what one mode taught the compiler is no other's. */
const argument = receiverArgument.parse(JSON.parse(process.argv[2] ?? ''));
process.on('disconnect', () => process.exit(1));
const result = await run(argument);
process.send?.(result, () => process.exit(0));

function run(argument: ReceiverArgument): Promise<Measured> {
  switch (argument.mode) {
    case 'count':
      return consume(argument, () => undefined);
    case 'parse':
      return consume(argument, (frame) => void JSON.parse(frame.toString('utf8')));
    case 'streamer':
      return record(argument);
  }
}
