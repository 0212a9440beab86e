// Only an addition: without scripts the page shows everything, and has no filters.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const field = (name) => form.elements[name];
  const rows = [...document.querySelectorAll("[data-of]")];
  const people = new Map();
  for (const row of rows) {
    const known = people.get(row.dataset.of) || { words: "", role: "", departments: [], marked: false };
    known.words += ` ${row.textContent.toLowerCase()}`;
    if (row.dataset.role) known.role = row.dataset.role;
    if (row.dataset.departments) known.departments = row.dataset.departments.split(" ");
    if (row.dataset.marked) known.marked = true;
    people.set(row.dataset.of, known);
  }
  const parts = [...document.querySelectorAll(".part")];
  const nothing = document.getElementById("nothing");
  const value = (name) => (field(name) ? field(name).value : "");

  const filter = () => {
    const words = value("text").toLowerCase().split(/\s+/).filter(Boolean);
    const [role, department, marks] = ["role", "department", "marks"].map(value);
    const shown = new Set();
    for (const [number, person] of people) {
      const fits =
        (!role || person.role === role) &&
        (!department || person.departments.includes(department)) &&
        (!marks || person.marked) &&
        words.every((word) => person.words.includes(word));
      if (fits) shown.add(number);
    }
    for (const row of rows) row.hidden = !shown.has(row.dataset.of);
    for (const part of parts) {
      const other = department && part.dataset.department && part.dataset.department !== department;
      part.hidden = other || !part.querySelector("[data-of]:not([hidden])");
    }
    nothing.hidden = shown.size > 0;
    field("shown").value = `${shown.size} of ${people.size} shown`;
    form.removeAttribute("aria-busy");
  };

  startFilters(form, filter);
})();
