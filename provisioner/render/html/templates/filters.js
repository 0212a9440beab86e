"use strict";
// Shows a form of filters, and runs `filter` soon after each change.
const startFilters = (form, filter) => {
  // While somebody types, thousands of entries are not looked through for each letter.
  let waiting = 0;
  const soon = () => {
    form.setAttribute("aria-busy", "true");
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };

  form.hidden = false;
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", soon);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.text.focus({ preventScroll: true });
      form.scrollIntoView({ block: "start" });
    } else if (event.key === "Escape" && form.contains(event.target)) {
      form.reset();
    }
  });
};
