import { runService } from '@taika/example-service-kit/run-service';
import { startLookup } from './start-lookup.ts';

await runService('lookup', 7440, startLookup);
