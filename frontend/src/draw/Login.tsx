// The first screen: login and password.

import { t } from "../ui";
import { LoginForm } from "./LoginForm";
import { Mark } from "./Mark";
import { LanguageSwitch, ThemeSwitch } from "./Switches";

export function Login() {
  const l = t().login;
  return (
    <div class="login-page">
      <aside class="login-story">
        <p class="brand">
          <Mark /> {t().product}
        </p>
        <div class="login-pitch">
          <Mark big />
          <p class="login-lead">{l.lead}</p>
          <ol>
            {l.steps.map(step => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
        <p class="login-note">{t().simulatedLong}</p>
      </aside>
      <main class="login-main">
        <div class="login-switches">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
        <div class="login-card">
          <h1>{l.title}</h1>
          <LoginForm />
        </div>
      </main>
    </div>
  );
}
