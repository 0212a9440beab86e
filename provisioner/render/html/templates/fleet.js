// Only an addition: without scripts the page shows all accounts, and has no search.
(() => {
  const accounts = [...document.querySelectorAll(".account")];
  const parts = [...document.querySelectorAll(".part")];
  const folds = [...document.querySelectorAll(".fold")];
  const nothing = document.getElementById("nothing");
  const form = document.getElementById("filters");

  const words = new Map();
  for (const account of accounts) {
    const own = [...account.querySelectorAll(":scope > .who, :scope > .lines, :scope > pre")];
    const texts = [...own.map((node) => node.textContent), account.dataset.words];
    words.set(account, texts.join(" ").toLowerCase());
  }
  const filter = () => {
    const typed = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const account of accounts) {
      account.hidden = !typed.every((word) => words.get(account).includes(word));
      if (!account.hidden) shown += 1;
    }
    for (const part of parts) part.hidden = !part.querySelector(".account:not([hidden])");
    for (const fold of folds) fold.open = typed.length > 0;
    nothing.hidden = shown > 0;
    form.elements.shown.value = `${shown} of ${accounts.length} shown`;
    form.removeAttribute("aria-busy");
  };
  startFilters(form, filter);

  // A report is text until it is unfolded for the first time: then it gets its style and script.
  const style = document.getElementById("report-style")?.textContent;
  const script = document.getElementById("report-script")?.textContent;
  const dressed = (page) => {
    const head = page.indexOf("</head>");
    const end = page.lastIndexOf("</body>");
    const closed = "</" + "script>"; // as one word, it would end this script
    return [
      `${page.slice(0, head)}<style>${style}</style>${page.slice(head, end)}`,
      `<script>${script}${closed}${page.slice(end)}`,
    ].join("");
  };
  const fit = (frame) => {
    const root = frame.contentDocument?.documentElement;
    if (!root?.querySelector("main")) return;
    new ResizeObserver(() => {
      frame.style.height = `${root.offsetHeight + 2}px`;
    }).observe(root);
    // An anchor would lead the frame to the page around it.
    root.addEventListener("click", (event) => {
      const anchor = event.target.closest("a")?.getAttribute("href");
      if (!anchor?.startsWith("#")) return;
      event.preventDefault();
      root.ownerDocument.getElementById(anchor.slice(1))?.scrollIntoView();
    });
  };
  for (const report of document.querySelectorAll(".report")) {
    report.addEventListener("toggle", () => {
      const text = report.querySelector("noscript");
      if (!text) return;
      const holder = document.createElement("template");
      holder.innerHTML = text.textContent;
      const frame = holder.content.querySelector("iframe");
      frame.srcdoc = dressed(frame.srcdoc);
      frame.addEventListener("load", () => fit(frame));
      text.replaceWith(frame);
    });
  }
})();
