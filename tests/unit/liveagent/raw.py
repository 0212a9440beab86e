"""A server that sends a test's bytes, for answers that no HTTP library would send."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress

Answering = Callable[[socket.socket], Iterable[bytes]]


@contextmanager
def raw_server(
    answer: Answering, context: ssl.SSLContext | None = None, until: bytes = b"\r\n\r\n"
) -> Iterator[int]:
    """Serve connections one after the other, and yield the port.

    Args:
        answer: yields the bytes to send after a request has arrived.
        context: of TLS; None for plain connections.
        until: what ends a request.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, answer, context, until))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(
    listener: socket.socket, answer: Answering, context: ssl.SSLContext | None, until: bytes
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # the test is over
        with suppress(OSError), closing(connection):
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            with closing(connection):
                request = b""
                while until not in request and (chunk := connection.recv(65536)):
                    request += chunk
                for piece in answer(connection):
                    connection.sendall(piece)
