import type { Project } from '../model/project.js';
import type { Dict } from '../values.js';
import { checkSchema } from './schema.js';

/**
 * A model that another process sends: the canonical form of a project, as `loadProject` gives it. Every attribute is looked
 * at, short syntaxes are refused.
 *
 * @throws {SkepError} `invalid`: names every problem by its place in the model
 */
export function checkedProject(model: object): Project {
  checkSchema(model as Dict, () => undefined);
  return model as Project;
}
