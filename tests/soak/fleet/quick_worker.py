"""What the workers of Dask load before they start: they try again without waiting."""

from tests.soak.child import wait_less


def dask_setup(_worker: object) -> None:
    """Prepare a worker; Dask calls it."""
    wait_less()
