import { startEmbeddedPostgres } from '@taika/database/embedded';

/** A program that starts PostgreSQL on the directory it is given, says so, and waits to be killed or told to stop. */
const [directory = '', port] = process.argv.slice(2);
const postgres = await startEmbeddedPostgres({
  directory,
  ...(port === undefined ? {} : { port: Number(port) }),
});
process.send?.({ port: postgres.port, adopted: postgres.adopted, url: postgres.url('postgres') });
process.on('message', async () => {
  await postgres.stop();
  process.exit(0);
});
