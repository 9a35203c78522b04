// The fingerprint of a newcomer's definition file, computed here: the file itself goes nowhere.
"use strict";
(() => {
  const { hex, sha256, utf8 } = jifen.bytes;

  /** What is in a file of Jifen's, whose signature is another one each time that it is sent: `jifen org explain` tells the same SHA-256. Of any other text, all of it. */
  function content(text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      return utf8(text);
    }
    return utf8(typeof found?.payload === "string" ? found.payload : text);
  }

  for (const chosen of document.querySelectorAll("[data-definition]")) {
    chosen.addEventListener("change", async () => {
      const file = chosen.files[0];
      if (file) chosen.form.elements["args.definition_hash"].value = hex(await sha256(content(await file.text())));
    });
  }
})();
