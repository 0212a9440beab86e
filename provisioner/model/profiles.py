"""Profiles: named sets of fields that agents and other profiles extend."""

from collections.abc import Iterable, Iterator

from provisioner.address import fold
from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic
from provisioner.model.layers import Layer
from provisioner.model.team.locks import KEY, Lock, Locks, read_locks
from provisioner.suggestions import Vocabulary

MOST_INHERITED = 100
"""Maximum number of profiles that one object inherits, directly or through others. Without a limit
a few lines of profiles could make each agent as large as the file."""


_OWN_KEYS = frozenset({"name", KEY})
"""The keys of a profile that its agents do not inherit."""


class Profiles:
    """All profiles of a project, with errors of their names and references.

    Names are folded like the names of other objects: two that look alike are equal.
    """

    def __init__(self, base: Iterable[Layer], overlay: Iterable[Layer]) -> None:
        """Index profiles by name.

        Args:
            base: the profiles of all targets.
            overlay: the profiles of the target's overlay, merged over those of the same name.
        """
        self._findings: dict[Diagnostic, None] = {}
        self._named: dict[str, list[Layer]] = {}
        self._locks: list[Lock] = []
        self._inherited: dict[tuple[str, ...], list[Layer]] = {}
        self._vocabulary = Vocabulary(
            lambda: [layers[0].profile for layers in self._named.values()]
        )
        for layers in (base, overlay):
            self._add(layers)
        self._check_names()
        self._check_circles()

    @property
    def findings(self) -> list[Diagnostic]:
        """Errors: unknown names, duplicate names, circles, and objects with too many profiles."""
        return [*self._findings]

    def layers_of(self, extends: object, user: Layer) -> list[Layer]:
        """Return the layers that an object inherits, the strongest one last.

        A profile that is inherited twice keeps its first, weakest position.

        Args:
            extends: the object's list of profile names; any other value counts as empty.
            user: the layer of the object, for diagnostics.
        """
        names = tuple(name for _, name in _names(extends))
        for index, name in _names(extends):
            self._check_name(name, user, index)
        if names not in self._inherited:
            self._inherited[names] = [*self._reached(names)]
        layers = self._inherited[names]
        if len(layers) > MOST_INHERITED:
            self._report(
                "too-many-profiles",
                f"more than {MOST_INHERITED} profiles are inherited here",
                user,
                hint="merge profiles that are always extended together",
            )
        return layers[:MOST_INHERITED]

    def _reached(self, names: Iterable[str]) -> Iterator[Layer]:
        """Yield the layers of named profiles, each after the profiles that it inherits.

        At most one layer more than the maximum is yielded.
        """
        seen: set[str] = set()
        number = 0
        waiting = [(fold(name), False) for name in reversed([*names])]
        while waiting:
            name, is_complete = waiting.pop()
            layers = self._named.get(name, [])
            if is_complete:
                yield from layers
                number += len(layers)
                if number > MOST_INHERITED:
                    return
            elif name not in seen:
                seen.add(name)
                waiting.append((name, True))
                waiting += [(other, False) for other in reversed(self._extended(name))]

    def _extended(self, name: str) -> list[str]:
        """Return the folded names that a profile extends."""
        return [
            fold(other)
            for layer in self._named.get(name, ())
            for _, other in _names(layer.fields.get("extends"))
        ]

    def _add(self, layers: Iterable[Layer]) -> None:
        seen: dict[str, Layer] = {}
        for layer in layers:
            name = layer.fields.get("name")
            if not isinstance(name, str):
                continue
            first = seen.setdefault(fold(name), layer)
            if first is not layer:
                self._report(
                    "duplicate-profile",
                    f'profile "{name}" is declared twice',
                    layer,
                    "name",
                    hint="remove one of the two, or merge them into one",
                    first=first,
                )
                continue
            self._read_locks(layer, name)
            fields = {key: layer.fields[key] for key in layer.fields if key not in _OWN_KEYS}
            profile = Layer(fields, layer.document, layer.path, name)
            self._named.setdefault(fold(name), []).append(profile)

    def _read_locks(self, layer: Layer, name: str) -> None:
        for lock in read_locks(layer, name):
            if isinstance(lock, Diagnostic):
                self._findings[lock] = None
            else:
                self._locks.append(lock)

    @property
    def locks(self) -> Locks:
        """The locked fields, with the profiles that extend one that locks."""
        if not self._locks:
            return Locks()
        locking = {fold(lock.profile) for lock in self._locks}
        heirs = (tuple(self._reached([name])) for name in self._named)
        return Locks(
            tuple(self._locks),
            tuple(
                layers
                for layers in heirs
                if any(
                    fold(layer.profile) in locking and layer.profile != layers[-1].profile
                    for layer in layers
                )
            ),
        )

    def _check_names(self) -> None:
        for layers in self._named.values():
            for layer in layers:
                for index, other in _names(layer.fields.get("extends")):
                    self._check_name(other, layer, index)

    def _check_name(self, name: str, user: Layer, index: int) -> None:
        layers = self._named.get(fold(name))
        if layers is None or all(layer.profile != name for layer in layers):
            diagnostic = Diagnostic(
                code="unknown-profile",
                summary=f'profile "{name}" is not declared',
                span=user.document.span((*user.path, "extends", index)),
                hint="declare it under profiles:",
                meant=(name, self._vocabulary),
            )
            self._findings[diagnostic] = None

    def _check_circles(self) -> None:
        """Report circles by a depth-first search along `extends`."""
        done: set[str] = set()
        circles = 0
        for start in self._named:
            path: dict[str, Iterator[str]] = {start: iter(self._extended(start))}
            while path:
                name = next(reversed(path))
                other = next(path[name], None)
                if other is None:
                    del path[name]
                    done.add(name)
                elif other in path:
                    names = [*path]
                    self._circle(names[names.index(other) :])
                    circles += 1
                    if circles == MOST_OF_A_KIND:
                        return
                elif other not in done:
                    path[other] = iter(self._extended(other))

    def _circle(self, circle: list[str]) -> None:
        first = circle.index(min(circle))
        names = [self._named[name][0] for name in (*circle[first:], *circle[: first + 1])]
        self._report(
            "profile-circle",
            f"profiles extend each other in a circle: {_shortened([one.profile for one in names])}",
            names[0],
            hint="remove one of the names from its `extends`",
        )

    def _report(
        self,
        code: str,
        summary: str,
        layer: Layer,
        field: str = "extends",
        *,
        hint: str,
        first: Layer | None = None,
    ) -> None:
        related = (("first declared", first.span(field)),) if first else ()
        diagnostic = Diagnostic(
            code=code, summary=summary, span=layer.span(field), hint=hint, related=related
        )
        self._findings[diagnostic] = None


def _names(extends: object) -> Iterator[tuple[int, str]]:
    """Yield the names of a list `extends`, each with its position."""
    for index, name in enumerate(extends if isinstance(extends, list) else ()):
        if isinstance(name, str):
            yield index, name


def _shortened(names: list[str]) -> str:
    """Return a chain of names, without the middle of a long one."""
    shown = names if len(names) <= 10 else [*names[:5], f"… ({len(names) - 10} more)", *names[-5:]]
    return " -> ".join(shown)
