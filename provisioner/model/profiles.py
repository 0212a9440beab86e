"""Profiles: named sets of fields that agents and other profiles extend."""

from collections.abc import Iterable, Iterator
from typing import Any

from provisioner.diagnostics import Diagnostic, closest
from provisioner.model.layers import Layer


class Profiles:
    """All profiles of a project, and what is wrong with the ways they are extended.

    Attributes:
        findings: unknown names, names used twice, and circles.
    """

    def __init__(self, base: Iterable[Layer], overlay: Iterable[Layer]) -> None:
        """Index profiles by name.

        Args:
            base: the profiles of all targets.
            overlay: those of the target's overlay, laid over profiles of the same name.
        """
        self.findings: list[Diagnostic] = []
        self._named: dict[str, list[Layer]] = {}
        for layers in (base, overlay):
            self._add(layers)
        for name in self._named:
            for _ in self._chain(name, ()):
                pass

    def layers_of(self, extends: Any, user: Layer) -> list[Layer]:
        """Return the layers that an object inherits, the one that wins last.

        Args:
            extends: the object's own list of profile names; anything else is none.
            user: the layer of the object, for findings.
        """
        found: dict[int, Layer] = {}
        for index, name in enumerate(extends if isinstance(extends, list) else ()):
            if not isinstance(name, str):
                continue
            if name not in self._named:
                self._unknown(name, user, index)
            for layer in self._chain(name, ()):
                # A profile that is reached twice keeps its first, weakest place.
                found.setdefault(id(layer), layer)
        return list(found.values())

    def _add(self, layers: Iterable[Layer]) -> None:
        seen: dict[str, Layer] = {}
        for layer in layers:
            name = layer.fields.get("name")
            if not isinstance(name, str):
                continue
            first = seen.setdefault(name, layer)
            if first is not layer:
                self.findings.append(
                    Diagnostic(
                        code="duplicate-profile",
                        summary=f'profile "{name}" is declared twice',
                        span=layer.span("name"),
                        hint="remove one of the two, or merge them into one",
                        related=(("first declared", first.span("name")),),
                    )
                )
                continue
            fields = {key: value for key, value in layer.fields.items() if key != "name"}
            profile = Layer(fields, layer.document, layer.path, name)
            self._named.setdefault(name, []).append(profile)

    def _chain(self, name: str, above: tuple[str, ...]) -> Iterator[Layer]:
        """Yield what a profile inherits, and then the profile itself."""
        own = self._named.get(name, [])
        if name in above:
            self._circle((*above, name))
            return
        for layer in own:
            extends = layer.fields.get("extends")
            for index, other in enumerate(extends if isinstance(extends, list) else ()):
                if isinstance(other, str):
                    if other not in self._named:
                        self._unknown(other, layer, index)
                    yield from self._chain(other, (*above, name))
        yield from own

    def _unknown(self, name: str, user: Layer, index: int) -> None:
        finding = Diagnostic(
            code="unknown-profile",
            summary=f'profile "{name}" is not declared',
            span=user.document.span((*user.path, "extends", index)),
            hint=closest(name, self._named) or "declare it under profiles:",
        )
        if finding not in self.findings:
            self.findings.append(finding)

    def _circle(self, way: tuple[str, ...]) -> None:
        circle = way[way.index(way[-1]) :]
        if circle[0] != min(circle):
            return  # reported once, from the profile that comes first by name
        layer = self._named[circle[0]][0]
        finding = Diagnostic(
            code="profile-circle",
            summary=f"profiles extend each other in a circle: {' -> '.join(circle)}",
            span=layer.span("extends"),
            hint="remove one of the names from its `extends`",
        )
        if finding not in self.findings:
            self.findings.append(finding)
