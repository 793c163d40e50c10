import { z } from 'zod';
import { bool, text } from '#lib/http';
import { endpointSettings } from '../containers/create-body.js';

/** The body of POST /networks/:id/connect. */
export const connectBody = z.looseObject({ Container: text, EndpointConfig: endpointSettings });

/** The body of POST /networks/:id/disconnect. */
export const disconnectBody = z.looseObject({ Container: text, Force: bool });
