// The client's half of the OPRF (RFC 9497, ristretto255-SHA512, base mode): the server computes its keyed function of the PIN
// without seeing the PIN or the result.

import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { type Bytes, Fault } from "./bytes";

const { oprf } = ristretto255_oprf;

export interface Blinded {
  /** What the server sees: a random point, whatever the PIN. */
  b: Bytes;
  /** Takes the server's answer; once. */
  finalize(e: Bytes): Bytes;
}

/** finalize wipes the input, too. Only tests bring their own randomness. */
export function blind(input: Bytes, random?: (n?: number) => Bytes): Blinded {
  const { blind: scalar, blinded } = random ? oprf.blind(input, random) : oprf.blind(input);
  return {
    b: blinded,
    finalize(e) {
      try {
        // Refuses what does not decode canonically, and the identity, which would make the output the same for every key.
        return oprf.finalize(input, scalar, e);
      } catch {
        throw new Fault("the server's answer is no point of the group, or its identity");
      } finally {
        input.fill(0);
        scalar.fill(0);
      }
    },
  };
}
