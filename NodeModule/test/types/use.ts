// SPDX-License-Identifier: Apache-2.0
//
// Every function and type of index.d.ts in use, as a test written in TypeScript has them; compiled,
// never run.
import {
  LeakError, LeakResult, LeakSite, MemtraceError, assertNoLeak, isRecording, mark, measureLeak,
  observeMemory, pause, resume, snapshot, stats,
} from '../..';
import '../../register';

mark('m');
snapshot('s');
pause();
resume();
const recording: boolean = isRecording();
const path: string | undefined = stats()?.tracePath;
observeMemory({ intervalMs: 5, collections: false }).stop();

async function use(context: { skip(reason?: string): void }): Promise<number> {
  const result: LeakResult = await measureLeak(async (iteration: number) => iteration, {
    iterations: 10, warmup: 0, batches: 2, maxBytesPerIteration: 1.5, onlyImages: '*.node',
    suppressions: ['a.supp'], gc: () => {}, skipWithoutShim: true, test: context,
  });
  const site: LeakSite = result.sites[0];
  return site.batches.length + (site.stack[0].line ?? 0);
}

function explain(error: unknown): string {
  if (error instanceof LeakError) return `${error.code} ${error.bytesPerIteration} ${error.sites.length}`;
  if (error instanceof MemtraceError && error.code === 'ERR_MEMTRACE_NOT_TRACED') return error.message;
  return '';
}

// @ts-expect-error: an instant has a name
mark(1);
// @ts-expect-error: there is no such option
void assertNoLeak(() => {}, { iteration: 1 });

export { explain, path, recording, use };
