"""What the tool costs: `make bench` measures it and writes docs/performance.md."""
