// The development phone: shows the texts that a real phone would get.

import { render } from "preact";
import "../style/index.css";
import "../style/phone.css";
import { Phone } from "./Phone";

const root = document.getElementById("phone");
if (!root) throw new Error("phone.html has no element «phone»");
render(<Phone />, root);
