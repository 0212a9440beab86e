"""The connection to a Dask scheduler: whether it answers, has workers, and the same versions."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from provisioner.diagnostics import Diagnostic, TargetError

if TYPE_CHECKING:
    from distributed import Client

SCHEME = "dask://"

CONNECT_SECONDS = 10.0
"""The time that a scheduler has to answer."""

_DISTRIBUTION = "liveagent-provisioner"
_PACKAGE = "provisioner"
_SAME = ("distributed", _DISTRIBUTION)


def workers_of(client: "Client") -> dict[str, Any]:
    """Return the workers of a scheduler, by their addresses."""
    return dict(client.scheduler_info(n_workers=-1).get("workers") or {})


@contextmanager
def connected(address: str) -> Iterator["Client"]:
    """Connect to a scheduler, and check it.

    Raises:
        TargetError: it can't be reached, has no workers, or another version is there.
    """
    try:
        # Imported here: only this engine needs the packages of the extra.
        import dask.config  # noqa: PLC0415
        from distributed import Client  # noqa: PLC0415
    except ImportError as error:
        hint = f"pip install -U '{_DISTRIBUTION}[fleet]'"
        raise _unavailable("the Dask engine is not installed", hint) from error
    _silence()
    is_encrypted = dask.config.get("distributed.comm.tls.ca-file", None)
    place = address.removeprefix(SCHEME)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are checked below
            client = Client(
                f"{'tls' if is_encrypted else 'tcp'}://{place}",
                timeout=CONNECT_SECONDS,
                set_as_default=False,
            )
    except Exception as error:
        summary = f"no Dask scheduler answered at {address}"
        hint = "start it, or correct the address; see docs/fleets.md"
        raise _unavailable(summary, hint) from error
    try:
        _check(client, address)
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT_SECONDS)


def _silence() -> None:
    """Print no messages of Dask, some with a traceback: they repeat what the report has.

    Its configuration gives some of its loggers levels of their own.
    """
    for name in ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"distributed", "tornado", "asyncio"}:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _check(client: "Client", address: str) -> None:
    try:
        workers = workers_of(client)
        versions: Any = client.get_versions(packages=[_DISTRIBUTION, _PACKAGE])
    except Exception as error:
        summary = f"the Dask scheduler at {address} does not answer as one of this version"
        raise _unavailable(summary, "install the same version of distributed everywhere") from error
    if not workers:
        summary = f"the Dask scheduler at {address} has no workers"
        raise _unavailable(summary, f"start some: dask worker {address.removeprefix(SCHEME)}")
    own = _packages(versions["client"])
    places = {"the scheduler": versions["scheduler"]}
    places |= {f"the worker {name}": one for name, one in sorted(versions["workers"].items())}
    for place, there in places.items():
        other = _packages(there)
        for package in ("python", *_SAME) if place != "the scheduler" else ("python", _SAME[0]):
            if own[package] != other[package]:
                summary = f"{place} has {package} {other[package]}, and here is {own[package]}"
                raise _unavailable(summary, "install the same version everywhere")


def _packages(versions: Any) -> dict[str, str]:
    """Return package to version; of Python, only the part that decides what can be read."""
    packages = {name: str(version) for name, version in versions["packages"].items() if version}
    # Dask before 2025.5 looks for a module of this name, not for a distribution.
    packages.setdefault(_DISTRIBUTION, packages.get(_PACKAGE, "None"))
    packages["python"] = ".".join(packages["python"].split(".")[:2])
    return {name: packages.get(name, "None") for name in ("python", *_SAME)}


def _unavailable(summary: str, hint: str) -> TargetError:
    return TargetError(Diagnostic(code="engine-unavailable", summary=summary, hint=hint))
