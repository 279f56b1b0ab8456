// Keeps the screen on while the camera reads; browsers take it back when the page is hidden.
export class Awake {
  async hold() {
    try {
      this.lock ??= await navigator.wakeLock?.request("screen");
      this.lock?.addEventListener("release", () => (this.lock = null));
    } catch {
      this.lock = null; // a battery too low, or no such thing here
    }
  }

  release() {
    this.lock?.release();
    this.lock = null;
  }
}
