// A member who lost a key shows a code: its parts go into the form of the account that it names.
"use strict";
(() => {
  const CODE = /^jifen-rebind:(jf1[02-9ac-hj-np-z]{38}):(04[0-9a-f]{128}):([0-9a-f]{128})$/;

  for (const form of document.querySelectorAll("[data-rebind]")) {
    const code = form.querySelector("[data-code]");
    code.addEventListener("input", () => {
      const [, address, publicKey, consent] = CODE.exec(code.value.trim()) ?? [];
      const fits = address === form.elements["args.address"].value;
      code.setCustomValidity(fits ? "" : code.title);
      form.elements["args.public_key"].value = fits ? publicKey : "";
      form.elements["args.consent"].value = fits ? consent : "";
    });
  }
})();
