"""Pictures of the documentation, made from real runs with `make pictures`."""

PICTURES = {
    "tour.svg": 30_000,
    "plan.svg": 10_000,
    "stages.svg": 4_000,
    "comment.png": 200_000,
    "report.png": 200_000,
    "coverage.png": 120_000,
}
"""Each picture, with the most bytes that it may have."""
