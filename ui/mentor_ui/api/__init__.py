"""The HTTP API: one module for each resource, all thin over `Mentor` and `Store`."""
