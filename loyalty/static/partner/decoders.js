// What finds the code in a frame: the browser itself, else a script, else the server; the first that works here.
const LONGEST_SIDE = 1024; // pixels: enough for a code that fills a quarter of the picture
const SERVER_SIDE = 800;

export async function chooseDecoder(server) {
  for (const make of [native, script]) {
    try {
      const decoder = await make();
      if (decoder) return decoder;
    } catch {
      // Not to be had here: the next one is.
    }
  }
  return byServer(server);
}

// Chromium on Linux has the class and reads no format: the formats are what counts.
async function native() {
  const formats = await globalThis.BarcodeDetector?.getSupportedFormats?.();
  if (!formats?.includes("qr_code")) return null;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return { name: "native", pauseMs: 0, read: async (video) => (await quietly(detector.detect(video)))?.[0]?.rawValue ?? null };
}

async function script() {
  const { decodeQR } = await import("../vendor/qr/decode.js");
  const canvas = new Frame(LONGEST_SIDE);
  return {
    name: "script",
    pauseMs: 0,
    read: async (video) => {
      try {
        return decodeQR(canvas.pixels(video));
      } catch {
        return null; // it throws where there is no code
      }
    },
  };
}

function byServer({ address, token }) {
  const canvas = new Frame(SERVER_SIDE);
  return {
    name: "server",
    pauseMs: 420,
    read: async (video) => {
      const body = await canvas.jpeg(video);
      const headers = { "Content-Type": "image/jpeg", "X-CSRFToken": token };
      const response = await quietly(fetch(address, { method: "POST", body, headers, signal: AbortSignal.timeout(4000) }));
      return response?.ok ? ((await quietly(response.json()))?.text ?? null) : null;
    },
  };
}

class Frame {
  constructor(longest) {
    this.longest = longest;
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  draw(video) {
    const scale = Math.min(1, this.longest / Math.max(video.videoWidth, video.videoHeight));
    this.canvas.width = Math.round(video.videoWidth * scale);
    this.canvas.height = Math.round(video.videoHeight * scale);
    this.context.drawImage(video, 0, 0, this.canvas.width, this.canvas.height);
  }

  pixels(video) {
    this.draw(video);
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  jpeg(video) {
    this.draw(video);
    return new Promise((done) => this.canvas.toBlob(done, "image/jpeg", 0.8));
  }
}

const quietly = (promise) => promise.catch(() => null);
