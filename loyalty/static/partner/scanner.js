// The scanner: whatever reads a code (camera, hand scanner, fingers) is looked at, confirmed, and told large.
import { Answer } from "./answer.js";
import { Camera } from "./camera.js";
import { Line } from "./line.js";
import { onTyping } from "./wedge.js";
import { Signals } from "./signals.js";

const scanner = document.getElementById("scanner");
const typed = document.getElementById("typed");
const field = typed.elements.text;
const trouble = document.getElementById("trouble");
const words = Object.fromEntries(
  [...document.querySelectorAll("#words [data-say]")].map((each) => [each.dataset.say, each.textContent]),
);

const line = new Line(scanner);
const signals = new Signals(document.getElementById("sound"));
const camera = new Camera(scanner, {
  token: typed.elements.csrf_token.value,
  onCode: (text) => look(text),
  onGesture: () => signals.wake(),
});
const answer = new Answer(document.getElementById("answer"), { line, signals, words, onClose: next, onUsed: refresh });
let looking = false;

scanner.hidden = false;
camera.begin();
onTyping(field, answer.dialog, (text) => look(text));

typed.addEventListener("submit", (event) => {
  event.preventDefault();
  signals.wake();
  if (field.value.trim()) look(field.value.trim());
});

// A code is looked at: nothing is used yet. `looking` keeps a camera that sees it again from asking twice.
async function look(text) {
  if (looking) return;
  looking = true;
  camera.pause();
  say(words.checking, false);
  const form = new FormData();
  form.set("csrf_token", typed.elements.csrf_token.value);
  form.set("text", text);
  try {
    const shown = await line.verdict(typed.action, form);
    say("");
    field.value = "";
    answer.show(shown);
  } catch (problem) {
    say(problem.message === "network" ? words["no-network"] : words.broken);
    signals.play("refused");
    camera.resume({ again: true });
  } finally {
    looking = false;
  }
}

function next() {
  // A tap may have left the caret in the verdict that is gone: Chromium would type into nothing.
  if (document.activeElement === field) field.select();
  if (!looking) camera.resume();
}

function say(text, bad = true) {
  trouble.textContent = text;
  trouble.hidden = !text;
  trouble.classList.toggle("notice-bad", bad);
}

async function refresh() {
  try {
    document.getElementById("latest").replaceChildren(...(await line.part(scanner.dataset.latest)));
  } catch {
    // The page of today has it; the scanner goes on.
  }
}
