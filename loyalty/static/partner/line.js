// The connection: what is sent to the server, and whether it answers.
const PATIENCE_MS = 8000;
const ASK_AGAIN_MS = 5000;

export class Line {
  constructor(scanner) {
    this.alive = scanner.dataset.alive;
    this.on = scanner.querySelector("[data-line=on]");
    this.off = scanner.querySelector("[data-line=off]");
    addEventListener("online", () => this.ask());
    addEventListener("offline", () => this.tell(false));
    this.tell(navigator.onLine);
  }

  // The verdict in the answer to a form. Throws an Error called "network" or "server".
  async verdict(address, form) {
    const response = await this.send(address, { method: "POST", body: new URLSearchParams(form) });
    const verdict = (await this.read(response)).querySelector(".verdict");
    if (!verdict) throw new Error("server");
    return verdict;
  }

  // What stands at an address, to be put into the page.
  async part(address) {
    const response = await this.send(address, {});
    if (!response.ok) throw new Error("server");
    return (await this.read(response)).body.childNodes;
  }

  async send(address, options) {
    let response;
    try {
      response = await fetch(address, { ...options, redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      this.tell(false);
      throw new Error("network");
    }
    this.tell(true);
    if (response.status === 401) location.reload(); // the page says what to do when the enrolment has ended
    return response;
  }

  async read(response) {
    try {
      return new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      this.tell(false);
      throw new Error("network");
    }
  }

  tell(works) {
    this.on.hidden = !works;
    this.off.hidden = works;
    clearTimeout(this.timer);
    if (!works) this.timer = setTimeout(() => this.ask(), ASK_AGAIN_MS);
  }

  async ask() {
    try {
      await fetch(this.alive, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      this.tell(true);
    } catch {
      this.tell(false);
    }
  }
}
