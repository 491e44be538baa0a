// What is wrong with the PIN, or with the way it went.

import { t } from "../ui";
import type { Entry } from "../view/webtoken";
import { Refused } from "./Refused";
import { refusalText } from "./sentences";

export function PinTrouble({ entry }: { entry: Entry }) {
  const p = t().pin;
  switch (entry.is) {
    case "idle":
    case "checking":
      return null;
    case "wrong":
      return <Refused said={{ what: p.wrong, next: entry.left > 0 ? p.left(entry.left) : p.spent }} />;
    case "refused":
      // Among passcodes this reason says another thing.
      if (entry.refusal.reason === "too_early")
        return <Refused said={{ what: p.often, next: p.oftenNext }} />;
      return <Refused said={refusalText(entry.refusal)} />;
    case "absent":
      return <Refused said={{ what: p.absent, next: p.absentNext }} />;
    case "broken":
      return <Refused said={{ what: p.broken, next: p.brokenNext }} />;
  }
}
