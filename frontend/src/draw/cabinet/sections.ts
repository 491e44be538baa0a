// The sections of the cabinet, as the client's menu and the cabinet itself list them.

import type { Section } from "../../ui";
import { t } from "../../ui";
import type { IconName } from "../Icon";

interface Group {
  title: string;
  sections: { section: Section; icon: IconName }[];
}

export function groups(): Group[] {
  const c = t().cabinet;
  return [
    { title: c.personal, sections: [{ section: "phones", icon: "phone" }] },
    {
      title: c.security,
      sections: [
        { section: "means", icon: "shield" },
        { section: "token", icon: "key" },
        { section: "sessions", icon: "system" },
        { section: "documents", icon: "signature" },
        { section: "events", icon: "list" },
        { section: "password", icon: "lock" },
      ],
    },
  ];
}
