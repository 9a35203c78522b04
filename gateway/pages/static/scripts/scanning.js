// Reading QR codes: from a picture, or by the camera. The picture goes to this gateway to be read, and is not kept there; a browser that reads codes itself sends nothing.
"use strict";
(() => {
  const LOOK_MILLISECONDS = 700;
  const WIDTH_MAX = 960;

  /**
   * What a code or a typed text says: an address, and perhaps what is asked for.
   *
   * @param {string} text An address, or `jifen:<address>?class_id=…&points=…`.
   * @returns {{address: string, class_id: ?string, points: ?number}|null} Null for anything else.
   */
  function parse(text) {
    const match = /^\s*(?:jifen:)?([^?]+)(?:\?(.*))?\s*$/is.exec(text);
    if (!match) return null;
    const address = jifen.bech32.normalised(match[1]);
    if (!jifen.bech32.isAddress(address)) return null;
    const asked = new URLSearchParams(match[2] ?? "");
    const points = asked.get("points") ?? "";
    return { address, class_id: asked.get("class_id"), points: /^\d{1,16}$/.test(points) ? Number(points) : null };
  }

  /** The text in a picture (a Blob). Rejects with the API's QR_NOT_FOUND, PICTURE_UNREADABLE. */
  async function readPicture(blob) {
    return (await jifen.api.call("POST", "/api/v1/pictures/qr", blob)).document.text;
  }

  function frame(video) {
    const scale = Math.min(1, WIDTH_MAX / video.videoWidth);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  }

  async function reader() {
    const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats() : [];
    if (!formats.includes("qr_code")) return async (video) => readPicture(await frame(video));
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }

  /**
   * Opens the camera in a window until `accept(text)` says that the text is one; null when she closes it. Rejects with a DOMException where there is no
   * camera or she does not allow it.
   *
   * @param {Function} accept @returns {Promise<string|null>}
   */
  async function byCamera(accept) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const video = jifen.element("video", { playsinline: "", muted: "", class: "camera" });
    const said = jifen.element("p", { role: "status" }, jifen.word("Hold the code in front of the camera."));
    const cancel = jifen.element("button", { type: "button" }, jifen.word("Close"));
    const title = jifen.element("h2", { id: "camera-title" }, jifen.word("Scan a code"));
    const dialog = jifen.element("dialog", { "aria-labelledby": "camera-title" }, title, video, said, jifen.element("div", { class: "actions" }, cancel));
    document.body.append(dialog);
    let open = true;
    const closed = () => (open = false);
    cancel.addEventListener("click", closed);
    dialog.addEventListener("cancel", closed);
    dialog.showModal();
    try {
      video.srcObject = stream;
      await video.play();
      const read = await reader();
      while (open) {
        const text = await read(video).catch((error) => {
          if (error.code !== "QR_NOT_FOUND") throw error;
          return undefined;
        });
        if (text && accept(text)) return text;
        if (text) said.textContent = jifen.word("This code is not an address.");
        await jifen.pause(LOOK_MILLISECONDS);
      }
      return null;
    } finally {
      for (const track of stream.getTracks()) track.stop();
      dialog.close();
      dialog.remove();
    }
  }

  jifen.scanning = { byCamera, parse, readPicture };
})();
