import { invalid, notFound } from '#lib/common';

/** Keeps the text of tables: what was added in which order, not what it means. */
export class FakeNft {
  /** `family name` → the statements that made the table what it is */
  private tables = new Map<string, string[]>();

  apply(ruleset: string): void {
    const next = new Map([...this.tables].map(([key, statements]) => [key, [...statements]]));
    for (const statement of statementsOf(ruleset)) change(next, statement);
    this.tables = next;
  }

  table(family: string, name: string): unknown[] | undefined {
    const statements = this.tables.get(`${family} ${name}`);
    return statements && [{ table: { family, name } }, ...statements.map((text) => ({ text }))];
  }

  /** `family name` of every table */
  get names(): string[] {
    return [...this.tables.keys()].sort();
  }
}

const FAMILY = '(ip|ip6|inet|arp|bridge|netdev)';
const TABLE = new RegExp(`^(add |delete |flush )?table ${FAMILY} (\\S+?)\\s*(\\{[^]*\\})?$`);
const INSIDE = new RegExp(`^(add|delete|flush|create|insert) (element|rule|chain|set|map) ${FAMILY} (\\S+) [^]+$`);

function change(tables: Map<string, string[]>, statement: string): void {
  if (statement === 'flush ruleset') return tables.clear();
  const inside = INSIDE.exec(statement);
  const key = inside ? `${inside[3]} ${inside[4]}` : undefined;
  if (key !== undefined) {
    const found = tables.get(key);
    if (!found) throw notFound(`nft: No such file or directory, in line: ${statement}`);
    found.push(statement);
    return;
  }
  const [, verb, family, name, body] = TABLE.exec(statement) ?? [];
  if (name === undefined) throw invalid(`nft: syntax error, in line: ${statement}`);
  const table = `${family} ${name}`;
  if (verb === 'delete ' || verb === 'flush ') {
    if (!tables.has(table)) throw notFound(`nft: No such file or directory, in line: ${statement}`);
    if (verb === 'delete ') tables.delete(table);
    else tables.set(table, []);
    return;
  }
  const statements = tables.get(table) ?? [];
  if (body !== undefined) statements.push(body);
  tables.set(table, statements);
}

/** Splits at line ends and semicolons outside of braces. */
function statementsOf(ruleset: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let current = '';
  for (const char of `${ruleset.replace(/^\s*#.*$/gm, '')}\n`) {
    if (char === '{') depth++;
    if (char === '}' && --depth < 0) throw invalid('nft: syntax error, unexpected }');
    if (depth === 0 && (char === '\n' || char === ';')) {
      if (current.trim()) found.push(current.trim());
      current = '';
    } else {
      current += char;
    }
  }
  if (depth > 0) throw invalid('nft: syntax error, unexpected end of file');
  return found;
}
