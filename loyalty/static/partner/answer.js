// The full-screen answer: what to hand out, whether it is done, or why not; closed by a tap or Enter.
const ARMED_MS = 350; // a second tap, or a hand scanner's second Enter, was not meant for what has just appeared

export class Answer {
  constructor(dialog, { line, signals, words, onClose, onUsed }) {
    Object.assign(this, { dialog, line, signals, words, onUsed });
    this.inside = dialog.querySelector("#answer-in");
    this.said = dialog.querySelector("#said");
    dialog.addEventListener("close", () => {
      clearTimeout(this.timer);
      this.inside.replaceChildren();
      this.said.textContent = "";
      onClose();
    });
    dialog.addEventListener("click", (event) => this.tapped(event));
    dialog.addEventListener("submit", (event) => this.confirmed(event));
  }

  show(verdict) {
    this.inside.replaceChildren(document.importNode(verdict, true));
    const state = verdict.dataset.state;
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.focus();
    this.armed = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.arm(state), ARMED_MS);
    this.signals.play(state);
    const told = [...verdict.querySelectorAll(".verdict-word, .verdict-why, .verdict-reward")];
    this.said.textContent = told.map((each) => each.textContent.trim()).join(". ");
    if (state === "handed") this.onUsed();
  }

  arm(state) {
    this.armed = true;
    this.inside.querySelector(state === "ready" ? "button" : "[data-next]").focus();
  }

  // Anywhere on a verdict leads on; but what is to be confirmed waits for one of its two buttons.
  tapped(event) {
    if (event.target.closest("a:not([data-next])")) return;
    if (!this.armed) return event.preventDefault();
    const waits = this.inside.querySelector("[data-state=ready]");
    if (waits && !event.target.closest("[data-next]")) return;
    event.preventDefault();
    this.dialog.close();
  }

  // The nonce stands in the form: pressed again after a failure, it is the same use, and gets the same answer.
  async confirmed(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    if (button.disabled || !this.armed) return;
    button.disabled = true;
    this.trouble(form, this.words.saving, false);
    try {
      this.show(await this.line.verdict(form.action, new FormData(form)));
    } catch (problem) {
      this.trouble(form, problem.message === "network" ? this.words["not-sure"] : this.words.broken, true);
      this.signals.play("refused");
      button.disabled = false;
      button.focus();
    }
  }

  trouble(form, text, bad) {
    let told = form.querySelector(".notice");
    if (!told) {
      told = document.createElement("p");
      told.setAttribute("role", "alert");
      form.prepend(told);
    }
    told.className = bad ? "notice notice-bad" : "notice";
    told.textContent = text;
  }
}
