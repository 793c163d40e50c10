// Writes into a database of node.db's tables, with short pauses, and the log back into it at each turn:
//   node busy-database.mjs PATH
import { setTimeout } from 'node:timers/promises';
import sqlite3 from 'sqlite3';

const database = new sqlite3.Database(process.argv[2]);
const run = (sql, ...values) =>
  new Promise((resolve, reject) => database.run(sql, values, (error) => (error ? reject(error) : resolve())));

for (const pragma of ['journal_mode = WAL', 'wal_autocheckpoint = 2', 'synchronous = OFF'])
  await run(`PRAGMA ${pragma}`);
for (const table of ['network', 'container', 'status', 'volume', 'project']) {
  await run(`CREATE TABLE "${table}" ("id" TEXT PRIMARY KEY, "value" TEXT)`);
}
for (let n = 0; ; n++) {
  const value = JSON.stringify({ n, text: 'x'.repeat(1 + ((n * 7_919) % 200_000)) });
  await run('INSERT OR REPLACE INTO "network" VALUES (?, ?)', String(n % 5), value);
  // Pages become free, and are used again for others.
  if (n % 7 === 6) await run('DELETE FROM "network" WHERE "id" = ?', String(n % 3));
  if (n % 10 === 9) await setTimeout(40);
  if (n === 20) console.log('it has begun');
}
