// What is heard and felt: three signals that differ without looking, and a switch that keeps the phone quiet.
const TONES = {
  ready: [[880, 0.09, "sine"]],
  handed: [[660, 0.12, "sine"], [990, 0.22, "sine"]],
  refused: [[220, 0.22, "square"], [165, 0.32, "square"]],
};
const PULSES = { ready: [40], handed: [60, 40, 60], refused: [250, 100, 250] };
const KEPT = "loyalty-scanner-mute";

export class Signals {
  constructor(button) {
    this.button = button;
    this.muted = kept() === "yes";
    button.addEventListener("click", () => {
      this.muted = !this.muted;
      keep(this.muted ? "yes" : "no");
      this.tell();
      this.wake();
      this.play("ready");
    });
    this.tell();
  }

  // Browsers let a page be heard only after a touch or a key.
  wake() {
    this.audio ??= window.AudioContext ? new AudioContext() : null;
    if (this.audio?.state === "suspended") this.audio.resume();
  }

  play(name) {
    navigator.vibrate?.(PULSES[name]);
    if (this.muted) return;
    this.wake();
    if (!this.audio) return;
    let at = this.audio.currentTime;
    for (const [frequency, seconds, type] of TONES[name]) {
      const tone = new OscillatorNode(this.audio, { frequency, type });
      const volume = new GainNode(this.audio, { gain: 0 });
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.3, at + 0.01);
      volume.gain.linearRampToValueAtTime(0, at + seconds);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds;
    }
  }

  tell() {
    this.button.setAttribute("aria-pressed", String(!this.muted));
    this.button.querySelector("[data-sound=on]").hidden = this.muted;
    this.button.querySelector("[data-sound=off]").hidden = !this.muted;
  }
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
