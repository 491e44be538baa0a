// The operator's first screen.

import { Mark } from "../../draw/Mark";
import { LanguageSwitch, ThemeSwitch } from "../../draw/Switches";
import { w } from "../words";
import { LoginForm } from "./LoginForm";

export function Login() {
  const l = w().login;
  return (
    <div class="login-page">
      <aside class="login-story">
        <p class="brand">
          <Mark /> {w().product}
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
        <p class="login-note">{l.note}</p>
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
