"""The edits of a document, applied to the text of its file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import yaml

from provisioner.characters import composed
from provisioner.documents.document import DocumentPath
from provisioner.documents.editing.layout import Layout
from provisioner.documents.editing.splices import EditError, Splice, Splicer, Spot
from provisioner.documents.editing.tree import Node, read_tree
from provisioner.documents.yaml.yaml_reader import read_yaml

_MISSING = object()


@dataclass(frozen=True, slots=True)
class SetValue:
    """Sets the value at a path; missing mappings on the way are created.

    Attributes:
        path: the path. The last step may be a new key, but not a new index of a list.
        value: plain data. Of a mapping in place of a mapping, only the differing entries are
            written; of a list in place of a list, only appended and removed items where possible.
        order: known keys in their usual order; a new key is put after the last of those before it.
        is_sorted: whether a new key that comes before all others is put first, and not last.
    """

    path: DocumentPath
    value: Any
    order: tuple[str, ...] = ()
    is_sorted: bool = False


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """Removes an entry of a mapping or an item of a list. The comments around it stay."""

    path: DocumentPath


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Renames a key of a mapping; its place and its value stay."""

    path: DocumentPath
    name: str


@dataclass(frozen=True, slots=True)
class AppendItem:
    """Appends an item to a list, or inserts it; a missing or empty list is created.

    `before` is the index of the item to insert it before; None for the end.
    """

    path: DocumentPath
    value: Any
    before: int | None = None


Edit: TypeAlias = SetValue | RemoveEntry | RenameKey | AppendItem


def edited(text: str, edits: Iterable[Edit], *, document: int = 0) -> str:
    """Return a text with edits, applied one after another.

    The text has no byte order mark, and the strict reader accepts it. `document` is the number of
    the edited document of the file, counted from 0.

    Raises:
        EditError: an edit has no place in the text, or would change another value, too: one that is
            shared by an anchor, for example.
    """
    contents = _read(text)
    if contents is None:
        raise EditError("the file has errors")
    for edit in edits:
        text, contents = _verified(text, contents, edit, document)
    return text


def _verified(text: str, contents: list[Any], edit: Edit, document: int) -> tuple[str, list[Any]]:
    """Return the text and its contents after an edit that was read back as wanted."""
    wanted = [*contents]
    wanted[document] = composed(_with_edit(contents[document], edit))
    for simple in _simplified(contents[document], edit):
        try:
            root = read_tree(text)[document]
            data = (_read(text) or contents)[document]
        except yaml.YAMLError as error:
            raise EditError("the layout is too unusual") from error
        splices = _Editor(text, root, data).splices(simple)
        for start, end, new in sorted(splices, reverse=True):
            text = f"{text[:start]}{new}{text[end:]}"
    result = _read(text)
    if result is None or not _equal(result, wanted):
        raise EditError(f"{_shown(edit.path)} can't be edited without a change to something else")
    return text, result


def _shown(path: DocumentPath) -> str:
    return ".".join(map(str, path))


def _read(text: str) -> list[Any] | None:
    """Return the contents of the documents; None if the text has errors."""
    documents, findings = read_yaml(text.encode(errors="surrogatepass"), "")
    return None if findings else [document.data for document in documents] or [None]


