"""The page /docs: Swagger UI with the sandbox's own document, without any other host.

Swagger UI comes from the package flask-swagger-ui, which follows its releases. Only its files are
used, so that Flask is never imported.
"""

import importlib.util
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provisioner.sandbox.errors import MissingError

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>API of the sandbox</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="viewer"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# The validator of Swagger UI is a service on the internet.
_START = """SwaggerUIBundle({
  url: "/api/v3/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  validatorUrl: null,
});
"""
_MEDIA_TYPES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
# The browser itself refuses scripts, styles and requests of other hosts. Swagger UI has its icons
# as data: addresses in its style sheet.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[Route]:
    """Return the routes of the page and of its files; none needs a key."""
    return [
        Route("/docs", _page, methods=["GET"]),
        Route("/docs/start.js", _start, methods=["GET"]),
        *(Route(f"/docs/{name}", _file, methods=["GET"]) for name in _MEDIA_TYPES),
    ]


async def _page(_request: Request) -> Response:
    _folder()
    return Response(_PAGE, headers=_HEADERS, media_type="text/html")


async def _start(_request: Request) -> Response:
    return Response(_START, headers=_HEADERS, media_type="text/javascript")


async def _file(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    content = (_folder() / name).read_bytes()
    return Response(content, headers=_HEADERS, media_type=_MEDIA_TYPES[name])


def _folder() -> Path:
    """Return the folder with the files of Swagger UI.

    Raises:
        MissingError: they are not installed.
    """
    package = importlib.util.find_spec("flask_swagger_ui")
    if package is None or not package.submodule_search_locations:
        raise MissingError(
            "Swagger UI is not installed: pip install -U 'liveagent-provisioner[sandbox]'"
        )
    return Path(package.submodule_search_locations[0]) / "dist"
