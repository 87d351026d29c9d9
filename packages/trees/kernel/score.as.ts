// Scores blocks of eight rows. Compiled by AssemblyScript (see compile.ts); the reference implementation is src/scorer-plain.ts, the
// layout of the memory is written by src/scorer-layout.ts. No decorators, so that TypeScript tools can read the file.
//
// A question's number is the address of a byte with its answers: bit r is 1 where row r goes right. Byte 0 is the answer of
// leaves that stand in the place of branches: left. Working memory follows at fixed addresses, then the questions.
export { answerCategories, answerThresholds } from './score/answers.as'
export { addLeaves, scoreBlocks, walkTrees } from './score/trees.as'
