// The scoring kernel: ../kernel.ts describes its functions, ../reference-kernel.ts is the same in plain TypeScript and
// ../layout.ts writes what it reads. No decorators, so that TypeScript tools can read the files.
//
// A question's number is the address of a byte with its answers: bit r is 1 where row r goes right. Byte 0 is the answer of
// leaves that stand in the place of branches: left. Working memory follows at fixed addresses, then the questions.
export { answerCategories, answerThresholds } from './answers.as'
export { addLeaves, scoreBlocks, walkTrees } from './trees.as'
