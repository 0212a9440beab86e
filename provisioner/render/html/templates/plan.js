// Only an addition: without scripts the report shows everything, and has no filters.
(() => {
  const form = document.getElementById("filters");
  if (form) {
    const field = (name) => form.elements[name];
    const cards = [...document.querySelectorAll(".card")].map((node) => ({
      node,
      of: node.dataset.of,
      words: node.textContent.toLowerCase(),
      action: node.dataset.action,
      risk: node.dataset.risk.split(" "),
      department: node.dataset.departments.split(" "),
    }));
    const parts = [...document.querySelectorAll(".part")];
    const origins = [...document.querySelectorAll(".origin")];
    const rows = [...document.querySelectorAll("tr[data-of]")];
    const nothing = document.getElementById("nothing");

    const filter = () => {
      const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
      const [action, risk, department] = ["action", "risk", "department"].map((n) => field(n).value);
      const people = new Set();
      let shown = 0;
      for (const card of cards) {
        const fits =
          (!action || card.action === action) &&
          (!risk || card.risk.includes(risk)) &&
          (!department || card.department.includes(department)) &&
          words.every((word) => card.words.includes(word));
        card.node.hidden = !fits;
        shown += fits;
        if (fits) people.add(card.of);
      }
      for (const row of rows) row.hidden = !people.has(row.dataset.of);
      for (const part of parts) part.hidden = !part.querySelector(".card:not([hidden])");
      for (const title of origins) {
        let next = title.nextElementSibling;
        while (next && next.matches(".part[hidden]")) next = next.nextElementSibling;
        title.hidden = !next || !next.matches(".part");
      }
      nothing.hidden = shown > 0;
      field("shown").value = `${shown} of ${cards.length} shown`;
      form.removeAttribute("aria-busy");
    };

    startFilters(form, filter);
  }
  // Older browsers print no closed details.
  window.addEventListener("beforeprint", () => {
    for (const node of document.querySelectorAll("details:not([open])")) node.open = true;
  });
})();
