// Only an addition: without scripts the page shows everything, but it keeps no ticks.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const main = document.getElementById("main");
  const boxes = [...main.querySelectorAll("input[data-steps]")];
  const entries = [...document.querySelectorAll(".entry")];
  const command = document.getElementById("command");
  const notKept = document.getElementById("not-kept");
  const copied = document.getElementById("copied");
  // A browser may keep nothing for a page, such as one in a sandboxed frame.
  const store = (() => {
    try {
      return window.localStorage;
    } catch {
      return null;
    }
  })();
  const steps = (box) => JSON.parse(box.dataset.steps);
  // Ids of steps depend on their values: a tick does not hold for another value.
  const keys = (box) => steps(box).map((step) => [main.dataset.store, box.dataset.page, step].join("\n"));
  const ticksOf = (entry) => [...entry.querySelectorAll("input[data-steps]")];

  const today = () => new Date().toLocaleDateString("sv");
  const show = (box, days) => {
    const last = [...days].sort().at(-1);
    box.checked = days.every(Boolean);
    // An older tick can be of work that somebody has undone since.
    if (box.checked && last !== today()) box.labels[0].dataset.ticked = last;
    else delete box.labels[0].dataset.ticked;
  };
  const tick = (box, on) => {
    const day = on ? today() : "";
    show(box, [day]);
    try {
      for (const key of keys(box)) on ? store.setItem(key, day) : store.removeItem(key);
    } catch {
      notKept.hidden = false;
    }
  };
  const count = () => {
    let done = 0;
    for (const entry of entries) {
      const ticks = ticksOf(entry);
      const ticked = ticks.filter((box) => box.checked).length;
      const all = entry.querySelector("input[data-all]");
      entry.classList.toggle("done", ticked === ticks.length);
      done += ticked === ticks.length;
      if (!all) continue;
      all.checked = ticked === ticks.length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
    document.getElementById("progress").value = done;
    document.getElementById("done").value = `${done} of ${entries.length} tasks ticked`;
    command.disabled = acknowledged().length === 0;
  };

  // A step can be in several entries: it is done once all of its boxes are ticked.
  const acknowledged = () => {
    const open = new Set(boxes.filter((box) => !box.checked).flatMap(steps));
    const ticked = boxes.flatMap((box) => JSON.parse(box.dataset.acknowledge));
    return [...new Set(ticked)].filter((step) => !open.has(step));
  };
  const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages of other hosts than localhost have no clipboard without HTTPS.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      button.focus();
      if (!done) return;
    }
    for (const other of document.querySelectorAll(".copied")) other.classList.remove("copied");
    button.classList.add("copied");
    const name = button.getAttribute("aria-label") || button.textContent;
    copied.textContent = name.replace(/^Copy/, "Copied");
  };

  const filter = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const openOnly = form.elements.state.value;
    let shown = 0;
    for (const part of document.querySelectorAll(".page")) {
      const title = part.querySelector("h3").textContent.toLowerCase();
      for (const entry of part.querySelectorAll(".entry")) {
        const text = title + entry.textContent.toLowerCase();
        entry.hidden = (openOnly && entry.classList.contains("done")) || !words.every((word) => text.includes(word));
        shown += !entry.hidden;
      }
    }
    for (const part of document.querySelectorAll(".part")) part.hidden = !part.querySelector(".entry:not([hidden])");
    document.getElementById("nothing").hidden = shown > 0;
    form.elements.shown.value = `${shown} of ${entries.length} shown`;
    form.removeAttribute("aria-busy");
  };

  const restore = () => {
    if (store) for (const box of boxes) show(box, keys(box).map((key) => store.getItem(key)));
    count();
  };
  main.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-all]")) for (const each of ticksOf(box.closest(".entry"))) tick(each, box.checked);
    else if (box.matches("[data-steps]")) tick(box, box.checked);
    else return;
    count();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button === command) copy(button, [command.dataset.command, ...acknowledged().map(quoted)].join(" "));
    else if (button.dataset.copy !== undefined) copy(button, JSON.parse(button.dataset.copy));
  });
  window.addEventListener("storage", restore);
  for (const node of document.querySelectorAll(".with-script")) node.hidden = false;
  notKept.hidden = store !== null;
  restore();
  startFilters(form, filter);
})();
