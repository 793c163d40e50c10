// Original file: libs/contracts/src/swarm.proto


export interface LogTakenInput {
}

export interface LogTaken {
}
