import { describe, expect, it } from 'vitest';
import { processTable, psArguments } from './process-table.js';

const OUTPUT = `UID          PID    PPID  C CMD
root           1       0  0 /sbin/init splash
root         812       1  3 sh -c sleep 1; echo done
nobody       813     812  0 sleep 1
`;

describe('the processes of a container', () => {
  it('are those that are its own, the last column with its blanks', () => {
    expect(processTable(OUTPUT, new Set([812, 813]))).toEqual({
      Titles: ['UID', 'PID', 'PPID', 'C', 'CMD'],
      Processes: [
        ['root', '812', '1', '3', 'sh -c sleep 1; echo done'],
        ['nobody', '813', '812', '0', 'sleep 1'],
      ],
    });
  });

  it('cannot be told without their numbers', () => {
    expect(() => processTable('COMMAND\nsleep\n', new Set([1]))).toThrow("Couldn't find PID field in ps output");
  });

  it.each([
    [undefined, ['-ef']],
    [' ', ['-ef']],
    ['aux', ['aux']],
    ['-o  pid,comm', ['-o', 'pid,comm']],
    ['aux --sort=-rss', ['aux', '--sort=-rss']],
    ['-eo pid=PID,args=CMD', ['-eo', 'pid=PID,args=CMD']],
  ])('ps arguments %j', (given, args) => expect(psArguments(given)).toEqual(args));

  it.each(['-o comm=PID', '-ef --no-headers'])('refuses what would hide a number: %s', (given) => {
    expect(() => psArguments(given)).toThrow('titles cannot be left out, and PID is one');
  });
});
