import { EventEmitter, on } from 'node:events';
import type { OnEvent, RunEvent } from './run-event.js';

/** Starts some work, and returns its promise, which is also an iterable of the events that the work emits. */
export function eventStream<T>(work: (emit: OnEvent) => Promise<T>): Promise<T> & AsyncIterable<RunEvent> {
  const emitter = new EventEmitter();
  let ended = false;
  const result = work((event) => void emitter.emit('event', event)).finally(() => {
    ended = true;
    emitter.emit('end');
  });
  return Object.assign(result, {
    [Symbol.asyncIterator](): AsyncIterator<RunEvent> {
      const events = ended ? [] : on(emitter, 'event', { close: ['end'] }); // listens from now on, not from the first `next`
      return iterate(events as AsyncIterable<[RunEvent]>, result);
    },
  });
}

async function* iterate(events: AsyncIterable<[RunEvent]>, result: Promise<unknown>): AsyncGenerator<RunEvent> {
  for await (const [event] of events) yield event;
  await result;
}
