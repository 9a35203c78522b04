// The fingerprint of a piece of evidence, computed here: the file itself goes nowhere.
"use strict";
(() => {
  const { hex, sha256 } = jifen.bytes;

  for (const chosen of document.querySelectorAll("[data-evidence]")) {
    chosen.addEventListener("change", async () => {
      const file = chosen.files[0];
      if (file) chosen.form.elements["args.evidence_sha256"].value = hex(await sha256(new Uint8Array(await file.arrayBuffer())));
    });
  }
})();
