// The camera: opened when allowed, its states told in words, its frames given to whatever decodes here.
import { chooseDecoder } from "./decoders.js";
import { Awake } from "./awake.js";

const FRAME_MS = 80;
const SAME_MS = 2500; // a code is read again only after it was out of sight for so long
const STATES = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing",
                 OverconstrainedError: "missing", NotReadableError: "taken", AbortError: "taken" };
const WANTED = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };

export class Camera {
  constructor(scanner, { token, onCode, onGesture }) {
    Object.assign(this, { scanner, token, onCode });
    this.video = scanner.querySelector("video");
    this.aim = scanner.querySelector(".aim");
    this.torch = document.getElementById("torch");
    this.awake = new Awake();
    this.paused = false;
    this.seen = { text: "", until: 0, again: false };
    for (const button of scanner.querySelectorAll("[data-start]")) {
      button.addEventListener("click", () => {
        onGesture();
        this.start();
      });
    }
    this.torch.addEventListener("click", () => this.light(this.torch.getAttribute("aria-pressed") !== "true"));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
      else if (this.wanted) this.start();
    });
  }

  // Opens by itself where it was allowed before; else a button asks first, and the browser after it.
  async begin() {
    if (!navigator.mediaDevices?.getUserMedia) return this.tell("insecure");
    this.tell("off");
    try {
      const permission = await navigator.permissions.query({ name: "camera" });
      if (permission.state === "granted") this.start();
    } catch {
      // Not every browser tells beforehand.
    }
  }

  async start() {
    if (this.stream || this.opening) return;
    this.wanted = this.opening = true;
    this.tell("starting");
    try {
      this.decoder ??= await chooseDecoder({ address: this.scanner.dataset.picture, token: this.token });
      this.stream = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (problem) {
      this.stop();
      this.tell(STATES[problem.name] ?? "failed");
      return;
    } finally {
      this.opening = false;
    }
    const [track] = this.stream.getVideoTracks();
    track.addEventListener("ended", () => {
      this.stop();
      this.tell("failed");
    });
    this.torch.hidden = !track.getCapabilities?.().torch;
    this.scanner.dataset.decoder = this.decoder.name;
    this.tell("live");
    this.awake.hold();
    this.watch(this.stream);
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = this.video.srcObject = null;
    this.torch.hidden = true;
    this.torch.setAttribute("aria-pressed", "false");
    this.awake.release();
    if (this.wanted) this.tell("starting");
  }

  pause() {
    this.paused = true;
  }

  // `again`: the code got no answer, so it is read again although it stays in sight.
  resume({ again = false } = {}) {
    this.paused = false;
    this.seen.until = performance.now() + SAME_MS;
    this.seen.again = again;
  }

  async watch(stream) {
    while (this.stream === stream) {
      const began = performance.now();
      const text = this.paused || this.video.readyState < 2 ? null : await this.decoder.read(this.video);
      if (text && this.stream === stream && !this.paused && !this.known(text)) this.onCode(text);
      const rest = FRAME_MS + this.decoder.pauseMs - (performance.now() - began);
      await new Promise((done) => setTimeout(done, Math.max(0, rest)));
    }
  }

  known(text) {
    const now = performance.now();
    const same = text === this.seen.text && now < this.seen.until;
    if (!same || !this.seen.again) this.seen = { text, until: now + SAME_MS, again: false };
    return same;
  }

  async light(on) {
    const [track] = this.stream?.getVideoTracks() ?? [];
    try {
      await track?.applyConstraints({ advanced: [{ torch: on }] });
      this.torch.setAttribute("aria-pressed", String(on));
    } catch {
      this.torch.hidden = true;
    }
  }

  tell(state) {
    for (const each of this.scanner.querySelectorAll("[data-camera]")) each.hidden = each.dataset.camera !== state;
    this.aim.hidden = state !== "live";
    this.scanner.dataset.state = state;
  }
}
