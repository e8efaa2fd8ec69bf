import { runnerMain } from './runner-main.ts';

/** What a runner process and its workers start when we run from source. A bundle starts itself instead. */
runnerMain(import.meta.filename);
