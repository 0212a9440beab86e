"""Manual steps as rows of a task list in Markdown."""

from provisioner.planning.manual.manual_step import ManualStep
from provisioner.render import readable
from provisioner.render.markdown.code_spans import code
from provisioner.render.review import change_texts


def step_row(step: ManualStep) -> str:
    """Return a manual step as a task with its values."""
    where = f" ({code(change_texts.source_text(step.source))})" if step.source else ""
    lines = [f"- [ ] {code(str(step.address))}: {code(step.panel)}{where}"]
    lines += [f"  - {code(line)}" for line in step.todo]
    lines += [f"  - then apply sets {code(line)}" for line in step.then]
    if not step.verifiable:
        lines.append(f"  - then acknowledge {code(step.id)} in `provisioner.yaml`")
    if step.hint:
        lines.append(f"  - hint: {code(step.hint, readable.LONGEST)}")
    return "\n".join(lines) + "\n"
