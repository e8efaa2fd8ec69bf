import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';

export { type Logger, silentLogger } from './logger.ts';

/** Levels from most to least talkative; `silent` says nothing. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** How `createLogger` behaves. */
export interface LoggerOptions {
  /** The program, as it appears in every line. */
  readonly name: string;
  /** Default: `info`. */
  readonly level?: LogLevel;
  /** Where lines go; default: standard error, because standard output belongs to a command's result. */
  readonly destination?: DestinationStream;
}

/** Creates a log of JSON lines. An error under the key `err` or `error` is written with its stack and its causes. */
export function createLogger({ name, level = 'info', destination }: LoggerOptions): PinoLogger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
    redact: ['req.headers.authorization', 'headers.authorization', 'authorization', 'password', 'licenseKey'],
  };
  return pino(options, destination ?? pino.destination({ dest: 2, sync: false }));
}