def _equal(one: Any, other: Any) -> bool:
    """Return whether two contents are equal; for Python 1, 1.0 and true are."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _with_edit(data: Any, edit: Edit) -> Any:
    """Return plain data with an edit: the result that the text must have."""
    match edit:
        case SetValue():
            return _with_value(data, edit.path, edit.value)
        case AppendItem():
            items = _at(data, edit.path, None)
            if not (items is None or isinstance(items, list)):
                raise EditError(f"{_shown(edit.path)} is no list")
            items = [*(items or [])]
            items.insert(len(items) if edit.before is None else edit.before, edit.value)
            return _with_value(data, edit.path, items)
        case _:
            parent = _at(data, edit.path[:-1])
            last = edit.path[-1] if edit.path else ""
            if isinstance(edit, RenameKey) and isinstance(parent, dict) and last in parent:
                if edit.name in parent and edit.name != last:
                    raise EditError(f'there is a key "{edit.name}" already')
                renamed = {edit.name if key == last else key: one for key, one in parent.items()}
                return _with_value(data, edit.path[:-1], renamed)
            if isinstance(edit, RemoveEntry) and _at(data, edit.path) is not _MISSING:
                return _with_value(data, edit.path[:-1], _without(parent, last))
            raise EditError(f"there is no {_shown(edit.path)}")


def _without(parent: Any, last: str | int) -> Any:
    if isinstance(parent, dict):
        return {key: one for key, one in parent.items() if key != last}
    return [one for index, one in enumerate(parent) if index != last]


def _with_value(data: Any, path: DocumentPath, value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    if isinstance(data, list) and isinstance(first, int) and 0 <= first < len(data):
        return [*data[:first], _with_value(data[first], tuple(rest), value), *data[first + 1 :]]
    if isinstance(first, str) and (data is None or isinstance(data, Mapping)):
        known = data or {}
        return {**known, first: _with_value(known.get(first), tuple(rest), value)}
    raise EditError(f"there is no place for {_shown(path)}")


def _at(data: Any, path: DocumentPath, missing: Any = _MISSING) -> Any:
    for step in path:
        is_index = isinstance(step, int) and isinstance(data, list) and 0 <= step < len(data)
        if not (is_index or (isinstance(data, dict) and step in data)):
            return missing
        data = data[step]
    return data


def _simplified(data: Any, edit: Edit) -> Iterator[Edit]:
    """Yield edits of single entries that together do the same with fewer changed lines."""
    before = _at(data, edit.path)
    if not isinstance(edit, SetValue) or before is _MISSING:
        yield edit
    elif _equal(before, edit.value):
        return
    elif isinstance(before, list) and isinstance(edit.value, list) and before and edit.value:
        yield from _of_list(before, edit)
    elif not (isinstance(before, dict) and isinstance(edit.value, dict)) or (
        before.keys().isdisjoint(edit.value)
    ):
        yield edit
    else:
        for key, value in edit.value.items():
            yield from _simplified(data, replace(edit, path=(*edit.path, key), value=value))
        for key in before:
            if key not in edit.value:
                yield RemoveEntry((*edit.path, key))


def _of_list(before: list[Any], edit: SetValue) -> Iterator[Edit]:
    after = edit.value
    if _equal(after[: len(before)], before):
        for item in after[len(before) :]:
            yield AppendItem(edit.path, item)
        return
    removed, rest = [], [*after]
    for index, item in enumerate(before):
        if rest and _equal(rest[0], item):
            rest.pop(0)
        else:
            removed.append(index)
    if rest:
        yield edit
    else:
        for index in reversed(removed):
            yield RemoveEntry((*edit.path, index))


class _Editor:
    """Finds the splices of one simple edit."""

    def __init__(self, text: str, root: Node, data: Any) -> None:
        self._root = root
        self._data = data
        self._splicer = Splicer(text, Layout(text, root))

    def splices(self, edit: Edit) -> list[Splice]:
        """Return the splices of an edit."""
        match edit:
            case SetValue():
                return self._set(edit)
            case AppendItem():
                return self._append(edit)
            case RenameKey():
                return self._splicer.renamed(self._spots(edit.path)[-1], edit.name)
            case RemoveEntry():
                return self._remove(edit.path)

    def _spots(self, path: DocumentPath) -> list[Spot]:
        """Return the entries on a path, as far as the text itself has them."""
        spots: list[Spot] = []
        node = self._root
        for step in path:
            entry = node.child(step)
            if entry is None:
                break
            spots.append(Spot(node, node.entries.index(entry), path[: len(spots) + 1]))
            node = entry.value
        return spots

    def _set(self, edit: SetValue) -> list[Splice]:
        path, value, order = edit.path, edit.value, edit.order
        spots = self._spots(path)
        if len(spots) == len(path):
            return self._splicer.replaced(spots[-1], value) if spots else self._whole(value)
        present, step = path[: len(spots)], path[len(spots)]
        node = spots[-1].entry.value if spots else self._root
        if not (node.is_mapping and node.entries and isinstance(step, str)):
            # An alias, a null or an empty mapping is replaced by a mapping of its own.
            whole = _with_value(_at(self._data, present, None), path[len(spots) :], value)
            return self._splicer.replaced(spots[-1], whole) if spots else self._whole(whole)
        inner = (*present, step)
        whole = _with_value(_at(self._data, inner, None), path[len(inner) :], value)
        names = [entry.name for entry in node.entries]
        earlier = order[: order.index(step)] if step in order else ()
        known = [index for index, name in enumerate(names) if name in earlier]
        is_first = edit.is_sorted and not node.in_brackets
        after = known[-1] if known else -1 if is_first else len(names) - 1
        return self._splicer.inserted(node, present, step, whole, after)

    def _append(self, edit: AppendItem) -> list[Splice]:
        spots = self._spots(edit.path)
        node = spots[-1].entry.value if spots else self._root
        if len(spots) == len(edit.path) and node.is_list and node.entries:
            if edit.before == 0:
                return self._splicer.put_first(node, edit.path, edit.value)
            after = (len(node.entries) if edit.before is None else edit.before) - 1
            return self._splicer.inserted(node, edit.path, None, edit.value, after)
        return self._set(SetValue(edit.path, _at(_with_edit(self._data, edit), edit.path)))

    def _remove(self, path: DocumentPath) -> list[Splice]:
        spots = self._spots(path)
        if len(spots) < len(path):
            raise EditError(f"{_shown(path)} comes from an anchor")
        container = spots[-1].container
        if len(container.entries) > 1:
            return self._splicer.removed(spots[-1])
        empty: Any = {} if container.is_mapping else []
        return self._set(SetValue(path[:-1], empty))

    def _whole(self, value: Any) -> list[Splice]:
        """Return the splices that replace a whole document."""
        return self._splicer.whole(self._root, value)
