// The desk's sentences in the chosen language; the switch is the terminal's own.

import { computed } from "@preact/signals";
import { language } from "../ui";
import { en } from "./words.en";
import { type DeskWords, ru } from "./words.ru";

const words = computed<DeskWords>(() => (language.value === "en" ? en : ru));

export function w(): DeskWords {
  return words.value;
}
