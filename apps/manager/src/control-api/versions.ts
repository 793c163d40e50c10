import { conflict, invalid } from '#lib/common';

/** An update names the version that it was made from; somebody else's in between is not overwritten. */
export function mustBeCurrent(version: number, asked: number | undefined): void {
  if (asked === undefined) throw invalid('invalid version: a "version" query is required');
  if (asked !== version) throw conflict('rpc error: code = Unknown desc = update out of sequence');
}
