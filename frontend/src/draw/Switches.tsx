// Language and theme.

import { chooseLanguage, chooseTheme, language, t, theme } from "../ui";
import { Icon } from "./Icon";
import { Segmented } from "./Segmented";

export function LanguageSwitch() {
  const other = language.value === "ru" ? "en" : "ru";
  return (
    <button
      type="button"
      class="quiet-button"
      lang={other}
      onClick={() => chooseLanguage(other)}
      title={t().header.language}
    >
      <span aria-hidden="true">{t().header.languageShort}</span>
      <span class="visually-hidden">{t().header.language}</span>
    </button>
  );
}

export function ThemeSwitch() {
  const h = t().header;
  return (
    <Segmented
      class="theme-switch"
      legend={h.theme}
      value={theme.value}
      onChange={chooseTheme}
      options={[
        { value: "system", label: <Icon name="system" />, name: h.themeSystem },
        { value: "light", label: <Icon name="sun" />, name: h.themeLight },
        { value: "dark", label: <Icon name="moon" />, name: h.themeDark },
      ]}
    />
  );
}
