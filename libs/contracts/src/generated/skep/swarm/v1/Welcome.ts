// Original file: libs/contracts/src/swarm.proto


export interface WelcomeInput {
  'heartbeatMs'?: (number);
  /**
   * the node's own object: JSON of ClusterNode
   */
  'node'?: (string);
}

export interface Welcome {
  'heartbeatMs': (number);
  /**
   * the node's own object: JSON of ClusterNode
   */
  'node': (string);
}
