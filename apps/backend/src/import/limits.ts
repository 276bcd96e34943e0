/** Everything an import can make grow, and how far. */
export const importLimits = {
  /** Of one file; a larger one is refused when that is known. */
  fileOctetsMax: 8 * 1024 ** 3,
  /** Imports at a time. */
  runningMax: 2,
  /** Imports whose outcome is remembered; the oldest is forgotten first. */
  jobsKeptMax: 50,
  /** Rows of one message to the engine thread, about: a piece of the file is not divided. */
  rowsPerBatch: 512,
  /** The file is read in pieces of at most this. */
  pieceOctetsMax: 65_536,
  /** Refused rows of one import that can be downloaded, as text; further ones are counted. */
  refusedTextOctetsMax: 64 * 1024 ** 2,
  /** A sender that sends nothing for so long has gone. */
  senderIdleMsMax: 60_000,
  /** Characters of a file name. */
  fileNameLengthMax: 200,
} as const;
