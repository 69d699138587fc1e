// Statements that people make of their own builds, by `hub attest` or by a script for rebuilding.

/** The kind of such builds, in their provenance. */
export const ownBuildType = 'https://builder-hub.example/buildtypes/own/v1'
/** Their builder: whoever has the key. */
export const attesterId = 'urn:builder-hub:attester'
